"""The rules of study on stored records: raised, and cleared when the records are corrected."""

from datetime import date

from plugins.study.models import StudyAttendance, StudySession
from tiesan.people.models import Organization
from tiesan.testing.stage import Stage

HELD = date(2026, 3, 10)
LAST = date(2026, 3, 31)


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    session = stage.store(StudySession, code="S1", organization="E1", held_on=HELD)
    absent = stage.store(StudyAttendance, session=session, cadre="C2", status="absent")
    raised = stage.evaluate(LAST)
    assert raised == {
        # The session of its enterprise union is none of the federation's.
        ("session_missed", "F1", "2026-03", LAST),
        ("no_main_speaker", "E1", "S1", HELD),
        ("absent", "C2", "S1", HELD),
    }
    assert {name for name, *_rest in raised} == stage.rules()
    stage.store(StudySession, code="S2", organization="F1", held_on=LAST, main_speaker="C1")
    stage.change(session, main_speaker="C1")
    stage.change(absent, status="leave")
    assert stage.evaluate(LAST) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_what_is_voided_flags_nobody(stage: Stage) -> None:
    stage.people(date(2026, 3, 2))
    session = stage.store(StudySession, code="S1", organization="F1", held_on=HELD)
    assert stage.evaluate(LAST) == {("no_main_speaker", "F1", "S1", HELD)}
    stage.void(session)
    assert stage.evaluate(LAST) == set()


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    session = stage.store(StudySession, code="S1", organization="F1", held_on=HELD)
    there = stage.store(StudyAttendance, session=session, cadre="C2", status="present")
    assert session.subjects().organizations == {"F1"}
    assert there.subjects().cadres == {"C2"}
    one, two, cadre = session.id, there.cadre_id, stage.id_of(type(there.cadre), "C1")
    assert stage.refused(StudyAttendance(session_id=one, cadre_id=two, status="absent"))
    assert stage.refused(StudyAttendance(session_id=one, cadre_id=cadre, status="late"))
    assert stage.refused(StudyAttendance(session_id=999, cadre_id=cadre, status="absent"))
    assert not stage.refused(StudyAttendance(session_id=one, cadre_id=cadre, status="absent"))
    where = stage.id_of(Organization, "F1")
    assert stage.refused(StudySession(code="S1", organization_id=where, held_on=HELD))
    assert stage.refused(StudySession(code="S2", organization_id=where))
    long = "长" * 201
    assert stage.refused(StudySession(code="S2", organization_id=where, held_on=HELD, topic=long))
