"""How files are written: encoding, delimiter and the line of the header, by what they begin with."""

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

HEAD_BYTES = 1 << 17
DELIMITERS = (",", ";", "\t", "|")
# Where several fit, the usual one; a few bytes look alike in many.
ENCODINGS = (
    "utf_8",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_kr",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1254",
    "utf_16_le",
    "utf_16_be",
)


@dataclass(frozen=True)
class FileForm:
    """``encoding_note`` says how sure the encoding is, None where the bytes prove it; ``quote`` as in ``Dialect``."""

    encoding: str = "utf-8"
    delimiter: str = ","
    skip_lines: int = 0
    encoding_note: str | None = None
    quote: str = '"'


def file_form(head: bytes) -> FileForm:
    """How a file that begins with these bytes is written; a head of ``HEAD_BYTES`` may end anywhere."""
    encoding, note = _encoding(head)
    text = head_text(head, encoding)
    delimiter, skip = _layout(text)
    return FileForm(encoding, delimiter, skip, note, _quote(text, delimiter))


def head_text(head: bytes, encoding: str) -> str:
    """The whole lines of a head."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")
    return text if len(head) < HEAD_BYTES else text.rpartition("\n")[0]


def _encoding(head: bytes) -> tuple[str, str | None]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _hinted(head)
    return ("utf-16-le" if head[1:2] == b"\0" else "utf-8"), None


def _hinted(head: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(head, cp_isolation=list(ENCODINGS)).best()
    found = codecs.lookup(best.encoding if best else "cp1252").name
    # Western and Central European code pages differ in few letters, and the detector cannot tell them.
    name = "cp1252" if found in ("cp1250", "cp1254") else found
    return name, "no UTF-8; by the bytes that are frequent, so look at names with accents or signs"


def _quote(text: str, delimiter: str) -> str:
    """The sign around values; none where it stands inside of values."""
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return ""
    return '"'


def _layout(text: str) -> tuple[str, int]:
    """The delimiter that cuts most lines into equally many fields, and how many lines are before the first such."""
    best = (0.0, ",", 0)
    text = text.replace("\t,", ",")  # Alipay's way to keep long numbers texts in a spreadsheet
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            continue
        width, lines = wide.most_common(1)[0]
        header = next((place for place, each in enumerate(widths) if each >= width), 0)
        best = max(best, (lines / len(widths) * width**0.5, delimiter, header), key=lambda each: each[0])
    return best[1], best[2]
