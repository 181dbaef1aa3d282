"""What is known at the end of a day: which rows exist and which of their dates are blank."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.facts.kinds import Fact, FactKind, Field, FieldType
from tiesan.facts.visible import refers_to, visible

D = date(2026, 3, 31)
BEFORE, AFTER = date(2026, 3, 30), date(2026, 4, 1)

SESSION = FactKind(
    "session",
    "Session",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("held_on", FieldType.DATE, "Held on"),
        Field("minutes_on", FieldType.DATE, "Minutes on"),
        Field("due_on", FieldType.DATE, "Due on", planned=True),
        Field("topic", FieldType.TEXT, "Topic"),
        Field("late", FieldType.BOOLEAN, "Late", derived=True),
    ),
    principal=("held_on",),
)
ATTENDANCE = FactKind(
    "attendance",
    "Attendance",
    (
        Field("session", FieldType.REFERENCE, "Session", to="session"),
        Field("signed_on", FieldType.DATE, "Signed on"),
    ),
    ("session",),
    ("session.held_on",),
)
LEAVE = FactKind(
    "leave",
    "Leave",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("first_day", FieldType.DATE, "First day", planned=True),
        Field("requested_on", FieldType.DATE, "Requested on"),
        Field("approved_on", FieldType.DATE, "Approved on"),
    ),
    principal=("requested_on", "first_day"),
)
PERSON = FactKind(
    "person",
    "Person",
    (Field("code", FieldType.TEXT, "Code"), Field("left_on", FieldType.DATE, "Left on")),
)


def nothing_known(_kind: str) -> Mapping[str, Fact]:
    return {}


def seen(kind: FactKind, *rows: Fact) -> list[Fact]:
    return list(visible(kind, rows, D, nothing_known))


def test_a_row_is_known_from_its_principal_date_on() -> None:
    rows = [
        ("A", BEFORE, None, None, "x"),
        ("B", D, None, None, "x"),
        ("C", AFTER, None, None, "x"),
    ]
    assert [row[0] for row in seen(SESSION, *rows)] == ["A", "B"]


def test_what_was_done_later_reads_as_blank_and_what_is_planned_does_not() -> None:
    assert seen(SESSION, ("A", D, AFTER, AFTER, "x")) == [("A", D, None, AFTER, "x")]
    assert seen(SESSION, ("A", D, D, AFTER, None)) == [("A", D, D, AFTER, None)]


def test_the_first_principal_date_that_is_given_speaks() -> None:
    requested = ("A", BEFORE, AFTER, None)
    unrequested = ("B", D, None, AFTER)
    planned = ("C", AFTER, D, AFTER)
    assert seen(LEAVE, requested, unrequested, planned) == [
        ("B", D, None, None),
        ("C", AFTER, D, None),
    ]


def test_a_row_without_any_principal_date_is_never_known() -> None:
    assert seen(LEAVE, ("A", None, None, D)) == []


def test_people_are_always_known_whole() -> None:
    assert seen(PERSON, ("P", AFTER)) == [("P", AFTER)]


def test_a_row_that_is_known_with_another_s_date() -> None:
    rows: list[Fact] = [("A", AFTER), ("A", BEFORE), ("B", BEFORE), (None, BEFORE)]
    found = visible(ATTENDANCE, rows, D, lambda kind: {"A": ()} if kind == "session" else {})
    assert list(found) == [("A", None), ("A", BEFORE)]
    assert refers_to(ATTENDANCE) == "session"
    assert refers_to(SESSION) is None
    assert refers_to(PERSON) is None


dates = st.one_of(st.none(), st.dates(date(2026, 3, 29), date(2026, 4, 2)))


@given(st.lists(st.tuples(st.just("A"), dates, dates, dates), max_size=4), st.data())
def test_seeing_twice_is_seeing_once(rows: list[Fact], data: st.DataObject) -> None:
    """What is known on a day is known on every later one, at least."""
    once = seen(LEAVE, *rows)
    assert seen(LEAVE, *once) == once
    later = data.draw(st.dates(D, date(2026, 4, 3)))
    assert len(list(visible(LEAVE, rows, later, nothing_known))) >= len(once)


@pytest.mark.parametrize("kind", [SESSION, LEAVE])
def test_given_rows_stay_as_they_are(kind: FactKind) -> None:
    row: Fact = ("A", D, AFTER, AFTER, "x")[: len(kind.fields)]
    rows = [row]
    seen(kind, *rows)
    assert rows == [row]
