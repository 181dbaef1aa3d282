"""Two entries of one person become one: what stands against it, what it does, and back."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, ConductReport
from tests.merging.steps import LATER, RECORDS, cadre, merged, place, stored, undone
from tests.web.world import flag_of
from tiesan.database import begin_writing
from tiesan.errors import UserError
from tiesan.flags.models import Flag
from tiesan.people.merges import CadreAlias, known_code
from tiesan.people.models import Account, Cadre, RoleName
from tiesan.people.services import grant_role, set_active
from tiesan.records.exchange.exporting import export_path
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.organizations import create_cadre, update_cadre
from tiesan.records.pending import PendingEvaluation
from tiesan.records.services import create_record, update_record, void_record
from tiesan.testing.world import ACTOR, AT, World

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
        assert account.cadre is cadre(session, "N1")
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
