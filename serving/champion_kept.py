"""A model that served and serves no more because its pointer is lost: nothing is published as if there were none."""

from pydantic import BaseModel

from tradeline.checked import read_json
from tradeline.contracts.publications import read_publications
from tradeline.errors import Damaged
from tradeline.settings import Settings


class Decided(BaseModel):
    """Of a version's ``promotion.json``: whether it was ever let serve."""

    is_promoted: bool
    earlier: tuple["Decided", ...] = ()

    @property
    def has_served(self) -> bool:
        """By this decision or one before it."""
        return self.is_promoted or any(each.is_promoted for each in self.earlier)


def check_champion_kept(settings: Settings) -> None:
    """Make sure that ``models/champion.json`` is there if it ever was.

    A home whose models were all refused has none, and no model serves it.

    Raises:
        Damaged: it is missing, though a version has served or a night is published with a model.
    """
    pointer = settings.models / "champion.json"
    if pointer.exists():
        return
    signs = [
        f"{path.parent.name} has served"
        for path in sorted(settings.models.glob("*/promotion.json"))
        if (decided := read_json(path, Decided, "remove it: the version is evaluated again")) and decided.has_served
    ] or [
        f"{found.as_of} is published with {found.model_version}"
        for found in read_publications(settings)
        if found.model_version
    ]
    if signs:
        raise Damaged(
            f"{pointer} is missing, though {signs[-1]}: restore it from a backup or, without one, let a version serve "
            "with `tradeline models promote VERSION` (`tradeline models list` has them); until then nothing is scored"
        )
