"""Every column that names a cadre moves with a merge and comes back, also a new plugin's."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import JSON, Engine, Table, func, insert, select, update
from sqlalchemy.orm import Session

from tests.merging.steps import merged, place, stored, undone
from tiesan.database import begin_writing
from tiesan.extensions import Base
from tiesan.merging.references import BY_KIND, naming_columns
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.organizations import create_cadre
from tiesan.testing.world import ACTOR, AT, World

# Columns with ids of rows of several kinds that are never those of a cadre, or say what was.
OF_OTHER_KINDS = {
    ("attachment", "row_id"): "cadres have no files",
    ("audit_entry", "object_id"): "the trail says what was done to which row",
    ("correction_request", "row_id"): "a record",
    ("course_event", "row_id"): "a row of a course",
    ("course_reminder", "row_id"): "a row of a course",
    ("escalated_flag", "row_id"): "a record",
    ("import_row", "row_id"): "a record",
    ("record_withdrawal", "row_id"): "a record",
    ("sending", "row_id"): "what was sent has its words",
    ("sent_form", "row_id"): "a page that was sent once",
}


# --- every column ---------------------------------------------------------------------------------


def a_value(column: Any, number: int) -> Any:
    """Some value that a column takes, different for each number."""
    if isinstance(column.type, JSON):
        return {}
    kind = column.type.python_type
    if kind is str:
        return f"x{number}"[: column.type.length or 9]
    days = date(2020, 1, 1) + timedelta(days=number)
    return {int: number, bool: True, date: days}.get(kind, AT)


def a_row(session: Session, table: Table, number: int, given: dict[str, Any]) -> None:
    """Store a row of a table that names a cadre, a copy of one that is there if there is any."""
    found = session.execute(select(table).limit(1)).mappings().first()
    row = {} if found is None else {key: value for key, value in found.items() if key != "id"}
    for column in table.columns:
        if column.name in given:
            row[column.name] = given[column.name]
        elif column.name == "code":
            row[column.name] = f"x{number}"
        elif found is None and not column.nullable and column.name != "id":
            keys = [key.column for key in column.foreign_keys]
            value = session.scalar(select(keys[0]).limit(1)) if keys else a_value(column, number)
            row[column.name] = value
    session.connection().execute(insert(table).values(row))


# What a row of a table needs besides to be stored.
FITTING: dict[str, dict[str, Any]] = {
    "bulletin": {"period": "month", "state": "drafted", "number": None},
    "bulletin_name": {"flag_id": None, "praise": "好"},
    "discipline_attendance": {"day": date(1999, 1, 4)},
    "discipline_work_log": {"day": date(1999, 1, 4)},
    "import_said": {"source": "门禁", "form": "punches"},
    "organization": {},
    "posting": {"from_on": date(1999, 1, 1), "until_on": date(1999, 2, 1)},
    "notice": {"number": 900, "organization_id": None, "first_due_on": date(2099, 1, 1),
               "due_on": date(2099, 1, 1), "year": 2026, "prefix": "整", "text": "整改",
               "issued_on": date(2026, 1, 1), "state": "issued", "confidential": False},
    "waiver": {"organization_id": None, "plugin": "study"},
    "flag": {"key": "of the test", "organization_id": None},
    "notification": {"details": {}, "kind": "x", "once": None, "leaves": None, "left_at": None,
                     "read_at": None},
}  # fmt: skip


def name_everywhere(session: Session, row_id: int) -> dict[tuple[str, str], int]:
    """Have a row of every column that names cadres name this one; returns how many there are."""
    a_row(session, Base.metadata.tables["data_import"], 1, {"kind": "clocks", "state": "stored"})
    if session.scalar(select(func.count()).select_from(Base.metadata.tables["bulletin"])) == 0:
        a_row(session, Base.metadata.tables["bulletin"], 1, FITTING["bulletin"])
    for number, naming in enumerate(naming_columns(), 500):
        name, column = naming.table.name, naming.column.name
        if naming.table.name in ("cadre_alias", "cadre_merge"):
            continue
        given = {**FITTING.get(name, {}), column: row_id}
        given |= {kind: "cadre" for table, of, kind in BY_KIND if (table, of) == (name, column)}
        if name == "evidence_link":
            flags = Base.metadata.tables["flag"]
            given["flag_id"] = session.scalar(select(func.max(flags.c.id)))
        if name == "study_attendance":
            sessions = Base.metadata.tables["study_session"]
            given["session_id"] = session.scalar(select(func.max(sessions.c.id)))
        if name == "organization":
            one = session.scalar(select(func.max(naming.table.c.id)))
            where = naming.table.c.id == one
            session.connection().execute(update(naming.table).where(where).values(**given))
        elif (name, column) == ("flag", "posted_cadre_id"):
            place_id = session.scalar(select(table_of(Organization).c.id).limit(1))
            given |= {"cadre_id": None, "organization_id": place_id, "key": "posted"}
            a_row(session, naming.table, number, given)
        else:
            a_row(session, naming.table, number, given)
    session.flush()
    return naming_rows(session, row_id)


def naming_rows(session: Session, row_id: int) -> dict[tuple[str, str], int]:
    """How many rows name a cadre, by column."""
    found = {}
    for naming in naming_columns():
        rows = select(func.count()).select_from(naming.table)
        number = session.scalar(rows.where(naming.column == row_id, naming.where))
        found[naming.table.name, naming.column.name] = number or 0
    return found


def test_every_column_that_names_a_cadre_moves_and_comes_back(engine: Engine, world: World) -> None:
    with Session(engine) as session:
        begin_writing(session)
        new = {"code": "N1", "name": "陈欧", "organization": place(session, "F1"),
               "professional": True, "joined_on": date(2010, 1, 1)}  # fmt: skip
        other = create_cadre(ACTOR, session, new, at=AT)
        kept_id, other_id = world.cadres["CO"], other.id
        named = name_everywhere(session, other_id)
        session.commit()
        own = {("cadre_alias", "cadre_id"), ("cadre_merge", "kept_id")}
        assert {key for key, number in named.items() if not number} == own
        kept = naming_rows(session, kept_id)
        before = stored(session)
        session.rollback()
        merge = merged(session, "CO", "N1")
        session.commit()
        assert set(naming_rows(session, other_id).values()) == {0}
        now = naming_rows(session, kept_id)
        # The two postings of the same days are one.
        kept["posting", "cadre_id"] -= 1
        assert now == {key: kept[key] + named[key] + (key in own) for key in named}
        assert merge.counts["discipline_leave"] == 2
        assert "discipline_conduct_report" not in merge.counts
        session.rollback()
        begin_writing(session)
        undone(session, session.merge(merge))
        session.commit()
        assert stored(session) == before


def test_what_names_rows_without_a_key_is_known() -> None:
    """Whoever adds a column with an id and a kind beside it says whether cadres are meant."""
    found = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in ("row_id", "subject_id", "object_id") and not column.foreign_keys
    }
    known = {(name, column) for name, column, _kind in BY_KIND} | OF_OTHER_KINDS.keys()
    assert found - {("merge_step", "row_id")} <= known
