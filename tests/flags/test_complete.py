"""A new record that is stored with all that refers to it is judged by subject, as exactly."""

from datetime import date

from sqlalchemy import select

from plugins.meetings.models import Meeting, MeetingAttendance
from plugins.study.models import StudyAttendance, StudySession
from tests.flags.conftest import WEB, District, noon_of
from tests.flags.test_live import TODAY, whole
from tiesan.flags.evaluation import evaluate_pending
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.many import Write, store_rows
from tiesan.records.pending import PendingEvaluation, complete_awaited, take_awaited
from tiesan.records.services import create_record

BILL = ("discipline.expense_unapproved", "X1")


def of_code(district: District, model: type, code: str) -> object:
    return district.session.scalars(select(model).filter_by(code=code)).one()


def store(
    district: District, model: type[Record], rows: type[Record], each: str, said: dict[str, str]
) -> Record:
    """Store a record of today and its rows, and evaluate that; returns the record."""
    session, at = district.session, noon_of(TODAY)
    place = of_code(district, Organization, "D1" if model is Meeting else "F1")
    more = {"kind": "chairs"} if model is Meeting else {}
    head = create_record(
        WEB, session, model, {"organization": place, "held_on": TODAY, **more}, at=at
    )
    about = Organization if model is Meeting else Cadre
    above = "meeting" if model is Meeting else "session"
    writes = [
        Write({above: head, each: of_code(district, about, code), "status": status})
        for code, status in said.items()
    ]
    complete_awaited(session, head, store_rows(WEB, session, rows, writes, at=at))
    ids = take_awaited(session)
    session.commit()
    evaluate_pending(session, district.live(TODAY), ids)
    return head


def flags(district: District, prefix: str) -> list[tuple[str, str, date, bool]]:
    """The flags of an institution: rule, key, day, and whether they are active."""
    found = district.flags_of(prefix)
    return [(each.rule, each.key, each.occurred_on, each.active) for each in found]


def test_a_session_with_its_rows(district: District) -> None:
    # Of somebody who was not there: it is not looked at.
    district.expense("X1", 50_000, cadre="C1")
    store(district, StudySession, StudyAttendance, "cadre", {"C2": "absent"})
    found = flags(district, "study.")
    assert [each[0] for each in found] == ["study.absent", "study.no_main_speaker"]
    assert district.names() == []
    assert district.session.scalars(select(PendingEvaluation)).all() == []
    whole(district)
    assert flags(district, "study.") == found
    assert BILL in district.names()


def test_a_meeting_with_its_rows(district: District) -> None:
    district.expense("X1", 50_000, cadre="C1")
    store(district, Meeting, MeetingAttendance, "organization", {"F1": "absent"})
    found = [each[0] for each in flags(district, "meetings.")]
    assert found == ["meetings.federation_absent", "meetings.no_bulletin"]
    assert district.names() == []
    whole(district)
    assert set(found) <= {each[0] for each in flags(district, "meetings.") if each[3]}


def test_a_record_that_is_changed_later_is_judged_with_everybody(district: District) -> None:
    head = store(district, StudySession, StudyAttendance, "cadre", {"C2": "absent"})
    district.expense("X1", 50_000, cadre="C1")
    district.touch(head, TODAY)
    assert BILL in district.names()
