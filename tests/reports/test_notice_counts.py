"""Rectification notices in numbers: of those issued in a span, how many were answered by a day."""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flags.conftest import District, district, engine, session
from tiesan.courses.models import CourseEvent
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.follow_up import NOTICE, Notice
from tiesan.people.models import Cadre, Organization
from tiesan.reports.numbers import Cell, numbers_of
from tiesan.reports.spans import Span

__all__ = ["district", "engine", "session"]

MARCH = Span.named("2026-03")


def issue(session: Session, number: int, **given: object) -> Notice:
    """A notice to the federation, or to who is given."""
    places = {each.code: each.id for each in session.scalars(select(Organization))}
    values: dict[str, object] = {
        "district_id": places["D1"],
        "year": 2026,
        "number": number,
        "prefix": "甲督",
        "organization_id": None if "cadre_id" in given else places["F1"],
        "confidential": False,
        "text": "限期整改。",
        "issued_on": date(2026, 3, 10),
        "first_due_on": date(2026, 3, 31),
        "due_on": date(2026, 3, 31),
    }
    notice = Notice(**(values | given))
    session.add(notice)
    session.flush()
    return notice


def came_to(session: Session, notice: Notice, state: str, day: date) -> None:
    """Have a notice come to a state on a day."""
    session.add(
        CourseEvent(
            course=NOTICE,
            row_id=notice.id,
            at=datetime.combine(day, time(4), UTC),
            day=day,
            verb="step",
            actor_name="主席",
            from_state="issued",
            to_state=state,
            attachments=[],
        )
    )
    session.flush()


def answered(session: Session, span: Span, as_of: date) -> Cell:
    """The cell of the federation."""
    places = {each.code: each.id for each in session.scalars(select(Organization))}
    found = numbers_of(session, installed_catalog(), places["D1"], span, as_of)
    return found.cell(places["F1"], "notices:answered")


def test_those_that_were_answered_by_the_day_count_of_those_issued(district: District) -> None:
    session = district.session
    cadre = session.scalars(select(Cadre).where(Cadre.code == "C1")).one()
    first, second = issue(session, 1), issue(session, 2, cadre_id=cadre.id)
    issue(session, 3, issued_on=date(2026, 2, 27))
    came_to(session, first, "answered", date(2026, 3, 20))
    came_to(session, second, "answered", date(2026, 4, 2))
    found = answered(session, MARCH, date(2026, 3, 31))
    assert (found.value, found.of, found.before, found.before_of) == (1, 2, 0, 1)
    assert [row[1] for row in found.rows] == [first.id, second.id]
    later = answered(session, MARCH, date(2026, 4, 2))
    assert (later.value, later.of) == (2, 2)
    sooner = answered(session, MARCH, date(2026, 3, 9))
    assert (sooner.value, sooner.of) == (0, None)


def test_one_that_was_revoked_and_a_confidential_one_count_in_neither(district: District) -> None:
    session = district.session
    revoked = issue(session, 1)
    secret = issue(session, 2, confidential=True)
    for notice in (revoked, secret):
        came_to(session, notice, "answered", date(2026, 3, 20))
    assert answered(session, MARCH, date(2026, 3, 31)).of == 1
    came_to(session, revoked, "revoked", date(2026, 4, 1))
    assert answered(session, MARCH, date(2026, 3, 31)).of == 1
    assert answered(session, MARCH, date(2026, 4, 1)).of is None


@pytest.mark.parametrize("label", ["2026-13", "2026-Q5", "26-01", "2026-1", "", "2026-W10", "x"])
def test_what_is_no_span_is_said(label: str) -> None:
    with pytest.raises(ValueError, match="no month, quarter"):
        Span.named(label)


@pytest.mark.parametrize(
    ("label", "before"),
    [("2026-01", "2025-12"), ("2026-Q1", "2025-Q4"), ("2026-H1", "2025-H2"), ("2026", "2025")],
)
def test_the_span_before_has_the_same_length(label: str, before: str) -> None:
    span = Span.named(label)
    assert span.label == label
    assert span.before.label == before
    assert span.before.every is span.every
