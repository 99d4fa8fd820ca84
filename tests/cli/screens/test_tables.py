from rich.console import Console, RenderableType
from rich.text import Text

from cli.screens.tables import FRAMED, pairs, table


def shown(found: RenderableType, width: int = 60) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(found)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_numbers_stand_to_the_right_and_brackets_are_no_markup() -> None:
    found = table(("group [a]", "sellers"), [("[bold]north", "1,000"), (Text("south"), "7")], right=[1])
    assert shown(found) == [
        "group [a]    sellers",
        "────────────────────",
        "[bold]north    1,000",
        "south              7",
    ]


def test_a_framed_table_has_the_same_cells() -> None:
    assert "│ a │ 1 │" in shown(table(("x", "y"), [("a", "1")], **FRAMED))


def test_pairs_keep_names_whole_and_fold_what_is_said() -> None:
    assert shown(pairs([("failed", "a [b] and more"), ("x", Text("y"))]), width=18) == [
        "failed  a [b] and",
        "        more",
        "x       y",
    ]
