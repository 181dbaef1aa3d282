"""The rule book for the command line: bringing texts in and publishing them, the actor first.

Nobody approves there: whoever runs commands could change the database itself. All else is asked as
the pages ask it.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.versions import (
    CHECKED,
    DRAFT,
    LONGEST_REASON,
    PUBLISHED,
    RuleVersion,
    next_number,
)
from tiesan.i18n import _
from tiesan.rulebook.checking import check, read, refuse_unsound
from tiesan.rulebook.publishing import tell_everybody
from tiesan.rules import Decide


def store_drafts(
    actor: Actor, session: Session, catalog: Catalog, texts: Iterable[tuple[str, str]], at: datetime
) -> list[RuleVersion]:
    """Store texts of rules, each with the rule's id, as drafts; what stands there already is not.

    Raises UserError with every problem of every text, and stores none of them then. The caller
    commits.
    """
    given = [(rule_id, text, read(catalog, rule_id, text)) for rule_id, text in texts]
    if problems := [line for _id, _text, found in given for line in found.problems]:
        raise UserError(problems)
    drafts = []
    for rule_id, text, found in given:
        if found.rule is not None and not _stands_there(session, catalog, found.rule.digest):
            drafts.append(_draft(actor, session, catalog, rule_id, text, found.rule.digest, at))
    return drafts


def _stands_there(session: Session, catalog: Catalog, digest: str) -> bool:
    """Whether a rule says the same as one in force, or as a version that is not withdrawn."""
    if any(rule.digest == digest for rule in catalog.rules.values()):
        return True
    open_ones = RuleVersion.state.in_((DRAFT, CHECKED, PUBLISHED))
    statement = select(RuleVersion.id).where(RuleVersion.digest == digest, open_ones)
    return session.execute(statement.limit(1)).first() is not None


def _draft(  # noqa: PLR0913, PLR0917 - what a version is made of
    actor: Actor,
    session: Session,
    catalog: Catalog,
    rule_id: str,
    text: str,
    digest: str,
    at: datetime,
) -> RuleVersion:
    shipped = catalog.shipped.get(rule_id)
    row = RuleVersion(
        rule=rule_id,
        plugin=rule_id.partition(".")[0],
        number=next_number(session, rule_id),
        state=DRAFT,
        text=text,
        digest=digest,
        base_digest=None if shipped is None else shipped.digest,
        author_id=actor.account_id,
        author_name=actor.name,
        written_at=at,
    )
    session.add(row)
    session.flush()
    record_entry(session, actor, "write", _subject(row), at=at, details={"digest": digest})
    return row


def publish_version(  # noqa: PLR0913 - it is named by rule, number, day and reason
    actor: Actor,
    session: Session,
    catalog: Catalog,
    decide: Decide,
    *,
    rule_id: str,
    number: int | None,
    since: date,
    day: date,
    at: datetime,
    reason: str | None = None,
) -> RuleVersion:
    """Publish a draft from a day on, by default the latest; the caller commits.

    Raises UserError where there is no such draft, where something is wrong with it or lacks, and
    where a day before ``day`` (today) is given without a reason.
    """
    row = _open_version(session, rule_id, number)
    refuse_unsound(check(session, catalog, rule_id, row.text, decide))
    if since < day and not reason:
        raise UserError(_("A day that has passed needs a reason: flags of those days change."))
    if reason is not None and len(reason) > LONGEST_REASON:
        named = {"most": LONGEST_REASON, "number": len(reason)}
        text = _("A text has at most %(most)d characters; found: %(number)d.")
        raise UserError(text % named)
    row.state, row.since, row.published_at = PUBLISHED, since, at
    row.approver_id, row.approver_name = actor.account_id, actor.name
    row.reason = reason or row.reason
    session.flush()
    details = {"since": since.isoformat(), "digest": row.digest, "reason": reason}
    record_entry(session, actor, "publish", _subject(row), at=at, details=details)
    tell_everybody(session, actor, at)
    return row


def _open_version(session: Session, rule_id: str, number: int | None) -> RuleVersion:
    statement = select(RuleVersion).where(
        RuleVersion.rule == rule_id, RuleVersion.state.in_((DRAFT, CHECKED))
    )
    if number is not None:
        statement = statement.where(RuleVersion.number == number)
    found = session.scalars(statement.order_by(RuleVersion.number.desc()).limit(1)).first()
    if found is None:
        raise UserError(_("there is no draft of the rule '%s'") % rule_id)
    return found


def _subject(row: RuleVersion) -> Subject:
    return Subject("rule_version", row.id, str(row))
