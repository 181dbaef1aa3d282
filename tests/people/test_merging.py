"""Two entries of one person become one: everything that names the one that goes, and back."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Engine, Table, func, insert, select, update
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, ConductReport
from tests.web.world import fill, flag_of
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.flags.models import Flag
from tiesan.merging.references import BY_KIND, naming_columns
from tiesan.merging.services import Merging, merge_cadres
from tiesan.merging.undoing import undo_merge
from tiesan.people.merges import CadreAlias, CadreMerge, known_code
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role, set_active
from tiesan.records.exchange.exporting import export_path
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.kinds import table_of
from tiesan.records.organizations import create_cadre, update_cadre
from tiesan.records.pending import PendingEvaluation
from tiesan.records.services import create_record, update_record, void_record
from tiesan.testing.fixtures import filled_postgres, filled_sqlite
from tiesan.testing.world import ACTOR, AT, World

RECORDS = load_plugins().records
LATER = AT + timedelta(hours=1)
# What merging itself writes, and what says what was done.
WRITTEN = {"audit_entry", "cadre_merge", "cadre_alias", "merge_step", "pending_evaluation"}
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


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world and flags in it."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("filled"), fill)


@pytest.fixture(scope="module")
def postgres_filled(postgres_server: Engine, postgres_template: str) -> Iterator[tuple[str, World]]:
    """A PostgreSQL database with the same."""
    yield from filled_postgres(postgres_server, postgres_template, fill)


@pytest.fixture
def engine(world: World, database_url: str) -> Iterator[Engine]:
    """An engine on a database of each kind with the small world."""
    del world
    engine = make_engine(read_database_url(database_url))
    yield engine
    engine.dispose()


def cadre(session: Session, code: str) -> Cadre:
    return session.scalars(select(Cadre).where(Cadre.code == code)).one()


def place(session: Session, code: str) -> Organization:
    return session.scalars(select(Organization).where(Organization.code == code)).one()


def merged(session: Session, kept: str, other: str) -> CadreMerge:
    """Merge two entries by code; the caller commits."""
    begin_writing(session)
    what = Merging(cadre(session, kept), cadre(session, other), "同一个人", RECORDS)
    return merge_cadres(ACTOR, session, what, at=LATER)


def undone(session: Session, merge: CadreMerge) -> None:
    undo_merge(ACTOR, session, merge, records=RECORDS, at=LATER, reason="合并有误")


def stored(session: Session) -> dict[str, list[Any]]:
    """Everything in the database but what merging writes of its own."""
    session.expire_all()
    return {
        name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
        for name, table in Base.metadata.tables.items()
        if name not in WRITTEN
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


# --- what stands against it -----------------------------------------------------------------------


def another(session: Session, code: str = "N1", at: str = "F1", **values: Any) -> Cadre:
    """A second entry of the cadre CO."""
    given = {"code": code, "name": "陈欧", "organization": place(session, at),
             "professional": True, "joined_on": date(2011, 1, 1), **values}  # fmt: skip
    return create_cadre(ACTOR, session, given, at=AT)


def attendance(session: Session, whom: Cadre, day: date) -> Attendance:
    return create_record(ACTOR, session, Attendance, {"cadre": whom, "day": day}, at=AT)


def refusal(session: Session, kept: str = "CO", other: str = "N1") -> list[str]:
    """What a merge is refused for."""
    session.commit()
    with pytest.raises(UserError) as caught:
        merged(session, kept, other)
    session.rollback()
    return caught.value.lines


def test_two_records_of_one_identity_are_named_until_one_is_voided(engine: Engine) -> None:
    with Session(engine) as session:
        begin_writing(session)
        row = attendance(session, another(session), date(2026, 3, 20))
        assert refusal(session) == ["两份登记都有“考勤”记录：N1 + 2026-03-20。请先作废其中一条。"]
        begin_writing(session)
        void_record(ACTOR, session, row, reason="重复", at=AT)
        session.commit()
        merged(session, "CO", "N1")
        session.commit()
        # The voided one went along.
        rows = session.scalars(select(Attendance.cadre_id).where(Attendance.id == row.id)).all()
        assert rows == [cadre(session, "CO").id]


def test_nobody_was_in_two_organizations_at_once(engine: Engine) -> None:
    with Session(engine) as session:
        begin_writing(session)
        other = another(session, at="E1")
        assert refusal(session) == [
            "此人同时在两个组织任职：东城联合会 (2010-01-01 – )和东城纺织工会 (2011-01-01 – )。"
        ]
        begin_writing(session)
        update_cadre(ACTOR, session, other, {"joined_on": date(2001, 1, 1),
                     "left_on": date(2009, 1, 1)}, records=RECORDS, at=AT)  # fmt: skip
        session.commit()
        before = stored(session)
        session.rollback()
        merge = merged(session, "CO", "N1")
        session.commit()
        kept = cadre(session, "CO")
        spans = [(each.organization.code, each.from_on, each.until_on) for each in kept.postings]
        assert spans == [
            ("E1", date(2001, 1, 1), date(2008, 12, 31)), ("F1", date(2010, 1, 1), None),
        ]  # fmt: skip
        assert (kept.joined_on, kept.left_on, kept.organization.code) == (
            date(2001, 1, 1), None, "F1",
        )  # fmt: skip
        session.rollback()
        begin_writing(session)
        undone(session, session.merge(merge))
        session.commit()
        assert stored(session) == before


def test_of_two_accounts_one_is_switched_off(engine: Engine, world: World) -> None:
    with Session(engine) as session:
        begin_writing(session)
        other = another(session)
        account = Account(username="second", cadre=other, fs_uniquifier="s", created_at=AT)
        session.add(account)
        session.flush()
        grant_role(ACTOR, session, account, RoleName.SUPERVISOR, place(session, "F1"), at=AT)
        flag = session.get_one(Flag, world.flags["oB"])
        flag.assigned_to_id = account.id
        assert refusal(session) == ["两份登记都有账号：cadre 和 second。请先停用其中一个。"]
        begin_writing(session)
        set_active(ACTOR, session, account, active=False, at=AT, reason="合并")
        session.commit()
        merge = merged(session, "CO", "N1")
        session.commit()
        assert merge.given_up_id == account.id
        session.refresh(account)
        assert account.cadre_id is None
        assert session.get_one(Flag, world.flags["oB"]).assigned_to_id == world.accounts["cadre"]
        with pytest.raises(UserError, match="合并"):
            set_active(ACTOR, session, account, active=True, at=AT)
        session.rollback()
        begin_writing(session)
        undone(session, session.merge(merge))
        session.commit()
        session.refresh(account)
        assert account.cadre is other
        assert session.get_one(Flag, world.flags["oB"]).assigned_to_id == account.id


def test_two_flags_of_one_identity_become_episodes(engine: Engine, world: World) -> None:
    """The one on which somebody has decided stands; the other is cleared, with its review."""
    with Session(engine) as session:
        begin_writing(session)
        other = another(session)
        own = session.get_one(Flag, world.flags["cO"])
        twin = flag_of(place(session, "F1"), other, own.rule, of_cadre=True)
        twin.key, twin.review = own.key, "confirmed"
        session.add(twin)
        session.commit()
        before = stored(session)
        session.rollback()
        merge = merged(session, "CO", "N1")
        session.commit()
        flags = session.scalars(
            select(Flag).where(Flag.key == own.key).order_by(Flag.episode)
        ).all()
        assert [(each.id, each.episode, each.active) for each in flags] == [
            (own.id, 1, False), (twin.id, 2, True),
        ]  # fmt: skip
        assert (own.cleared_reason, own.events[-1].verb) == ("merged", "cleared")
        session.rollback()
        begin_writing(session)
        undone(session, session.merge(merge))
        session.commit()
        now = stored(session)
        assert own.events[-1].verb == "raised_again"
        # Its history keeps both; all else is as it was.
        assert {name for name in now if now[name] != before[name]} == {"flag_event"}


# --- undoing --------------------------------------------------------------------------------------


def test_what_was_changed_since_stands_against_undoing(engine: Engine, world: World) -> None:
    with Session(engine) as session:
        begin_writing(session)
        other = another(session)
        row = attendance(session, other, date(2026, 3, 21))
        flag = flag_of(place(session, "F1"), other, "discipline.late", of_cadre=True)
        flag.key = "2026-03-21"
        report = {"code": "K1", "cadre": other, "kind": "conduct", "reported_on": date(2026, 3, 1)}
        secret = create_record(ACTOR, session, ConductReport, report, at=AT)
        session.add(flag)
        session.commit()
        merge = merged(session, "CO", "N1")
        session.commit()
        update_record(ACTOR, session, row, {"clock_in": time(8, 0)}, at=LATER)
        flag.review = "acknowledged"
        # Of what is confidential nothing is said, and nothing stands against it.
        update_record(ACTOR, session, secret, {"summary": "补充"}, at=LATER)
        session.commit()
        with pytest.raises(UserError) as caught:
            undone(session, merge)
        session.rollback()
        assert caught.value.lines == [
            "不能撤销，原因如下：",
            "“考勤”记录已被更正或作废：CO + 2026-03-21",
            "预警标记已有处理：东城联合会的情况 / about F1",
        ]
        flag.review = "open"
        update_record(ACTOR, session, row, {"clock_in": None}, at=LATER)
        session.commit()
        undone(session, merge)
        session.commit()
        assert secret.cadre.code == "N1"
        with pytest.raises(UserError, match="已经撤销"):
            undone(session, merge)


def test_a_merge_of_a_merge_is_undone_from_the_end(engine: Engine) -> None:
    with Session(engine) as session:
        begin_writing(session)
        another(session), another(session, code="N2")
        session.commit()
        first = merged(session, "N1", "N2")
        session.commit()
        second = merged(session, "CO", "N1")
        session.commit()
        assert [known_code(session, each) for each in ("N1", "N2", "CO")] == ["CO"] * 3
        with pytest.raises(UserError, match="请先撤销 N1"):
            undone(session, first)
        session.rollback()
        for merge in (second, first):
            begin_writing(session)
            undone(session, session.merge(merge))
            session.commit()
        assert session.scalars(select(Cadre.code).where(Cadre.code.like("N%"))).all() == [
            "N1",
            "N2",
        ]
        assert not session.scalars(select(CadreAlias)).all()


# --- codes ----------------------------------------------------------------------------------------


def test_a_code_is_nobody_elses_and_an_id_is_not_given_twice(engine: Engine) -> None:
    with Session(engine) as session:
        begin_writing(session)
        gone = another(session).id
        session.commit()
        merged(session, "CO", "N1")
        session.commit()
        with pytest.raises(UserError, match="不能使用"):
            another(session)
        session.rollback()
        begin_writing(session)
        assert another(session, code="N9").id > gone
        session.commit()
        waiting = session.scalars(select(PendingEvaluation.whole)).all()
        assert waiting
        assert all(waiting)


def test_files_with_either_code_mean_the_entry_kept(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """A file from before changes nothing; new rows under the code that is gone are the person's."""
    del database_url
    options = ImportOptions(RECORDS, lambda _rule, _name, value: value, at=LATER)
    with Session(engine) as session:
        begin_writing(session)
        attendance(session, another(session), date(2026, 3, 24))
        session.commit()
        export_path(session, tmp_path / "before", RECORDS)
        session.rollback()
        merged(session, "CO", "N1")
        session.commit()
        export_path(session, tmp_path / "after", RECORDS)
        session.rollback()
        for folder in ("before", "after"):
            report = import_path(session, ACTOR, tmp_path / folder, options)
            assert not report.changes, folder
            session.rollback()
        said = (tmp_path / "after" / "attendance.csv").read_text("utf-8-sig")
        assert "CO,2026-03-24" in said
        assert "N1" not in said
        new = tmp_path / "new"
        new.mkdir()
        (new / "attendance.csv").write_text("cadre,day\nN1,2026-03-25\nCO,2026-03-25\n")
        with pytest.raises(UserError, match=r"重复|两次"):
            import_path(session, ACTOR, new, options)
        session.rollback()
        (new / "attendance.csv").write_text("cadre,day\nN1,2026-03-25\n")
        import_path(session, ACTOR, new, options)
        session.commit()
        rows = select(Attendance.cadre_id).where(Attendance.day == date(2026, 3, 25))
        assert session.scalars(rows).all() == [cadre(session, "CO").id]


# --- the last administrator -----------------------------------------------------------------------


def test_undoing_loses_no_last_administrator(engine: Engine, world: World) -> None:
    """Who administers everything as the entry that was kept does not as the one that had left."""
    with Session(engine) as session:
        begin_writing(session)
        days: dict[str, Any] = {"joined_on": date(2001, 1, 1), "left_on": date(2009, 1, 1)}
        account = Account(username="second", fs_uniquifier="s", created_at=AT,
                          cadre=another(session, at="F2", **days))  # fmt: skip
        session.add(account)
        session.flush()
        grant_role(ACTOR, session, account, RoleName.ADMINISTRATOR, None, at=AT)
        session.commit()
        merge = merged(session, "CS", "N1")
        session.commit()
        admin = session.get_one(Account, world.accounts["admin"])
        set_active(ACTOR, session, admin, active=False, at=AT, reason="离任")
        session.commit()
        with pytest.raises(UserError, match="最后一名管理员"):
            undone(session, merge)
        session.rollback()
        assert account.cadre is cadre(session, "CS")
