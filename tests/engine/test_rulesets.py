"""Rulesets within the engine's limits, and many rules on one kind decided all the same."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.engine.support import (
    APPROVAL,
    CLAIM,
    HERE,
    World,
    always,
    anything,
    batch,
    compare,
    decision,
    everything,
    fact,
    nothing,
)
from tiesan.engine.lower import KIND_LIMIT
from tiesan.engine.ruleset import CANARY, KINDS_LIMIT, SLOT_LIMIT, Part, Shard, plan
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType
from tiesan.rules import (
    NOT_JUDGED,
    AllOf,
    Batch,
    Comparison,
    Condition,
    Decision,
    Literal,
    Op,
    Path,
    Related,
    Verdicts,
)

Agree = Callable[..., Verdicts]


def planned(*batches: Batch) -> list[Shard]:
    return plan(Part(each, 0, len(each.facts), tuple(each.decisions)) for each in batches)


def rules_of(shard: Shard) -> dict[str, list[Any]]:
    """The patterns of each rule of a ruleset; the canary is left out."""
    read = json.loads(shard.ruleset.text)
    assert [each["cap"] for each in read.values()] == [65_535] * len(read)
    assert read.pop(CANARY)["all"] == [{"m": {"$and": [{shard.ruleset.canary: 1}]}}]
    return {name: rule["all"] for name, rule in read.items()}


def words(shard: Shard) -> set[bytes]:
    """The engine's own words in a ruleset."""
    return set(re.findall(rb"\$\w+", shard.ruleset.text))


OF_CLAIM = compare("claim", "eq", ".code", APPROVAL)
BY_A = compare("body", "eq", "a", APPROVAL)
UNAPPROVED = Related("approval", AllOf((OF_CLAIM, BY_A)), negated=True)


def test_the_kind_comes_first_and_the_guard_last() -> None:
    (shard,) = planned(batch([], decision("r", nothing(compare("note", "present")))))
    mark, guard = shard.lots[0].mark, list(shard.lots[0].slots.values())[1]
    ((pattern,),) = rules_of(shard).values()
    first, *rest, last = pattern["m"]["$and"]
    assert first == {mark: 1}
    assert len(rest) == 1
    assert last == {"$nex": {guard: 1}}


def test_the_equality_of_a_join_comes_last_and_the_anchor_first() -> None:
    (shard,) = planned(batch([], decision("r", compare("count", "gt", 1), related=UNAPPROVED)))
    ((anchor, related),) = rules_of(shard).values()
    assert list(anchor) == ["m"]
    first, *_terms, last = related["n$not"]["$and"]
    (joined,) = shard.lots[0].joined.values()
    assert first == {joined.mark: 1}
    assert last == {joined.key: {"m": joined.key}}


def test_only_safe_words_reach_the_engine() -> None:
    every_op: list[Condition] = [
        compare("count", op, 1) for op in ("eq", "ne", "lt", "lte", "gt", "gte")
    ]
    every_op += [compare("note", op, "a") for op in ("contains", "starts_with")]
    every_op += [compare("note", op, ["a", "b"]) for op in ("in", "not_in")]
    every_op += [compare("amount", "gt", ".limit"), compare("note", "absent")]
    (shard,) = planned(
        batch([], decision("r", *every_op, anything(*every_op[:3]), related=UNAPPROVED))
    )
    allowed = b"$and $or $neq $lt $lte $gt $gte $ex $nex $not"
    assert words(shard) <= set(allowed.split())


def test_no_name_of_a_field_reaches_the_engine() -> None:
    (shard,) = planned(batch([], decision("r", compare("liquid", "eq", 1), related=UNAPPROVED)))
    for kind in (CLAIM, APPROVAL):
        for each in kind.fields:
            assert f'"{each.name}"'.encode() not in shard.ruleset.text


def test_batches_of_different_kinds_share_a_ruleset() -> None:
    claims = batch([], decision("r", compare("count", "eq", 1)))
    approval = compare("body", "eq", "a", APPROVAL)
    approvals = batch([], decision("s", approval), name="approval", shape=APPROVAL)
    (shard,) = planned(claims, approvals)
    names = [name for lot in shard.lots for name in (lot.mark, *lot.slots.values())]
    assert len(set(names)) == len(names)


def test_a_ruleset_is_the_same_whatever_the_facts_and_the_eras_of_the_day_are() -> None:
    def digest(facts: Sequence[Fact], era_of: Callable[[Fact], int]) -> str:
        condition = AllOf((compare("count", "gte", "$least"),))
        judged = Decision("r", condition, (UNAPPROVED,), ({"least": 1}, {"least": 2}), era_of)
        (shard,) = planned(batch(facts, judged))
        return shard.ruleset.digest

    assert digest([], always) == digest([fact(CLAIM, count=1)], lambda _fact: NOT_JUDGED)


def many(count: int) -> Iterator[Decision]:
    for number in range(count):
        parts = compare("count", "gte", number), compare("amount", "ne", number)
        related = UNAPPROVED if number % 10 == 0 else None
        yield decision(f"r{number}", *parts, related=related)


def test_more_rules_than_one_kind_can_take_are_spread_over_rulesets() -> None:
    shards = planned(batch([], *many(300)))
    assert [len(rules_of(shard)) for shard in shards] == [KIND_LIMIT] * 5
    assert len({shard.ruleset.digest for shard in shards}) == 5


def test_three_hundred_rules_on_one_kind(agree: Agree) -> None:
    facts = [fact(CLAIM, code=f"E{at}", count=at, amount=at % 7) for at in range(350)]
    approvals = [fact(APPROVAL, claim=f"E{at}", body="ab"[at % 2]) for at in range(0, 350, 20)]
    verdicts = agree(World({"approval": approvals}), batch(facts, *many(300)))
    assert len(verdicts.hits["r299"]) == 350 - 299


def test_sixty_rules_that_all_fire_at_once(agree: Agree) -> None:
    facts = [fact(CLAIM, count=1) for _number in range(100)]
    same = [decision(f"r{number}", compare("count", "gte", 0)) for number in range(2 * KIND_LIMIT)]
    assert len(planned(batch(facts, *same))) == 2
    assert set(map(len, agree(World(), batch(facts, *same)).hits.values())) == {100}


def test_or_branches_that_all_hold_at_once(agree: Agree) -> None:
    """An "all" of four "any" holds in 16 ways; with more, some are settled beforehand."""
    facts = [
        fact(CLAIM, count=1, amount=1, limit=1, costarring=1, liquid=at % 2) for at in range(9)
    ]
    pairs = [
        anything(compare(field, "gte", 0), compare(field, "gte", 1))
        for field in ("count", "amount", "limit", "costarring", "liquid", "count", "amount")
    ]
    rules = [decision(f"r{count}", *pairs[:count]) for count in range(8)]
    rules += [decision(f"s{count}", anything(*pairs[:count])) for count in range(1, 8)]
    rules += [decision("t", *pairs, *pairs, anything(*pairs, *pairs, *pairs))]
    agree(World(), batch(facts, *rules))


def test_conditions_nested_to_the_limit(agree: Agree) -> None:
    condition: Condition = compare("count", "eq", 0)
    for depth in range(30):
        other = compare("amount", "gt", depth)
        join = (everything, anything, nothing)[depth % 3]
        condition = join(condition, other, nothing(compare("limit", "lt", depth)))
    facts = [
        fact(CLAIM, count=count, amount=amount, limit=limit)
        for count in (None, 0, 1)
        for amount in (None, *range(0, 32, 3))
        for limit in (None, *range(0, 32, 3))
    ]
    agree(World(), batch(facts, decision("r", condition), decision("s", nothing(condition))))


def test_identical_and_absent_conditions_by_the_dozen(agree: Agree) -> None:
    """128 conditions on absence, or 256 alike, under one parent would crash the engine."""
    facts = [fact(CLAIM), fact(CLAIM, count=1)]
    rules = [decision(f"a{number}", compare("count", "absent")) for number in range(300)]
    rules += [
        decision(f"b{number}", nothing(compare("count", "eq", number % 3))) for number in range(150)
    ]
    agree(World(), batch(facts, *rules))


WIDE = FactKind(
    "wide", "Wide", tuple(Field(f"f{at}", FieldType.INTEGER, f"F{at}") for at in range(400))
)


def wide(name: str, value: int) -> Comparison:
    return Comparison(
        Path(name, "wide", WIDE.by_name[name]), Op.EQ, Literal(value, FieldType.INTEGER), HERE
    )


def test_a_fact_never_carries_more_than_the_engine_takes(agree: Agree) -> None:
    rules = [
        decision(f"r{at}", *(wide(f"f{one}", one) for one in range(at * 10, at * 10 + 10)))
        for at in range(40)
    ]
    facts: list[Fact] = [tuple(range(400)), tuple(range(1, 401)), (None,) * 400]
    work = batch(facts, *rules, name="wide", shape=WIDE)
    shards = planned(work)
    assert len(shards) > 1
    assert max(len(shard.lots[0].slots) for shard in shards) <= SLOT_LIMIT
    assert set(map(len, agree(World(), work).hits.values())) == {1}


def test_more_kinds_than_one_ruleset_serves(agree: Agree) -> None:
    facts = [fact(CLAIM, count=at) for at in range(5)]
    batches = [
        batch(facts, decision(f"r{at}", compare("count", "gt", at % 5)), name=f"b{at}")
        for at in range(2 * KINDS_LIMIT + 1)
    ]
    assert len(planned(*batches)) == 3
    agree(World(), *batches)


def test_a_rule_in_several_eras(agree: Agree) -> None:
    """The parameter of the day counts; what is not judged is never a hit."""

    def era_of(each: Fact) -> int:
        count = each[CLAIM.index["count"]]
        return count % 4 - 1 if isinstance(count, int) else NOT_JUDGED

    eras = tuple({"least": least} for least in (10, 20, 30))
    condition = AllOf((compare("amount", "gte", "$least"),))
    approved = Related(
        "approval", AllOf((OF_CLAIM, compare("amount", "gte", "$least", APPROVAL))), negated=False
    )
    facts = [
        fact(CLAIM, code=f"E{count}", count=count, amount=amount)
        for count in (*range(8), None)
        for amount in (9, 10, 20, 29, 30, None)
    ]
    approvals = [fact(APPROVAL, claim=f"E{at}", amount=at * 6) for at in range(8)]
    agree(
        World({"approval": approvals}),
        batch(
            facts,
            Decision("plain", condition, (), eras, era_of),
            Decision("related", condition, (approved,), eras, era_of),
            Decision("negated", AllOf((nothing(condition),)), (), eras, era_of),
            Decision("one", AllOf((compare("amount", "gte", "$least"),)), (), eras[:1], always),
            Decision("never", condition, (), eras, lambda _fact: NOT_JUDGED),
        ),
    )
