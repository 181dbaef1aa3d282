"""Demo records of aid to workers in hardship."""

from datetime import timedelta

from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoWorld
from tiesan_hardship.models import HardshipCase, HardshipVisit

_WORKERS = ("陈桂英", "刘建国", "孙玉兰", "周德发")
_MISSED = 0.1


def write_demo(world: DemoWorld) -> None:
    """Write a case in some enterprise unions, visited once a quarter unless forgotten."""
    opened_on = world.first_day + timedelta(days=7)
    for worker, enterprise in zip(_WORKERS, world.enterprises, strict=False):
        case = world.add(
            HardshipCase,
            code=world.code("KN", opened_on),
            organization=enterprise,
            worker=worker,
            cause=world.random.choice(("illness", "income")),
            opened_on=opened_on,
        )
        visitor = next(iter(world.posted(enterprise)), None)
        for quarter in world.periods(Every.QUARTER):
            day = world.working_day(max(quarter.first_day, opened_on), quarter.last_day)
            if day is not None and not world.slips(enterprise, _MISSED):
                world.add(HardshipVisit, case=case, visited_on=day, visitor=visitor, aid=50_000)
