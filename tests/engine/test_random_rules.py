"""Random rules on random facts: the engine, the plain evaluator and a naive reading agree."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.support import (
    APPROVAL,
    CLAIM,
    HERE,
    UNIT,
    Naive,
    World,
    batch,
    fact,
    length,
    path,
)
from tiesan.engine.deciding import Engine
from tiesan.facts.kinds import Fact, FactKind, FieldType
from tiesan.rules import (
    NOT_JUDGED,
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Decision,
    ItemList,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
)

# Few values, so that equalities are frequent: boundaries, look-alikes, what encodings stumble on.
VALUES: dict[FieldType, list[Any]] = {
    FieldType.TEXT: [
        *(
            "a",
            "A",
            "ab",
            "ab ",
            "é",
            "e\u0301",
            "经审委员会",
            "经审",
            "🎉",
            "costarring",
            "liquid",
        ),
        *("ａ", "A\u200b", "ß", "SS", "\u3000", "\ufe0f", "ﬀ", "経", "K", "ϓ"),
        *("\\", '"', "'", "},{", "\n", "\x00", "\ud800", "1", "true", "null", "x" * 9_000),
    ],
    FieldType.REFERENCE: ["U1", "U2", "costarring", "liquid", "没有"],
    FieldType.CHOICE: ["new", "done", "a", "b"],
    FieldType.INTEGER: [0, 1, 2, -1, 2026, 3, 2**53 - 1, 2**53, 2**62],
    FieldType.AMOUNT: [0, 1, 19_999, 20_000, 20_001, -20_000, 2**53 + 1],
    FieldType.DATE: [date(2026, 3, 1), date(2026, 3, 2), date(2025, 12, 31), date(1, 1, 1)],
    FieldType.TIME: [time(0, 0), time(8, 30), time(17, 30), time(17, 31)],
    FieldType.BOOLEAN: [True, False],
    FieldType.LENGTH: [0, 2, 4, 1, 21, 2**53 - 1, 2**54],
}
PATHS = {
    CLAIM.name: [
        *(path(each.name) for each in CLAIM.fields),
        *map(path, ("unit.size", "spent_on.year", "paid_on.quarter", "spent_on.week")),
        *map(path, ("unit.above.size", "unit.above.above", "unit.above.since.weekday")),
        *map(path, ("spent_on.half_year", "paid_on.weekday", "spent_on.working_day")),
        length("wait", "spent_on", "paid_on"),
        length("back", "paid_on", "spent_on"),
        replace(path("count"), in_half_days=True),
        replace(path("unit.size"), in_half_days=True),
        *map(path, ("note.folded", "remark.folded", "note.length", "remark.length")),
    ],
    APPROVAL.name: [
        *(path(each.name, APPROVAL) for each in APPROVAL.fields),
        path("unit.size", APPROVAL),
        path("decided_on.month", APPROVAL),
        path("decided_on.working_day", APPROVAL),
        path("unit.above.size", APPROVAL),
        path("claim.folded", APPROVAL),
        path("claim.length", APPROVAL),
    ],
}
NUMBERS: list[Literal | ParameterRef] = [
    Literal(number, FieldType.INTEGER) for number in (0, 1, 60)
]
COUNT = ParameterRef(f"p_{FieldType.INTEGER}", FieldType.INTEGER)
ORDERED = (
    *(FieldType.INTEGER, FieldType.AMOUNT, FieldType.DATE, FieldType.TIME),
    FieldType.LENGTH,
)
# What a list parameter may be of.
LISTED = (FieldType.TEXT, FieldType.INTEGER, FieldType.CHOICE)


def common(of_type: FieldType) -> list[Any]:
    """The values that the engine can compare, and that meet each other often."""
    return VALUES[of_type][:5]


def facts_of(kind: FactKind, most: int) -> st.SearchStrategy[list[Fact]]:
    """Facts in which any field may be blank."""
    fields = [
        st.sampled_from([None, *6 * common(each.type), *VALUES[each.type]]) for each in kind.fields
    ]
    return st.lists(st.tuples(*fields), min_size=most // 4, max_size=most)


def ops(of_type: FieldType) -> list[Op]:
    """The comparisons that a type has."""
    found = [Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.PRESENT, Op.ABSENT]
    if of_type in ORDERED:
        found += [Op.LT, Op.LTE, Op.GT, Op.GTE]
    if of_type is FieldType.DATE:
        found.append(Op.WITHIN_DAYS)
    texts = [Op.CONTAINS, Op.STARTS_WITH, Op.MATCHES_TEXT]
    return found + (texts if of_type is FieldType.TEXT else [])


@st.composite
def comparisons(draw: st.DrawFn, kind: FactKind) -> Comparison:
    """A comparison of a path, or of a parameter, with whatever the language allows."""
    left: Path | ParameterRef = draw(st.sampled_from(PATHS[kind.name]))
    of_type = left.type
    if draw(st.integers(0, 19)) == 0:
        left = ParameterRef(f"p_{of_type}", of_type)
    op = draw(st.sampled_from(ops(of_type)))
    if op in (Op.PRESENT, Op.ABSENT):
        return Comparison(left, op, None, HERE)
    others = [each for each in PATHS[CLAIM.name] if each.type is of_type]
    operands: st.SearchStrategy[Operand] = st.one_of(
        st.sampled_from(common(of_type)).map(lambda value: Literal(value, of_type)),
        st.sampled_from(VALUES[of_type]).map(lambda value: Literal(value, of_type)),
        st.just(ParameterRef(f"p_{of_type}", of_type)),
        st.sampled_from([*others, None]).map(
            lambda other: AnchorPath(other) if other else Literal(VALUES[of_type][0], of_type)
        ),
    )
    if op in (Op.IN, Op.NOT_IN, Op.MATCHES_TEXT) and of_type in LISTED and draw(st.booleans()):
        return Comparison(left, op, ParameterRef(f"l_{of_type}", of_type, is_list=True), HERE)
    if op in (Op.IN, Op.NOT_IN) or (op is Op.MATCHES_TEXT and draw(st.booleans())):
        return Comparison(left, op, tuple(draw(st.lists(operands, max_size=10))), HERE)
    days: Literal | ParameterRef | None = None
    if op is Op.WITHIN_DAYS:
        days = draw(st.sampled_from([*NUMBERS, COUNT]))
    return Comparison(left, op, draw(operands), HERE, days)


def conditions(kind: FactKind) -> st.SearchStrategy[Condition]:
    """Conditions nested to any depth that the drawing reaches."""
    return st.recursive(
        comparisons(kind),
        lambda inner: st.builds(
            lambda join, parts: join(tuple(parts)),
            st.sampled_from([AllOf, AnyOf, NoneOf]),
            st.lists(inner, max_size=5),
        ),
        max_leaves=25,
    )


@st.composite
def relations(draw: st.DrawFn) -> Related:
    """Related approvals: mostly joined by equality, sometimes with more than the engine can do."""
    pairs = [
        (own, other)
        for own in PATHS[APPROVAL.name]
        for other in PATHS[CLAIM.name]
        if own.type is other.type
    ]
    joins = draw(st.lists(st.sampled_from(pairs), max_size=3))
    equal = [Comparison(own, Op.EQ, AnchorPath(other), HERE) for own, other in joins]
    rest = draw(st.lists(conditions(APPROVAL), max_size=2))
    return Related(APPROVAL.name, AllOf((*equal, *rest)), draw(st.booleans()))


def items(of_type: FieldType) -> st.SearchStrategy[list[Any]]:
    """The items of a list, few or more than the engine is given."""
    return st.lists(st.sampled_from(VALUES[of_type]), min_size=1, max_size=20, unique=True)


@st.composite
def decisions(draw: st.DrawFn, rule: str) -> Decision:
    """A decision with one or several eras, some facts not judged."""
    parts = draw(st.lists(conditions(CLAIM), min_size=1, max_size=3))
    related = tuple(draw(st.lists(relations(), max_size=3)))
    count = draw(st.sampled_from([1, 1, 2, 3, 5, 14]))
    eras = [
        {f"p_{each}": draw(st.sampled_from(2 * common(each) + VALUES[each])) for each in VALUES}
        | {f"l_{each}": ItemList(tuple(draw(items(each)))) for each in LISTED}
        for _era in range(count)
    ]
    by_day = draw(st.lists(st.integers(NOT_JUDGED, count - 1), min_size=1, max_size=4))
    day = CLAIM.index["spent_on"]

    def era_of(each: Fact) -> int:
        on = each[day]
        return by_day[on.day % len(by_day) if isinstance(on, date) else 0]

    return Decision(rule, AllOf(tuple(parts)), related, tuple(eras), era_of)


UNITS = [
    fact(UNIT, code="U1", size=2, above="U2"),
    fact(UNIT, code="U2", above="liquid", since=date(2026, 3, 1)),
    fact(UNIT, code="liquid", size=0, above="nobody"),
]


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    facts=facts_of(CLAIM, 30),
    approvals=facts_of(APPROVAL, 12),
    drawn=st.integers(1, 6).flatmap(
        lambda count: st.tuples(*(decisions(f"r{number}") for number in range(count)))
    ),
)
def test_engine_and_naive_reading_agree(
    engine: Engine,
    no_failures: None,
    facts: list[Fact],
    approvals: list[Fact],
    drawn: tuple[Decision, ...],
) -> None:
    world = World({"unit": UNITS, "claim": facts, "approval": approvals})
    claims = batch(facts, *drawn)
    verdicts = engine.decide([claims], world.binding, world.of_kind)
    assert verdicts.not_evaluated == []
    naive = Naive(world)
    assert verdicts.hits == {each.rule_id: naive.hits(claims, each) for each in drawn}
