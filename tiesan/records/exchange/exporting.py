"""Writing all records out again, in the same files as they come in; text raw.

Rows are streamed in the order of their identity, so that two exports of the same records are the
same bytes. Voided rows stay behind.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, Table, collate, select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.money import format_amount
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.base import Record
from tiesan.records.exchange.files import ExchangeFile, exchange_files
from tiesan.records.exchange.progress import Progress, Silent
from tiesan.records.exchange.reading import CSV, WORKBOOK
from tiesan.records.kinds import table_of
from tiesan.records.settings import RuleParameterValue

# Spreadsheets on a Chinese desktop take a file without a mark for GB18030.
WITH_MARK = "utf-8-sig"
_PIECE = 2_000
# Loaded when a workbook is to be written: its library is large, and a folder needs none of it.
_WRITING_WORKBOOKS = "tiesan.records.exchange.workbook_writing"


class SheetWriter(Protocol):
    """A workbook that is written sheet by sheet."""

    def write_sheet(self, file: ExchangeFile, rows: Iterable[tuple[Any, ...]]) -> int:
        """Add the sheet of a file; returns the number of rows."""

    def save(self, path: Path) -> None:
        """Write the workbook to a path."""


@dataclass(frozen=True)
class ExportScope:
    """What to write: the rows of some districts (None: of all), and without some kinds.

    With ``rules`` given, parameter values of other rules stay behind: no import would take them,
    their plugin not being installed. So do those ``refused``, by id: their rules do not take them.
    """

    districts: frozenset[int] | None = None
    without: frozenset[str] = frozenset()
    rules: frozenset[str] | None = None
    refused: frozenset[int] = frozenset()


EVERYTHING = ExportScope()


def export_path(
    session: Session,
    path: Path,
    records: Iterable[type[Record]],
    *,
    scope: ExportScope = EVERYTHING,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write these records to a workbook (``.xlsx``) or a folder of CSV files.

    Returns the number of rows per file.

    Files of the same names are replaced, each when it is complete. Raises UserError for a path
    that is a file of another kind.
    """
    if path.suffix.lower() != WORKBOOK and path.exists() and not path.is_dir():
        raise UserError(_("%(path)s: neither a folder nor an .xlsx file", path=path))
    files = [each for each in exchange_files(records) if each.kind.name not in scope.without]
    if scope.districts is not None:
        # Calendar exceptions and parameters are of no district; they are not the reader's to have.
        files = [each for each in files if each.kind.belongs_to]
    progress = progress or Silent()
    progress.begin(_("Exporting"), len(files))
    write = _write_workbook if path.suffix.lower() == WORKBOOK else _write_folder
    return write(path, files, _Rows(session, scope, progress))


class _Rows:
    """The rows of one file after another, as the database streams them."""

    def __init__(self, session: Session, scope: ExportScope, progress: Progress) -> None:
        self._session = session
        self._scope = scope
        self._progress = progress

    def of(self, file: ExchangeFile) -> Iterator[tuple[Any, ...]]:
        """The rows of a file, references as codes."""
        statement = _statement(file, self._scope, self._session.get_bind().dialect.name)
        result = self._session.execute(statement.execution_options(yield_per=_PIECE))
        for row in result:
            yield tuple(row)
        self._progress.advance(1)


def _statement(file: ExchangeFile, scope: ExportScope, dialect: str) -> Select[Any]:
    """All live rows of a file in the order of their identity, joined to what they refer to."""
    joined: Any = file.table
    shown: list[ColumnElement[Any]] = []
    for field, column in zip(file.fields, file.columns, strict=True):
        if field.to is None:
            shown.append(column)
        else:
            target = _target(file.model, field).alias()
            joined = joined.outerjoin(target, column == target.c.id)
            shown.append(target.c.code)
    order = [_by_bytes(shown[place], file.fields[place], dialect) for place in file.identity]
    statement = select(*shown).select_from(joined).order_by(*order)
    if file.can_be_voided:
        statement = statement.where(file.table.c.voided_at.is_(None))
    if file.model is RuleParameterValue and scope.rules is not None:
        statement = statement.where(file.table.c.rule.in_(sorted(scope.rules)))
    if file.model is RuleParameterValue and scope.refused:
        statement = statement.where(file.table.c.id.not_in(sorted(scope.refused)))
    return statement if scope.districts is None else _scoped(statement, file, scope.districts)


def _scoped(statement: Select[Any], file: ExchangeFile, districts: frozenset[int]) -> Select[Any]:
    if file.model in {Cadre, Posting}:
        organizations, cadres = table_of(Organization).c, table_of(Cadre).c
        among = select(organizations.id).where(organizations.district_id.in_(districts))
        posted = select(cadres.id).where(cadres.organization_id.in_(among))
        own = file.table.c.id if file.model is Cadre else file.table.c.cadre_id
        return statement.where(own.in_(posted))
    return statement.where(file.table.c.district_id.in_(districts))


def _by_bytes(column: ColumnElement[Any], field: Field, dialect: str) -> ColumnElement[Any]:
    """Order texts by their bytes, whatever language the database server sorts in."""
    is_text = field.type in {FieldType.TEXT, FieldType.REFERENCE, FieldType.CHOICE}
    return collate(column, "C") if is_text and dialect == "postgresql" else column


def _target(model: type[Base], field: Field) -> Table:
    """The table of the rows that a reference names."""
    relation = getattr(model, field.name).property
    return table_of(relation.mapper.class_)


def _write_folder(folder: Path, files: list[ExchangeFile], rows: _Rows) -> dict[str, int]:
    folder.mkdir(parents=True, exist_ok=True)
    return {file.stem: _write_csv(folder / f"{file.stem}{CSV}", file, rows) for file in files}


def _write_csv(path: Path, file: ExchangeFile, rows: _Rows) -> int:
    number = 0
    texts = [text_of(field) for field in file.fields]
    with _replaced(path) as part, part.open("w", encoding=WITH_MARK, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([field.name for field in file.fields])
        for row in rows.of(file):
            cells = zip(texts, row, strict=True)
            writer.writerow(["" if value is None else text(value) for text, value in cells])
            number += 1
    return number


def _write_workbook(path: Path, files: list[ExchangeFile], rows: _Rows) -> dict[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = {}
    with _replaced(path) as part:
        writer: SheetWriter = import_module(_WRITING_WORKBOOKS).WorkbookWriter()
        for file in files:
            numbers[file.stem] = writer.write_sheet(file, rows.of(file))
        writer.save(part)
    return numbers


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A file beside the path, for its owner alone, that takes its place when it is complete."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def text_of(field: Field) -> Callable[[Any], str]:
    """What writes a value of a field, which is not blank, as files have it."""
    return _TEXTS.get(field.type, str)


def _date(value: date) -> str:
    return value.isoformat()


def _time(value: time) -> str:
    return value.strftime("%H:%M")


def _boolean(value: bool) -> str:  # noqa: FBT001 - it is the value to write
    return "true" if value else "false"


_TEXTS: dict[FieldType, Callable[[Any], str]] = {
    FieldType.AMOUNT: format_amount,
    FieldType.DATE: _date,
    FieldType.TIME: _time,
    FieldType.BOOLEAN: _boolean,
}
