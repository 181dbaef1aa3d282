"""Related facts: with and without, blanks in keys, large groups, many chunks."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.engine.support import (
    APPROVAL,
    CLAIM,
    UNIT,
    World,
    anything,
    batch,
    compare,
    decision,
    fact,
)
from tiesan.engine import related as limits
from tiesan.engine.deciding import Engine
from tiesan.engine.jobs import CHUNK
from tiesan.facts.kinds import Fact
from tiesan.rules import AllOf, Batch, Condition, Decision, Related, Verdicts, decide_plainly

Agree = Callable[..., Verdicts]

OF_CLAIM = compare("claim", "eq", ".code", APPROVAL)
OF_UNIT = compare("unit", "eq", ".unit", APPROVAL)
BY_A = compare("body", "eq", "a", APPROVAL)


def both(name: str, *where: Condition) -> tuple[Decision, Decision]:
    """A rule with, and one without, a related approval."""
    there = Related("approval", AllOf(where), negated=False)
    missing = Related("approval", AllOf(where), negated=True)
    return decision(f"{name}_with", related=there), decision(f"{name}_without", related=missing)


def test_with_and_without(agree: Agree) -> None:
    facts = [fact(CLAIM, code=code) for code in ("E1", "E2", "E3")]
    approvals = [
        fact(APPROVAL, claim="E1", body="a"),
        fact(APPROVAL, claim="E1", body="a"),
        fact(APPROVAL, claim="E2", body="b"),
    ]
    verdicts = agree(World({"approval": approvals}), batch(facts, *both("r", OF_CLAIM, BY_A)))
    assert verdicts.hits == {"r_with": [0], "r_without": [1, 2]}
    assert verdicts.settled_before == 0


def test_a_blank_in_the_key_matches_nothing(agree: Agree) -> None:
    facts = [
        fact(CLAIM, code="E1", unit="U1"),
        fact(CLAIM, code="E1"),
        fact(CLAIM, unit="U1"),
        fact(CLAIM),
    ]
    approvals = [
        fact(APPROVAL, claim="E1", unit="U1"),
        fact(APPROVAL, claim="E1"),
        fact(APPROVAL, unit="U1"),
        fact(APPROVAL),
    ]
    verdicts = agree(World({"approval": approvals}), batch(facts, *both("r", OF_CLAIM, OF_UNIT)))
    assert verdicts.hits == {"r_with": [0], "r_without": [1, 2, 3]}


def test_keys_with_one_hash_or_alike_when_joined_are_told_apart(agree: Agree) -> None:
    codes = ["costarring", "liquid", "E", "E1", "1", "0", "E\x001", "经", "\ud800", "x" * 9_000]
    facts = [fact(CLAIM, code=code, unit=unit) for code in codes for unit in ("1", "11", "E")]
    approvals = [fact(APPROVAL, claim=code, unit="1") for code in codes[::2]]
    agree(World({"approval": approvals}), batch(facts, *both("r", OF_CLAIM, OF_UNIT)))


def test_keys_of_dates_amounts_and_paths(agree: Agree) -> None:
    where = (
        compare("decided_on", "eq", ".spent_on", APPROVAL),
        compare("amount", "eq", ".amount", APPROVAL),
        compare("unit.size", "eq", ".count", APPROVAL),
    )
    facts = [
        fact(CLAIM, spent_on=date(2026, 1, day), amount=amount, count=count)
        for day in (1, 2)
        for amount in (19_999, 20_000)
        for count in (1, None)
    ]
    approvals = [
        fact(APPROVAL, decided_on=date(2026, 1, 1), amount=20_000, unit="U1"),
        fact(APPROVAL, decided_on=date(2026, 1, 2), amount=19_999, unit="U2"),
        fact(APPROVAL, decided_on=date(2026, 1, 2), amount=19_999, unit="unknown"),
    ]
    units = [fact(UNIT, code="U1", size=1), fact(UNIT, code="U2", size=2)]
    world = World({"approval": approvals, "unit": units})
    assert agree(world, batch(facts, *both("r", *where))).hits["r_with"] == [2]


def test_an_any_among_the_conditions_does_not_loosen_the_join(agree: Agree) -> None:
    either = anything(BY_A, compare("amount", "absent", kind=APPROVAL))
    facts = [fact(CLAIM, code=code) for code in ("E1", "E2")]
    world = World({"approval": [fact(APPROVAL, claim="E1", body="a")]})
    assert agree(world, batch(facts, *both("r", OF_CLAIM, either))).hits["r_with"] == [0]


def test_a_record_may_be_related_to_itself(agree: Agree) -> None:
    facts = [fact(CLAIM, code="E1", note="E1"), fact(CLAIM, code="E2", note="E1"), fact(CLAIM)]
    same = Related("claim", AllOf((compare("code", "eq", ".note"),)), negated=False)
    other = Related("claim", AllOf((compare("code", "eq", ".note"),)), negated=True)
    rules = decision("with", related=same), decision("without", related=other)
    verdicts = agree(World({"claim": facts}), batch(facts, *rules))
    assert verdicts.hits == {"with": [0, 1], "without": [2]}


def test_related_facts_without_any_equality(agree: Agree) -> None:
    facts = [fact(CLAIM, code=f"E{at}") for at in range(5)]
    approvals = [fact(APPROVAL, claim=f"X{at}", body="a") for at in range(2_000)]
    work = batch(facts, *both("r", BY_A))
    assert agree(World({"approval": approvals}), work).hits["r_without"] == []
    assert agree(World(), work).hits["r_without"] == [0, 1, 2, 3, 4]


def test_other_comparisons_are_counted_as_settled_before(agree: Agree) -> None:
    before = compare("decided_on", "lte", ".paid_on", APPROVAL)
    facts = [
        fact(CLAIM, code="E1", paid_on=date(2026, 1, 2)),
        fact(CLAIM, code="E1", paid_on=date(2026, 1, 1)),
        fact(CLAIM, code="E1"),
    ]
    world = World({"approval": [fact(APPROVAL, claim="E1", decided_on=date(2026, 1, 2))]})
    verdicts = agree(world, batch(facts, *both("r", OF_CLAIM, before)))
    assert verdicts.hits == {"r_with": [0], "r_without": [1, 2]}
    assert verdicts.settled_before == 6


def crowd(count: int, **values: str) -> list[Fact]:
    return [fact(APPROVAL, amount=at, **values) for at in range(count)]


@pytest.mark.parametrize("more", [0, 1])
def test_groups_larger_than_a_chunk_are_settled_before(agree: Agree, more: int) -> None:
    size = limits.GROUP_LIMIT + more
    approvals = crowd(size, claim="E1") + crowd(3, claim="E2")
    facts = [fact(CLAIM, code=code, count=1) for code in ("E1", "E2", "E3")]
    dear = compare("amount", "gte", size - 1, APPROVAL)
    verdicts = agree(World({"approval": approvals}), batch(facts, *both("r", OF_CLAIM, dear)))
    assert verdicts.hits == {"r_with": [0], "r_without": [1, 2]}
    assert verdicts.settled_before == 2 * more


def test_related_facts_that_are_alike_count_as_one(agree: Agree) -> None:
    approvals = [fact(APPROVAL, claim="E1", body="a", amount=at) for at in range(5_000)]
    work = batch([fact(CLAIM, code="E1")], *both("r", OF_CLAIM, BY_A))
    verdicts = agree(World({"approval": approvals}), work)
    assert verdicts.hits == {"r_with": [0], "r_without": []}
    assert verdicts.settled_before == 0


def test_a_related_fact_that_is_unfit_is_left_to_the_plain_evaluator(agree: Agree) -> None:
    approvals = [
        fact(APPROVAL, claim="E1", body="\ud800"),
        fact(APPROVAL, claim="E1", body="a"),
        fact(APPROVAL, claim="E2", body="a"),
    ]
    work = batch([fact(CLAIM, code=code) for code in ("E1", "E2")], *both("r", OF_CLAIM, BY_A))
    verdicts = agree(World({"approval": approvals}), work)
    assert verdicts.hits == {"r_with": [0, 1], "r_without": []}
    assert verdicts.settled_before == 2


@pytest.mark.parametrize("limit", ["RELATED_LIMIT", "MATCH_LIMIT"])
def test_chunks_that_are_cut_short_keep_their_keys_apart(
    agree: Agree, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Positions count anew in each segment, and keys are numbered by them."""
    monkeypatch.setattr(f"tiesan.engine.related.{limit}", 4)
    monkeypatch.setattr(f"tiesan.engine.jobs.{limit}", 4)
    facts = [fact(CLAIM, code=f"E{at}") for at in range(30)]
    approvals = [
        fact(APPROVAL, claim=f"E{at}", body="ab"[at % 3 == 0], amount=amount)
        for at in range(0, 30, 2)
        for amount in range(3)
    ]
    dear = compare("amount", "gte", 1, APPROVAL)
    agree(
        World({"approval": approvals}),
        batch(facts, *both("r", OF_CLAIM, BY_A, dear)),
        batch(facts, *both("s", OF_CLAIM, dear), name="again"),
    )


def test_many_chunks_of_joins(engine: Engine) -> None:
    """Keys recur from chunk to chunk, and some chunks are full of related facts."""
    count = 2 * CHUNK + 137
    facts = [
        fact(CLAIM, code=f"E{at % 1_500}", unit=f"U{at % 7}", count=at % 3) for at in range(count)
    ]
    approvals = [
        *(fact(APPROVAL, claim=f"E{at}", body="ab"[at % 2]) for at in range(0, 1_500, 2)),
        *(fact(APPROVAL, unit=f"U{at % 5}", body="b", amount=at) for at in range(400)),
    ]
    work: Batch = batch(
        facts,
        *both("claim", OF_CLAIM, BY_A),
        *both("unit", OF_UNIT, compare("amount", "gte", 397, APPROVAL)),
        *both("both", OF_CLAIM, OF_UNIT),
        decision("alone", compare("count", "eq", 1)),
    )
    world = World({"approval": approvals})
    verdicts = engine.decide([work], world.binding, world.of_kind)
    assert verdicts == decide_plainly([work], world.binding, world.of_kind)
    assert verdicts.settled_before == 0
    assert 0 < len(verdicts.hits["unit_with"]) < count
