"""What the page of a flag shows."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from tiesan.admin.rules.page import final_parameters
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.i18n import _, current_language
from tiesan.people.models import Organization
from tiesan.rules import Line, Parameter, Rule, explain, parse_value
from tiesan.words.evidence import EvidenceReader, Exhibit, Fact
from tiesan.words.flags import (
    CLEARED,
    EVENTS,
    message_of,
    organization_name,
    review_badge,
    rule_title,
    severity_badge,
    stages_of,
    state_badge,
    verb_done,
    what_clears,
)
from tiesan.words.rows import Entry, link_to, who


@dataclass(frozen=True, slots=True)
class Revision:
    """The evidence as it was frozen at one time."""

    revision: FlagRevision
    message: str
    rule_edited: bool
    exhibits: list[Exhibit]
    parameters: list[Entry]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    event: FlagEvent
    what: str
    who: str
    reason: str


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
        "stages": stages_of(flag.review),
        "severity": severity_badge(flag.severity),
        "review": review_badge(flag),
        "state": state_badge(flag),
        "cleared_because": CLEARED.get(flag.cleared_reason or "", ""),
        "subject": link_to(flag.subject) if flag.subject else "",
        "organization": organization_name(flag),
        "clause": rule.clause.in_language(language) if rule else "",
        "lines": _in_words(rule, catalog, present.revision) if rule else [],
        "clears": what_clears(rule, catalog.kinds) if rule else "",
        "present": present,
        "earlier": earlier,
        "history": [_step(event) for event in flag.events],
        "next_episode": _next(flag),
    }


def _revisions(flag: Flag, catalog: Catalog) -> list[Revision]:
    """The revisions, the newest first: it alone shows what has changed without being evidence."""
    rule = catalog.rules.get(flag.rule)
    reader = EvidenceReader(catalog, rule)
    found: list[Revision] = []
    for each in reversed(flag.revisions):
        evidence = each.evidence if found or each.shown is None else each.shown
        edited = rule is not None and rule.digest != each.rule_digest
        exhibits, parameters = reader.exhibits(evidence), reader.parameters(evidence)
        found.append(Revision(each, message_of(each), edited, exhibits, parameters))
    return found


def _in_words(rule: Rule, catalog: Catalog, revision: FlagRevision) -> list[Line]:
    """The rule in words, with the values that its parameters had when the evidence was frozen."""
    parameters = frozen_parameters(rule, revision.evidence)
    return explain(rule, catalog.kinds, parameters, rules=catalog.rules)


def frozen_parameters(rule: Rule, evidence: Iterable[Fact]) -> Mapping[str, Parameter]:
    """A rule's parameters with the values in evidence, whatever has been set since.

    One that the evidence does not name, or with a value that the rule accepts no more, is as now.
    """
    parameters = dict(final_parameters(rule))
    for fact in evidence:
        declared = parameters.get(str(fact.get("name"))) if fact["fact"] == "parameter" else None
        if declared is not None:
            with suppress(ValueError):
                value = parse_value(str(fact["value"]), declared.type, declared.choices)
                parameters[declared.name] = replace(declared, values=((date.min, value),))
    return parameters


def _step(event: FlagEvent) -> Step:
    what = EVENTS[event.verb] if event.to_state is None else verb_done(event.verb)
    return Step(event, str(what), who(event.actor_name, event.actor_id), _reason(event))


def _reason(event: FlagEvent) -> str:
    """What an event says besides: an evaluation says it in a word or by a code, people in words."""
    if event.verb == "moved":
        left = select(Organization.name).where(Organization.code == event.reason)
        name = db.session.scalar(left) or event.reason
        return _("from %(organization)s", organization=name)
    if event.to_state is not None:
        return event.text or ""
    reason = event.reason or ""
    return str(CLEARED.get(reason, reason)) if event.verb == "cleared" else reason


def _next(flag: Flag) -> Flag | None:
    return db.session.scalars(select(Flag).where(Flag.previous_id == flag.id)).first()
