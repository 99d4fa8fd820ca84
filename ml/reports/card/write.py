"""Writes a version's card beside it, and again after each decision, which the card shows."""

from pathlib import Path

from ml.registry.champion import registry_lock
from ml.registry.store import version_names
from ml.reports.card.build import build_card, card_json, card_page
from ml.reports.card.facts import read_facts
from tradeline.files import write_whole
from tradeline.settings import Settings
from tradeline.side_work import never_stops, note_made

JSON, PAGE = "card.json", "card.html"


def write_card(settings: Settings, model_version: str, run_id: str = "models.card") -> Path:
    """Write ``card.json`` and ``card.html``, each replaced at once, and return the page; the same version and decision
    give the same bytes.

    Raises:
        BadModel: the version or its training set is absent or changed, or a decision cannot be read.
        TradelineError: the version's jurisdiction is no longer in the policy pack, or the registry's lock was not free.
    """
    page = card_path(settings, model_version)
    with registry_lock(settings):  # so that no decision is made between reading and writing
        card = build_card(read_facts(settings, model_version))
        content, shown = card_json(card), card_page(card)  # both before either is written
        write_whole(page.with_name(JSON), content)
        write_whole(page, shown)
    note_made(settings, run_id, _what(model_version))
    return page


def write_card_or_go_on(settings: Settings, run_id: str, model_version: str) -> Path | None:
    """As ``write_card``; None where it cannot be written, which log and status then show."""
    with never_stops(settings, run_id, _what(model_version), f"`tradeline models card {model_version}` makes it"):
        return write_card(settings, model_version, run_id)
    return None


def card_path(settings: Settings, model_version: str) -> Path:
    """The path of a version's page, which may not exist yet."""
    return settings.models / model_version / PAGE


def _what(model_version: str) -> str:
    return f"model card {model_version}"


def newest_card(settings: Settings) -> Path | None:
    """The page of the version trained latest that has one."""
    pages = [card_path(settings, name) for name in version_names(settings)]
    return next((page for page in reversed(pages) if page.exists()), None)
