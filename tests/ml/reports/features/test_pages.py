"""The pages in docs/features: the committed list is of the catalogue as it stands, and the page with plots works."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ml.errors import NotEnoughData
from ml.reports.features.page import SIGNS, SIMULATION, write_pages
from tradeline.contracts.features import CATALOGUE, MART, read_catalogue
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


LIST = PROJECT / "docs" / "features" / "README.md"
CHROMIUM = shutil.which("chromium")


class Articles(HTMLParser):
    """The articles of a page: their attributes, and the definition in each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self._is_definition = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self.found[dict(attrs)["id"] or ""] = dict(attrs) | {"definition": ""}
        self._is_definition = ("class", "definition") in attrs

    def handle_data(self, data: str) -> None:
        if self._is_definition:
            article = self.found[list(self.found)[-1]]
            article["definition"] = f"{article['definition']}{data}".strip()


def described() -> list[tuple[str, str, str, str, str]]:
    """Name, definition, family, unit and sign of each feature, straight from the catalogue."""
    models = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["models"]
    columns: list[dict[str, Any]] = next(model["columns"] for model in models if model["name"] == MART)
    definitions = {column["name"]: " ".join(column["description"].split()) for column in columns}
    return [
        (feature.name, definitions[feature.name], feature.family, feature.unit, SIGNS[feature.expected_sign])
        for feature in read_catalogue()
    ]


def in_html(page: str) -> list[tuple[Any, ...]]:
    return [
        (name, one["definition"], one["data-family"], one["data-unit"], one["data-sign"])
        for name, one in Articles(page).found.items()
    ]


def in_markdown(page: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    family = ""
    for line in page.splitlines():
        family = line[3:].replace(" ", "_") if line.startswith("## ") else family
        if line.startswith("| `"):
            name, definition, unit, sign = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:5]]
            found.append((name.strip("`"), definition.replace("\\|", "|"), family, unit, sign))
    return found


@pytest.fixture(scope="module")
def page(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``index.html`` of the random market."""
    return write_pages(built, tmp_path_factory.mktemp("pages"))[0]


def test_the_committed_list_is_of_this_catalogue() -> None:
    listed = in_markdown(LIST.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(described()), "the catalogue has changed: run `make features`"


def test_the_page_needs_nothing_from_the_net(page: Path) -> None:
    assert re.findall(r"https?://|<link|\bsrc=|@import|url\(", page.read_text(encoding="utf-8")) == []


def test_the_plots_of_a_feature_count_every_seller_and_row(page: Path) -> None:
    """By the tooltips of its bars: a seller without a value is in no histogram, a row without one has a bar."""
    text = page.read_text(encoding="utf-8")
    sellers, rows = (int(re.findall(rf"<dt>{name}</dt><dd>(\d+)", text)[0]) for name in ("Sellers", "Decisions"))
    for article in re.findall(r"<article.*?</article>", text, re.DOTALL):
        missing = float(re.findall(r"([\d.]+)% missing", article)[0]) / 100
        assert sum(map(int, re.findall(r": (\d+) sellers\"", article))) == pytest.approx((1 - missing) * sellers)
        assert sum(map(int, re.findall(r": \d+ of (\d+) bad\"", article))) == rows


def test_a_bar_is_as_high_as_its_share_of_the_tallest(page: Path) -> None:
    bar = r'height:([\d.]+)%" title="[^"]*: (\d+) sellers"'
    for plot in re.findall(r'<div class="bars">.*?</div>', page.read_text(encoding="utf-8")):
        bars = [(float(height), int(sellers)) for height, sellers in re.findall(bar, plot)]
        tallest = max(sellers for _, sellers in bars)
        assert [height for height, _ in bars] == pytest.approx([100 * each / tallest for _, each in bars], abs=0.06)


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed")
def test_the_search_finds_in_a_browser(page: Path, tmp_path: Path) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    address = f"file://{page}#?q=days+delivered_at&family=service"
    command = [str(CHROMIUM), *flags, f"--user-data-dir={tmp_path}", "--dump-dom", address]
    dom = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    shown = [name for name, one in Articles(dom).found.items() if "hidden" not in one]
    assert "delivery_days_90d" in shown
    of_service = [name for name, one in Articles(dom).found.items() if one["data-family"] == "service"]
    assert len(shown) < len(of_service)  # those that are not made of delivered_at are hidden
    assert all(Articles(dom).found[name]["data-family"] == "service" for name in shown)
    assert re.findall(r'<tr data-feature="(\w+)">', dom) == shown


def test_pages_are_the_same_bytes_each_time(built: Settings, tmp_path: Path) -> None:
    first, second = write_pages(built, tmp_path / "first"), write_pages(built, tmp_path / "second")
    assert [page.name for page in first] == ["index.html", "README.md"]
    assert [page.read_bytes() for page in first] == [page.read_bytes() for page in second]
    assert in_html(first[0].read_text(encoding="utf-8")) == described()


def test_a_home_without_marts_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(NotEnoughData, match="has no night: land data"):
        write_pages(settings, tmp_path / "pages")
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(NotEnoughData, match="has no night: land data"):
        write_pages(settings, tmp_path / "pages")


def test_only_a_simulated_home_is_called_synthetic(built: Settings, page: Path, tmp_path: Path) -> None:
    assert "synthetic" not in page.read_text(encoding="utf-8")
    settings = Settings(home=tmp_path)
    shutil.copytree(built.home, settings.home, dirs_exist_ok=True)
    settings.landing.mkdir(exist_ok=True)
    (settings.landing / SIMULATION).write_text("{}")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update training.training_set set is_default = false")
    for written in write_pages(settings, tmp_path / "pages"):
        text = written.read_text(encoding="utf-8")
        assert "The figures are synthetic" in text
        assert "predicts alone" not in text  # nothing is drawn where no feature has an AUC


def test_a_home_too_young_for_a_training_set_is_told_the_day(built: Settings, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    shutil.copy(built.warehouse, settings.warehouse)
    (settings.landing / "sellers" / "arrived_on=2025-01-01").mkdir(parents=True)
    (settings.landing / "sellers" / "arrived_on=2025-01-01" / "sellers.csv").write_text("seller_id\n")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from training.training_set")
    with pytest.raises(NotEnoughData, match="the first model can be trained as of 2025-07-29"):
        write_pages(settings, tmp_path / "pages")
