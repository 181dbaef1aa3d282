"""Records about oneself, as a cadre: postings, activity records, what clocks said, corrections.

A record about another person that only names oneself, as who decided, is told by its day and that
person's name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, not_, or_, select

from tiesan.courses.models import CourseEvent
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.merges import CadreMerge
from tiesan.people.models import Account, Cadre, Organization, Posting
from tiesan.privacy.own.secret import among, owner_of
from tiesan.privacy.own.sections import Own, Row, Section, kept_value, of_field, plain
from tiesan.records.base import Record, listed_by
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.imports.models import DataImport, ImportPerson, ImportSaid
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.words.rows import SOURCES

_ACCOUNT, _EVENT, _CORRECTION = (
    table_of(each) for each in (Account, CourseEvent, CorrectionRequest)
)
_MERGE = table_of(CadreMerge)
_SAID, _NUMBER, _IMPORT = (table_of(each) for each in (ImportSaid, ImportPerson, DataImport))


def of_records(own: Own) -> Iterator[Section]:
    """Yield the cadre, the postings and all records about them."""
    named: list[Row] = []
    if own.cadre_id is not None:
        yield from _of_cadre(own)
        for kind, model in own.catalog.records.items():
            if kind not in own.secret.kinds:
                yield from _of_kind(own, model)
                named += _naming(own, model)
        yield _said(own)
        yield _numbers(own)
    yield _named(named)
    yield _imports(own)
    yield _corrections(own)


def of_steps(own: Own) -> Iterator[Section]:
    """Yield what was done with one's own rows, once it is known which they are."""
    yield _events(own)


# --- the cadre ------------------------------------------------------------------------------------


def _of_cadre(own: Own) -> Iterator[Section]:
    for model, of in ((Cadre, "id"), (Posting, "cadre_id")):
        table = table_of(model)
        rows = own.session.execute(
            select(table).where(table.c[of] == own.cadre_id).order_by(table.c.id)
        ).all()
        kind = record_kind(model)
        own.own(kind.name, {row.id for row in rows})
        columns = {field.name: str(field.label) for field, _column in field_columns(model)}
        yield Section(kind.file, str(kind.plural), columns, [_values(own, model, r) for r in rows])
    yield _merges(own)


def _merges(own: Own) -> Section:
    """That two entries of the person were made one, and under which codes."""
    columns = {
        "at": _("Time"),
        "code": _("Code"),
        "name": _("Name"),
        "by": _("By"),
        "reason": _("Reason"),
        "undone_at": _("Undone"),
    }
    mine = or_(_MERGE.c.kept_id == own.cadre_id, _MERGE.c.merged_id == own.cadre_id)
    rows = [
        {
            "at": plain(row.at),
            "code": row.code,
            "name": row.name,
            "by": own.by(row.actor_id, row.actor_name),
            "reason": row.reason,
            "undone_at": plain(row.undone_at),
        }
        for row in own.session.execute(select(_MERGE).where(mine).order_by(_MERGE.c.id))
    ]
    return Section("merges", _("Entries of me that were made one"), columns, rows)


def _values(own: Own, model: type[Base], row: Any) -> Row:
    """The fields of a row in words; what refers to a record is its code."""
    found: Row = {}
    for field, column in field_columns(model):
        value = getattr(row, column.name)
        target = own.catalog.records.get(field.to or "")
        codes = {} if target is None or value is None else _code_of(own, target, value)
        found[field.name] = of_field(own, field, value, codes)
    return found


def _code_of(own: Own, model: type[Record], row_id: int) -> Mapping[int, str]:
    table = table_of(model)
    if "code" not in table.c:
        return {}
    code = own.session.scalar(select(table.c.code).where(table.c.id == row_id))
    return {row_id: str(code)}


# --- activity records -----------------------------------------------------------------------------


def _owned(model: type[Base], table: Table, cadre_id: int) -> ColumnElement[bool]:
    """The rows that belong to a cadre, over other rows where it must be."""
    found: list[ColumnElement[bool]] = []
    for column, target in owner_of(model):
        if target is Cadre:
            found.append(table.c[column] == cadre_id)
        elif target is not Organization:
            other = table_of(target)
            mine = select(other.c.id).where(_owned(target, other, cadre_id))
            found.append(table.c[column].in_(mine))
    return or_(false(), *found)


def _of_persons(model: type[Base]) -> bool:
    """Whether rows of a class belong to cadres."""
    return any(
        target is Cadre or (target is not Organization and _of_persons(target))
        for _column, target in owner_of(model)
    )


def _naming_columns(model: type[Record]) -> list[tuple[str, str]]:
    """The labels and columns by which a class names cadres."""
    fields = field_columns(model)
    return [(str(field.label), column.name) for field, column in fields if field.to == "cadre"]


def _of_kind(own: Own, model: type[Record]) -> Iterator[Section]:
    """The rows of a class that are about the cadre, voided ones as well."""
    table, kind = table_of(model), record_kind(model)
    about = _owned(model, table, own.cadre_id or 0)
    if not _of_persons(model):
        named = (table.c[column] == own.cadre_id for _label, column in _naming_columns(model))
        about = or_(about, *named)
    found = own.session.execute(select(table).where(about).order_by(table.c.id))
    rows = [row for row in found if not own.secret.hides(kind.name, row.id)]
    own.own(kind.name, {row.id for row in rows})
    columns = {field.name: str(field.label) for field, _column in field_columns(model)}
    columns |= _bookkeeping_titles()
    written = [{**_values(own, model, row), **_bookkeeping(own, row)} for row in rows]
    yield Section(f"records/{kind.file}", str(kind.plural), columns, written)


def _bookkeeping_titles() -> dict[str, str]:
    return {
        "recorded_at": _("Recorded at"),
        "recorded_by": _("Recorded by"),
        "source": _("Source"),
        "voided_at": _("Voided at"),
        "voided_by": _("Voided by"),
        "void_reason": _("Reason for voiding"),
    }


def _bookkeeping(own: Own, row: Any) -> Row:
    return {
        "recorded_at": plain(row.recorded_at),
        "recorded_by": own.by(row.recorded_by_id) if row.recorded_by_id else "",
        "source": str(SOURCES[row.source]),
        "voided_at": plain(row.voided_at),
        "voided_by": own.by(row.voided_by_id) if row.voided_by_id else "",
        "void_reason": row.void_reason,
    }


def _naming(own: Own, model: type[Record]) -> Iterator[Row]:
    """The rows about others that name the cadre: as what, on which day, and about whom."""
    if not _of_persons(model):
        return
    table, day = table_of(model), listed_by(model)
    owner = next((column for column, target in owner_of(model) if target is Cadre), None)
    for label, column in _naming_columns(model):
        others = not_(_owned(model, table, own.cadre_id or 0))
        which = and_(table.c[column] == own.cadre_id, others)
        for row in own.session.execute(select(table).where(which).order_by(table.c.id)):
            if not own.secret.hides(record_kind(model).name, row.id):
                yield {
                    "kind": str(record_kind(model).title),
                    "as": label,
                    "day": None if day is None else plain(getattr(row, day.name)),
                    "about": None if owner is None else own.cadres.get(getattr(row, owner)),
                }


def _named(rows: list[Row]) -> Section:
    columns = {"kind": _("Kind"), "as": _("As"), "day": _("Day"), "about": _("About")}
    return Section("named", _("Records about others that name me"), columns, rows)


# --- what clocks said, and imports ----------------------------------------------------------------


def _said(own: Own) -> Section:
    columns = {
        "day": _("Day"),
        "source": _("Source"),
        "values": _("What it says"),
        "at": _("Brought in"),
    }
    said = (
        select(_SAID.c.day, _SAID.c.source, _SAID.c["values"], _IMPORT.c.at)
        .join(_IMPORT, _IMPORT.c.id == _SAID.c.import_id)
        .where(_SAID.c.cadre_id == own.cadre_id)
        .order_by(_SAID.c.day, _SAID.c.id)
    )
    rows = [
        dict(zip(columns, (plain(day), source, values, plain(at)), strict=True))
        for day, source, values, at in own.session.execute(said)
    ]
    return Section("clocks", _("What clocks said"), columns, rows)


def _numbers(own: Own) -> Section:
    columns = {"source": _("Source"), "number": _("Number"), "name": _("Name"), "at": _("Since")}
    known = select(_NUMBER.c.source, _NUMBER.c.number, _NUMBER.c.name, _NUMBER.c.kept_at)
    mine = known.where(_NUMBER.c.cadre_id == own.cadre_id).order_by(_NUMBER.c.id)
    rows = [
        dict(zip(columns, (*row[:3], plain(row[3])), strict=True))
        for row in own.session.execute(mine)
    ]
    return Section("numbers", _("By which number clocks know me"), columns, rows)


def _imports(own: Own) -> Section:
    columns = {"at": _("Time"), "files": _("Files"), "state": _("State")}
    mine = select(_IMPORT).where(_IMPORT.c.account_id == own.account_id).order_by(_IMPORT.c.id)
    found = own.session.execute(mine).all()
    own.own("data_import", {row.id for row in found})
    rows = [
        {"at": plain(row.at), "files": [each["name"] for each in row.files], "state": row.state}
        for row in found
    ]
    return Section("imports", _("What I have brought in"), columns, rows)


# --- what became of them --------------------------------------------------------------------------


def _corrections(own: Own) -> Section:
    mine = _CORRECTION.c.account_id == own.account_id
    if own.cadre_id is not None:
        mine = or_(mine, _CORRECTION.c.cadre_id == own.cadre_id)
    found = own.session.execute(select(_CORRECTION).where(mine).order_by(_CORRECTION.c.id))
    rows = [row for row in found if not own.secret.hides(CORRECTION, row.id)]
    rows = [row for row in rows if not own.secret.hides(row.kind, row.row_id)]
    own.own(CORRECTION, {row.id for row in rows})
    columns = {
        "kind": _("Kind"),
        "by": _("Requested by"),
        "asked_at": _("Time"),
        "text": _("What is wrong"),
        "wished": _("What it should say"),
        "granted_on": _("Corrected on"),
        "refused_on": _("Refused on"),
        "withdrawn_on": _("Withdrawn on"),
    }
    written = [_correction(own, row) for row in rows]
    return Section("corrections", _("Corrections asked for"), columns, written)


def _correction(own: Own, row: Any) -> Row:
    model = own.catalog.records.get(row.kind)
    fields = {} if model is None else {each.name: each for each, _column in field_columns(model)}
    return {
        "kind": row.kind if model is None else str(record_kind(model).title),
        "by": own.by(row.account_id),
        "asked_at": plain(row.asked_at),
        "text": row.text,
        "wished": {
            str(fields[name].label) if name in fields else name: kept_value(
                own, fields.get(name), value
            )
            for name, value in row.wished.items()
        },
        "granted_on": plain(row.granted_on),
        "refused_on": plain(row.refused_on),
        "withdrawn_on": plain(row.withdrawn_on),
    }


def _events(own: Own) -> Section:
    """What was done with one's own rows that go through states, but for flags."""
    columns = {
        "course": _("What"),
        "at": _("Time"),
        "verb": _("Done"),
        "by": _("By"),
        "state": _("State"),
        "text": _("Text"),
    }
    rows: list[tuple[int, Row]] = []
    for name, course in own.courses.items():
        kind = record_kind(course.of).name if issubclass(course.of, Record) else name
        done = {verb.name: str(verb.done) for verb in course.verbs}
        states = {state.name: str(state.word) for state in course.states}
        for some in among(_EVENT.c.row_id, own.ids.get(kind, set())):
            for event in own.session.execute(select(_EVENT).where(_EVENT.c.course == name, some)):
                said = (str(course.title), plain(event.at), done.get(event.verb, event.verb),
                        own.by(event.account_id, event.actor_name),
                        states.get(event.to_state, event.to_state), event.text)  # fmt: skip
                rows.append((event.id, dict(zip(columns, said, strict=True))))
    rows.sort(key=lambda each: each[0])
    return Section("steps", _("What was done with them"), columns, [row for _id, row in rows])
