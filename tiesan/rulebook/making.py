"""A test made of stored records: the text of a rule with one more, of a flag or of an answer.

Source: the page on the rule book, "make a test of this". Nothing is stored: the text is for the
editor. What is confidential comes into no text.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.versions import CHECKED, DRAFT, RuleVersion
from tiesan.i18n import _
from tiesan.records.settings import read_exceptions
from tiesan.rulebook.checking import read
from tiesan.rulebook.inquiring import Question, Told
from tiesan.rules import Hit, Outcome, RuleFileError, decide_plainly, kinds_needed
from tiesan.rules.scenarios import Example, Scenario, judge_scenario, make_scenario, with_test


def open_draft(session: Session, rule_id: str) -> RuleVersion | None:
    """The latest version of a rule that is still being written; None without one."""
    statement = (
        select(RuleVersion)
        .where(RuleVersion.rule == rule_id, RuleVersion.state.in_((DRAFT, CHECKED)))
        .order_by(RuleVersion.number.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def refuse_confidential(catalog: Catalog, rule_id: str) -> None:
    """Raise UserError for a rule that reads what is confidential, in one of its versions."""
    versions = [each for each in catalog.every if each.id == rule_id]
    read_kinds = {kind for each in versions for kind in kinds_needed(each, catalog.kinds)}
    if rule_id in catalog.confidential_rules or read_kinds & catalog.plugins.confidential:
        text = _("This rule reads confidential records: no test is made of them.")
        raise UserError(text)


def with_made_test(
    session: Session,
    catalog: Catalog,
    question: Question,
    told: Told,
    text: str,
    key: str | None = None,
) -> str:
    """The text of a rule with a test made of what was told of it.

    ``key`` is that of the flag that is meant; without one the test is of what was told: of its
    first flag, or that there is none. Raises UserError, saying why no test can be made.
    """
    refuse_confidential(catalog, question.rule_id)
    example = _example(session, question, told, key)
    scenario = make_scenario(
        example, _name(question, example, text), lambda one: _found(catalog, one)
    )
    if scenario is None:
        text = _(
            "No test could be made: with stand-ins for persons and organizations the rule"
            " finds something else. Write the test by hand."
        )
        raise UserError(text)
    try:
        made = with_test(text, question.rule_id, scenario, catalog.kinds)
    except RuleFileError as error:
        raise UserError(error.lines) from error
    _refuse_broken(catalog, question.rule_id, text, made)
    return made


def _example(session: Session, question: Question, told: Told, key: str | None) -> Example:
    if told.inquiry is None:
        text = _("Nothing is known of the rule on that day, so no test is made of it.")
        raise UserError(text)
    looked = told.looked if told.exact else ()
    hits = [each.key for each in looked if each.outcome is Outcome.HIT]
    if key is not None and key not in hits:
        text = _("The records of now do not give this flag any more, so no test is made of it.")
        raise UserError(text)
    wanted = key if key is not None else next(iter(hits), None)
    return Example(
        told.inquiry,
        question.subject,
        question.day,
        looked,
        told.beside,
        wanted,
        read_exceptions(session),
    )


def _name(question: Question, example: Example, text: str) -> str:
    """What the test is called: as no other one in the text is."""
    day = question.day.isoformat()
    name = _("no flag on %(day)s, from stored records")
    if example.key is not None:
        name = _("a flag of %(day)s, from stored records")
    first = found = name % {"day": day}
    number = 1
    while found in text:
        number += 1
        found = f"{first} ({number})"
    return found


def _found(catalog: Catalog, scenario: Scenario) -> Sequence[Hit] | None:
    levels = {rule.id: rule.level for rule in catalog.every}
    found = judge_scenario(scenario, catalog.sources, decide_plainly, levels)
    return None if found.not_evaluated else found.hits


def _refuse_broken(catalog: Catalog, rule_id: str, text: str, made: str) -> None:
    """Raise UserError where the text is not read as it was, with one more test."""
    before, after = read(catalog, rule_id, text), read(catalog, rule_id, made)
    if before.file is None:
        return
    if after.file is None or len(after.file.scenarios) != len(before.file.scenarios) + 1:
        raise UserError(_("The test could not be put into this text. Write it by hand."))
