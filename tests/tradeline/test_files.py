import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tradeline.files import put_file, put_folder, write_whole, written_aside


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was waited for to be on disk, in order."""
    names: list[str] = []
    real: Callable[[int], None] = os.fsync

    def fsync(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


@pytest.mark.parametrize("is_durable", [True, False])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, is_durable: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="full"), written_aside(path, is_durable=is_durable) as aside:
        aside.write_text("ne")
        assert path.read_text() == "old"
        raise OSError("the disk is full")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_what_a_killed_process_of_the_same_number_left_is_no_hindrance(tmp_path: Path) -> None:
    with written_aside(tmp_path / "a.txt") as aside:
        aside.write_text("old")
    aside.write_text("left")
    aside.chmod(0o644)
    write_whole(tmp_path / "a.txt", "new", is_private=True)
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600


def test_a_file_and_every_new_folder_above_it_are_on_disk(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "aside").write_text("content")
    put_file(tmp_path / "aside", tmp_path / "new" / "below" / "file", is_read_only=True)
    assert synced == ["aside", tmp_path.name, "new", "below"]
    assert (tmp_path / "new" / "below" / "file").stat().st_mode & 0o777 == 0o444


def test_nobody_waits_for_what_can_be_made_again(tmp_path: Path, synced: list[str]) -> None:
    with written_aside(tmp_path / "a", is_durable=False) as aside:
        aside.write_text("content")
    assert (tmp_path / "a").read_text() == "content"
    assert synced == []


def test_a_folder_takes_the_place_of_a_damaged_one_whole_and_durably(tmp_path: Path, synced: list[str]) -> None:
    aside, path = tmp_path / "aside", tmp_path / "kept" / "folder"
    for folder, name in ((aside, "new"), (path, "damaged")):
        folder.mkdir(parents=True)
        (folder / name).write_text(name)
    put_folder(aside, path)
    assert [file.name for file in path.iterdir()] == ["new"]
    assert not aside.exists()
    assert synced == ["new", "aside", "kept"]
