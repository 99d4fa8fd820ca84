"""Whether a source of files has a file that was not read."""

from ingest.sources.names import read_source
from ingest.sources.readers.reader import open_reader
from ingest.sources.state import read_state
from tradeline.settings import Settings


def has_new_files(settings: Settings, name: str) -> bool:
    """Look for a file of a read with ``new_files`` that the state does not have.

    Raises:
        BadInput: the folder is missing.
        TradelineError: the store cannot be reached.
    """
    from ingest.sources.readers.files import FilesReader

    source, state = read_source(settings, name), read_state(settings, name)
    marks = state.marks if state else {}
    with open_reader(settings, name, source) as reader:
        assert isinstance(reader, FilesReader)
        for read_name, read in source.read.items():
            seen = set(marks[read_name].files) if read_name in marks else set()
            if read.new_files and any(file.seen not in seen for file in reader.found(read)):
                return True
    return False
