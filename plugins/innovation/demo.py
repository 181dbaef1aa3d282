"""Demo records of innovation: what federations propose, and who is nominated for an award."""

from collections.abc import Iterator
from datetime import date, timedelta

from plugins.innovation.models import Award, Innovation
from tiesan.demo.world import DemoOrganization, DemoWorld, Stored, Words

_NONE = 0.03
_ADOPTED = 0.7
_NO_RESULT = 0.08
_NOMINATED = 0.1


def write_demo(world: DemoWorld) -> None:
    """Write the innovations and nominations of every year.

    In the first year the weakest federation proposes nothing, one adopted innovation brings no
    result, and a troublemaker is nominated, whatever chance brings.
    """
    for year in world.years:
        adopted: list[tuple[DemoOrganization, Stored]] = []
        ideas = _ideas(world)
        for federation in world.federations:
            adopted += _propose(world, federation, year, ideas)
        _nominate(world, year, adopted)


def _ideas(world: DemoWorld) -> Iterator[Words]:
    """Titles with their results; they repeat only when there are no others left."""
    ideas = list(world.words(__file__)["innovations"])
    while True:
        world.random.shuffle(ideas)
        yield from ideas


def _propose(
    world: DemoWorld, federation: DemoOrganization, year: int, ideas: Iterator[Words]
) -> list[tuple[DemoOrganization, Stored]]:
    """Write what a federation proposes in a year; gives what was adopted."""
    first_year = year == world.first_day.year
    if (first_year and federation is world.cast.weakest) or world.slips(federation, _NONE):
        return []
    fruitless = first_year and federation is world.federations[0]
    adopted = []
    for _each in range(world.random.randint(1, 3)):
        adopts = fruitless or world.random.random() < _ADOPTED
        results = not fruitless and not world.slips(federation, _NO_RESULT)
        proposed_on = date(year, 1, 10) + timedelta(world.random.randint(0, 220))
        if world.first_day <= proposed_on <= world.today:
            idea = next(ideas)
            stored = _add(world, federation, proposed_on, idea, adopts=adopts, results=results)
            adopted += [(federation, stored)] if adopts else []
        fruitless = False
    return adopted


def _add(
    world: DemoWorld,
    federation: DemoOrganization,
    proposed_on: date,
    idea: Words,
    *,
    adopts: bool,
    results: bool,
) -> Stored:
    """Write an innovation; what is adopted is so in 40 days, and has its result 80 days later."""
    random = world.random
    adopted_on = world.known(proposed_on + timedelta(random.randint(10, 40)))
    result_on = world.known(proposed_on + timedelta(random.randint(60, 120)))
    brought = adopts and results and result_on is not None
    return world.add(
        Innovation,
        code=world.code("LD", proposed_on),
        organization=federation,
        cadre=random.choice(world.posted(federation)),
        title=idea["title"],
        proposed_on=proposed_on,
        adopted_on=adopted_on if adopts else None,
        result_on=result_on if brought else None,
        result=idea["result"] if brought else None,
    )


def _nominate(world: DemoWorld, year: int, adopted: list[tuple[DemoOrganization, Stored]]) -> None:
    """Nominate cadres, and federations for their innovations, shortly before the year ends."""
    random, day = world.random, date(year, 12, 22)
    if day > world.today:
        return
    good = [each for each in world.professionals if each.slack < 1 and each.in_post(day)]
    cadres = random.sample(good, min(len(good), 2 + round(len(good) * _NOMINATED)))
    if year == world.first_day.year:
        cadres.append(world.cast.troublemakers[0])
    for cadre in cadres:
        world.add(Award, code=world.code("PX", day), cadre=cadre, nominated_on=day)
    for federation, innovation in adopted[:3]:
        code = world.code("PX", day)
        world.add(
            Award, code=code, organization=federation, innovation=innovation, nominated_on=day
        )
