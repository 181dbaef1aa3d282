"""Demo records of research: monthly information reports and yearly papers."""

from datetime import date, timedelta

from plugins.research.models import InfoReport, ResearchPaper
from tiesan.calendar.periods import Every, Period
from tiesan.demo.world import DemoCadre, DemoWorld

_NO_REPORT = 0.012
_PAPER_LATE = 0.03
_NUMBERS = (1, 1, 1, 2, 2, 3)


def write_demo(world: DemoWorld) -> None:
    """Write what the professional cadres submitted.

    One troublemaker submits no paper in the first year, the other no report in a November.
    """
    for month in world.periods(Every.MONTH):
        for cadre in world.professionals:
            _reports(world, cadre, month)
    for year in world.years:
        for cadre in world.professionals:
            _paper(world, cadre, year)


def _reports(world: DemoWorld, cadre: DemoCadre, month: Period) -> None:
    staged = world.staged(11, 1) == month.first_day and cadre is world.cast.troublemakers[1]
    if staged or world.slips(cadre, _NO_REPORT):
        return
    for _each in range(world.random.choice(_NUMBERS)):
        submitted_on = world.working_day(month.first_day, month.last_day)
        if submitted_on is not None and cadre.in_post(submitted_on):
            report = world.fresh(__file__, "reports", cadre.organization, submitted_on)
            world.add(
                InfoReport,
                code=world.code("XC", submitted_on),
                cadre=cadre,
                submitted_on=submitted_on,
                title=report["title"].format(organization=cadre.organization.name),
            )


def _paper(world: DemoWorld, cadre: DemoCadre, year: int) -> None:
    """Write a paper between June and December, or in the January after when it was late."""
    staged = year == world.first_day.year and cadre is world.cast.troublemakers[0]
    days = world.random.randint(0, 200)
    submitted_on = date(year, 6, 1) + timedelta(days)
    if world.slips(cadre, _PAPER_LATE):
        submitted_on = date(year + 1, 1, 4) + timedelta(days // 10)
    reached = world.first_day <= submitted_on <= world.today
    if reached and not staged and cadre.in_post(submitted_on):
        world.add(
            ResearchPaper,
            code=world.code("LW", submitted_on),
            cadre=cadre,
            submitted_on=submitted_on,
            title=world.fresh(__file__, "papers", world.district, submitted_on),
        )
