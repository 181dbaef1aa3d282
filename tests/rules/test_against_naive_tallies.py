"""Random tallies on random worlds: they flag what a naive reading finds, also day by day."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.naive_rules import Naive
from tests.rules.naive_tallies import Drawn, Found, NaiveTally, as_rule, draw_tally
from tests.rules.random_worlds import Draw, RandomWorld, draw_world, facts
from tests.rules.support import rule_of
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.judging.levels import Decide, evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.world import build_world
from tiesan.rules.rule_set import RuleSet

seeds = st.integers(0, 2**32)


def drawn(seed: int) -> tuple[RandomWorld, Drawn]:
    """A world and a tally, some of whose cadres are assessed from a day on."""
    world, draw = draw_world(seed), Draw(seed)
    for cadre in world.rows["cadre"]:
        cadre["assessed_from"] = draw.maybe(draw.day(), 0.3)
    for row in world.rows["expense"]:
        row["spent_on"] = draw.near(row["spent_on"], 8)
    return world, draw_tally(draw)


def found_by_rule(world: RandomWorld, tally: Drawn, decide: Decide) -> list[Found]:
    built = build_world(
        installed_catalog().sources,
        facts(world),
        as_of=world.as_of,
        judged_until=world.judged_until,
        exceptions=world.exceptions,
    )
    result = evaluate(built, RuleSet([rule_of(as_rule(tally))]), decide)
    assert result.not_evaluated == []
    return sorted((hit.subject, hit.key, hit.occurred_on) for hit in result.hits)


def found_naively(world: RandomWorld, tally: Drawn) -> list[Found]:
    return sorted(NaiveTally(Naive(world, lambda _found: "open"), tally).flags())


@settings(max_examples=150, deadline=None)
@given(seeds)
@example(1)
def test_a_tally_and_a_naive_reading_agree(seed: int) -> None:
    world, tally = drawn(seed)
    assert found_by_rule(world, tally, decide_plainly) == found_naively(world, tally), as_rule(
        tally
    )


def test_the_engine_and_a_naive_reading_agree() -> None:
    with closing(Engine()) as engine:
        for seed in range(40):
            world, tally = drawn(seed)
            assert found_by_rule(world, tally, engine.decide) == found_naively(world, tally)


def kept(tally: Drawn) -> bool:
    """Whether no parameter changes: what is reached by one value may be undone by another."""
    return len(dict(tally.numbers)) == 1 or tally.within is not None


def days_before(last: date) -> Iterator[date]:
    yield from (last - timedelta(days=number) for number in range(40, -1, -1))


@settings(max_examples=12, deadline=None)
@given(seeds.filter(lambda seed: kept(drawn(seed)[1])))
@example(3)
def test_days_judged_one_after_the_other_find_what_one_evaluation_finds(seed: int) -> None:
    """Records being entered on their days: whatever a day flags stays flagged, and nothing else."""
    world, tally = drawn(seed)
    # What is known of a leave changes with its dates, and so do its flags.
    tally.excused = "never"
    if tally.within is None and not tally.settled and tally.fact == "leave":
        return
    found: set[Found] = set()
    for day in days_before(world.as_of):
        today = replace(world, as_of=day, judged_until=day)
        found |= {each for each in found_by_rule(today, tally, decide_plainly) if each[2] == day}
    since = world.as_of - timedelta(days=40)
    whole = replace(world, judged_until=world.as_of)
    assert found == {
        each for each in found_by_rule(whole, tally, decide_plainly) if each[2] >= since
    }


def test_the_tallies_flag_enough_in_each_way() -> None:
    """Each way to be judged flags something, else agreement would mean little."""
    ways = set()
    for seed in range(250):
        world, tally = drawn(seed)
        way = "within" if tally.within else "owed" if tally.owed_by else str(tally.settled)
        if found_naively(world, tally):
            ways |= {(way, kind) for _side, kind, _path, _value in tally.bounds}
    wanted = {(way, kind) for way in ("owed", "True") for kind in ("avg", "count_distinct")}
    wanted |= {("owed", "sum"), ("True", "count"), ("True", "share")}
    wanted |= {(way, "count_distinct") for way in ("within", "False")}
    wanted |= {("within", "count"), ("within", "sum"), ("False", "max"), ("False", "min")}
    assert ways >= wanted
