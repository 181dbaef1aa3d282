"""What the contract asks of grids, each breach in one line."""

from dataclasses import replace

import pytest

from plugins.discipline.grids import ASSET_COUNT, ATTENDANCE
from plugins.discipline.models import PostCheck
from plugins.meetings import plugin as meetings
from plugins.study import plugin as study
from plugins.study.grids import SESSION
from plugins.study.models import StudyAttendance, StudySession
from tiesan.contract import broken_promises
from tiesan.i18n import ENGLISH, use_language
from tiesan.records.grids import Among, Column, Grid, Rows, broken_grids

OWN = (StudySession, StudyAttendance)


def said(*grids: Grid) -> list[str]:
    with use_language(ENGLISH):
        return list(broken_grids(grids, OWN))


def test_the_shipped_ones_keep_to_it() -> None:
    assert said(SESSION) == []
    assert broken_promises([study, meetings]) == []


@pytest.mark.parametrize(
    ("grid", "problem"),
    [
        (ATTENDANCE, "is none of its own records"),
        (replace(SESSION, day="topic"), "has “topic” as a date, which is none of study_session"),
        (replace(SESSION, asked=("weather",)), "has “weather” as a field"),
        (
            replace(SESSION, rows=replace(SESSION.rows, head="meeting")),
            "has “meeting” as a reference, which is none of study_attendance",
        ),
        (
            replace(SESSION, rows=replace(SESSION.rows, among=Among.ORGANIZATIONS_BELOW)),
            "lists organizations one level down, and its rows are about “cadre”",
        ),
        (
            replace(SESSION, columns=(Column("session"),)),
            "has a column “session”, which is no choice",
        ),
        (
            replace(SESSION, columns=(Column("status", rest="asleep"),)),
            "fills “status” with asleep, which is no choice",
        ),
        (
            replace(SESSION, columns=(Column("status", on_leave="away"),)),
            "fills “status” with away, which is no choice",
        ),
    ],
)
def test_what_is_broken_is_one_line(grid: Grid, problem: str) -> None:
    found = said(grid)
    assert len(found) == 1
    assert problem in found[0]


def test_a_kind_of_record_has_one_grid() -> None:
    assert said(SESSION, SESSION) == ["“study_session” has more than one grid"]


def test_the_field_holds_grids() -> None:
    with use_language(ENGLISH):
        wrong = replace(study, grids=(StudySession,))  # type: ignore[arg-type] # that is the point
        assert broken_promises([wrong]) == ["Plugin study: its grids has to be a tuple of Grid"]


def test_what_is_asked_of_a_grid() -> None:
    assert SESSION.has_head
    assert not ATTENDANCE.has_head
    assert ATTENDANCE.one_a_day
    checks = Rows(PostCheck, each="cadre", among=Among.CADRES)
    assert not Grid(PostCheck, checks, (Column("on_post"),), "checked_on").one_a_day
    assert ASSET_COUNT.fields() == []
