"""Rules in plain words: complete in both languages, and a few of them word by word."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.rules.support import rule_of
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.tree import Rule
from tiesan.rules.words.sentences import explain

EXPLAINED = Path(__file__).with_name("explained")
RULES = list(installed_catalog().rules.values())
LATIN = re.compile(r"[A-Za-z]")


def words(rule: Rule, language: str, **more: Any) -> str:
    """The explanation of a rule as a page would indent it."""
    with use_language(language):
        lines = explain(rule, installed_catalog().kinds, **more)
    return "".join(f"{'  ' * line.depth}{line.text}\n" for line in lines)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_words_with_nothing_left_to_fill_in(rule: Rule, language: str) -> None:
    text = words(rule, language)
    assert not re.search(r"%\(|%s|\{|\}|\$|None|True|False", text), text
    lines = [line for line in text.splitlines() if not line.startswith(" ")]
    assert all(line.endswith((".", "。", ":", "：")) for line in lines), text
    for parameter in rule.parameters.values():
        assert parameter.label.in_language(language) in text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_chinese_words_are_chinese(rule: Rule) -> None:
    text = words(rule, "zh", rules=installed_catalog().rules)
    assert not LATIN.search(text), text
    assert "疑似" in text


def names() -> list[str]:
    return sorted(path.stem for path in EXPLAINED.glob("*.txt"))


@pytest.mark.parametrize("name", names())
def test_words_are_those_that_were_agreed(name: str) -> None:
    rule_id, language = name.rsplit(".", 1)
    expected = (EXPLAINED / f"{name}.txt").read_text(encoding="utf-8")
    assert words(installed_catalog().rules[rule_id], language) == expected


def test_each_form_is_among_those_agreed() -> None:
    forms = {type(installed_catalog().rules[name.rsplit(".", 1)[0]].form) for name in names()}
    assert len(forms) == 4


EVERY_OP: dict[str, Any] = {
    "parameters": {
        "start": {"type": "time", "label": {"zh": "起", "en": "Start"}, "value": "08:30"},
        "mode": {
            "type": "choice",
            "choices": {"a": {"zh": "甲", "en": "A"}, "b": {"zh": "乙", "en": "B"}},
            "label": {"zh": "方式", "en": "Mode"},
            "values": {"2026-01-01": "a", "2026-07-01": "b"},
        },
    },
    "in_force": {"from": "2026-01-01", "until": "2026-12-31"},
    "when": {
        "fact": "attendance",
        "judged": "next_day",
        "where": [
            {"field": "clock_in", "op": "lt", "value": "08:00"},
            {"field": "clock_in", "op": "lte", "value": "$start"},
            {"field": "clock_in", "op": "gt", "value": ".clock_out"},
            {"field": "clock_in", "op": "gte", "value": "08:00"},
            {"field": "day", "op": "lt", "value": "2026-01-01"},
            {"field": "day", "op": "lte", "value": "2026-01-01"},
            {"field": "day", "op": "gt", "value": "2026-01-01"},
            {"field": "day", "op": "gte", "value": "2026-01-01"},
            {"field": "day.quarter", "op": "ne", "value": "1"},
            {"field": "day.week", "op": "lt", "value": "10"},
            {"field": "day.month", "op": "lte", "value": "10"},
            {"field": "day.year", "op": "gt", "value": "2020"},
            {"field": "day.year", "op": "gte", "value": "2020"},
            {"field": "cadre.name", "op": "contains", "value": {"literal": ".x"}},
            {"field": "cadre.name", "op": "starts_with", "value": "张"},
            {"field": "cadre.name.length", "op": "lt", "value": 3},
            {"field": "cadre.name.folded", "op": "eq", "value": ".cadre.post.folded"},
            {"field": "cadre", "op": "in", "value": ["C1", "C2"]},
            {"field": "cadre.post", "op": "not_in", "value": ["主席", "委员"]},
            {"parameter": "mode", "op": "eq", "value": "a"},
            {"parameter": "start", "op": "lt", "value": ".clock_in"},
            {
                "not": [
                    {"all": [{"field": "clock_in", "op": "absent"}]},
                    {"field": "day", "op": "present"},
                ]
            },
        ],
    },
    "subject": "cadre",
    "key": "day",
    "occurred_on": "day",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_comparison_has_its_words(language: str) -> None:
    path = EXPLAINED / "every_comparison" / f"{language}.txt"
    assert words(rule_of(EVERY_OP), language) == path.read_text(encoding="utf-8")


def test_parameters_have_the_value_of_the_day() -> None:
    rule = rule_of(EVERY_OP)
    assert "the parameter “Mode” (“A”)" in words(rule, "en", day=date(2026, 6, 30))
    assert "the parameter “Mode” (“B”)" in words(rule, "en", day=date(2026, 7, 1))
    assert "the parameter “Mode” (“B”)" in words(rule, "en")
    mode = rule.parameters["mode"].changed({date(2026, 8, 1): "a"})
    changed = {**rule.parameters, "mode": mode}
    assert "the parameter “Mode” (“A”)" in words(rule, "en", parameters=changed)
    assert "the parameter “Mode” (“B”)" in words(
        rule, "en", parameters=changed, day=date(2026, 7, 31)
    )


DUTY: dict[str, Any] = {
    "duty": {
        "owed_by": {"fact": "organization"},
        "every": "month",
        "due": {"from": "first_day", "months": 1},
        "stands_until": "due_on",
        "counts": {
            "fact": "meeting",
            "by": "organization",
            "where": [{"field": "code", "op": "eq", "value": ".name"}],
        },
    }
}


def test_a_duty_speaks_of_who_owes_it_and_of_its_period() -> None:
    text = words(rule_of(DUTY), "en")
    assert "It is owed by every “Organization”." in text
    assert "Owed, every month: at least 1 “Meeting”." in text
    assert "“Code” is “Name of the organization” of that “Organization”" in text
    assert "1 month after the first day of the period" in text
    assert "from the first day of the period to the due date" in text


def test_whose_records_count_is_said_where_it_is_not_plain() -> None:
    counts = {"fact": "study_session", "by": "main_speaker", "date": "held_on"}
    duty = {"owed_by": {"fact": "cadre"}, "every": "year", "counts": counts}
    rule = rule_of({"duty": duty})
    said = "Only records count whose “Main speaker” is the one that owes it."
    assert said in words(rule, "en")
    assert "只计“主讲人”为该义务人的记录。" in words(rule, "zh")
    assert "Only records count" not in words(rule_of(DUTY), "en").split("“Code”")[0]


def test_a_clock_that_may_never_start_is_said_to() -> None:
    rules = installed_catalog().rules
    said = "Where “Adopted on” is not given there is no deadline."
    assert said in words(rules["innovation.no_result"], "en")
    assert "未填写“采纳日期”的，不计算时限。" in words(rules["innovation.no_result"], "zh")
    assert "there is no deadline" not in words(rules["efficiency.task_overdue"], "en")


def test_what_is_not_true_may_also_be_blank() -> None:
    rule = installed_catalog().rules["discipline.no_receipt"]
    assert "“Receipt given”: no, or not given" in words(rule, "en")
    assert "“有票据”：否（含未填写）" in words(rule, "zh")


def test_rules_whose_flags_are_read_are_named_by_their_titles() -> None:
    rules = installed_catalog().rules
    rule = rules["discipline.frequent_late"]
    assert "“规则”为“迟到”" in words(rule, "zh", rules=rules)
    assert "“规则”为“discipline.late”" in words(rule, "zh")


def twins(*more: dict[str, Any], without: bool = False) -> Rule:
    """Expenses with, or without, another one of the same payee."""
    same = {"field": "payee.folded", "op": "eq", "value": ".payee.folded"}
    related = {"fact": "expense", "where": [same, *more]}
    return rule_of(
        {
            "when": {"fact": "expense", "without" if without else "with": related},
            "subject": "cadre",
            "key": "code",
            "occurred_on": "spent_on",
        }
    )


def test_a_rule_that_relates_a_kind_to_itself_tells_the_two_apart() -> None:
    other = {"field": "code", "op": "ne", "value": ".code"}
    said = {
        "en": "there is another “Expense” that meets all of the following:\n"
        "    “Payee” (regardless of case, width and blanks) is “Payee” (regardless of case, width"
        " and blanks) of this “Expense”\n"
        "    “Code” is given and is not “Code” of this “Expense”\n",
        "zh": "另有一条“开支”记录符合下列全部条件：\n"
        "    “收款单位”（不计大小写、全半角和空格）"
        "为所查开支的“收款单位”（不计大小写、全半角和空格）\n"
        "    已填写“编号”，且不为所查开支的“编号”\n",
    }
    for language, text in said.items():
        assert text in words(twins(other), language)
    assert "there is no other “Expense” that meets" in words(twins(other, without=True), "en")
    # What does not exclude itself may be meant as well, and that is said.
    assert "another “Expense”, or this one itself, that" in words(twins(), "en")
    assert "neither another “Expense” nor this one itself" in words(twins(without=True), "en")
    assert "有一条“开支”记录（可以是所查记录自身）" in words(twins(), "zh")


def test_a_deadline_met_by_another_record_of_its_kind_says_so() -> None:
    done = {
        "fact": "expense",
        "where": [
            {"field": "item", "op": "eq", "value": ".code"},
            {"field": "code", "op": "ne", "value": ".code"},
        ],
        "date": "spent_on",
    }
    deadline = {"fact": "expense", "from": "spent_on", "days": 3, "done": done}
    text = words(rule_of({"deadline": deadline, "subject": "cadre", "key": "code"}), "en")
    assert "Done by another “Expense” that meets all of the following (date: “Spent on”):" in text
    assert "“Item” is “Code” of this “Expense”" in text


def test_singular_and_plural() -> None:
    for number, text in ((1, "1 day after"), (2, "2 days after")):
        deadline = {"fact": "task", "from": "due_on", "days": number, "done": "completed_on"}
        rule = rule_of({"deadline": deadline, "subject": "organization", "key": "code"})
        assert text in words(rule, "en")
    for kind, of in (("missing", "while it is not done"), ("late", "when it is done after")):
        deadline = {"fact": "task", "from": "due_on", "months": 1, "done": "completed_on"}
        flagged = {
            "deadline": {**deadline, "flags": kind},
            "subject": "organization",
            "key": "code",
        }
        assert of in words(rule_of(flagged), "en")


GROWN: dict[str, Any] = {
    "parameters": {
        "payees": {
            "type": "list",
            "of": "text",
            "label": {"zh": "重点收款单位", "en": "Watched payees"},
            "value": ["铁山打印店", "老张"],
        },
        "limit": {"type": "integer", "label": {"zh": "天数", "en": "Limit"}, "value": 2},
    },
    "when": {
        "fact": "expense",
        "lengths": {
            "wait": {
                "span": ["spent_on", "reimbursed_on"],
                "unit": "working_days",
                "label": {"zh": "报销用时", "en": "Wait"},
            }
        },
        "where": [
            {"field": "payee", "op": "in", "value": "$payees"},
            {"field": "payee", "op": "matches_text", "value": "$payees"},
            {"field": "wait", "op": "gt", "value": "$limit"},
            {"field": "wait", "op": "ne", "value": "10.5"},
        ],
        "with": {
            "fact": "leave",
            "lengths": {
                "d": {
                    "span": ["first_day", "last_day"],
                    "halves": ["first_half", "last_half"],
                    "unit": "days",
                }
            },
            "where": [
                {"field": "cadre", "op": "eq", "value": ".cadre"},
                {"field": "d", "op": "lte", "value": ".wait"},
            ],
        },
    },
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "zh",
            [
                "“收款单位”属于“铁山打印店”、“老张”（参数“重点收款单位”）之一",
                "“收款单位”与“铁山打印店”或“老张”（参数“重点收款单位”）相同",
                "“报销用时”高于2（参数“天数”）",
                "已填写“报销用时”，且不为10.5",
                "从“开始日期”到“结束日期”的天数（首尾均计，半天计0.5）不高于",
                "“报销用时”是从“开支日期”到“报销日期”的工作日数（首尾均计）。",
            ],
        ),
        (
            "en",
            [
                "“Payee” is one of “铁山打印店”, “老张” (parameter “Watched payees”)",
                "“Wait” is above 2 (parameter “Limit”)",
                "“Wait” is given and is not 10.5",
                "(both ends counted, half days as 0.5) is at most",
                "“Wait” is the number of working days from “Spent on” to “Reimbursed on”",
            ],
        ),
    ],
)
def test_lists_and_lengths_in_plain_words(language: str, wanted: list[str]) -> None:
    with use_language(language):
        lines = [line.text for line in explain(rule_of(GROWN), installed_catalog().kinds)]
    for words in wanted:
        assert any(words in line for line in lines), lines
    assert lines[-1].startswith("“")
