"""Trying a version on a record: somebody and a day that are picked, and the records of its tests.

The rule in force is not asked: the text of the version judges, as if it had always been in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import abort

from tiesan.access.installation import installed
from tiesan.admin.lists.lookups import described
from tiesan.admin.rules.answer import Shown, shown
from tiesan.admin.rules.why import day_asked, may_ask, subject_asked, told_of
from tiesan.errors import UserError
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.rulebook.checking import read
from tiesan.rulebook.making import refuse_confidential
from tiesan.rulebook.typed import MOST_TESTS, told_of_tests
from tiesan.rules import Rule
from tiesan.rules.scenarios import TestedFile


@dataclass(frozen=True, slots=True)
class TriedTest:
    """A test as the page shows it: whether it passes, and what the rule says of its records."""

    name: str
    differences: list[str]
    answers: list[tuple[str, date, Shown]]


def tried_page(version: RuleVersion) -> dict[str, Any]:
    """What the page shows of a version; 404 for somebody whom the viewer may not ask about."""
    found = read(installed(), version.rule, version.text)
    if found.rule is None or found.file is None:
        return {"version": version, "problems": found.problems, "rule": None}
    rule = replace(found.rule, enabled=True)
    problem, tests = _confidential(rule), list(_tests(found.file))
    return {
        "version": version,
        "problems": (),
        "rule": rule,
        "kind": rule.subject_kind,
        "refused": problem,
        **({} if problem else _picked(rule)),
        "tests": tests,
        "left_out": len(found.file.scenarios) - len(tests),
    }


def _confidential(rule: Rule) -> str:
    """Why a version is tried on no stored records; blank where it is."""
    catalog = installed()
    try:
        refuse_confidential(catalog, rule.id)
    except UserError:
        return _("This rule reads confidential records: it is tried on no stored ones.")
    if catalog.needed(rule) & catalog.plugins.confidential:
        return _("This rule reads confidential records: it is tried on no stored ones.")
    return ""


def _picked(rule: Rule) -> dict[str, Any]:
    """The form that asks whom and which day, and the answer where both are given."""
    subject = subject_asked(rule.subject_kind)
    day, wrong = day_asked()
    answer = None
    if subject is not None and day is not None and not wrong:
        answer = _answer(rule, subject, day)
    named = "" if subject is None else described(subject)
    return {"subject": subject, "named": named, "day": day, "problem": wrong, "answer": answer}


def _answer(rule: Rule, subject: Cadre | Organization, day: date) -> Shown:
    if not may_ask(rule.id, rule.subject_kind, subject.code):
        abort(404)
    told, question = told_of(rule, rule.subject_kind, subject, day, tried=True)
    return shown(told, question, installed(), tried=True)


def _tests(file: TestedFile) -> Iterator[TriedTest]:
    catalog = installed()
    for each in told_of_tests(catalog, file.scenarios[:MOST_TESTS]):
        answers = [
            (question.subject, question.day, shown(told, question, catalog, tried=True, typed=True))
            for question, told in each.told
        ]
        yield TriedTest(each.name, list(each.differences), answers)
