"""Form 4: facts add up, by group and by period."""

from typing import Any

import pytest

from tests.rules.support import flags, hits, problems, rule_of

EXPENSE = {"code": "B1", "cadre": "C1", "payee": "甲", "amount": 100, "spent_on": "2026-03-05"}
NUMBER = {"type": "integer", "label": {"zh": "次数", "en": "Times"}, "value": 2}


def rule(**tally: Any) -> dict[str, Any]:
    """Two expenses of one cadre in a month, unless told otherwise."""
    given = {
        "of": {"fact": "expense"},
        "by": ["cadre"],
        "date": "spent_on",
        "every": "month",
        "at_least": {"count": 2},
    }
    chosen = {**given, **tally}
    return {"tally": {name: value for name, value in chosen.items() if value is not None}}


def expenses(*rows: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Expenses of 100 yuan on March 5, but for what is said."""
    numbered = [{**EXPENSE, "code": f"B{number}", **row} for number, row in enumerate(rows)]
    return {"expense": numbered, **others}


def on(*days: str) -> list[dict[str, Any]]:
    return [{"spent_on": f"2026-{day}"} for day in days]


def test_it_occurs_with_the_one_that_fills_the_measure_in_order_of_date() -> None:
    given = expenses(*on("03-20", "03-02", "03-10"))
    assert flags(rule(), given, "2026-03-31") == [("C1", "2026-03", "2026-03-10")]
    assert flags(rule(), given, "2026-03-10") == [("C1", "2026-03", "2026-03-10")]
    assert flags(rule(), given, "2026-03-09") == []
    assert flags(rule(at_least={"count": 3}), given, "2026-03-31")[0][2] == "2026-03-20"
    assert flags(rule(at_least={"count": 4}), given, "2026-03-31") == []


def test_a_group_is_told_by_what_it_is_grouped_by() -> None:
    assert rule_of(rule()).shape.identity == ("cadre", "period")
    apart = {**rule(by=["cadre", "payee"], every=None), "key": "payee"}
    assert rule_of(apart).shape.identity == ("cadre", "payee")


def test_what_is_filled_today_is_flagged_today() -> None:
    given = expenses(*on("03-02", "03-10"))
    assert flags(rule(), given, "2026-03-10", live=True) == [("C1", "2026-03", "2026-03-10")]


def test_two_on_one_day_fill_it_on_that_day() -> None:
    assert flags(rule(), expenses(*on("03-10", "03-10")), "2026-03-31") == [
        ("C1", "2026-03", "2026-03-10")
    ]


@pytest.mark.parametrize(
    ("every", "days", "found"),
    [
        ("month", ("03-31", "04-01"), []),
        ("month", ("03-01", "03-31"), [("2026-03", "2026-03-31")]),
        ("week", ("03-08", "03-09"), []),
        ("week", ("03-02", "03-08"), [("2026-W10", "2026-03-08")]),
        ("quarter", ("03-31", "04-01"), []),
        ("quarter", ("01-01", "03-31"), [("2026-Q1", "2026-03-31")]),
        ("year", ("01-01", "12-31"), [("2026", "2026-12-31")]),
        ("working_day", ("03-02", "03-03"), []),
        ("working_day", ("03-02", "03-02"), [("2026-03-02", "2026-03-02")]),
    ],
)
def test_each_period_is_counted_for_itself(
    every: str, days: tuple[str, ...], found: list[tuple[str, str]]
) -> None:
    result = flags(rule(every=every), expenses(*on(*days)), "2026-12-31")
    assert result == [("C1", key, day) for key, day in found]


def test_groups_are_counted_for_themselves() -> None:
    given = expenses({}, {"cadre": "C2"}, {"cadre": "C2"})
    assert flags(rule(), given, "2026-03-31") == [("C2", "2026-03", "2026-03-05")]


def test_what_has_no_value_to_be_grouped_by_belongs_to_no_group() -> None:
    by_item = {**rule(by=["cadre", "item"]), "key": "{period}/{item}"}
    given = expenses({}, {}, {"item": "纸"}, {"item": "纸"})
    assert flags(by_item, given, "2026-03-31") == [("C1", "2026-03/纸", "2026-03-05")]


def test_what_has_no_date_is_not_counted() -> None:
    reimbursed = rule(date="reimbursed_on")
    given = expenses({"reimbursed_on": "2026-03-06"}, {})
    assert flags(reimbursed, given, "2026-03-31") == []
    given = expenses({"reimbursed_on": "2026-03-06"}, {"reimbursed_on": "2026-03-07"})
    assert flags(reimbursed, given, "2026-03-06") == []
    assert flags(reimbursed, given, "2026-03-31") == [("C1", "2026-03", "2026-03-07")]


SPLIT = {**rule(every=None, by=["cadre", "spent_on", "payee"]), "key": "{spent_on}/{payee}"}


@pytest.mark.parametrize(
    ("amounts", "flagged"),
    [
        (["100", "99.99"], False),
        (["100", "100"], True),
        (["199.99", "0.01"], True),
        (["300"], False),
        (["50", "50", "99.99"], False),
        (["50", "50", "100"], True),
    ],
)
def test_a_sum_and_a_count_have_to_be_reached_both(amounts: list[str], *, flagged: bool) -> None:
    split = {"tally": {**SPLIT["tally"], "at_least": {"count": 2, "sum": {"amount": 200}}}}
    given = expenses(*({"amount": amount} for amount in amounts))
    found = flags({**SPLIT, **split}, given, "2026-03-31")
    assert found == ([("C1", "2026-03-05/甲", "2026-03-05")] if flagged else [])


def test_a_sum_alone_occurs_when_it_is_reached() -> None:
    total = rule(at_least={"sum": {"amount": 250}})
    given = expenses(*on("03-20", "03-02", "03-10", "03-25"))
    assert flags(total, given, "2026-03-31") == [("C1", "2026-03", "2026-03-20")]
    assert flags(total, given, "2026-03-19") == []
    assert flags(rule(at_least={"sum": {"amount": 100}}), expenses({}), "2026-03-31") != []


def test_amounts_add_up_exactly_however_large() -> None:
    largest = "90071992547409.91"
    total = rule(at_least={"sum": {"amount": largest}})
    assert flags(total, expenses({"amount": "90071992547409.90"}), "2026-03-31") == []
    assert flags(total, expenses({"amount": largest}, {"amount": largest}), "2026-03-31") != []


def test_a_blank_adds_nothing() -> None:
    approvals = {
        "of": {"fact": "expense_approval"},
        "by": ["approver"],
        "date": "decided_on",
        "at_least": {"count": 2, "sum": {"amount": 100}},
    }
    row = {"expense": "B1", "body": "chair", "decision": "approved", "decided_on": "2026-03-05"}
    rows = [{"code": "A1", "approver": "C1", **row}, {"code": "A2", "approver": "C1", **row}]
    assert flags(rule(**approvals), {"expense_approval": rows}, "2026-03-31") == []
    rows[0]["amount"] = "100"
    assert flags(rule(**approvals), {"expense_approval": rows}, "2026-03-31") != []


@pytest.mark.parametrize("beside", [True, False])
def test_it_may_bear_the_latest_date_among_them(*, beside: bool) -> None:
    latest = {"latest": "reimbursed_on"}
    tally = SPLIT["tally"] if beside else {**SPLIT["tally"], "occurred_on": latest}
    dated = {**SPLIT, "tally": tally, **({"occurred_on": latest} if beside else {})}
    given = expenses(
        {"reimbursed_on": "2026-03-20"}, {"reimbursed_on": "2026-03-10"}, {"payee": "乙"}
    )
    assert flags(dated, given, "2026-03-31") == [("C1", "2026-03-05/甲", "2026-03-20")]
    # As of a day on which the later one was not known, the earlier one is the latest.
    assert flags(dated, given, "2026-03-19") == [("C1", "2026-03-05/甲", "2026-03-10")]
    assert flags(dated, given, "2026-03-09") == []


def test_the_date_is_said_once() -> None:
    said = {**rule(occurred_on="reached"), "occurred_on": "reached"}
    (problem,) = problems(said)
    assert "'occurred_on' is given in the tally as well" in problem
    assert flags({**rule(), "occurred_on": "reached"}, expenses({}, {}), "2026-03-31") != []


def test_the_date_is_one_of_two() -> None:
    (problem,) = problems(rule(occurred_on="spent_on"))
    assert "'spent_on'; allowed: reached, {latest: path}" in problem


MISTAKES: dict[str, Any] = {
    "tally": {
        "of": {"fact": "mistake"},
        "by": ["cadre", "occurred_on"],
        "date": "occurred_on",
        "at_least": {"count": 2},
    },
    "key": "{occurred_on}",
}


@pytest.mark.parametrize("beside", [True, False])
def test_a_group_is_never_mistaken_for_what_the_tally_derives(*, beside: bool) -> None:
    latest = {"latest": "reported_on"}
    tally = MISTAKES["tally"] if beside else {**MISTAKES["tally"], "occurred_on": latest}
    (problem,) = problems(
        {**MISTAKES, "tally": tally, **({"occurred_on": latest} if beside else {})}
    )
    assert "mistake has a field 'occurred_on' of its own" in problem
    (problem,) = problems({**MISTAKES, "tally": {**MISTAKES["tally"], "date": "reported_on"}})
    assert "mistake has a field 'occurred_on' of its own" in problem


def test_facts_may_be_grouped_by_the_date_that_they_are_tallied_by() -> None:
    row = {"cadre": "C1", "level": "minor", "reported_on": "2026-03-20"}
    days = ("2026-03-05", "2026-03-05", "2026-03-06", "2026-03-09", "2026-03-09")
    rows = [{"code": f"W{n}", "occurred_on": day, **row} for n, day in enumerate(days)]
    found = flags(MISTAKES, {"mistake": rows}, "2026-03-31")
    assert found == [("C1", day, day) for day in ("2026-03-05", "2026-03-09")]


def test_a_path_groups_once() -> None:
    (problem,) = problems(rule(by=["cadre", "cadre"]))
    assert "'cadre' stands in 'by' twice" in problem


def test_members_may_be_chosen_with_or_without_another_fact() -> None:
    approval = {
        "fact": "expense_approval",
        "where": [{"field": "expense", "op": "eq", "value": ".code"}],
    }
    row = {"code": "A1", "expense": "B0", "body": "chair", "decision": "approved"}
    given = expenses({}, {}, {}, expense_approval=[{**row, "decided_on": "2026-03-05"}])
    without = rule(of={"fact": "expense", "without": approval})
    assert flags(without, given, "2026-03-31") != []
    assert (
        flags(without, expenses({}, {}, **{**given, "expense": given["expense"][:2]}), "2026-03-31")
        == []
    )
    assert flags(rule(of={"fact": "expense", "with": approval}), given, "2026-03-31") == []


@pytest.mark.parametrize(
    ("since", "as_of", "flagged"),
    [
        ("2026-03-31", "2026-04-30", False),
        ("2026-04-01", "2026-04-30", True),
        ("2026-03-20", "2026-03-19", True),
        ("2026-03-20", "2026-03-20", False),
    ],
)
def test_the_parameter_is_that_of_the_period_s_last_day_or_of_the_day(
    since: str, as_of: str, *, flagged: bool
) -> None:
    counted = {**rule(at_least={"count": "$times"}), "parameters": {"times": NUMBER}}
    change = [{"name": "times", "from": since, "value": 3}]
    found = flags(counted, expenses({}, {}, parameter=change), as_of)
    assert bool(found) is flagged


def test_without_periods_the_parameter_is_that_of_the_date() -> None:
    threshold = {"type": "amount", "label": {"zh": "起点", "en": "Threshold"}, "value": 200}
    of = {"fact": "expense", "where": [{"field": "amount", "op": "lt", "value": "$threshold"}]}
    tally = {**SPLIT["tally"], "of": of, "at_least": {"sum": {"amount": "$threshold"}}}
    split = {**SPLIT, "tally": tally, "parameters": {"threshold": threshold}}
    change = {"parameter": [{"name": "threshold", "from": "2026-03-06", "value": 150}]}
    pieces = [{"amount": "100"}, {"amount": "60"}]
    assert flags(split, expenses(*pieces, **change), "2026-12-31") == []
    later = [{**piece, "spent_on": "2026-03-06"} for piece in pieces]
    assert flags(split, expenses(*later, **change), "2026-12-31") != []


def test_the_subject_may_be_named_through_a_reference() -> None:
    through = {**rule(by=["cadre.organization"]), "subject": "cadre.organization"}
    given = expenses({}, {"cadre": "C2"})
    assert flags(through, given, "2026-03-31") == [("F1", "2026-03", "2026-03-05")]
    named = {
        **through,
        "message": {"zh": "{cadre.organization}", "en": "{cadre.organization.name}"},
    }
    (hit,) = hits(named, given, "2026-03-31")
    assert hit.message == {"zh": "乙联合会", "en": "乙联合会"}


def test_dates_may_be_grouped_by_their_parts() -> None:
    parts = {**rule(every=None, by=["cadre", "spent_on.year"]), "key": "{spent_on.year}"}
    given = expenses(*on("01-01", "12-31"))
    assert flags(parts, given, "2026-12-31") == [("C1", "2026", "2026-12-31")]


def test_evidence_is_the_tally_and_its_members_in_order() -> None:
    given = expenses(*on("03-20", "03-02"))
    (hit,) = hits({**rule(), "message": {"zh": "{count}{period}", "en": "x"}}, given, "2026-03-31")
    assert hit.message["zh"] == "22026-03"
    assert [entry["fact"] for entry in hit.evidence] == ["tally", "expense", "expense"]
    assert [entry["spent_on"] for entry in hit.evidence[1:]] == ["2026-03-02", "2026-03-20"]


def test_texts_that_look_alike_are_one_group_written_as_in_the_one_entered_first() -> None:
    """The smallest code names it, in key and message, whatever the order of dates and rows."""
    folding = {
        **rule(by=["cadre", "payee.folded"], every=None),
        "key": "{payee}",
        "message": {"zh": "{payee}·{payee.folded}", "en": "{payee}·{payee.folded}"},
    }
    given = expenses(
        {"code": "B2", "payee": "ＡＢＣ 打印"},
        {"code": "B3", "payee": "abc打印", "spent_on": "2026-03-01"},
        {"code": "B1", "payee": "Abc打\u200b印", "spent_on": "2026-03-09"},
        {"code": "B0", "payee": "abc打印。"},
    )
    (hit,) = hits(folding, given, "2026-03-31")
    assert (hit.key, hit.message["zh"]) == ("Abc打\u200b印", "Abc打\u200b印·abc打印")
    assert (hit.evidence[0]["payee.folded"], hit.evidence[0]["payee"]) == (
        "abc打印",
        "Abc打\u200b印",
    )
    # Before the ninth, the one entered first was another.
    assert [each.key for each in hits(folding, given, "2026-03-08")] == ["ＡＢＣ 打印"]


def test_who_groups_by_both_gets_both() -> None:
    both = {**rule(by=["cadre", "payee.folded", "payee"], every=None), "key": "{payee}"}
    given = expenses({"payee": "甲 店"}, {"payee": "甲店"}, {"payee": "甲店"})
    assert flags(both, given, "2026-03-31") == [("C1", "甲店", "2026-03-05")]


def test_what_folds_to_nothing_belongs_to_no_group() -> None:
    folding = {**rule(by=["cadre", "payee.folded"], every=None), "key": "cadre"}
    given = expenses({"payee": "\u2800"}, {"payee": "\u2800"})
    assert flags(folding, given, "2026-03-31") == []
    assert flags({**rule(every=None), "key": "cadre"}, given, "2026-03-31") != []


def test_the_parts_of_a_key_are_told_apart() -> None:
    """A stroke inside a text is no separator, and a backslash is no mark of one."""
    split = {**rule(by=["cadre", "item", "payee"], at_least={"count": 1}, every=None)}
    given = expenses(
        {"item": "a", "payee": "b/c"},
        {"item": "a/b", "payee": "c"},
        {"item": "a\\", "payee": "b"},
        {"item": "a", "payee": "\\b"},
    )
    found = flags({**split, "key": "{item}/{payee}"}, given, "2026-03-31")
    assert sorted(key for _subject, key, _day in found) == [
        "a/\\\\b",
        "a/b\\/c",
        "a\\/b/c",
        "a\\\\/b",
    ]
    # Separators of several characters, dates beside texts, and a key of one part.
    for template, wanted in (
        ("<{item} – {payee}>", {"<a – b/c>", "<a/b – c>", "<a\\\\ – b>", "<a – \\\\b>"}),
        ("{cadre}/{amount}", {"C1/100.00"}),
        ("x/{payee}", {"x/b/c", "x/c", "x/b", "x/\\b"}),
    ):
        by = ["cadre", "item", "payee", "amount"]
        several = {**rule(by=by, at_least={"count": 1}, every=None), "key": template}
        keys = {key for _subject, key, _day in flags(several, given, "2026-03-31")}
        assert keys == wanted, template
