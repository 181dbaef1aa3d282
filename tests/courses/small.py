"""Rows of the small courses in every state, in the two districts of ``tests.courses.world``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from plugins.efficiency.courses import TASK
from plugins.harmony.courses import CONFLICT
from plugins.innovation.courses import INNOVATION
from plugins.meetings.courses import MEETING
from tests.courses.world import AT, MONDAY, TESTER, World
from tiesan.courses.values import Course
from tiesan.records.base import Record
from tiesan.records.services import create_record

# Of whom a row is: an organization, and the cadre whom it names, if it names one.
PLACES = {"own": ("F1", "A1"), "below": ("E1", "B1"), "other": ("F2", "A3")}


@dataclass(frozen=True)
class Small:
    """A small course with what its rows need, and the dates that make each of its states."""

    course: Course
    values: Callable[[World, str, str], Mapping[str, Any]]
    states: Mapping[str, Mapping[str, date]]

    def row(self, world: World, state: str, place: str = "own", code: str = "N1") -> Record:
        """Store a row in a state; the caller commits."""
        organization, cadre = PLACES[place]
        values = {"code": code, **self.values(world, organization, cadre), **self.states[state]}
        model = self.course.of
        assert issubclass(model, Record)
        return create_record(TESTER, world.session, model, values, at=AT)


def _task(world: World, organization: str, cadre: str) -> Mapping[str, Any]:
    return {
        "organization": world.organizations[organization],
        "owner": world.cadres[cadre],
        "assigned_on": MONDAY,
        "due_on": date(2026, 3, 31),
    }


def _conflict(world: World, organization: str, _cadre: str) -> Mapping[str, Any]:
    return {"organization": world.organizations[organization], "opened_on": MONDAY}


def _meeting(world: World, organization: str, _cadre: str) -> Mapping[str, Any]:
    return {
        "organization": world.organizations[organization],
        "kind": "enterprise_chairs",
        "held_on": MONDAY,
    }


def _innovation(world: World, organization: str, cadre: str) -> Mapping[str, Any]:
    return {
        "organization": world.organizations[organization],
        "cadre": world.cadres[cadre],
        "title": "流动维权站",
        "proposed_on": MONDAY,
    }


SMALL = (
    Small(
        TASK,
        _task,
        {
            "assigned": {},
            "started": {"started_on": MONDAY},
            "completed": {"started_on": MONDAY, "completed_on": MONDAY},
        },
    ),
    Small(CONFLICT, _conflict, {"opened": {}, "settled": {"mediated_on": MONDAY}}),
    Small(MEETING, _meeting, {"held": {}, "filed": {"minutes_on": MONDAY}}),
    Small(INNOVATION, _innovation, {"proposed": {}, "resulted": {"result_on": MONDAY}}),
)
