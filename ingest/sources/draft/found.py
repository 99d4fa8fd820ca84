"""One table of a source or, of files, those that belong together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.sources.draft.dialects import FileForm
from ingest.sources.draft.profile import Profile
from ingest.sources.mapping import Read


@dataclass
class Found:
    """A table or group of files.

    ``read`` is how a sample of it is read; ``files``: the glob of all files, ``file_day`` as in ``Read``; ``form``:
    how they are written. ``profiles`` is empty until it has been sampled; ``fault``: why it could not be.
    """

    name: str
    read: Read
    columns: Sequence[str] = ()
    estimated_rows: int | None = None
    files: str | None = None
    file_count: int = 1
    file_day: str | None = None
    form: FileForm | None = None
    profiles: Sequence[Profile] = field(default_factory=tuple)
    fault: str | None = None

    @property
    def short_name(self) -> str:
        """The name without schema, folder and endings."""
        bare = re.sub(r"(\.(csv|tsv|txt|parquet|gz|zst))+$", "", self.name, flags=re.IGNORECASE)
        return re.split(r"[./\\]", bare)[-1] if self.files is None else bare.rpartition("/")[2]
