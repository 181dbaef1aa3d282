"""Values on the wire: exact at every boundary, blank is no value, text is as Python has it."""

from collections.abc import Callable
from datetime import date, time

import pytest

from tests.engine.support import (
    CLAIM,
    World,
    batch,
    compare,
    decision,
    fact,
    nothing,
    word,
)
from tiesan.facts.kinds import Fact, Value
from tiesan.rules import Batch, Condition, Verdicts

Agree = Callable[..., Verdicts]


def hits(agree: Agree, facts: list[Fact], **rules: Condition) -> dict[str, list[int]]:
    """The hits of rules given as ``name=condition``."""
    decisions = [decision(name, condition) for name, condition in rules.items()]
    return agree(World(), batch(facts, *decisions)).hits


def test_amounts_at_the_cent(agree: Agree) -> None:
    amounts = [19_999, 20_000, 20_001, -20_000, 0, None]
    facts = [fact(CLAIM, amount=amount) for amount in amounts]
    assert hits(
        agree,
        facts,
        gte=compare("amount", "gte", 20_000),
        gt=compare("amount", "gt", 20_000),
        lte=compare("amount", "lte", 20_000),
        lt=compare("amount", "lt", 20_000),
        eq=compare("amount", "eq", 20_000),
        ne=compare("amount", "ne", 20_000),
    ) == {
        "gte": [1, 2],
        "gt": [2],
        "lte": [0, 1, 3, 4],
        "lt": [0, 3, 4],
        "eq": [1],
        "ne": [0, 2, 3, 4],
    }


def test_dates_and_times_by_the_day_and_the_minute(agree: Agree) -> None:
    facts = [
        fact(CLAIM, spent_on=date(2026, 2, 28), starts_at=time(8, 30)),
        fact(CLAIM, spent_on=date(2026, 3, 1), starts_at=time(8, 31)),
        fact(CLAIM, spent_on=date.min, starts_at=time(0, 0)),
        fact(CLAIM, spent_on=date.max, starts_at=time(23, 59)),
        fact(CLAIM),
    ]
    assert hits(
        agree,
        facts,
        after=compare("spent_on", "gt", date(2026, 2, 28)),
        until=compare("spent_on", "lte", date(2026, 2, 28)),
        late=compare("starts_at", "gt", time(8, 30)),
        midnight=compare("starts_at", "eq", time(0, 0)),
        year=compare("spent_on.year", "eq", 2026),
        quarter=compare("spent_on.quarter", "lt", 2),
        week=compare("spent_on.week", "in", [9, 1]),
    ) == {
        "after": [1, 3],
        "until": [0, 2],
        "late": [1, 3],
        "midnight": [2],
        "year": [0, 1],
        "quarter": [0, 1, 2],
        "week": [0, 1, 2],
    }


def test_blank_is_no_value(agree: Agree) -> None:
    facts = [fact(CLAIM), fact(CLAIM, count=1), fact(CLAIM, count=2)]
    one = compare("count", "eq", 1)
    assert hits(
        agree,
        facts,
        eq=one,
        ne=compare("count", "ne", 1),
        listed=compare("count", "in", [1, 3]),
        unlisted=compare("count", "not_in", [1, 3]),
        empty_list=compare("count", "in", []),
        not_in_empty_list=compare("count", "not_in", []),
        absent=compare("count", "absent"),
        present=compare("count", "present"),
        not_eq=nothing(one),
        not_ne=nothing(compare("count", "ne", 1)),
        not_lt=nothing(compare("count", "lt", 2)),
        not_listed=nothing(compare("count", "in", [1, 3])),
        not_unlisted=nothing(compare("count", "not_in", [1, 3])),
        not_absent=nothing(compare("count", "absent")),
        not_present=nothing(compare("count", "present")),
        not_not=nothing(nothing(one)),
        nothing=nothing(),
    ) == {
        "eq": [1],
        "ne": [2],
        "listed": [1],
        "unlisted": [2],
        "empty_list": [],
        "not_in_empty_list": [1, 2],
        "absent": [0],
        "present": [1, 2],
        "not_eq": [0, 2],
        "not_ne": [0, 1],
        "not_lt": [0, 2],
        "not_listed": [0, 2],
        "not_unlisted": [0, 1],
        "not_absent": [1, 2],
        "not_present": [0],
        "not_not": [1],
        "nothing": [0, 1, 2],
    }


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "lte", "gt", "gte"])
def test_a_blank_on_either_side_of_a_comparison(agree: Agree, op: str) -> None:
    facts = [
        fact(CLAIM, amount=amount, limit=limit) for amount in (None, 1, 2) for limit in (None, 1, 2)
    ]
    comparison = compare("amount", op, ".limit")
    found = hits(agree, facts, compared=comparison, denied=nothing(comparison))
    assert not {0, 1, 2, 3, 6} & set(found["compared"])
    assert {0, 1, 2, 3, 6} <= set(found["denied"])


TEXTS = [
    *(
        "a",
        "A",
        "ab",
        "ab ",
        "ab c",
        "é",
        "e\u0301",
        "ß",
        "SS",
        "İ",
        "经审委员会",
        "经审",
        "🎉",
        "🎊",
    ),
    *("\\", "\\\\", '"', "'", "},{", '","id":"0', "\n", "\\n", "\x00", "\\u0000", "\x00a", "\x7f"),
    *("1", "true", "null", "$m", "{}", "[]", "0.1", "x" * 254, "x" * 255, "x" * 7_999),
    # Too long, or no text at all: the plain evaluator decides.
    *("x" * 8_001, "x" * 65_536, "x" * 131_072 + "y", "经" * 30_000, "\ud800", "a\udfff"),
]


def test_texts_are_equal_exactly_when_python_says_so(agree: Agree) -> None:
    facts = [fact(CLAIM, code=str(at), note=text) for at, text in enumerate(TEXTS)]
    rules: dict[str, Condition] = {
        f"{op}{at}": compare("note", op, word(text))
        for at, text in enumerate(TEXTS)
        for op in ("eq", "ne")
    }
    found = hits(agree, facts, **rules)
    for at in range(len(TEXTS)):
        assert found[f"eq{at}"] == [at]
        assert found[f"ne{at}"] == [other for other in range(len(TEXTS)) if other != at]


def test_parts_of_texts(agree: Agree) -> None:
    facts = [fact(CLAIM, note=text) for text in ("经审委员会", "委员会", "经审 a.*b", None)]
    assert hits(
        agree,
        facts,
        contains=compare("note", "contains", "审委"),
        starts=compare("note", "starts_with", "经审"),
        wildcards=compare("note", "contains", word(".*")),
        of_another=compare("note", "contains", ".remark"),
    ) == {"contains": [0], "starts": [0, 2], "wildcards": [2], "of_another": []}


@pytest.mark.parametrize("size", [2**53 - 1, 2**53, 2**53 + 1, 2**62, 10**30])
def test_integers_of_any_size(agree: Agree, size: int) -> None:
    numbers: list[Value] = [size - 1, size, size + 1, -size, 0, None]
    facts = [fact(CLAIM, count=number) for number in numbers]
    assert hits(agree, facts, eq=compare("count", "eq", size), gt=compare("count", "gt", size)) == {
        "eq": [1],
        "gt": [2],
    }


def test_booleans_are_no_numbers_to_the_rules(agree: Agree) -> None:
    facts = [fact(CLAIM, urgent=urgent) for urgent in (True, False, None)]
    assert hits(
        agree,
        facts,
        yes=compare("urgent", "eq", value=True),
        no=compare("urgent", "eq", value=False),
        not_yes=compare("urgent", "ne", value=True),
        either=compare("urgent", "in", [True, False]),
    ) == {"yes": [0], "no": [1], "not_yes": [1], "either": [0, 1]}


def test_a_fact_that_is_wider_than_the_engine_s_text_limit_is_decided_all_the_same(
    agree: Agree,
) -> None:
    facts = [fact(CLAIM, note="x" * 5_000, remark="y" * 5_000), fact(CLAIM, note="x", remark="y")]
    found = hits(agree, facts, note=compare("note", "ne", "x"), remark=compare("remark", "ne", "y"))
    assert found == {"note": [0], "remark": [0]}


def test_one_fact_of_many_that_is_unfit_does_not_cost_the_others(agree: Agree) -> None:
    facts = [fact(CLAIM, code=str(at), note="plain", count=at) for at in range(2_500)]
    facts[1_234] = fact(CLAIM, code="odd", note="\ud800", count=1_234)
    work: Batch = batch(facts, decision("r", compare("note", "present"), compare("count", "gt", 5)))
    assert agree(World(), work).hits["r"] == list(range(6, 2_500))
