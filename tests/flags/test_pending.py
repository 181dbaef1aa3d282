"""What was changed is written down with the change, and taken away by its evaluation only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense
from plugins.meetings.models import Meeting, MeetingAttendance
from tests.flags.conftest import WEB, District, noon_of
from tiesan.audit import COMMAND_LINE
from tiesan.flags.evaluation import LiveResult, evaluate_pending, lock_district, pending_ids
from tiesan.flags.evaluation.pending import MOST_ATTEMPTS
from tiesan.flags.services import set_parameter
from tiesan.people.models import Cadre, Organization
from tiesan.records.calendar_exceptions import remove_exception, set_exception
from tiesan.records.organizations import update_cadre
from tiesan.records.pending import PendingEvaluation, backlogs, is_awaited
from tiesan.records.services import create_record, update_record, void_record
from tiesan.rules.judging.decisions import Batch, NotEvaluated, Verdicts

TODAY = date(2026, 3, 31)
NOON = noon_of(TODAY)
UNAPPROVED = "discipline.expense_unapproved"


def entries(session: Session) -> list[PendingEvaluation]:
    """What is still to be evaluated."""
    return list(session.scalars(select(PendingEvaluation).order_by(PendingEvaluation.id)))


def entered(district: District, code: str = "X1", cadre: str = "C1") -> Expense:
    """Enter an expense that is to be flagged, as a page does, up to the commit."""
    session = district.session
    day = date(2026, 3, 5)
    values = {
        "code": code,
        "cadre": session.scalars(select(Cadre).filter_by(code=cadre)).one(),
        "payee": "甲商店",
        "amount": 20_000,
        "spent_on": day,
        "requested_on": day,
        "reimbursed_on": day,
        "receipt": True,
    }
    row = create_record(WEB, session, Expense, values, at=NOON)
    session.commit()
    return row


def work_off(district: District, *, patient: bool = True) -> LiveResult:
    """Work off what is to be done at once, as the next request does."""
    session = district.session
    session.commit()
    ids = pending_ids(session)
    session.rollback()
    return evaluate_pending(session, district.live(TODAY), ids, patient=patient)


def test_a_record_is_written_down_with_whom_it_concerns(district: District) -> None:
    row = entered(district)
    [entry] = entries(district.session)
    assert (entry.kind, entry.record_id, entry.whole, entry.waits) == (
        "expense",
        row.id,
        False,
        False,
    )
    assert (entry.cadres, entry.actor_name, entry.since) == (["C1"], WEB.name, NOON)
    assert is_awaited(district.session, row)
    [backlog] = backlogs(district.session)
    assert (backlog.number, backlog.since) == (1, NOON)
    assert district.names() == []
    work_off(district)
    assert district.names() == [(UNAPPROVED, "X1")]
    assert entries(district.session) == []
    assert not is_awaited(district.session, row)


def test_whom_it_concerned_before_a_change_is_evaluated_too(district: District) -> None:
    row = entered(district)
    work_off(district)
    other = district.session.scalars(select(Cadre).filter_by(code="C2")).one()
    update_record(WEB, district.session, row, {"cadre": other}, at=NOON)
    [entry] = entries(district.session)
    assert entry.cadres == ["C1", "C2"]
    work_off(district)
    [flag] = district.flags(active=True)
    assert flag.subject is other
    void_record(WEB, district.session, row, reason="重复录入", at=NOON)
    work_off(district)
    assert district.names() == []


def test_what_is_rolled_back_is_not_written_down(district: District) -> None:
    entered(district)
    row = district.session.scalars(select(Expense)).one()
    update_record(WEB, district.session, row, {"amount": 1}, at=NOON)
    assert len(entries(district.session)) == 2
    district.session.rollback()
    assert len(entries(district.session)) == 1


def test_what_concerns_everybody_is_written_down_for_every_district(district: District) -> None:
    session = district.session
    cadre = session.scalars(select(Cadre).filter_by(code="C1")).one()
    catalog = district.task(TODAY).catalog
    update_cadre(WEB, session, cadre, {"name": "张三"}, records=catalog.plugins.records, at=NOON)
    values = {"day": TODAY, "kind": "off", "name": "放假"}
    exception = set_exception(WEB, session, None, values, at=NOON)
    remove_exception(WEB, session, exception, reason="不再放假", at=NOON)
    set_parameter(
        COMMAND_LINE,
        session,
        catalog,
        rule=UNAPPROVED,
        name="threshold",
        value="500",
        valid_from=TODAY,
        now=NOON,
    )
    kinds = ["cadre", "calendar_exception", "calendar_exception", "parameter"]
    found = [(entry.kind, entry.whole, entry.waits) for entry in entries(session)]
    # What the command line changes waits for the next evaluation of the whole district.
    assert found == [(kind, True, kind == "parameter") for kind in kinds]
    result = work_off(district)
    assert (result.incomplete, entries(session)) == (False, [])


def test_a_whole_evaluation_makes_up_for_what_it_knows(district: District) -> None:
    entered(district)
    district.evaluate(TODAY - timedelta(days=1), TODAY)
    assert len(entries(district.session)) == 1
    district.evaluate(TODAY)
    assert entries(district.session) == []


def test_rows_elsewhere_that_refer_to_a_record_are_evaluated_with_it(district: District) -> None:
    session = district.session
    place = session.scalars(select(Organization).filter_by(code="D1")).one()
    second = Organization(
        code="D2", name="丁区总工会", kind="district", founded_on=TODAY, tracked_from=TODAY
    )
    session.add(second)
    session.flush()
    second.district_id = second.id
    meeting = district.add(
        Meeting, code="M1", organization=place, kind="office", held_on=date(2026, 3, 3)
    )
    row = MeetingAttendance(meeting=meeting, organization=second, status="present")
    row.district_id, row.recorded_at, row.source = second.id, NOON, "import"
    session.add(row)
    update_record(WEB, session, meeting, {"held_on": date(2026, 3, 4)}, at=NOON)
    found = {(entry.district_id, tuple(entry.organizations)) for entry in entries(session)}
    assert found == {(place.id, ("D1",)), (second.id, ())}


def test_what_cannot_be_decided_is_tried_again_and_then_waits(district: District) -> None:
    entered(district)
    ids = pending_ids(district.session)
    district.session.rollback()

    def dead(batches: Sequence[Batch], *_rest: object) -> Verdicts:
        rules = [each.rule_id for batch in batches for each in batch.decisions]
        failed = [NotEvaluated(rule, "", "the engine failed") for rule in rules]
        return Verdicts(not_evaluated=failed)

    task = replace(district.live(TODAY), decide=dead)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert evaluate_pending(district.session, task, ids).incomplete
        [entry] = entries(district.session)
        assert (entry.attempts, entry.waits) == (attempt, attempt == MOST_ATTEMPTS)
        assert "the engine failed" in str(entry.last_error)
        district.session.rollback()
    assert pending_ids(district.session) == []
    assert district.names() == []
    district.evaluate(TODAY)
    assert district.names() == [(UNAPPROVED, "X1")]
    assert entries(district.session) == []


def test_workers_exclude_each_other(district: District) -> None:
    entered(district)
    place = district.session.scalars(select(Organization.id).filter_by(code="D1")).one()
    ids = pending_ids(district.session)
    district.session.commit()
    with Session(district.session.get_bind()) as first:
        lock_district(first, place)
        left = work_off(district, patient=False)
        assert (left.left, left.incomplete) == (1, True)
        with Session(district.session.get_bind()) as third, pytest.raises(OperationalError):
            lock_district(third, place, patient=False)
    district.session.rollback()
    assert len(work_off(district).changes.raised) == 1
    # The one that came too late finds nothing to do.
    again = evaluate_pending(district.session, district.live(TODAY), ids)
    assert (again.changes.raised, again.incomplete) == ([], False)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_first_evaluation_of_a_district_keeps_nobody_from_entering(district: District) -> None:
    session = district.session
    place = session.scalars(select(Organization.id).filter_by(code="D1")).one()
    session.commit()
    with Session(session.get_bind()) as first:
        lock_district(first, place)
        # Whoever enters has locked rows that are evaluated next: to wait here would be for ever.
        session.execute(text("SET lock_timeout = '2s'"))
        entered(district)
    assert len(entries(session)) == 1


def test_several_changes_in_a_district_are_one_evaluation(district: District) -> None:
    entered(district)
    entered(district, "X2", "C2")
    result = work_off(district)
    assert len(result.changes.raised) == 2
    assert district.names() == [(UNAPPROVED, "X1"), (UNAPPROVED, "X2")]
