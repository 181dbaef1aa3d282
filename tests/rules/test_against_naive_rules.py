"""Random worlds: the rules as written find what the institutions say, read without the language."""

from contextlib import closing
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.naive_rules import Found, Naive
from tests.rules.random_worlds import RULES, RandomWorld, draw_world, facts
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.flag_kind import Review
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.levels import Decide, FlagFacts, evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.world import build_world
from tiesan.rules.rule_set import RuleSet

seeds = st.integers(0, 2**32)
STATES = sorted(Review)


def review_of(seed: int, found: Found) -> str:
    """The review state that chance gave a flag, mostly an open one."""
    random = Random(f"{seed} {found[:4]}")
    return str(random.choice(STATES)) if random.random() < 0.4 else "open"


def found_by_rules(world: RandomWorld, seed: int, decide: Decide) -> list[Found]:
    """What the rule files find, with flags counted twice shown twice."""
    catalog = installed_catalog()
    built = build_world(
        catalog.sources,
        facts(world),
        as_of=world.as_of,
        judged_until=world.judged_until,
        exceptions=world.exceptions,
    )
    rules = RuleSet(catalog.rules[name] for name in RULES)
    flags = FlagFacts(review_of=lambda hit: review_of(seed, as_found(hit)))
    result = evaluate(built, rules, decide, parameters=world.parameters, flags=flags)
    assert result.not_evaluated == []
    return sorted(as_found(hit) for hit in result.hits)


def as_found(hit: Hit) -> Found:
    return (hit.rule, hit.subject_kind, hit.subject, hit.key, hit.occurred_on)


def found_naively(world: RandomWorld, seed: int) -> list[Found]:
    return sorted(Naive(world, lambda found: review_of(seed, found)).all())


@settings(max_examples=60)
@given(seeds)
@example(1)
def test_rules_and_a_naive_reading_agree(seed: int) -> None:
    world = draw_world(seed)
    assert found_by_rules(world, seed, decide_plainly) == found_naively(world, seed)


def test_the_engine_and_a_naive_reading_agree() -> None:
    with closing(Engine()) as engine:
        for seed in range(12):
            world = draw_world(seed)
            assert found_by_rules(world, seed, engine.decide) == found_naively(world, seed)


def test_the_worlds_are_rich_enough_to_flag_everything() -> None:
    """Each of the rules finds something in a few worlds, else agreement would mean little."""
    found = {each[0] for seed in range(25) for each in found_naively(draw_world(seed), seed)}
    assert found == set(RULES)
