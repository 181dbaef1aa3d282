"""What a change of a record reaches: which kinds a rule needs, and whether its subject suffices."""

from typing import Any

import pytest

from tests.rules.support import ID, rule_of
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.judging.reach import (
    is_local,
    kinds_needed,
    looks_for_people,
    reaches_subject,
)
from tiesan.rules.tree import Rule

# Rule, the kinds that it needs; behind a bar those whose records do not concern its subject.
TABLE = """
harmony.conflict_unmediated: conflict
study.session_missed: organization study_session
study.no_main_speaker: study_session
study.absent: study_attendance study_session | study_session
study.attendance_low: organization study_attendance study_session | organization
meetings.chairs_missed: meeting organization
meetings.office_missed: meeting organization
meetings.enterprise_chairs_missed: meeting organization
meetings.minutes_late: meeting
meetings.no_bulletin: meeting
meetings.federation_absent: meeting meeting_attendance organization | meeting organization
research.info_missed: cadre info_report
research.paper_missed: cadre research_paper
efficiency.task_unclear: task
efficiency.task_not_started: task
efficiency.task_overdue: task
discipline.late: attendance
discipline.left_early: attendance
discipline.punch_missing: attendance
discipline.absent: attendance cadre
discipline.frequent_late: flag
discipline.off_post: post_check
discipline.leave_unapproved: leave
discipline.leave_not_closed: leave
discipline.log_missing: cadre work_log
discipline.log_late: cadre work_log | cadre
discipline.expense_unrequested: expense
discipline.expense_unapproved: expense expense_approval
discipline.expense_self_approved: expense expense_approval
discipline.expense_split: expense expense_approval
discipline.no_receipt: expense
discipline.asset_not_counted: asset asset_count
discipline.conduct_unhandled: cadre conduct_report
discipline.log_copied: work_log
accountability.letter_missing: cadre responsibility_letter
accountability.mistake_unpursued: accountability_case cadre mistake
accountability.case_overdue: accountability_case cadre
accountability.repeat_violations: flag
innovation.none: innovation organization
innovation.no_result: innovation
innovation.award_ineligible: award flag
"""
CATALOG = installed_catalog()
CONCERNS = {name: model.concerns for name, model in CATALOG.records.items()}


def far(rule: Rule) -> list[str]:
    """The kinds whose changes ask for the whole district."""
    needed = sorted(kinds_needed(rule, CATALOG.kinds))
    return [kind for kind in needed if not reaches_subject(rule, CATALOG.kinds, CONCERNS, kind)]


def test_the_kinds_that_each_shipped_rule_needs() -> None:
    found = []
    for rule in CATALOG.rules.values():
        kinds = " ".join(sorted(kinds_needed(rule, CATALOG.kinds)))
        behind = " ".join(far(rule))
        found.append(f"{rule.id}: {kinds}" + (f" | {behind}" if behind else ""))
    assert sorted(found) == sorted(TABLE.strip().splitlines())


# Whose subject is named through a session: an attendance concerns the cadre.
WIDE = {"study.attendance_low"}


@pytest.mark.parametrize("rule", CATALOG.rules.values(), ids=lambda rule: rule.id)
def test_almost_every_shipped_rule_can_be_judged_subject_by_subject(rule: Rule) -> None:
    assert is_local(rule, CONCERNS) is (rule.id not in WIDE)


EXPENSES = {"key": "code", "occurred_on": "spent_on"}
SAME_PAYEE = [{"field": "payee", "op": "eq", "value": ".payee"}]
LATE = {"field": "rule", "op": "eq", "value": "discipline.late"}


def tally(fact: str, by: list[str], subject: str, date: str, **of: Any) -> dict[str, Any]:
    counted = {"of": {"fact": fact, **of}, "by": by, "date": date, "every": "year"}
    return {"tally": {**counted, "at_least": {"count": 1}}, "subject": subject}


@pytest.mark.parametrize(
    ("rule", "local"),
    [
        ({"when": {"fact": "expense"}, "subject": "cadre", **EXPENSES}, True),
        # Saving an expense does not say whose organization it concerns.
        ({"when": {"fact": "expense"}, "subject": "cadre.organization", **EXPENSES}, False),
        # Another cadre's expense may be what makes this one wrong.
        (
            {
                "when": {"fact": "expense", "with": {"fact": "expense", "where": SAME_PAYEE}},
                "subject": "cadre",
                **EXPENSES,
            },
            False,
        ),
        (tally("flag", ["cadre"], "cadre", "occurred_on", where=[LATE]), True),
        (
            tally(
                "flag", ["cadre.organization"], "cadre.organization", "occurred_on", where=[LATE]
            ),
            False,
        ),
        (tally("expense", ["cadre", "payee"], "cadre", "spent_on"), True),
        (tally("expense", ["cadre"], "cadre.organization", "spent_on"), False),
        (
            {
                "duty": {
                    "owed_by": {"fact": "cadre"},
                    "every": "month",
                    "counts": {"fact": "study_attendance", "by": "cadre"},
                }
            },
            True,
        ),
        (
            {
                "duty": {
                    "owed_by": {"fact": "cadre"},
                    "every": "month",
                    "counts": {"fact": "study_attendance", "by": "cadre"},
                },
                "subject": "organization",
            },
            False,
        ),
        (
            {
                "duty": {
                    "owed_by": {"fact": "cadre", "with": {"fact": "expense"}},
                    "every": "month",
                    "counts": {"fact": "info_report", "by": "cadre"},
                }
            },
            False,
        ),
    ],
)
def test_a_rule_is_local_when_all_its_facts_concern_its_subject(
    rule: dict[str, Any], *, local: bool
) -> None:
    assert is_local(rule_of(rule), CONCERNS) is local


def test_what_a_rule_reads_through_its_message_is_needed() -> None:
    message = {"zh": "{expense.payee}", "en": "{expense.payee}"}
    approvals = {"when": {"fact": "expense_approval"}, "subject": "approver"}
    rule = rule_of({**approvals, "key": "code", "occurred_on": "decided_on", "message": message})
    assert rule.id == ID
    assert kinds_needed(rule, CATALOG.kinds) == {"expense_approval", "expense"}
    # The expense concerns its own cadre, but not whoever approved it.
    assert far(rule) == ["expense"]


def test_a_reference_of_a_related_fact_asks_for_the_whole_district() -> None:
    where = [
        {"field": "cadre", "op": "eq", "value": ".cadre"},
        {"field": "mistake.level", "op": "eq", "value": "major"},
    ]
    related = {"fact": "accountability_case", "where": where}
    rule = rule_of(
        {
            "when": {"fact": "award", "with": related},
            "subject": "cadre",
            "key": "code",
            "occurred_on": "nominated_on",
        }
    )
    assert is_local(rule, CONCERNS)
    assert far(rule) == ["mistake"]


def test_few_rules_look_for_people_beside_those_they_name() -> None:
    looking = {rule.id for rule in CATALOG.rules.values() if looks_for_people(rule)}
    assert looking == {"meetings.enterprise_chairs_missed"}


@pytest.mark.parametrize(
    ("form", "looks"),
    [
        ({"when": {"fact": "expense"}}, False),
        ({"when": {"fact": "cadre"}, "subject": "code", "occurred_on": "joined_on"}, True),
        (
            {
                "when": {
                    "fact": "expense",
                    "with": {
                        "fact": "cadre",
                        "where": [{"field": "code", "op": "eq", "value": ".cadre"}],
                    },
                }
            },
            True,
        ),
    ],
)
def test_a_rule_looks_for_people_when_they_are_among_its_facts(
    form: dict[str, Any], *, looks: bool
) -> None:
    rule = rule_of({"key": "code", "subject": "cadre", "occurred_on": "spent_on", **form})
    assert looks_for_people(rule) is looks
