"""Files that people edit are read as they are now."""

from pathlib import Path

from tradeline.checked import yaml_of


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    found = []
    for value in (1, 2, 1):
        path.write_text(f"minimum: {value}\n")
        found.append(yaml_of(path))
    assert found == [{"minimum": 1}, {"minimum": 2}, {"minimum": 1}]
