"""What publishing brings with it, and publishing again what held before."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.flags.catalog import Catalog
from tiesan.flags.versions import PUBLISHED, RuleVersion, count_change, next_number
from tiesan.i18n import _
from tiesan.records.pending import await_districts
from tiesan.rulebook.texts import shipped_text, switched_off
from tiesan.rules import load_rule_text

SHIPPED, NOTHING = "shipped", "nothing"


def tell_everybody(session: Session, actor: Actor, at: datetime) -> None:
    """Let every process take what is published now, and have all districts evaluated anew."""
    count_change(session)
    await_districts(actor, session, None, "rules", at=at)


def earlier_versions(
    session: Session, catalog: Catalog, version: RuleVersion
) -> list[tuple[str, str]]:
    """What can hold again instead of a version, the latest first, each with what it is called.

    Those are other published versions, what is shipped, and that the rule judges nothing any more.
    """
    statement = (
        select(RuleVersion)
        .where(RuleVersion.rule == version.rule, RuleVersion.state == PUBLISHED)
        .where(RuleVersion.id != version.id)
        .order_by(RuleVersion.number.desc())
    )
    found = [
        (str(each.number), _("Version %(number)d, in force from %(day)s",
                             number=each.number, day=each.since))
        for each in session.scalars(statement)
    ]  # fmt: skip
    if version.rule in catalog.shipped:
        found.append((SHIPPED, _("As shipped")))
    return [*found, (NOTHING, _("The rule is switched off"))]


def again(  # noqa: PLR0913 - what holds again is named by what, since when, by whom and why
    session: Session,
    actor: Actor,
    version: RuleVersion,
    earlier: str,
    day: date,
    at: datetime,
    *,
    reason: str,
    catalog: Catalog,
) -> RuleVersion:
    """Publish from a day on what held before a version, as a new one; the caller commits.

    ``earlier`` is one of ``earlier_versions``. What was approved once needs no other approval.
    """
    text = _text_of(session, catalog, version, earlier)
    file = load_rule_text(text, catalog.kinds, version.rule)
    shipped = catalog.shipped.get(version.rule)
    row = RuleVersion(
        rule=version.rule,
        plugin=version.plugin,
        number=next_number(session, version.rule),
        state=PUBLISHED,
        since=day,
        text=text,
        digest=file.rules[0].digest,
        base_digest=None if shipped is None else shipped.digest,
        reason=reason,
        author_id=actor.account_id,
        author_name=actor.name,
        written_at=at,
        published_at=at,
    )
    session.add(row)
    session.flush()
    tell_everybody(session, actor, at)
    return row


def _text_of(session: Session, catalog: Catalog, version: RuleVersion, earlier: str) -> str:
    if earlier == SHIPPED:
        return shipped_text(catalog, version.rule) or ""
    if earlier == NOTHING:
        return switched_off(version.text)
    statement = select(RuleVersion.text).where(
        RuleVersion.rule == version.rule, RuleVersion.number == int(earlier)
    )
    return session.scalars(statement).one()
