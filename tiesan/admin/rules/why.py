"""Why there is a flag, or none: one rule, one cadre or organization and one day, told as it is."""

from datetime import date

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.criterion import readable_rows
from tiesan.access.inquiring import INQUIRING, may_inquire, readable_codes, without_hidden
from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.lookups import described
from tiesan.admin.rules.answer import shown
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _, _l, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rulebook.inquiring import Answer, Question, Told, inquire
from tiesan.rules import Rule

_SUBJECTS: dict[str, type[Cadre] | type[Organization]] = {
    "cadre": Cadre,
    "organization": Organization,
}
# No record is of an earlier year, and nobody plans beyond.
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


class WhyView(Page):
    """For who administers or reviews somewhere; whom one asks about is asked again."""

    roles = INQUIRING
    place = "rules"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Why is there a flag, or none"), endpoint="why", url="/why")

    def entries(self) -> list[Entry]:
        """Return nothing: it is reached from rules, flags and persons."""
        return []

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show the form, and the answer where all that it asks for is given."""
        rule = rule_asked()
        kind = _kind_asked(rule)
        subject = subject_asked(kind)
        day, problem = day_asked()
        if rule is not None and subject is not None and not may_ask(rule.id, kind, subject.code):
            abort(404)
        answer = None
        if rule is not None and subject is not None and day is not None and not problem:
            told, question = told_of(rule, kind, subject, day)
            answer = shown(told, question, installed())
        return self.render(
            "rules/why.html",
            rule=rule,
            rules=_rules_about(kind),
            kind=kind,
            subject=subject,
            named="" if subject is None else described(subject),
            day=day,
            problem=problem,
            answer=answer,
            makes_tests=current_viewer().administers_all,
        )


def rule_asked() -> Rule | None:
    """The rule that the address names; 404 for one that there is not."""
    asked = request.args.get("rule", "")
    if not asked:
        return None
    rule = installed().rules.get(asked)
    return abort(404) if rule is None or rule.plugin in switched_off() else rule


def _kind_asked(rule: Rule | None) -> str:
    if rule is not None:
        return rule.subject_kind
    return "organization" if request.args.get("organization") else "cadre"


def subject_asked(kind: str) -> Cadre | Organization | None:
    """Whom the address names; 404 for who is not there, or not to be seen."""
    code, model = request.args.get(kind, ""), _SUBJECTS[kind]
    if not code:
        return None
    statement = select(model).where(model.code == code, readable_rows(model))
    found = db.session.scalars(statement).one_or_none()
    return found if isinstance(found, Cadre | Organization) else abort(404)


def day_asked() -> tuple[date | None, str]:
    """The day that the address names, today without one; and what is wrong with it."""
    text = request.args.get("day", "")
    if not text:
        return today(), ""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None, _("This is no day.")
    if not _FIRST_YEAR <= asked.year <= _LAST_YEAR:
        return None, _("This is no day.")
    return asked, ""


def may_ask(rule_id: str, kind: str, code: str) -> bool:
    """Whether the viewer may ask about a rule and a cadre or an organization."""
    with Session(db.session.connection(), join_transaction_mode="rollback_only") as session:
        return may_inquire(session, installed(), current_viewer(), rule_id, (kind, code))


def told_of(
    rule: Rule, kind: str, subject: Cadre | Organization, day: date, *, tried: bool = False
) -> tuple[Told, Question]:
    """What a rule says of somebody on a day, and the question; ``tried`` is not what is in force.

    Whether the viewer may ask has been settled.
    """
    catalog, place = installed(), _place_of(subject)
    district_id, district = place
    question = Question(district_id, district, rule.id, kind, subject.code, day)
    if problems := rule_problems():
        return Told(Answer.NOT_EVALUATED, error=problems[0]), question
    codes = readable_codes(db.session(), catalog, rule.id)
    # It sees everything: what is judged does not depend on what the viewer may see.
    with Session(db.session.connection(), join_transaction_mode="rollback_only") as session:
        told = inquire(
            session,
            catalog,
            question,
            today(),
            lambda facts: without_hidden(facts, catalog.kinds, codes),
            tried=rule if tried else None,
        )
    return told, question


def _place_of(subject: Cadre | Organization) -> tuple[int, str]:
    """The id and the code of the district in which somebody is."""
    organization = subject.organization if isinstance(subject, Cadre) else subject
    table = table_of(Organization)
    statement = select(table.c.id, table.c.code).where(table.c.id == organization.district_id)
    district_id, code = db.session.execute(statement).one()
    return district_id, code


def _rules_about(kind: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rules about cadres or organizations by institution: id and title.

    Of those on confidential records only who answers for such matters anywhere is told.
    """
    catalog, off, language = installed(), switched_off(), current_language()
    secret = frozenset[str]()
    if not current_viewer().answering_districts:
        secret = catalog.confidential_rules
    found = [
        (
            str(plugin.title),
            [
                (rule.id, rule.title.in_language(language))
                for rule in catalog.rules.values()
                if rule.plugin == plugin.name and rule.subject_kind == kind
                if rule.id not in secret
            ],
        )
        for plugin in catalog.plugins
        if plugin.name not in off
    ]
    return [(title, rules) for title, rules in found if rules]
