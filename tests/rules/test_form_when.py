"""Form 1: a record is wrong, with or without another one."""

from typing import Any

import pytest

from tests.rules.support import evaluation, flags, hits

EXPENSE = {"code": "B1", "cadre": "C1", "payee": "甲", "amount": 200, "spent_on": "2026-03-05"}
RULE: dict[str, Any] = {
    "when": {"fact": "expense", "where": [{"field": "amount", "op": "gte", "value": "200"}]},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}
THRESHOLD = {
    **RULE,
    "parameters": {
        "threshold": {"type": "amount", "label": {"zh": "起点", "en": "Threshold"}, "value": 200}
    },
    "when": {"fact": "expense", "where": [{"field": "amount", "op": "gte", "value": "$threshold"}]},
}


def related(how: str, *where: dict[str, Any]) -> dict[str, Any]:
    """The rule on expenses with, or without, an approval."""
    approval = {"fact": "expense_approval", "where": list(where)}
    return {**RULE, "when": {"fact": "expense", how: approval}}


BY_EXPENSE = {"field": "expense", "op": "eq", "value": ".code"}


def expenses(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"expense": [{**EXPENSE, **row} for row in rows]}


@pytest.mark.parametrize(
    ("amount", "flagged"), [("199.99", False), ("200", True), ("200.00", True), ("200.01", True)]
)
def test_at_least_includes_the_number_itself(amount: str, *, flagged: bool) -> None:
    found = flags(RULE, expenses({"amount": amount}), "2026-03-31")
    assert found == ([("C1", "B1", "2026-03-05")] if flagged else [])


@pytest.mark.parametrize(
    ("as_of", "flagged"), [("2026-03-04", False), ("2026-03-05", True), ("2027-01-01", True)]
)
def test_a_record_is_known_from_its_day_on(as_of: str, *, flagged: bool) -> None:
    assert bool(flags(RULE, expenses({}), as_of)) is flagged


@pytest.mark.parametrize("live", [True, False])
def test_a_wrong_record_of_today_is_judged_today(*, live: bool) -> None:
    assert flags(RULE, expenses({}), "2026-03-05", live=live) == [("C1", "B1", "2026-03-05")]


def test_what_is_missing_may_be_judged_when_the_day_is_over() -> None:
    patient = {**RULE, "when": {**RULE["when"], "judged": "next_day"}}
    assert flags(patient, expenses({}), "2026-03-05", live=True) == []
    assert flags(patient, expenses({}), "2026-03-05") != []
    assert flags(patient, expenses({}), "2026-03-06", live=True) != []
    at_once = {**RULE, "when": {**RULE["when"], "judged": "at_once"}}
    assert flags(at_once, expenses({}), "2026-03-05", live=True) != []


def test_a_later_date_reads_as_blank() -> None:
    reimbursed = {**RULE, "occurred_on": "reimbursed_on"}
    given = expenses({"reimbursed_on": "2026-03-20"})
    assert flags(reimbursed, given, "2026-03-19") == []
    assert flags(reimbursed, given, "2026-03-20") == [("C1", "B1", "2026-03-20")]


def test_a_planned_day_that_has_not_come_raises_nothing_yet() -> None:
    rule = {
        "when": {"fact": "leave"},
        "subject": "cadre",
        "key": "code",
        "occurred_on": "first_day",
    }
    leave = {"code": "L1", "cadre": "C1", "kind": "annual", "requested_on": "2026-03-01"}
    given = {"leave": [{**leave, "first_day": "2026-03-10", "last_day": "2026-03-12"}]}
    assert flags(rule, given, "2026-03-09") == []
    assert flags(rule, given, "2026-03-10") == [("C1", "L1", "2026-03-10")]


@pytest.mark.parametrize(("tracked_from", "flagged"), [("2026-03-05", True), ("2026-03-06", False)])
def test_what_occurred_before_records_were_kept_is_no_flag(
    tracked_from: str, *, flagged: bool
) -> None:
    given = {"organization": [{"code": "D1", "tracked_from": tracked_from}], **expenses({})}
    assert bool(flags(RULE, given, "2026-03-31")) is flagged


@pytest.mark.parametrize(
    ("first", "last", "flagged"),
    [
        ("2026-03-05", None, True),
        ("2026-03-06", None, False),
        (None, "2026-03-05", True),
        (None, "2026-03-04", False),
        ("2026-03-05", "2026-03-05", True),
    ],
)
def test_a_rule_judges_what_counts_from_a_day_inside_its_force(
    first: str | None, last: str | None, *, flagged: bool
) -> None:
    days = {name: day for name, day in (("from", first), ("until", last)) if day is not None}
    assert bool(flags({**RULE, "in_force": days}, expenses({}), "2026-12-31")) is flagged


@pytest.mark.parametrize(
    ("since", "flagged"), [("2026-03-05", False), ("2026-03-06", True), ("2026-01-01", False)]
)
def test_the_parameter_is_that_of_the_day_it_occurred_on(since: str, *, flagged: bool) -> None:
    given = {"parameter": [{"name": "threshold", "from": since, "value": "200.01"}], **expenses({})}
    assert bool(flags(THRESHOLD, given, "2026-03-31")) is flagged


def test_a_value_on_a_date_that_has_one_replaces_it() -> None:
    values = {"2010-01-01": 100, "2026-03-05": 500}
    parameter = {**THRESHOLD["parameters"]["threshold"], "values": values}
    del parameter["value"]
    rule = {**THRESHOLD, "parameters": {"threshold": parameter}}
    assert flags(rule, expenses({}), "2026-03-31") == []
    change = {"parameter": [{"name": "threshold", "from": "2026-03-05", "value": "200"}]}
    assert flags(rule, {**change, **expenses({})}, "2026-03-31") != []
    # The first value holds since ever, whatever date stands before it.
    early = expenses({"spent_on": "2009-12-31", "amount": "100"})
    assert flags(rule, early, "2026-03-31") == [("C1", "B1", "2009-12-31")]


def test_without_flags_where_nothing_fits_and_with_where_something_does() -> None:
    fits = {**EXPENSE, "code": "B2"}
    approval = {"code": "A1", "expense": "B2", "body": "chair", "decision": "approved"}
    given = {
        "expense": [EXPENSE, fits],
        "expense_approval": [{**approval, "decided_on": "2026-03-05"}],
    }
    assert [
        key for _who, key, _day in flags(related("without", BY_EXPENSE), given, "2026-03-31")
    ] == ["B1"]
    assert [key for _who, key, _day in flags(related("with", BY_EXPENSE), given, "2026-03-31")] == [
        "B2"
    ]


def test_two_related_facts_that_fit_are_one_flag() -> None:
    approval = {
        "expense": "B1",
        "body": "chair",
        "decision": "approved",
        "decided_on": "2026-03-05",
    }
    given = {**expenses({}), "expense_approval": [{"code": c, **approval} for c in ("A1", "A2")]}
    assert flags(related("with", BY_EXPENSE), given, "2026-03-31") == [("C1", "B1", "2026-03-05")]


def test_a_blank_to_be_joined_matches_nothing() -> None:
    by_item = {"field": "code", "op": "eq", "value": ".item"}
    approval = {"code": "A1", "expense": "B1", "body": "chair", "decision": "approved"}
    given = {**expenses({}), "expense_approval": [{**approval, "decided_on": "2026-03-05"}]}
    assert flags(related("with", by_item), given, "2026-03-31") == []
    assert flags(related("without", by_item), given, "2026-03-31") != []


def test_a_relation_without_conditions_asks_whether_there_is_any() -> None:
    approval = {"code": "A1", "expense": "B9", "body": "chair", "decision": "approved"}
    some = {**expenses({}), "expense_approval": [{**approval, "decided_on": "2026-03-05"}]}
    assert flags(related("with"), expenses({}), "2026-03-31") == []
    assert flags(related("with"), some, "2026-03-31") != []
    assert flags(related("without"), some, "2026-03-31") == []


def test_related_facts_are_as_of_the_day_too() -> None:
    approval = {"code": "A1", "expense": "B1", "body": "chair", "decision": "approved"}
    given = {**expenses({}), "expense_approval": [{**approval, "decided_on": "2026-03-10"}]}
    assert flags(related("without", BY_EXPENSE), given, "2026-03-09") != []
    assert flags(related("without", BY_EXPENSE), given, "2026-03-10") == []


def test_a_path_to_what_is_not_known_yet_is_blank_until_it_is() -> None:
    rule = {
        "when": {"fact": "expense_approval"},
        "subject": "expense.cadre",
        "key": "code",
        "occurred_on": "decided_on",
    }
    approval = {"code": "A1", "expense": "B1", "body": "chair", "decision": "approved"}
    given = {**expenses({}), "expense_approval": [{**approval, "decided_on": "2026-03-01"}]}
    assert flags(rule, given, "2026-03-04") == []
    assert flags(rule, given, "2026-03-05") == [("C1", "A1", "2026-03-01")]


def test_a_record_without_subject_or_date_is_no_flag() -> None:
    award = {
        "when": {"fact": "award"},
        "subject": "cadre",
        "key": "code",
        "occurred_on": "nominated_on",
    }
    given = {"award": [{"code": "W1", "organization": "F1", "nominated_on": "2026-03-05"}]}
    assert flags(award, given, "2026-03-31") == []
    assert flags({**award, "subject": "organization"}, given, "2026-03-31") == [
        ("F1", "W1", "2026-03-05")
    ]


def test_a_subject_without_a_district_is_no_flag() -> None:
    given = {"cadre": [{"code": "C3"}], **expenses({"cadre": "C3"})}
    assert flags(RULE, given, "2026-03-31") == []


def test_organizations_in_a_circle_have_no_district() -> None:
    given = {"organization": [{"code": "D1", "parent": "F1"}], **expenses({})}
    assert flags(RULE, given, "2026-03-31") == []


def test_two_records_with_one_key_are_one_flag_which_occurred_first() -> None:
    rule = {**RULE, "key": "payee"}
    given = expenses(
        {"code": "B1", "spent_on": "2026-03-05"}, {"code": "B2", "spent_on": "2026-03-04"}
    )
    found = hits(rule, given, "2026-03-31")
    assert [(hit.key, hit.occurred_on.isoformat()) for hit in found] == [("甲", "2026-03-04")]
    assert found[0].evidence[0]["code"] == "B2"
    # As of a day on which only the later one was known, that one speaks.
    assert [hit.key for hit in hits(rule, given, "2026-03-04")] == ["甲"]


def test_one_key_of_two_subjects_is_two_flags() -> None:
    given = expenses({}, {"code": "B2", "cadre": "C2"})
    found = flags({**RULE, "key": "payee"}, given, "2026-03-31")
    assert found == [("C1", "甲", "2026-03-05"), ("C2", "甲", "2026-03-05")]


def test_keys_are_raw_values_and_messages_are_words() -> None:
    rule = {
        **THRESHOLD,
        "key": "{spent_on}/{payee}/{amount}/{threshold}/{item}",
        "message": {
            "zh": "{cadre}于{spent_on}支出{amount}元（{item}），起点{threshold}元，票据{receipt}",
            "en": "{cadre} spent {amount} on {spent_on} ({item}), from {threshold} on: {receipt}",
        },
    }
    (hit,) = hits(rule, expenses({"amount": "1234.5", "payee": "{x}%s"}), "2026-03-31")
    assert hit.key == "2026-03-05/{x}%s/1234.50/200.00/"
    assert hit.message == {
        "zh": "张一于2026年3月5日支出1,234.50元（（未填写）），起点200.00元，票据否",
        "en": "张一 spent 1,234.50 on Mar 5, 2026 ((not given)), from 200.00 on: no",
    }


def test_a_rule_without_message_says_its_title() -> None:
    title = {"zh": "花{括号}100%", "en": "Braces {amount} 100%"}
    (hit,) = hits({**RULE, "title": title}, expenses({}), "2026-03-31")
    assert hit.message == title


def test_a_long_key_is_cut_and_kept_apart() -> None:
    rule = {**RULE, "key": "{payee}{payee}{code}"}
    long = "甲" * 200
    given = expenses({"payee": long, "code": "B1"}, {"payee": long, "code": "B2"})
    first, second = (hit.key for hit in hits(rule, given, "2026-03-31"))
    assert len(first) == len(second) == 300
    assert first != second


def test_evidence_is_the_record_what_is_related_and_the_parameters() -> None:
    rule = {**THRESHOLD, "when": {**THRESHOLD["when"], "without": {"fact": "expense_approval"}}}
    rule["when"]["without"]["where"] = [BY_EXPENSE, {"field": "body", "op": "eq", "value": "chair"}]
    near = {"code": "A1", "expense": "B1", "body": "audit_committee", "decision": "approved"}
    given = {**expenses({}), "expense_approval": [{**near, "decided_on": "2026-03-05"}]}
    (hit,) = hits(rule, given, "2026-03-31")
    assert [entry["fact"] for entry in hit.evidence] == ["expense", "expense_approval", "parameter"]
    assert hit.evidence[0]["amount"] == "200.00"
    assert hit.evidence[1]["code"] == "A1"
    assert hit.evidence[2] == {"fact": "parameter", "name": "threshold", "value": "200.00"}


def test_more_evidence_than_can_be_kept_is_counted() -> None:
    approval = {
        "expense": "B1",
        "body": "chair",
        "decision": "approved",
        "decided_on": "2026-03-05",
    }
    rows = [{"code": f"A{number}", **approval} for number in range(65)]
    (hit,) = hits(
        related("with", BY_EXPENSE), {**expenses({}), "expense_approval": rows}, "2026-03-31"
    )
    assert len(hit.evidence) == 1 + 60 + 1
    assert hit.evidence[-1] == {"fact": "expense_approval", "more": 5}


def test_a_disabled_rule_finds_nothing() -> None:
    assert evaluation({**RULE, "enabled": False}, expenses({}), "2026-03-31").hits == []
