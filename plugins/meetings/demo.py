"""Demo records of meetings: chairs' meetings, office meetings, and who was represented.

One meeting of each kind is left out, and one each has late minutes, no bulletin and an absent
federation, whatever chance brings.
"""

from collections.abc import Iterable
from datetime import date

from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.calendar.periods import Every, Period, period_of
from tiesan.demo.world import DemoOrganization, DemoWorld, Stored

_MISSED = 0.008
_NO_BULLETIN = 0.04
_MINUTES_LATE = 0.03
_ABSENT, _ON_LEAVE = 0.015, 0.03
_SOON, _LATE = (1, 3), (5, 9)


def write_demo(world: DemoWorld) -> None:
    """Write the meetings of the district and of its federations."""
    _chairs(world)
    _offices(world)
    _enterprise_chairs(world)


def _chairs(world: DemoWorld) -> None:
    """Once a month the chairs of the federations meet."""
    district, missed = world.district, _staged(world, Every.MONTH, 8)
    late, silent, absent = (_staged(world, Every.MONTH, number) for number in (4, 6, 10))
    for month in world.periods(Every.MONTH):
        held_on = _day(world, district, month, missed)
        if held_on is None:
            continue
        informed = month != silent and not world.slips(district, _NO_BULLETIN)
        meeting = _hold(world, district, "chairs", held_on, late=month == late, bulletin=informed)
        _attend(world, meeting, world.federations, world.cast.weakest if month == absent else None)


def _offices(world: DemoWorld) -> None:
    """Once a week the district's office meets."""
    missed = _staged(world, Every.WEEK, 7)
    for week in world.periods(Every.WEEK):
        held_on = _day(world, world.district, week, missed)
        if held_on is not None:
            _hold(world, world.district, "office", held_on)


def _enterprise_chairs(world: DemoWorld) -> None:
    """Once a quarter the chairs of each federation's enterprise unions meet."""
    staged = _staged(world, Every.QUARTER, 7)
    for quarter in world.periods(Every.QUARTER):
        for federation in world.federations:
            missed = staged if federation is world.cast.weakest else None
            held_on = _day(world, federation, quarter, missed)
            if held_on is not None:
                meeting = _hold(world, federation, "enterprise_chairs", held_on)
                _attend(world, meeting, world.below(federation))


def _staged(world: DemoWorld, every: Every, month: int) -> Period | None:
    """The period that holds the middle of a month, where something is settled beforehand."""
    day = world.staged(month, 15)
    return None if day is None else period_of(every, day)


def _day(
    world: DemoWorld, organization: DemoOrganization, period: Period, missed: Period | None
) -> date | None:
    """The day of a meeting in a period; None when there is none."""
    if period == missed or world.slips(organization, _MISSED):
        return None
    return world.working_day(period.first_day, period.last_day)


def _hold(
    world: DemoWorld,
    organization: DemoOrganization,
    kind: str,
    held_on: date,
    *,
    late: bool = False,
    bulletin: bool = False,
) -> Stored:
    late = late or world.slips(organization, _MINUTES_LATE)
    days = world.random.randint(*_LATE if late else _SOON)
    return world.add(
        Meeting,
        code=world.code("HY", held_on),
        organization=organization,
        kind=kind,
        held_on=held_on,
        minutes_on=world.known(world.calendar.after(held_on, days)),
        bulletin=bulletin,
    )


def _attend(
    world: DemoWorld,
    meeting: Stored,
    invited: Iterable[DemoOrganization],
    absent: DemoOrganization | None = None,
) -> None:
    for organization in invited:
        status = "leave" if world.random.random() < _ON_LEAVE else "present"
        if organization is absent or world.slips(organization, _ABSENT):
            status = "absent"
        world.add(MeetingAttendance, meeting=meeting, organization=organization, status=status)
