"""Demo records of study: each federation's monthly sessions and who attended them."""

from datetime import date

from plugins.study.models import StudyAttendance, StudySession
from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoCadre, DemoOrganization, DemoWorld

_MISSED = 0.01
_NO_SPEAKER = 0.03
_ABSENT = 0.012
# The weakest federation holds no session in one month, and has no speaker in another.
_MONTH_MISSED, _MONTH_WITHOUT_SPEAKER = 5, 9


def write_demo(world: DemoWorld) -> None:
    """Write the sessions of every federation, month by month."""
    months = (_MONTH_MISSED, _MONTH_WITHOUT_SPEAKER)
    nobody, silent = (world.staged(month, 1) for month in months)
    for month in world.periods(Every.MONTH):
        for federation in world.federations:
            weakest = federation is world.cast.weakest
            held_on = world.working_day(month.first_day, month.last_day)
            missed = (weakest and month.first_day == nobody) or world.slips(federation, _MISSED)
            if held_on is not None and not missed:
                speaks = not (weakest and month.first_day == silent)
                _hold(world, federation, held_on, speaks=speaks)


def _hold(world: DemoWorld, federation: DemoOrganization, held_on: date, *, speaks: bool) -> None:
    invited = [each for each in _members(world, federation) if each.in_post(held_on)]
    there = [each for each in invited if not world.away(each, held_on)]
    if not there or world.slips(federation, _NO_SPEAKER):
        speaks = False
    session = world.add(
        StudySession,
        code=world.code("XX", held_on),
        organization=federation,
        held_on=held_on,
        topic=world.fresh(__file__, "topics", federation, held_on)["topic"],
        main_speaker=world.random.choice(there) if speaks else None,
    )
    for cadre in invited:
        status = "present" if cadre in there else "leave"
        if cadre in there and world.slips(cadre, _ABSENT):
            status = "absent"
        world.add(StudyAttendance, session=session, cadre=cadre, status=status)


def _members(world: DemoWorld, federation: DemoOrganization) -> list[DemoCadre]:
    """The cadres of a federation and of its enterprise unions."""
    organizations = (federation, *world.below(federation))
    return [cadre for each in organizations for cadre in world.posted(each)]
