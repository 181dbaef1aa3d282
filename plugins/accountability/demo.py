"""Demo records of accountability: responsibility letters, mistakes and cases."""

from datetime import date, timedelta

from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoCadre, DemoWorld

_LETTER_LATE = 0.02
_MISTAKE = 0.012
_SHARE_MAJOR = 0.2
_SLIP = 0.08
_OPENED, _OPENED_LATE = (2, 8), (13, 20)
_DECIDED, _DECIDED_LATE = (8, 26), (36, 60)


def write_demo(world: DemoWorld) -> None:
    """Write letters for every year, and what was done about mistakes.

    Whatever chance brings, a troublemaker signs late in the first year, a major mistake is pursued
    too late, and the case about another one takes too long.
    """
    for year in world.years:
        for cadre in world.professionals:
            _sign(world, cadre, year)
    first, second = world.cast.troublemakers[:2]
    _stage(world, first, 4, opened=18, decided=20)
    _stage(world, second, 7, opened=5, decided=48)
    for month in world.periods(Every.MONTH):
        for cadre in world.professionals:
            reported_on = world.working_day(month.first_day, month.last_day)
            if reported_on is not None and world.slips(cadre, _MISTAKE):
                _mistake(world, cadre, reported_on)


def _sign(world: DemoWorld, cadre: DemoCadre, year: int) -> None:
    first_year = year == world.first_day.year
    late = first_year and cadre is world.cast.troublemakers[1]
    days = world.random.randint(0, 35)
    signed_on = date(year - 1, 12, 20) + timedelta(days)
    if late or world.slips(cadre, _LETTER_LATE):
        signed_on = date(year, 2, 3) + timedelta(days)
    if signed_on <= world.today and cadre.in_post(signed_on):
        world.add(
            ResponsibilityLetter,
            code=world.code("ZR", date(year, 1, 1)),
            cadre=cadre,
            year=year,
            signed_on=signed_on,
        )


def _stage(world: DemoWorld, cadre: DemoCadre, month: int, *, opened: int, decided: int) -> None:
    reported_on = world.staged(month, 9)
    if reported_on is not None:
        _pursue(world, cadre, reported_on, opened, decided)


def _mistake(world: DemoWorld, cadre: DemoCadre, reported_on: date) -> None:
    random = world.random
    if random.random() < _SHARE_MAJOR:
        opened = random.randint(*_OPENED_LATE if world.slips(world.district, _SLIP) else _OPENED)
        decided = random.randint(*_DECIDED_LATE if world.slips(world.district, _SLIP) else _DECIDED)
        _pursue(world, cadre, reported_on, opened, decided)
    elif cadre.in_post(reported_on):
        _report(world, cadre, reported_on, "minor")


def _report(world: DemoWorld, cadre: DemoCadre, reported_on: date, level: str) -> object:
    return world.add(
        Mistake,
        code=world.code("SW", reported_on),
        cadre=cadre,
        level=level,
        occurred_on=reported_on - timedelta(world.random.randint(0, 6)),
        reported_on=reported_on,
        summary=world.fresh(__file__, level, world.district, reported_on),
    )


def _pursue(
    world: DemoWorld, cadre: DemoCadre, reported_on: date, opened: int, decided: int
) -> None:
    """A major mistake: after ``opened`` working days a case, decided ``decided`` days later."""
    mistake = _report(world, cadre, reported_on, "major")
    opened_on = world.calendar.after(reported_on, opened)
    decided_on = world.known(opened_on + timedelta(decided))
    if opened_on <= world.today:
        decision = world.random.choice(world.words(__file__)["decisions"])
        world.add(
            AccountabilityCase,
            code=world.code("ZJ", opened_on),
            mistake=mistake,
            cadre=cadre,
            opened_on=opened_on,
            decided_on=decided_on,
            decision=None if decided_on is None else decision,
        )
