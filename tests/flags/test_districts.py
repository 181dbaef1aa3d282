"""Records that reach from one district into another count where they must, and only there."""

from datetime import date

import pytest
from sqlalchemy import select

from plugins.accountability.models import AccountabilityCase, Mistake
from plugins.meetings.models import Meeting, MeetingAttendance
from plugins.study.models import StudyAttendance, StudySession
from tests.flags.conftest import NOW, SINCE, TRACKED, District
from tiesan.flags.evaluation import backtest
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record

AS_OF = date(2026, 3, 31)


@pytest.fixture
def other(district: District) -> Organization:
    """A second district D2 with a federation F2 and a cadre C9."""
    session = district.session
    second = Organization(
        code="D2", name="丁区总工会", kind="district", founded_on=SINCE, tracked_from=TRACKED
    )
    session.add(second)
    session.flush()
    second.district_id = second.id
    federation = Organization(
        code="F2", name="戊联合会", kind="federation", founded_on=SINCE, parent_id=second.id
    )
    federation.district_id = second.id
    session.add(federation)
    session.flush()
    cadre = Cadre(
        code="C9", name="王九", organization_id=second.id, professional=False, joined_on=SINCE
    )
    session.add(cadre)
    session.commit()
    return second


def store(district: District, row: Record, of: Organization) -> None:
    """Store a record that belongs to a district."""
    row.district_id, row.recorded_at, row.source = of.id, NOW, "import"
    district.session.add(row)
    district.session.commit()


def found(district: District, prefix: str) -> list[tuple[str, str]]:
    """Subject and key of the active flags of the rules with a prefix."""
    flags = district.flags_of(prefix, active=True)
    return [(flag.subject.code if flag.subject else "", flag.key) for flag in flags]


def test_a_case_against_a_cadre_elsewhere_pursues_a_mistake_here(
    district: District, other: Organization
) -> None:
    days = {"occurred_on": date(2026, 3, 3), "reported_on": date(2026, 3, 3)}
    mistake = district.add(Mistake, code="W1", cadre="C1", level="major", **days)
    district.evaluate(AS_OF)
    assert found(district, "accountability.mistake") == [("F1", "W1")]
    cadre = district.session.scalars(select(Cadre).filter_by(code="C9")).one()
    case = AccountabilityCase(code="K1", mistake=mistake, cadre=cadre, opened_on=date(2026, 3, 4))
    store(district, case, other)
    district.evaluate(AS_OF)
    assert found(district, "accountability.mistake") == []


def test_cases_elsewhere_and_here_are_evidence_in_one_order(
    district: District, other: Organization
) -> None:
    days = {"occurred_on": date(2026, 3, 3), "reported_on": date(2026, 3, 3)}
    mistake = district.add(Mistake, code="W1", cadre="C1", level="major", **days)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C9")).one()
    late = {"mistake": mistake, "opened_on": date(2026, 3, 30)}
    store(district, AccountabilityCase(code="K1", cadre=cadre, **late), other)
    district.add(AccountabilityCase, code="K2", cadre="C1", **late)
    district.evaluate(AS_OF)
    before = district.stored()["flag_revision"]
    district.touch(mistake, AS_OF)
    assert district.stored()["flag_revision"] == before
    assert found(district, "accountability.mistake") == [("F1", "W1")]


def test_a_backtest_finds_what_an_evaluation_finds_in_each_district(
    district: District, other: Organization
) -> None:
    days = {"occurred_on": date(2026, 3, 3), "reported_on": date(2026, 3, 3)}
    mistake = district.add(Mistake, code="W1", cadre="C1", level="major", **days)
    in_time = {"mistake": mistake, "opened_on": date(2026, 3, 4)}
    district.add(AccountabilityCase, code="K1", cadre="C1", **in_time)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C9")).one()
    late = {"mistake": mistake, "opened_on": date(2026, 3, 30)}
    store(district, AccountabilityCase(code="K2", cadre=cadre, **late), other)
    district.evaluate(AS_OF)
    assert found(district, "accountability.mistake") == []
    task = district.task(AS_OF)
    rule = task.catalog.rules["accountability.mistake_unpursued"]
    tried = backtest(district.session, task, [rule], TRACKED)
    assert (tried.added, tried.gone, tried.same, tried.not_evaluated) == ([], [], [], [])


def test_an_absence_from_a_session_elsewhere_is_flagged_once_where_the_cadre_is(
    district: District, other: Organization
) -> None:
    place = district.session.scalars(select(Organization).filter_by(code="D2")).one()
    study = StudySession(code="S1", organization=place, held_on=date(2026, 3, 3))
    store(district, study, other)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    district.add(StudyAttendance, session=study, cadre=cadre, status="absent")
    district.evaluate(AS_OF)
    assert found(district, "study.absent") == [("C1", "S1")]
    assert found(district, "study.no_main_speaker") == [("D2", "S1")]


def test_a_live_evaluation_speaks_of_each_in_their_own_district(
    district: District, other: Organization
) -> None:
    meeting = Meeting(code="M1", organization=other, kind="chairs", held_on=date(2026, 3, 3))
    store(district, meeting, other)
    place = district.session.scalars(select(Organization).filter_by(code="F1")).one()
    row = district.add(MeetingAttendance, meeting=meeting, organization=place, status="absent")
    district.touch(row, AS_OF)
    assert found(district, "meetings.federation_absent") == [("F1", "M1")]
    assert {flag.district.code for flag in district.flags_of("meetings.federation")} == {"D1"}


def test_a_meeting_that_is_moved_moves_the_absences_of_other_districts_along(
    district: District, other: Organization
) -> None:
    meeting = Meeting(code="M1", organization=other, kind="chairs", held_on=date(2026, 3, 3))
    store(district, meeting, other)
    place = district.session.scalars(select(Organization).filter_by(code="F1")).one()
    district.add(MeetingAttendance, meeting=meeting, organization=place, status="absent")
    district.evaluate(AS_OF)
    meeting.held_on = date(2026, 3, 4)
    district.touch(meeting, AS_OF)
    [flag] = district.flags_of("meetings.federation", active=True)
    assert (flag.occurred_on, flag.revision) == (date(2026, 3, 4), 2)


def test_the_flags_of_who_moved_to_another_district_go_along(
    district: District, other: Organization
) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    cadre.organization_id = expense.district_id = other.id
    district.session.commit()
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.active, flag.episode, flag.district.code) == (True, 1, "D2")
