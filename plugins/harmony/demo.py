"""Demo records of harmony: conflicts, most of them mediated in time."""

from datetime import date, timedelta

from plugins.harmony.models import Conflict
from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoOrganization, DemoWorld

_CHANCE = 0.03
_SLIP = 0.1
_SOON, _LATE = (2, 13), (17, 40)


def write_demo(world: DemoWorld) -> None:
    """Write now and then a conflict in a federation or enterprise union."""
    staged = world.staged(3, 12)
    if staged is not None:
        _add(world, world.cast.weakest, staged, 27)
    for month in world.periods(Every.MONTH):
        for organization in (*world.federations, *world.enterprises):
            opened_on = world.working_day(month.first_day, month.last_day)
            stands = organization.stands(month.first_day, month.last_day)
            if opened_on is not None and stands and world.random.random() < _CHANCE:
                days = world.random.randint(*_LATE if world.slips(organization, _SLIP) else _SOON)
                _add(world, organization, opened_on, days)


def _add(world: DemoWorld, organization: DemoOrganization, opened_on: date, days: int) -> None:
    world.add(
        Conflict,
        code=world.code("MD", opened_on),
        organization=organization,
        opened_on=opened_on,
        mediated_on=world.known(opened_on + timedelta(days)),
        summary=world.fresh(__file__, "summaries", world.district, opened_on)["summary"],
    )
