"""What the page of a flag shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tiesan.admin.rules.page import final_parameters
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.i18n import current_language
from tiesan.rules import REVIEW_LABELS, Line, Rule, explain
from tiesan.words.evidence import EvidenceReader, Exhibit
from tiesan.words.flags import (
    CLEARED,
    EVENTS,
    message_of,
    organization_name,
    review_badge,
    rule_title,
    severity_badge,
    state_badge,
    what_clears,
)
from tiesan.words.rows import Entry, link_to, who


@dataclass(frozen=True, slots=True)
class Revision:
    """The evidence as it was frozen at one time."""

    revision: FlagRevision
    message: str
    exhibits: list[Exhibit]
    parameters: list[Entry]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    event: FlagEvent
    what: str
    who: str

    @property
    def reason(self) -> str | None:
        """What was given as the reason, or why an evaluation cleared the flag, in words."""
        reason = self.event.reason
        return reason if self.event.verb != "cleared" else CLEARED.get(reason or "", reason)


def flag_page(flag: Flag, catalog: Catalog) -> Mapping[str, Any]:
    """Return what the template of a flag's page is given."""
    rule = catalog.rules.get(flag.rule)
    language = current_language()
    present, *earlier = _revisions(flag, catalog)
    return {
        "flag": flag,
        "rule": rule,
        "title": rule_title(catalog, flag.rule),
        "message": message_of(flag),
        "severity": severity_badge(flag.severity),
        "review": review_badge(flag),
        "state": state_badge(flag),
        "cleared_because": CLEARED.get(flag.cleared_reason or "", ""),
        "subject": link_to(flag.subject) if flag.subject else "",
        "organization": organization_name(flag),
        "clause": rule.clause.in_language(language) if rule else "",
        "lines": _in_words(rule, catalog) if rule else [],
        "clears": what_clears(rule) if rule else "",
        "present": present,
        "earlier": earlier,
        "history": [Step(event, _what(event), who(event.actor_name)) for event in flag.events],
        "next_episode": _next(flag),
    }


def _revisions(flag: Flag, catalog: Catalog) -> list[Revision]:
    """The revisions, the newest first."""
    reader = EvidenceReader(catalog, catalog.rules.get(flag.rule))
    return [
        Revision(
            each, message_of(each), reader.exhibits(each.evidence), reader.parameters(each.evidence)
        )
        for each in reversed(flag.revisions)
    ]


def _in_words(rule: Rule, catalog: Catalog) -> list[Line]:
    return explain(rule, catalog.kinds, final_parameters(rule), rules=catalog.rules)


def _what(event: FlagEvent) -> str:
    if event.review is not None:
        return str(REVIEW_LABELS[event.review])
    return str(EVENTS[event.verb])


def _next(flag: Flag) -> Flag | None:
    return db.session.scalars(select(Flag).where(Flag.previous_id == flag.id)).first()
