"""What is offered instead of a name that is not allowed, and of a text that was cut off."""

import pytest

from tests.rules.support import problems, problems_of
from tiesan.i18n import use_language
from tiesan.rules.spelling import edits, listing


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        *(("", "", 0), ("a", "b", 1), ("op", "ops", 1), ("amount", "amont", 1)),
        *(("amount", "amonut", 1), ("ab", "ba", 1), ("abc", "ca", 3)),
    ],
)
def test_edits(one: str, other: str, number: int) -> None:
    assert edits(one, other) == edits(other, one) == number


@pytest.mark.parametrize(
    ("found", "allowed", "meant"),
    [
        ("amonut", ["amount", "payee"], "amount"),
        ("ammoont", ["amount"], "amount"),
        ("ammount_", ["amount"], "amount"),
        ("ammoonnt", ["amount"], None),  # three edits
        ("cader", ["code", "cadre"], "cadre"),  # a swap is one
        ("spend_on", ["spent_on", "spent_in"], "spent_on"),  # the nearer one
        ("dat", ["day", "date"], None),  # two are as near
        ("is", ["on"], None),  # nothing of it is left
        ("", ["on"], None),
    ],
)
def test_one_name_that_is_near_is_offered(
    found: str, allowed: list[str], meant: str | None
) -> None:
    with use_language("en"):
        shown = listing(allowed, found)
    hint = "" if meant is None else f"; did you mean '{meant}'?"
    assert shown == ", ".join(allowed) + hint


RULE = {
    "when": {"fact": "expense", "where": [{"field": "amount", "op": "gt", "value": 5}]},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}


@pytest.mark.parametrize(
    ("changed", "meant"),
    [
        ({"occured_on": "spent_on"}, "occurred_on"),
        ({"subject": "cader"}, "cadre"),
        ({"severity": "seriuos"}, "serious"),
        ({"when": {"fact": "expenses"}}, "expense"),
        ({"when": {"fact": "expense", "were": []}}, "where"),
        ({"when": {"fact": "expense", "where": [{"field": "amount", "op": "gtee"}]}}, "gte"),
        ({"message": {"zh": "{amout}", "en": "{amount}"}}, "amount"),
        ({"message": {"zh": "{cadre.nane}", "en": "x"}}, "name"),
        ({"key": "spent_on.weekdays"}, "weekday"),
    ],
)
def test_wherever_a_name_is_unknown(changed: dict[str, object], meant: str) -> None:
    assert f"did you mean '{meant}'?" in problems({**RULE, **changed})[0]


HINT = "a text with a comma, colon or brace stands in quotes"
FILE = """plugin: discipline
rules:
  - id: discipline.sample
    title: {title}
    clause: {{zh: 甲, en: a}}
    severity: minor
    when: {{fact: expense}}
    subject: cadre
    key: code
    occurred_on: spent_on
"""


@pytest.mark.parametrize(
    ("title", "hinted"),
    [
        ("{zh: 甲, 乙, en: a}", True),
        ("{zh: 甲, 乙 b: 1, en: a}", True),
        ('{zh: "甲, 乙", en: a, fr: b}', False),
        ("{zh: 甲, en: a, fr: b}", False),
        ("\n      zh: 甲\n      en: a\n      fr:", False),
    ],
)
def test_a_text_that_a_comma_cut_off(title: str, hinted: bool) -> None:
    (problem,) = problems_of(FILE.format(title=title))
    assert "unknown key" in problem
    assert (HINT in problem) is hinted
