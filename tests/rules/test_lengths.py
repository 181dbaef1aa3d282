"""Lengths: half days between two dates of a record, held against counting day by day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.support import flags, hits, problems, rule_of
from tiesan.calendar.working_days import WorkingCalendar, is_official_working_day
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.literals import parse_length, raw_text
from tiesan.rules.tree import Path

DAYS = {"span": ["first_day", "last_day"], "unit": "days"}
HALVES = {**DAYS, "halves": ["first_half", "last_half"]}
days = st.dates(date(2025, 12, 20), date(2026, 3, 20))


def leave(**values: Any) -> dict[str, Any]:
    """A leave of C1, L1 unless it is said otherwise."""
    return {"code": "L1", "cadre": "C1", "kind": "sick", **values}


def rule(*where: dict[str, Any], **lengths: dict[str, Any]) -> dict[str, Any]:
    """A rule on leaves with lengths, whose key is the first of them."""
    return {
        "when": {"fact": "leave", "lengths": lengths, "where": list(where)},
        "subject": "cadre",
        "key": f"{{code}}/{{{next(iter(lengths))}}}",
        "occurred_on": "first_day",
    }


@pytest.mark.parametrize(
    ("text", "half_days"),
    [("0", 0), ("10", 20), ("10.5", 21), ("10.0", 20), ("9999999.5", 19999999)],
)
def test_a_length_is_written_in_whole_and_half_days(text: str, half_days: int) -> None:
    assert parse_length(text) == half_days
    assert raw_text(half_days, FieldType.LENGTH) == text.removesuffix(".0")


@pytest.mark.parametrize("text", ["10.25", "-1", "1.", ".5", "1e1", "01", "１", "10000000", ""])
def test_what_is_no_length(text: str) -> None:
    with use_language("en"), pytest.raises(ValueError, match="whole and half days"):
        parse_length(text)


# A length in either unit, as the key of a rule reads it.
MEASURED = {
    unit: next(
        part
        for part in rule_of({**rule(d={**HALVES, "unit": unit}), "key": "d"}).key.parts
        if isinstance(part, Path)
    )
    for unit in ("days", "working_days")
}


@given(
    days,
    days,
    st.sampled_from(["am", "pm", None]),
    st.sampled_from(["am", "pm", None]),
    st.dictionaries(days, st.booleans(), max_size=4),
)
def test_lengths_are_those_of_counting_day_by_day(
    first: date,
    last: date,
    first_half: str | None,
    last_half: str | None,
    exceptions: dict[date, bool],
) -> None:
    kind = installed_catalog().kinds["leave"]
    row = leave(first_day=first, last_day=last, first_half=first_half, last_half=last_half)
    fact = tuple(row.get(each.name) for each in kind.fields)
    binding = Binding(installed_catalog().kinds, lambda _kind: {}, WorkingCalendar(exceptions))
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    worked = [day for day in span if exceptions.get(day, is_official_working_day(day))]
    for (unit, path), counted in zip(MEASURED.items(), (span, worked), strict=True):
        half_days = 2 * len(counted)
        half_days -= first_half == "pm" and first in counted
        half_days -= last_half == "am" and last in counted
        assert binding.getter(path, kind)(fact) == half_days, unit


@given(days, days)
def test_working_days_are_counted_by_index(first: date, last: date) -> None:
    calendar = WorkingCalendar({date(2026, 1, 3): True, date(2026, 1, 6): False})
    assert calendar.count(first, last) == len(calendar.between(first, last))
    assert WorkingCalendar().count(last, first) == len(WorkingCalendar().between(last, first))


def test_years_without_holidays_are_not_read() -> None:
    exceptions = {date(1, 1, 6): True, date(1, 1, 8): False, date(2150, 5, 1): True}
    calendar = WorkingCalendar(exceptions)
    for first, last in ((date(1, 1, 2), date(1954, 3, 1)), (date(2098, 3, 1), date(2160, 2, 2))):
        assert calendar.count(first, last) == len(WorkingCalendar(exceptions).between(first, last))
    assert calendar.count(date(1, 1, 1), date(9999, 12, 31)) > 2_500_000


BOTH_ENDS = {"leave": [leave(first_day="2026-03-02", last_day="2026-03-04", last_half="am")]}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"field": "d", "op": "eq", "value": 2.5}, True),
        ({"field": "d", "op": "ne", "value": "2"}, True),
        ({"field": "d", "op": "gt", "value": 2}, True),
        ({"field": "d", "op": "gte", "value": 3}, False),
        ({"field": "d", "op": "lt", "value": 3}, True),
        ({"field": "d", "op": "in", "value": [2, "2.5"]}, True),
        ({"field": "d", "op": "not_in", "value": [2, "2.5"]}, False),
        ({"field": "d", "op": "gt", "value": "$two"}, True),
        ({"field": "d", "op": "gte", "value": "$three"}, False),
        ({"field": "d", "op": "in", "value": ["$two", "$three"]}, False),
        ({"field": "d", "op": "lt", "value": "$three"}, True),
        ({"parameter": "three", "op": "gt", "value": ".d"}, True),
        ({"parameter": "two", "op": "gte", "value": ".d"}, False),
        ({"field": "d", "op": "lt", "value": ".whole"}, True),
        ({"field": "whole", "op": "eq", "value": ".first_day.month"}, True),
        ({"field": "first_day.month", "op": "gt", "value": ".d"}, True),
        ({"field": "first_day.weekday", "op": "gte", "value": ".d"}, False),
        ({"field": "whole", "op": "in", "value": [".first_day.month", ".d"]}, True),
        ({"field": "first_day.month", "op": "in", "value": [1, ".whole"]}, True),
        ({"not": [{"field": "d", "op": "gt", "value": ".whole"}]}, True),
    ],
)
def test_lengths_are_compared_with_numbers_of_days(where: dict[str, Any], *, holds: bool) -> None:
    label = {"zh": "天", "en": "days"}
    parameters = {
        name: {"type": "integer", "label": label, "value": value}
        for name, value in (("two", 2), ("three", 3))
    }
    used = [{"parameter": name, "op": "present"} for name in parameters]
    asked = rule(where, *used, d=HALVES, whole=DAYS)
    found = flags({**asked, "parameters": parameters}, BOTH_ENDS, "2026-12-31")
    assert bool(found) is holds


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"field": "d", "op": "contains", "value": "1"}, "a field of type length has no op"),
        ({"field": "d", "op": "gt", "value": ".first_day"}, "cannot be compared"),
        ({"field": "first_day", "op": "gt", "value": ".d"}, "cannot be compared"),
        ({"field": "d.month", "op": "gt", "value": 1}, "of type length"),
        ({"field": "d", "op": "gt", "value": "-1"}, "whole and half days"),
    ],
)
def test_what_a_length_is_not(where: dict[str, Any], words: str) -> None:
    assert words in problems(rule(where, d=DAYS))[0]


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ({"d": {"span": ["first_day"], "unit": "days"}}, "must name two fields"),
        ({"d": {**DAYS, "unit": "weeks"}}, "allowed: days, working_days"),
        ({"d": {**DAYS, "span": ["first_day.year", "last_day"]}}, "not a date"),
        ({"d": {**DAYS, "halves": ["kind", "last_half"]}}, "'kind' has no choice 'pm'"),
        ({"d": {**DAYS, "halves": ["first_half", "cadre"]}}, "'cadre' has no choice 'am'"),
        ({"d": {"unit": "days"}}, "lacks the key 'span'"),
        ({"D": DAYS}, "snake_case"),
        ({f"d{number}": DAYS for number in range(5)}, "more than 4 lengths"),
    ],
)
def test_lengths_that_are_refused(lengths: dict[str, Any], words: str) -> None:
    assert words in problems({**rule(**lengths), "key": "code"})[0]


def test_a_length_bears_no_name_that_a_form_derives() -> None:
    tally = {
        "tally": {
            "of": {"fact": "leave", "lengths": {"sum": DAYS}},
            "by": ["cadre"],
            "date": "first_day",
            "every": "month",
            "at_least": {"count": 1},
        }
    }
    deadline = {
        "deadline": {
            "fact": "leave",
            "lengths": {"done_on": DAYS},
            "from": "first_day",
            "days": 1,
            "done": "closed_on",
        },
        "subject": "cadre",
        "key": "code",
    }
    for each in (tally, deadline):
        assert "bears the name of a field" in problems(each)[0]


def test_lengths_of_related_facts_speak_of_that_of_the_anchor() -> None:
    """Another leave that is half a day longer."""
    twin: dict[str, Any] = {
        "fact": "leave",
        "lengths": {"own": HALVES},
        "where": [
            {"field": "cadre", "op": "eq", "value": ".cadre"},
            {"field": "own", "op": "gt", "value": ".d"},
            {"field": "own", "op": "lt", "value": "3.5"},
        ],
    }
    longer = {**rule(d=HALVES), "key": "code"}
    longer["when"]["with"] = twin
    given = {
        "leave": [
            leave(code="L1", first_day="2026-03-02", last_day="2026-03-04", first_half="pm"),
            leave(code="L2", first_day="2026-03-09", last_day="2026-03-11"),
            leave(code="L3", first_day="2026-03-16", last_day="2026-03-19"),
        ]
    }
    assert flags(longer, given, "2026-12-31") == [("C1", "L1", "2026-03-02")]
    twin["where"][1] = {"field": "own", "op": "eq", "value": ".d"}
    twin["where"].append({"field": "code", "op": "ne", "value": ".code"})
    given["leave"][1]["last_half"] = "am"
    found = flags(longer, given, "2026-12-31")
    assert [key for _who, key, _day in found] == ["L1", "L2"]


def test_lengths_in_a_deadline_and_a_duty() -> None:
    deadline = {
        "deadline": {
            "fact": "leave",
            "lengths": {"d": DAYS},
            "where": [{"field": "d", "op": "gt", "value": 1}],
            "from": "last_day",
            "days": 2,
            "done": "closed_on",
        },
        "subject": "cadre",
        "key": "code",
    }
    given = {
        "leave": [
            leave(code="L1", first_day="2026-03-02", last_day="2026-03-02"),
            leave(code="L2", first_day="2026-03-02", last_day="2026-03-03"),
        ]
    }
    assert flags(deadline, given, "2026-12-31") == [("C1", "L2", "2026-03-05")]
    duty = {
        "duty": {
            "owed_by": {
                "fact": "cadre",
                "lengths": {"served": {"span": ["joined_on", "last_day"], "unit": "days"}},
                "where": [{"field": "served", "op": "lte", "value": 31}],
            },
            "every": "month",
            "excused": "never",
            "counts": {
                "fact": "leave",
                "by": "cadre",
                "date": "first_day",
                "lengths": {"d": DAYS},
                "where": [{"field": "d", "op": "gte", "value": 2}],
            },
        }
    }
    given["cadre"] = [{"code": "C1", "joined_on": "2026-03-01"}]
    given["organization"] = [{"code": "D1", "tracked_from": "2026-03-01"}]
    assert flags(duty, given, "2026-04-30") == []
    given["leave"].pop()
    assert flags(duty, given, "2026-04-30") == [("C1", "2026-03", "2026-03-31")]


def test_messages_print_lengths_and_evidence_keeps_their_dates() -> None:
    told = {**rule(d={**HALVES, "label": {"zh": "假期", "en": "Leave taken"}})}
    told["message"] = {"zh": "请假{d}天", "en": "{d} days off"}
    (hit,) = hits(told, BOTH_ENDS, "2026-12-31")
    assert hit.message == {"zh": "请假2.5天", "en": "2.5 days off"}
    assert hit.evidence[0]["last_half"] == "am"
    assert "d" not in hit.evidence[0]
    assert rule_of(told).shape.by_name.keys().isdisjoint({"d"})
