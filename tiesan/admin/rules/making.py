"""What a page asks for that makes a test of a flag, or of an answer of why there is one or none."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request, url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.admin.rules.answer import shown
from tiesan.admin.rules.why import day_asked, may_ask, rule_asked, subject_asked, told_of
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import row_id
from tiesan.rulebook.inquiring import Question, Told
from tiesan.rulebook.making import open_draft, refuse_confidential, with_made_test
from tiesan.rulebook.texts import text_in_force
from tiesan.rules import Rule


@dataclass(frozen=True, slots=True)
class AskedTest:
    """A text with one more test, and the draft whose text it continues, if there is one.

    Where none can be made ``refused`` says why, and ``back`` is the page that it was asked from.
    """

    rule_id: str
    text: str = ""
    draft: RuleVersion | None = None
    refused: str = ""
    back: str = ""


def asked_test() -> AskedTest:
    """The test that the address asks for: of a flag, or of a rule, somebody and a day.

    404 for what there is not, or the viewer may not ask about.
    """
    number = request.args.get("flag", type=int)
    if number is not None:
        return _of_flag(number)
    rule = rule_asked() or abort(404)
    subject = subject_asked(rule.subject_kind) or abort(404)
    day, problem = day_asked()
    if day is None or problem:
        abort(404)
    given: dict[str, Any] = {rule.subject_kind: subject.code, "day": day.isoformat()}
    back = url_for("why.index_view", rule=rule.id, **given)
    return _made(rule, subject, day, None, back)


def _of_flag(number: int) -> AskedTest:
    statement = select(Flag).where(Flag.id == number, readable_rows(Flag))
    flag = db.session.scalars(statement).one_or_none() or abort(404)
    rule, subject = installed().rules.get(flag.rule), flag.subject
    back = url_for("flag.details_view", id=row_id(flag))
    if rule is None or subject is None:
        gone = _("The rule or the person of this flag is not here any more.")
        return AskedTest(flag.rule, refused=gone, back=back)
    return _made(rule, subject, flag.occurred_on, flag.key, back)


def _made(
    rule: Rule, subject: Cadre | Organization, day: date, key: str | None, back: str
) -> AskedTest:
    session, catalog = db.session(), installed()
    try:
        refuse_confidential(catalog, rule.id)
    except UserError as error:
        # Said of the rule alone: nothing is told of anybody.
        back = url_for("rule.details_view", rule_id=rule.id)
        return AskedTest(rule.id, refused=error.lines[0], back=back)
    if not may_ask(rule.id, rule.subject_kind, subject.code):
        abort(404)
    draft = open_draft(session, rule.id)
    text = draft.text if draft is not None else text_in_force(session, catalog, rule.id)
    try:
        told, question = told_of(rule, rule.subject_kind, subject, day)
        _refuse_hidden(told, question)
        made = with_made_test(session, catalog, question, told, text or "", key)
    except UserError as error:
        return AskedTest(rule.id, refused=" ".join(error.lines), back=back)
    return AskedTest(rule.id, made, draft)


def _refuse_hidden(told: Told, question: Question) -> None:
    if any(case.hidden for case in shown(told, question, installed()).cases):
        raise UserError(_("This rests on records that you may not read."))
