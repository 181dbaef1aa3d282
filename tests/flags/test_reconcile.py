"""Stored flags follow what an evaluation finds, and nothing else."""

from datetime import date

import pytest
from sqlalchemy import select

from plugins.discipline.models import Expense
from tests.flags.conftest import District
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import StoredEvaluation
from tiesan.records.settings import PluginState, RuleParameterValue

AS_OF = date(2026, 3, 31)
UNAPPROVED = "discipline.expense_unapproved"


def test_a_flag_is_raised_with_frozen_evidence(district: District) -> None:
    district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    [flag] = [each for each in district.flags() if each.rule == UNAPPROVED]
    assert (flag.subject_kind, flag.cadre and flag.cadre.code, flag.key) == ("cadre", "C1", "X1")
    assert (flag.active, flag.review, flag.episode) == (True, "open", 1)
    assert flag.occurred_on == date(2026, 3, 5)
    assert "200.00" in flag.message_zh
    [revision] = flag.revisions
    anchor, parameter = revision.evidence
    assert anchor["fact"] == "expense"
    assert (anchor["amount"], anchor["receipt"]) == ("200.00", True)
    assert parameter == {"fact": "parameter", "name": "threshold", "value": "200.00"}
    assert [event.verb for event in flag.events] == ["raised"]


def test_evaluating_twice_changes_nothing(district: District) -> None:
    district.expense("X1", 20_000)
    district.expense("X2", 19_999, receipt=False)
    first = district.evaluate(AS_OF)
    before = district.stored()
    second = district.evaluate(AS_OF)
    assert len(first.hits) == len(second.hits) > 1
    assert district.stored() == before
    assert [outcome.changes.raised for outcome in second.districts] == [[]]


def test_a_corrected_record_clears_its_flag_and_says_so(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    district.approval("A1", expense)
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.active, flag.cleared_reason) == (False, "condition")
    assert [event.verb for event in flag.events] == ["raised", "cleared"]


def test_a_flag_that_was_not_decided_is_raised_again_as_the_same(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    expense.amount = 19_999
    district.evaluate(AS_OF)
    expense.amount = 20_000
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.active, flag.episode, flag.cleared_at) == (True, 1, None)
    assert [event.verb for event in flag.events] == ["raised", "cleared", "raised_again"]


def test_after_a_finished_review_a_new_episode_begins(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    [flag] = district.flags()
    district.review(flag, "confirmed", AS_OF)
    expense.amount = 100
    district.evaluate(AS_OF)
    expense.amount = 20_000
    district.evaluate(AS_OF)
    first, second = district.flags()
    assert (first.active, first.review) == (False, "confirmed")
    assert (second.active, second.review, second.episode) == (True, "open", 2)
    assert second.previous_id == first.id


def test_changed_evidence_is_a_revision_and_marks_a_decided_flag(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    [flag] = district.flags()
    district.review(flag, "confirmed", AS_OF)
    expense.amount = 30_000
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.review, flag.changed_since_decision, flag.revision) == ("confirmed", True, 2)
    amounts = [revision.evidence[0]["amount"] for revision in flag.revisions]
    assert amounts == ["200.00", "300.00"]


def test_an_open_flag_is_revised_without_a_mark(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    expense.payee = "乙商店"
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.changed_since_decision, flag.revision) == (False, 2)


def test_looking_back_answers_and_stores_nothing(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    before = district.stored()
    expense.amount = 100
    outcome = district.evaluate(date(2026, 3, 30))
    assert not outcome.stored
    assert UNAPPROVED not in {hit.rule for hit in outcome.hits}
    assert district.stored() == before


def test_an_equal_and_a_later_day_are_stored(district: District) -> None:
    district.expense("X1", 20_000)
    for day in (AS_OF, AS_OF, date(2026, 4, 1)):
        assert district.evaluate(day).stored
    days = district.session.scalars(select(StoredEvaluation.as_of).order_by(StoredEvaluation.id))
    assert list(days) == [AS_OF, AS_OF, date(2026, 4, 1)]


def test_a_voided_record_is_no_fact(district: District) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    expense.voided_at, expense.void_reason = expense.recorded_at, "重复录入"
    district.evaluate(AS_OF)
    assert district.names() == []


def test_a_plugin_switched_off_hides_its_rules_and_comes_back(district: District) -> None:
    district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    state = PluginState(name="discipline", enabled=False, changed_at=district.flags()[0].raised_at)
    district.session.add(state)
    district.evaluate(AS_OF)
    [flag] = district.flags()
    assert (flag.active, flag.cleared_reason) == (False, "rule")
    state.enabled = True
    district.evaluate(AS_OF)
    assert district.names() == [(UNAPPROVED, "X1")]


@pytest.mark.parametrize("known", [AS_OF, date(2026, 4, 1)])
def test_flags_of_the_running_day_are_cleared_when_their_plugin_is_switched_off(
    district: District, known: date
) -> None:
    row = district.expense("X1", 20_000)
    district.touch(row, known)
    [flag] = district.flags()
    assert flag.known_as_of == known
    state = PluginState(name="discipline", enabled=False, changed_at=flag.raised_at)
    district.session.add(state)
    district.evaluate(AS_OF, date(2026, 4, 1))
    [flag] = district.flags()
    assert (flag.active, flag.cleared_reason, flag.known_as_of) == (False, "rule", known)
    state.enabled = True
    district.evaluate(date(2026, 4, 1))
    assert district.names() == [(UNAPPROVED, "X1")]


def test_a_flag_of_the_running_day_is_not_cleared_by_who_knows_less(district: District) -> None:
    later = date(2026, 4, 1)
    days = {"spent_on": later, "requested_on": later, "reimbursed_on": later}
    district.touch(district.expense("X1", 20_000, **days), later)
    district.evaluate(AS_OF, later)
    assert district.names() == [(UNAPPROVED, "X1")]


def test_a_rule_whose_parameter_is_refused_is_not_evaluated_and_its_flags_stay(
    district: District,
) -> None:
    district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    district.session.add(
        RuleParameterValue(rule=UNAPPROVED, name="threshold", valid_from=AS_OF, value="viel")
    )
    outcome = district.evaluate(AS_OF)
    # Rules that read any flags rest on this rule's, so they are not evaluated either.
    assert {entry.rule for _code, entry in outcome.not_evaluated} == {
        UNAPPROVED,
        "accountability.repeat_violations",
        "innovation.award_ineligible",
    }
    assert district.names() == [(UNAPPROVED, "X1")]
    last = select(StoredEvaluation).order_by(StoredEvaluation.id.desc()).limit(1)
    stored = district.session.scalars(last).one()
    assert UNAPPROVED in {entry["rule"] for entry in stored.not_evaluated}


def test_revisions_keep_the_version_of_the_rule(district: District) -> None:
    district.expense("X1", 20_000)
    outcome = district.evaluate(AS_OF)
    [flag] = district.flags()
    assert outcome.districts[0].stored
    assert [each.rule_digest for each in flag.revisions] == [
        installed_catalog().rules[UNAPPROVED].digest
    ]


def test_expenses_are_exact_at_the_cent(district: District) -> None:
    district.expense("X1", 19_999)
    district.expense("X2", 20_000, payee="乙")
    district.expense("X3", 20_001, payee="丙")
    district.evaluate(AS_OF)
    assert district.names() == [(UNAPPROVED, "X2"), (UNAPPROVED, "X3")]
    assert district.session.scalars(select(Expense.amount)).all() == [19_999, 20_000, 20_001]
