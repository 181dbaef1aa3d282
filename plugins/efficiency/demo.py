"""Demo records of efficiency: the tasks of the district and its federations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from plugins.efficiency.models import Task
from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoCadre, DemoOrganization, DemoWorld

_UNCLEAR = 0.025
_STARTED_LATE = 0.03
_OVERDUE = 0.05
_TASKS_A_MONTH = (1, 2, 2, 3)
_SPAN = (12, 45)


@dataclass
class _Course:
    """How a task goes: whether it is clearly set, begun soon and done in time."""

    clear: bool = True
    soon: bool = True
    in_time: bool = True


def write_demo(world: DemoWorld) -> None:
    """Write each organization's tasks, month by month.

    One task each is unclear, not started soon and overdue, whatever chance brings.
    """
    for month, course in (
        (2, _Course(clear=False)),
        (5, _Course(soon=False)),
        (9, _Course(in_time=False)),
    ):
        assigned_on = world.staged(month, 10)
        if assigned_on is not None:
            _add(world, world.cast.weakest, assigned_on, course)
    for month_period in world.periods(Every.MONTH):
        for organization in (world.district, *world.federations):
            for _each in range(world.random.choice(_TASKS_A_MONTH)):
                day = world.working_day(month_period.first_day, month_period.last_day)
                if day is not None:
                    _add(world, organization, day, _course(world, organization))


def _course(world: DemoWorld, organization: DemoOrganization) -> _Course:
    return _Course(
        clear=not world.slips(organization, _UNCLEAR),
        soon=not world.slips(organization, _STARTED_LATE),
        in_time=not world.slips(organization, _OVERDUE),
    )


def _add(
    world: DemoWorld, organization: DemoOrganization, assigned_on: date, course: _Course
) -> None:
    random = world.random
    due_on = assigned_on + timedelta(random.randint(*_SPAN))
    started_on = world.calendar.after(assigned_on, random.randint(1, 2 if course.soon else 3))
    if not course.soon:
        started_on = world.calendar.after(started_on, random.randint(2, 4))
    early = random.randint(0, 5)
    completed_on = due_on - timedelta(early) if course.in_time else due_on + timedelta(3 + early)
    world.add(
        Task,
        code=world.code("RW", assigned_on),
        organization=organization,
        assigned_on=assigned_on,
        started_on=world.known(started_on),
        due_on=due_on,
        completed_on=world.known(completed_on),
        **_contents(world, organization, assigned_on, clear=course.clear),
    )


def _owner(world: DemoWorld, organization: DemoOrganization, day: date) -> DemoCadre:
    """Somebody of the organization who is in post; its chair always is."""
    return world.random.choice([each for each in world.posted(organization) if each.in_post(day)])


def _contents(
    world: DemoWorld, organization: DemoOrganization, day: date, *, clear: bool
) -> Mapping[str, object]:
    """Goal, measures and owner; one of them is missing when the task is unclear."""
    owner = _owner(world, organization, day)
    task = world.fresh(__file__, "tasks", organization, day)
    contents: dict[str, object] = {
        "owner": owner,
        "goal": task["goal"],
        "measures": task["measures"],
    }
    if not clear:
        contents[world.random.choice(list(contents))] = None
    return contents
