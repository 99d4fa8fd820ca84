import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from simulator.plots import PLOTS
from simulator.report import figure, write_report
from simulator.statistics import definitions
from tests.simulator.landed import land_small_market
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


VOID = {"meta", "link", "img", "br", "hr", "input"}
ORDERS_ALONE = {"sales", "sizes", "week", "year", "hours", "lateness"}


class Elements(HTMLParser):
    """What is in a page: every element's name and attributes, and whether each one that opens is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("market")
    truth = land_small_market(home)
    target = home / "reports" / "simulator.html"
    assert write_report(Settings(home=home), target, truth) == target
    return target.read_text(encoding="utf-8")


def _plots(page: str) -> dict[str, str]:
    """What stands in each figure, by its name."""
    return dict(re.findall(r'<figure id="(\w+)".*?>(.*?)</figure>', page, flags=re.DOTALL))


def test_page_needs_nothing_from_the_net(page: str) -> None:
    elements = Elements()
    elements.feed(page)
    assert not elements.open
    assert not {tag for tag, _ in elements.found} & {"script", "link", "img", "iframe", "image", "object"}
    addresses = [
        value or "" for _, attributes in elements.found for name, value in attributes.items() if "href" in name
    ]
    assert all(address.startswith("#") for address in addresses)
    assert not re.search(r"https?:|@import|url\((?!#)", page)


def test_every_plot_is_there_as_text_that_prints(page: str) -> None:
    plots = _plots(page)
    assert list(plots) == [plot.name for plot in PLOTS]
    for name, content in plots.items():
        assert content.count("<svg") == 1, name
        assert "<text" in content, name
    assert "11.11: 600" in plots["sales"]
    assert "all: 12.5%" in plots["defaults"]


def test_every_statistic_stands_beside_its_range(page: str) -> None:
    known = [one for group in definitions().groups for one in group.statistics]
    rows = re.findall(
        r"<tr>\s*<td>(.*?)</td>\s*<td.*?>(.*?)</td>\s*<td.*?>(.*?)</td>\s*<td.*?>(.*?)</td>", page, re.DOTALL
    )
    assert len(rows) == len(known)
    assert ("11.11 beside a normal day, in orders", "6", "5 to 7", "in range") in rows
    assert ("Loans 90 days past due within 180 days", "12.5%", "2% to 9%", "out of range") in rows


def test_what_is_read_first_stands_on_top(page: str) -> None:
    top = page[: page.index("<figure")]
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", top)[:1] == [("Sellers", "100")]
    assert "Out of range:" in top
    assert "Loans 90 days past due within 180 days (12.5%)" in top


def test_same_landing_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    land_small_market(settings.home)
    first, second = (write_report(settings, tmp_path / name).read_bytes() for name in ("1.html", "2.html"))
    assert first == second


def test_tables_that_are_absent_leave_their_plots_out(settings: Settings, tmp_path: Path) -> None:
    land_small_market(settings.home, ["sellers", "orders"])
    page = write_report(settings, tmp_path / "report.html").read_text(encoding="utf-8")
    plots = _plots(page)
    assert {name for name, content in plots.items() if "<svg" in content} == ORDERS_ALONE
    assert all("Not enough of it has landed." in plots[name] for name in plots.keys() - ORDERS_ALONE)
    assert "not landed" in page


def test_amounts_are_in_the_currency_of_the_deployment(settings: Settings, tmp_path: Path) -> None:
    land_small_market(settings.home)
    page = write_report(settings.model_copy(update={"currency": "EUR"}), tmp_path / "market.html").read_text(
        encoding="utf-8"
    )
    assert "Sales, EUR" in page and "80 EUR to 250 EUR" in page and "CNY" not in page


def test_a_market_of_payments_alone_has_a_report(settings: Settings, tmp_path: Path) -> None:
    land_small_market(settings.home, ["sellers", "payments", "loans", "repayments"])
    page = write_report(settings, tmp_path / "report.html").read_text(encoding="utf-8")
    drawn = {name for name, content in _plots(page).items() if "<svg" in content}
    assert "balance" in drawn and not drawn & {"sales", "week", "hours", "ratings"}
    told = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert "Orders" not in told and "0" not in (told["Sale payments"], told["Sales, CNY"])
    assert "None to None" not in page


def test_a_failure_leaves_no_page(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir()
    with pytest.raises(BadInput, match="nothing to measure"):
        write_report(settings, tmp_path / "report.html")
    assert list(tmp_path.glob("*.html")) == []
    assert list(settings.home.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0412, "share", "4.12%"),
        (0.99998, "share", "99.998%"),
        (1.0, "share", "100%"),
        (1234567.8, "amount", "1,234,568"),
        (-0.7312, "slope", "-0.731"),
        (None, "share", "not landed"),
    ],
)
def test_numbers_are_short_and_never_round_a_fault_away(value: float | None, unit: str, text: str) -> None:
    assert figure(value, unit) == text
