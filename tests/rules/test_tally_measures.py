"""What tallies measure, say and keep: rounding, evidence, who has no fact, words, reach."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.support import flags, hits, problems, rule_of
from tests.rules.test_form_tally import expenses, on, rule
from tests.rules.test_words import words
from tiesan.facts.kinds import Fact, FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import affected_rules
from tiesan.rules import Level, RuleSet, build_world, decide_plainly, evaluate
from tiesan.rules.judging.reach import is_local, kinds_needed, looks_for_people
from tiesan.rules.measured import SCALES, decimal_text, rounded

RECEIPTS = {"where": [{"field": "receipt", "op": "eq", "value": True}], "percent": 80}
FLAG = {"fact": "flag", "where": [{"field": "rule", "op": "eq", "value": "discipline.late"}]}
SAID = "{count}|{avg}|{sum}|{min}|{max}|{count_distinct}"


def row_of(kind: str, **values: Any) -> Fact:
    """A stored row of a kind."""
    fields = installed_catalog().kinds[kind].fields
    return tuple(values.get(each.name) for each in fields if not each.derived)


ORGANIZATION = row_of("organization", code="D1", name="区", tracked_from=date(2026, 3, 1))


def cadre(code: str) -> Fact:
    """A cadre of the district."""
    joined_on = date(2020, 1, 1)
    return row_of("cadre", code=code, name=code, organization="D1", joined_on=joined_on)


def bounded(**bounds: Any) -> dict[str, Any]:
    """A tally of expenses by month with these bounds."""
    return rule(**{"at_least": None, **bounds})


@settings(max_examples=50)
@given(total=st.integers(-(10**6), 10**6), number=st.integers(1, 500), down=st.booleans())
def test_an_average_is_rounded_to_the_side_on_which_it_lies(
    total: int, number: int, *, down: bool
) -> None:
    """What is printed lies on the same side of every bound that can be written."""
    for steps in {scale.steps for scale in SCALES.values()}:
        exact = Fraction(total * steps, number)
        shown = rounded(total * steps, number, down=down)
        assert abs(shown - exact) < 1
        assert shown <= exact if down else shown >= exact


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [(7999, 2, "79.99"), (800, 1, "80"), (-5, 1, "-0.5"), (0, 2, "0"), (1050, 2, "10.5")],
)
def test_decimals_are_written_without_closing_zeros(number: int, decimals: int, text: str) -> None:
    assert decimal_text(number, decimals) == text


@pytest.mark.parametrize(
    ("amounts", "side", "bound", "shown"),
    [
        (["0.01", "0.02"], "less_than", "0.02", "0.01"),
        (["0.01", "0.02"], "more_than", "0.01", "0.02"),
        (["1", "1", "1.01"], "at_most", "1.01", "1.00"),
        (["1234.56"], "at_least", "1", "1,234.56"),
    ],
)
def test_an_average_of_amounts_has_two_decimals(
    amounts: list[str], side: str, bound: str, shown: str
) -> None:
    said = {**bounded(**{side: {"avg": {"amount": bound}}}), "message": {"zh": "{avg}", "en": "x"}}
    given = expenses(*({"amount": amount} for amount in amounts))
    (hit,) = hits(said, given, "2026-03-31")
    assert hit.message["zh"] == shown
    fen = round(sum(Fraction(amount) for amount in amounts) * 100)
    entry = hit.evidence[0]
    assert entry["avg_total"] == f"{fen // 100}.{fen % 100:02d}"
    assert entry["avg_count"] == str(len(amounts))


@pytest.mark.parametrize(
    ("met", "of", "side", "percent", "shown"),
    [
        (19, 24, "less_than", 80, "79.1"),
        (2, 3, "more_than", 66, "66.7"),
        (2, 3, "at_most", 67, "66.6"),
        (4, 5, "at_least", 80, "80"),
        (0, 2, "at_most", 0, "0"),
    ],
)
def test_a_share_has_at_most_one_decimal(
    met: int, of: int, side: str, percent: int, shown: str
) -> None:
    share = {**RECEIPTS, "percent": percent}
    said = {
        **bounded(**{side: {"share": share}}),
        "message": {"zh": "{share}|{share_count}", "en": "x"},
    }
    given = expenses(*({"receipt": number < met} for number in range(of)))
    (hit,) = hits(said, given, "2026-03-31")
    assert hit.message["zh"] == f"{shown}|{met}"
    entry = hit.evidence[0]
    assert (entry["share_count"], entry["count"]) == (str(met), str(of))


def test_averages_of_numbers_and_lengths_have_at_most_two_decimals() -> None:
    span = {"span": ["first_day", "last_day"], "halves": ["first_half", "last_half"]}
    leaves = {
        "of": {"fact": "leave", "lengths": {"days": {**span, "unit": "days"}}},
        "date": "first_day",
        "more_than": {"avg": {"days": 1}},
        "at_least": {"avg": {"days": "1.5"}, "sum": {"days": 5}},
    }
    said = {**rule(**leaves), "message": {"zh": "{avg}|{sum}", "en": "x"}}
    rows = [
        {"code": f"L{n}", "cadre": "C1", "kind": "sick", "first_day": f"2026-03-0{n}"}
        for n in (2, 4, 6)
    ]
    lasts = ("2026-03-03", "2026-03-05", "2026-03-06")
    given = {"leave": [{**row, "last_day": last} for row, last in zip(rows, lasts, strict=True)]}
    (hit,) = hits(said, given, "2026-03-31")
    assert hit.message["zh"] == "1.67|5"
    given["leave"][0]["first_half"] = "pm"
    assert hits(said, given, "2026-03-31") == []
    weekdays = {**rule(more_than={"avg": {"spent_on.weekday": 1}}, at_least=None)}
    said = {**weekdays, "message": {"zh": "{avg}", "en": "x"}}
    (hit,) = hits(said, expenses(*on("03-02", "03-02", "03-03")), "2026-03-31")
    assert hit.message["zh"] == "1.34"


def test_all_that_is_measured_can_be_said() -> None:
    every = {
        "at_least": {"count": 2, "sum": {"amount": 1}, "count_distinct": {"payee": 2}},
        "more_than": {"avg": {"amount": 0}, "min": {"amount": 0}, "max": {"amount": 0}},
    }
    said = {**rule(**every), "message": {"zh": SAID, "en": SAID}}
    given = expenses({"amount": "1"}, {"amount": "2", "payee": "乙"})
    (hit,) = hits(said, given, "2026-03-31")
    assert hit.message["zh"] == "2|1.50|3.00|1.00|2.00|2"
    (problem,) = problems({**rule(), "message": {"zh": "{avg}", "en": "{count}"}})
    assert "unknown placeholder '{avg}'" in problem


def test_a_group_of_nobody_has_counts_and_no_average() -> None:
    owed = {"owed_by": {"fact": "cadre"}, "excused": "never"}
    tracked = {"organization": [{"code": "D1", "tracked_from": "2026-03-01"}]}
    none = rule(**owed, at_least=None, at_most={"count": 0})
    assert flags(none, tracked, "2026-03-31") == [
        (who, "2026-03", "2026-03-31") for who in ("C1", "C2")
    ]
    for bounds in (
        {"at_most": {"avg": {"amount": 100}}},
        {"less_than": {"share": RECEIPTS}},
        {"at_most": {"max": {"amount": 100}}},
    ):
        assert flags(rule(**owed, at_least=None, **bounds), tracked, "2026-03-31") == []
    (hit, _other) = hits(none, tracked, "2026-03-31")
    assert [each["fact"] for each in hit.evidence] == ["tally"]
    assert ("cadre", ("C1",)) in hit.rests_on


def test_of_a_few_subjects_only_these_are_judged() -> None:
    owed = rule_of(rule(owed_by={"fact": "cadre"}, at_least=None, at_most={"count": 0}))
    world = build_world(
        installed_catalog().sources,
        {"organization": [ORGANIZATION], "cadre": [cadre("C1"), cadre("C2")]},
        as_of=date(2026, 3, 31),
        judged_until=date(2026, 3, 31),
        exceptions={},
        owners={"cadre": frozenset({"C2"})},
    )
    found = evaluate(world, RuleSet([owed]), decide_plainly).hits
    assert [(hit.subject, hit.key) for hit in found] == [("C2", "2026-03")]


def test_who_owes_may_be_asked_by_the_period() -> None:
    joined = {"field": "joined_on", "op": "gte", "value": ".first_day"}
    since = {
        "fact": "organization",
        "where": [{"field": "founded_on", "op": "lte", "value": ".last_day"}],
    }
    owed = {"owed_by": {"fact": "cadre", "where": [joined], "with": since}}
    joined_on = {"C1": "2026-03-01", "C2": "1999-12-31"}
    given = {"cadre": [{"code": who, "joined_on": day} for who, day in joined_on.items()]}
    none = rule(**owed, at_least=None, at_most={"count": 0})
    assert flags(none, given, "2026-04-30") == [("C1", "2026-03", "2026-03-31")]


def test_a_window_has_no_more_than_its_facts_behind_it() -> None:
    window = rule(every=None, within={"days": 3})
    said = {**window, "message": {"zh": "{window_start}~{occurred_on}:{count}", "en": "x"}}
    given = expenses(*on("03-01", "03-03", "03-04", "03-05", "03-20", "03-21"))
    first, second = hits(said, given, "2026-03-31")
    assert [entry["code"] for entry in first.evidence[1:]] == ["B0", "B1"]
    assert [entry["code"] for entry in second.evidence[1:]] == ["B4", "B5"]
    assert first.message["zh"] == "2026年3月1日~2026年3月3日:2"
    # What comes later changes nothing, and the first days of the calendar do no harm.
    assert hits(said, given, "2026-03-03") == [first]
    far = {**window, "tally": {**window["tally"], "within": {"days": 10**17}}}
    assert len(flags(far, given, "2026-03-31")) == 1


LINES = [
    (
        rule(at_least={"count": 3}, at_most={"count_distinct": {"payee.folded": 1}}),
        (
            "同组累计不少于3条，且其中不同的“收款单位”（不计大小写、全半角和空格）不多于1个的，列为疑似问题。\n"
            "期满后判定，日期为该期最后一天；没有相应记录的不判定。\n"
        ),
        (
            "Flagged as suspected is a group of at least 3, with at most 1 different “Payee”"
            " (regardless of case, width and blanks).\nJudged when the period is over; date: its"
            " last day. Who has no such record is not judged.\n"
        ),
    ),
    (
        rule(at_least=None, more_than={"sum": {"amount": 5000}}),
        "“开支金额（元）”合计高于5,000.00的，列为疑似问题。\n发生日期：使累计达到标准的那条记录的日期。\n",
        (
            "Flagged as suspected is a group with total “Amount (yuan)” above 5,000.00.\n"
            "Date of the flag: that of the record with which the group gets there.\n"
        ),
    ),
    (
        rule(
            of={"fact": "attendance"},
            date="day",
            at_least=None,
            more_than={"avg": {"clock_in": "08:45"}},
        ),
        "平均晚于08:45的，列为疑似问题。\n期满后判定",
        "on average later than 08:45.\nJudged when the period is over",
    ),
    (
        bounded(less_than={"share": RECEIPTS}),
        "其中符合下列条件的不足80%：\n  “有票据”：是",
        "a group of which less than 80 % meet all of the following:\n  “",
    ),
    (
        rule(every="quarter", owed_by={"fact": "cadre"}, at_least=None, at_most={"count": 0}),
        "每个“工会干部”每季度都判定，没有记录的按0计。\n",
        "Every “Cadre” is judged each quarter; without records it counts as 0.\n",
    ),
    (
        rule(every=None, within={"days": 30}),
        "任何一天（含）往前30天内，同组累计不少于2条的，列为疑似问题；连续达到只标记一次。\n",
        (
            "a group of at least 2 on any day, within the 30 days that end with it;"
            " flagged once as long as it lasts.\n"
        ),
    ),
]


@pytest.mark.parametrize(("tally", "zh", "en"), LINES, ids=lambda each: str(each)[:20])
def test_a_tally_in_plain_words(tally: dict[str, Any], zh: str, en: str) -> None:
    assert zh in words(rule_of(tally), "zh")
    assert en in words(rule_of(tally), "en")


def test_what_a_tally_reads_reaches_whom_it_concerns() -> None:
    concerns = {name: model.concerns for name, model in installed_catalog().records.items()}
    owed = {"owed_by": {"fact": "cadre"}, "at_least": None, "at_most": {"count": 0}}
    mine = rule_of(rule(**owed))
    assert is_local(mine, concerns)
    assert not looks_for_people(mine)
    assert kinds_needed(mine, installed_catalog().kinds) == {"cadre", "expense"}
    related = {"fact": "cadre", "with": {"fact": "leave"}}
    assert not is_local(rule_of(rule(**{**owed, "owed_by": related})), concerns)
    behind = rule_of(bounded(at_least={"count_distinct": {"cadre.organization.kind": 2}}))
    assert kinds_needed(behind, installed_catalog().kinds) == {"cadre", "expense", "organization"}
    part = {"where": [{"field": "cadre.professional", "op": "eq", "value": True}], "percent": 1}
    shared = rule_of(bounded(more_than={"share": part}))
    assert kinds_needed(shared, installed_catalog().kinds) == {"cadre", "expense"}


def test_a_leave_affects_who_is_excused_by_it() -> None:
    owed = {"owed_by": {"fact": "cadre"}, "at_least": None, "at_most": {"count": 0}}
    for excused, affected in (("leave", True), ("leave_or_outing", True), ("never", False)):
        mine = rule_of(rule(**owed, excused=excused))
        found = affected_rules(installed_catalog(), RuleSet([mine]), "leave")
        assert (found == [mine]) is affected


def test_every_selection_of_flags_has_to_name_its_rules() -> None:
    named = {"of": FLAG, "date": "occurred_on", "at_least": {"count": 2}}
    assert rule_of(rule(**named)).level is Level.NAMED_FLAGS
    of_any = {"fact": "flag", "where": [{"field": "cadre", "op": "eq", "value": ".code"}]}
    owed = {"owed_by": {"fact": "cadre", "with": of_any}}
    assert rule_of(rule(**named, **owed)).level is Level.ANY_FLAGS
    part = {"where": [{"field": "rule", "op": "eq", "value": "discipline.absent"}], "percent": 50}
    shared = rule_of(rule(**named, more_than={"share": part}))
    assert (shared.level, shared.reads_rules) == (Level.NAMED_FLAGS, ("discipline.late",))


ERRORS = [
    (rule(at_least=None), "needs at least one of", "至少需要其中一项"),
    (
        bounded(at_least={"sum": {"amount": 1}}, at_most={"sum": {"amount.x": 1}}),
        "amount.x",
        "amount.x",
    ),
    (
        bounded(more_than={"avg": {"amount": 1}}, less_than={"avg": {"spent_on.weekday": 3}}),
        "'avg' stands over two paths",
        "“avg”用于两个不同的路径",
    ),
    (rule(excused="leave"), "'excused' needs 'owed_by'", "“excused”需要“owed_by”"),
    (
        rule(every=None, owed_by={"fact": "cadre"}),
        "'owed_by' needs 'every'",
        "“owed_by”需要“every”",
    ),
    (
        rule(owed_by={"fact": "organization"}),
        "a single path in 'by' that names a organization; found: cadre",
        "只有一个指明organization的路径",
    ),
    (
        rule(every=None, within={"days": 5}, occurred_on="reached"),
        "a window occurs on the day that fills it",
        "不得填写“occurred_on”",
    ),
    (
        {**bounded(less_than={"avg": {"amount": 5}}), "occurred_on": {"latest": "reimbursed_on"}},
        "'less_than avg' occurs on the period's last day",
        "不得填写“occurred_on”",
    ),
    (
        {**rule(every=None, within={"days": 5}, by=["cadre", "payee"]), "key": "occurred_on"},
        "within needs a key that names payee",
        "须指明payee",
    ),
    (bounded(less_than={"count": 1}), "'less_than count 1' needs 'owed_by'", "“owed_by”"),
    (rule(every=None, within={"days": 0}), "1 and above", "1"),
    (bounded(at_least={"min": {"payee": 1}}), "has no least value", "没有最小值"),
]


@pytest.mark.parametrize(("wrong", "en", "zh"), ERRORS, ids=lambda each: str(each)[:30])
def test_what_is_wrong_is_said_in_both_languages(wrong: dict[str, Any], en: str, zh: str) -> None:
    assert en in "\n".join(problems(wrong))
    assert zh in "\n".join(problems(wrong, language="zh"))


def test_a_percentage_given_by_a_parameter_is_one() -> None:
    label = {"zh": "比例", "en": "Share"}
    for value, fits in ((100, True), (101, False)):
        given = {
            "type": "integer",
            "label": label,
            "values": {"2010-01-01": 5, "2026-01-01": value},
        }
        share = {**RECEIPTS, "percent": "$percent"}
        shared = {**bounded(less_than={"share": share}), "parameters": {"percent": given}}
        if fits:
            assert rule_of(shared).parameters["percent"].type is FieldType.INTEGER
        else:
            assert "percent is 101; allowed: 0 to 100" in "\n".join(problems(shared))


def test_who_owes_a_duty_may_be_asked_by_a_number_of_days_that_is_a_parameter() -> None:
    near = {"field": "joined_on", "op": "within_days", "value": "2026-01-01", "days": "$days"}
    duty = {
        "owed_by": {"fact": "cadre", "where": [near]},
        "every": "month",
        "counts": {
            "fact": "info_report",
            "by": "cadre",
            "date": "submitted_on",
            "where": [{**near, "field": "submitted_on"}],
        },
    }
    days = {"type": "integer", "label": {"zh": "天", "en": "Days"}, "value": 31}
    given = {
        "cadre": [{"code": "C1", "joined_on": "2026-01-01"}],
        "info_report": [
            {"code": "I1", "cadre": "C1", "submitted_on": "2026-02-01", "title": "动态"}
        ],
    }
    found = flags({"duty": duty, "parameters": {"days": days}}, given, "2026-02-28")
    assert found == [("C1", "2026-01", "2026-01-31")]
