"""Parameters with a history: the value in force on a day, and the values that are accepted."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.support import problems, rule_of
from tiesan.facts.kinds import FieldType
from tiesan.i18n import use_language
from tiesan.rules.bilingual import Text
from tiesan.rules.parameters import History, Parameter, value_on
from tiesan.rules.reading.parameter_parser import parse_value

LABEL = Text("天数", "Days")
DAYS = Parameter("days", FieldType.INTEGER, LABEL, ((date.min, 3),))
days = st.dates(date(2026, 1, 1), date(2026, 1, 20))
changes = st.dictionaries(days, st.integers(1, 9), max_size=5)


def test_the_shipped_value_holds_since_ever() -> None:
    assert value_on(DAYS, date.min) == value_on(DAYS, date.max) == 3


def test_a_value_holds_from_its_day_on_until_the_next() -> None:
    changed = DAYS.changed({date(2026, 3, 1): 5, date(2026, 6, 1): 7})
    found = [value_on(changed, date(2026, month, 1)) for month in (1, 2, 3, 5, 6, 12)]
    assert found == [3, 3, 5, 5, 7, 7]
    assert value_on(changed, date(2026, 2, 28)) == 3


def test_a_value_on_a_date_that_has_one_replaces_it() -> None:
    changed = DAYS.changed({date(2026, 3, 1): 5}).changed({date(2026, 3, 1): 6})
    assert [value for _day, value in changed.values] == [3, 6]
    assert DAYS.values == ((date.min, 3),)


@given(changes, changes, days)
def test_eras_agree_with_going_through_the_history(
    one: dict[date, int], other: dict[date, int], day: date
) -> None:
    first = DAYS.changed(dict(one))
    second = Parameter("limit", FieldType.AMOUNT, LABEL, ((date.min, 1),)).changed(dict(other))
    history = History([first, second])
    expected = {
        "days": [3, *(value for since, value in sorted(one.items()) if since <= day)][-1],
        "limit": [1, *(value for since, value in sorted(other.items()) if since <= day)][-1],
    }
    assert history.values_on(day) == expected
    assert history.eras[history.era(day)] == expected
    assert history.since[history.era(day)] <= day


def test_a_rule_without_parameters_has_one_era() -> None:
    history = History([])
    assert history.eras == ({},)
    assert history.era(date(2026, 1, 1)) == 0


def _of(kind: FieldType) -> Parameter:
    """A parameter of a type, of which no value is known yet."""
    return Parameter("start", kind, LABEL, (), {"a": LABEL, "b": LABEL})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldType.INTEGER, "1", 1),
        (FieldType.INTEGER, "999999999999999999", 999999999999999999),
        (FieldType.AMOUNT, "0", 0),
        (FieldType.AMOUNT, "199.99", 19_999),
        (FieldType.TIME, "08:30", time(8, 30)),
        (FieldType.DATE, "2026-02-28", date(2026, 2, 28)),
        (FieldType.BOOLEAN, "true", True),
        (FieldType.TEXT, " 主席 ", "主席"),
        (FieldType.CHOICE, "a", "a"),
    ],
)
def test_values_are_read_by_their_declared_type(kind: FieldType, text: str, value: Any) -> None:
    assert parse_value(text, _of(kind)) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (FieldType.INTEGER, "0", "1 and above"),
        (FieldType.INTEGER, "-1", "1 and above"),
        (FieldType.INTEGER, "1.0", "whole number"),
        (FieldType.INTEGER, "01", "whole number"),
        (FieldType.INTEGER, "1e3", "whole number"),
        (FieldType.INTEGER, "٣", "whole number"),
        (FieldType.INTEGER, "9" * 19, "whole number"),
        (FieldType.AMOUNT, "-0.01", "0 and above"),
        (FieldType.AMOUNT, "199.995", "two decimals"),
        (FieldType.AMOUNT, "２００", "two decimals"),
        (FieldType.AMOUNT, "9" * 30, "two decimals"),
        (FieldType.TIME, "8:30", "two digits"),
        (FieldType.TIME, "24:00", "two digits"),
        (FieldType.DATE, "2026-02-29", "no date"),
        (FieldType.DATE, "20260228", "no date"),
        (FieldType.BOOLEAN, "yes", "true"),
        (FieldType.TEXT, "  ", "blank"),
        (FieldType.CHOICE, "c", "allowed: a, b"),
        (FieldType.CHOICE, "", "allowed: a, b"),
    ],
)
def test_values_that_are_refused(kind: FieldType, text: str, words: str) -> None:
    with use_language("en"), pytest.raises(ValueError, match=words):
        parse_value(text, _of(kind))


RULE: dict[str, Any] = {
    "when": {"fact": "expense"},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}


def declared(**parameter: Any) -> dict[str, Any]:
    label = {"zh": "起点", "en": "From"}
    return {
        **RULE,
        "parameters": {"start": {"type": "amount", "label": label, **parameter}},
        "when": {
            "fact": "expense",
            "where": [{"field": "amount", "op": "gte", "value": "$start"}],
        },
    }


def test_a_history_may_be_shipped_in_any_order() -> None:
    rule = rule_of(declared(values={"2026-07-01": 500, "2010-01-01": 200, "2020-01-01": 300}))
    assert rule.parameters["start"].values == (
        (date.min, 20_000),
        (date(2020, 1, 1), 30_000),
        (date(2026, 7, 1), 50_000),
    )


def test_a_history_needs_a_value() -> None:
    (problem,) = problems(declared(values={}))
    assert "at least one value" in problem
