"""What a file of ``sources/`` may say; docs/sources.md has it in words.

The models are pydantic's, so that a file with something missing, unknown or out of place is refused before anything is
read.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from tradeline.business_days import known_zone
from tradeline.checked import Frozen
from tradeline.contracts.raw import BY_NAME
from tradeline.contracts.sources import SourceSchedule

Kind = Literal["postgres", "mysql", "sqlserver", "sqlite", "duckdb", "files"]


class Dialect(Frozen):
    """How texts are written: in the files of a source, and in text columns of any kind of source.

    ``time_formats`` are those of DuckDB's ``strptime``; without any, times are what docs/raw_contract.md takes.
    ``skip_lines``: lines before the header. ``no_value``: texts that stand for no value, beside the empty one.
    """

    encoding: str = "utf-8"
    delimiter: Annotated[str, BeforeValidator(lambda given: "\t" if given == r"\t" else given)] = Field(
        ",", min_length=1, max_length=1
    )
    quote: str = Field('"', max_length=1)
    skip_lines: int = Field(0, ge=0)
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    time_formats: tuple[str, ...] = ()
    no_value: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _tells_decimals_from_thousands(self) -> "Dialect":
        if self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}: an amount could be read in two ways")
        return self


class Read(Frozen):
    """One table as it is read from the source, under the name that the queries use.

    Exactly one of ``table``, ``query`` (in the source's own SQL) and ``files`` (paths or globs below the source's
    ``url``) says what is read; at most one of the next three how a change is recognised, without one the whole is read
    every time and compared with what was landed:
    ``updated_at``: a column that every change moves; what changed since the last time is read.
    ``append``: a column that only grows (a serial number, a time of booking); rows are added and never change.
    ``new_files``: each file is read once; with a group in the pattern ``file_day`` its name says its day.
    ``belongs_to``: the rows are those of another read that has changes, joined by ``on`` (this column: that column).
    ``key``: the columns by which a large table is read in chunks.
    """

    table: str | None = None
    query: str | None = None
    files: str | tuple[str, ...] | None = None
    updated_at: str | None = None
    overlap_minutes: int = Field(60, ge=0, description="How long a transaction may write before it is committed.")
    append: str | None = None
    new_files: bool = False
    file_day: str | None = None
    belongs_to: str | None = None
    on: dict[str, str] = Field(default_factory=dict)
    key: str | None = None
    dialect: Dialect | None = None

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, given: Any) -> Any:
        # YAML takes an unquoted on for true.
        return {"on" if key is True else key: each for key, each in given.items()} if isinstance(given, dict) else given

    @field_validator("file_day")
    @classmethod
    def _has_a_group(cls, pattern: str | None) -> str | None:
        try:
            groups = re.compile(pattern or "()").groups
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        if not groups:
            raise ValueError(rf"{pattern!r} has no group: put year, month and day in one, such as (\d{{8}})")
        return pattern

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Read":
        if sum(given is not None for given in (self.table, self.query, self.files)) != 1:
            raise ValueError("give exactly one of table, query and files")
        ways = [self.updated_at, self.append, self.new_files or None, self.belongs_to]
        if sum(way is not None for way in ways) > 1:
            raise ValueError("give at most one of updated_at, append, new_files and belongs_to")
        if (self.belongs_to is None) != (not self.on):
            raise ValueError("belongs_to and on go together: on: {column here: column there}")
        if (self.new_files or self.file_day) and self.files is None:
            raise ValueError("new_files and file_day are for files")
        if self.files is not None and (self.updated_at or self.append or self.belongs_to):
            raise ValueError("updated_at, append and belongs_to are for tables; of files say new_files, or nothing")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether everything is read every time."""
        return not (self.updated_at or self.append or self.new_files or self.belongs_to)


class ColumnMap(Frozen):
    """One column of the contract out of one of the source.

    ``of``: a column's name or an expression in DuckDB's SQL; ``values``: the contract's value by the source's (for an
    enumeration), ``otherwise`` for the source's other values, which without it land as they are and are refused if the
    contract does not have them.
    """

    of: str
    values: dict[str, str | None] = Field(default_factory=dict)
    otherwise: str | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _are_texts(cls, values: Any) -> Any:
        """Numbers as the texts that they are; yes, no, on and off are not, since YAML takes them for true and false."""
        if not isinstance(values, dict):
            return values
        if any(isinstance(each, bool) or each is None for each in values):
            raise ValueError("YAML takes an unquoted true, false, yes, no, on, off or null for no text: quote it")
        return {str(given): meant for given, meant in values.items()}

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        if given is None:
            raise ValueError("no column yet: name one of the source's, or write SQL")
        return {"of": str(given)} if isinstance(given, str | int | float) else given


class TableMap(Frozen):
    """A table of the contract: either ``query``, or ``of`` one read with ``columns``, and the rows that count.

    A query's columns are named as the contract's. Two more may be there: ``changed_at``, when the row last changed, and
    ``arrived_on``, the day on which a row of the first landing is to arrive; without it docs/sources.md says which.
    """

    query: str | None = None
    of: str | None = None
    columns: dict[str, ColumnMap] = Field(default_factory=dict)
    where: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "TableMap":
        if (self.query is None) == (self.of is None):
            raise ValueError("give either query, or of (a read) with columns")
        if (self.of is None) != (not self.columns):
            raise ValueError("of and columns go together: columns: {contract's column: source's column or SQL}")
        if self.query is not None and self.where is not None:
            raise ValueError("where is for of with columns; a query has its own")
        return self


class Source(SourceSchedule):
    """A file of ``sources/``; its name is the file's.

    ``url``: where the data is, without a password: docs/sources.md says where that comes from. ``connection``: the
    Airflow connection that has what the URL leaves out, or all of it. ``timezone``: what a time without an offset is
    in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    url: str | None = None
    connection: str | None = None
    timezone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    dialect: Dialect = Dialect()
    read: dict[Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")], Read] = Field(default_factory=dict)
    tables: dict[str, TableMap] = Field(min_length=1)

    @model_validator(mode="after")
    def _says_where(self) -> "Source":
        if self.url is None and self.connection is None:
            raise ValueError("say where the data is: by url, connection or both")
        if self.wait_for_files and not any(read.new_files for read in self.read.values()):
            raise ValueError("wait_for_files: it needs a read with new_files")
        return self

    @model_validator(mode="after")
    def _keeps_to_the_contract(self) -> "Source":
        for name, table in self.tables.items():
            if name not in BY_NAME:
                raise ValueError(f"tables.{name}: no such table; the tables are {', '.join(BY_NAME)}")
            known = [column.name for column in BY_NAME[name].columns] + ["changed_at", "arrived_on"]
            if strange := [column for column in table.columns if column not in known]:
                raise ValueError(f"tables.{name}.columns.{strange[0]}: no such column; they are {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _reads_what_is_there(self) -> "Source":
        for name, read in self.read.items():
            if read.belongs_to and (read.belongs_to not in self.read or self.read[read.belongs_to].is_whole):
                raise ValueError(f"read.{name}.belongs_to: {read.belongs_to} is no read that has changes")
            if read.belongs_to and self.read[read.belongs_to].belongs_to:
                raise ValueError(
                    f"read.{name}.belongs_to: {read.belongs_to} itself belongs to "
                    f"{self.read[read.belongs_to].belongs_to}: give a query that joins them, or name that one here"
                )
            if (read.files is None) == (self.kind == "files"):
                raise ValueError(f"read.{name}: a source of kind files reads files, and no other does")
        return self

    def dialect_of(self, read: Read) -> Dialect:
        """How a read's texts are written."""
        return read.dialect or self.dialect
