"""Archives that cannot be the public one."""

import zipfile
from pathlib import Path

import pytest

from ingest.olist import land_olist
from tradeline.errors import BadInput
from tradeline.settings import Settings


def test_an_encrypted_archive_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "olist.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("olist_orders_dataset.csv", "order_id\n")
    content = bytearray(path.read_bytes())
    # The flag of encryption, in the member's own header and in the archive's list of members.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"olist\.zip cannot be unpacked .*encrypted"):
        land_olist(settings, path)
