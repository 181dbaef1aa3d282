"""What the page of a flag shows, beside a list of the inbox as well as by itself."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from tiesan.access.inquiring import INQUIRING
from tiesan.access.viewer import current_viewer
from tiesan.admin.flags.past import DECIDING, past_of
from tiesan.admin.flags.what_to_enter import form_that_clears
from tiesan.admin.notices.following import follow_up_of
from tiesan.admin.rules.page import final_parameters
from tiesan.admin.waivers.lines import waiver_of
from tiesan.clock import today
from tiesan.courses.standing import Standing
from tiesan.courses.values import Event
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.i18n import _, current_language
from tiesan.people.models import Organization
from tiesan.reviews.assigned import assignee
from tiesan.reviews.lapsed import as_it_stands
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


# What stands on the page, one template for each part; the second column beside the first.
MAIN = (
    "flags/parts/standing.html",
    "flags/parts/said.html",
    "waivers/of_flag.html",
    "flags/parts/records.html",
    "flags/parts/clause.html",
)
BESIDE = (
    "flags/parts/came_back.html",
    "flags/parts/clears.html",
    "notices/of_flag.html",
    "flags/parts/earlier.html",
    "flags/parts/history.html",
    "flags/parts/provenance.html",
)


def flag_page(flag: Flag, catalog: Catalog, standing: Standing) -> Mapping[str, Any]:
    """Return what the templates of a flag are given, as it stands for the viewer."""
    as_it_stands(flag, today(), events=True)
    rule = catalog.version(flag.rule, flag.rule_digest)
    language = current_language()
    present, *earlier = _revisions(flag, catalog)
    return {
        "flag": flag,
        "main_parts": MAIN,
        "parts_beside": BESIDE,
        "rule": rule,
        "title": rule_title(catalog, flag.rule),
        "message": message_of(flag),
        "stages": stages_of(standing.state, {event.to_state or "" for event in flag.events}),
        "severity": severity_badge(flag.severity),
        "review": review_badge(flag, standing.state),
        "state": state_badge(flag),
        "cleared_because": CLEARED.get(flag.cleared_reason or "", ""),
        "subject": link_to(flag.subject) if flag.subject else "",
        "organization": organization_name(flag),
        "clause": rule.clause.in_language(language) if rule else "",
        "lines": _in_words(rule, catalog, present.revision) if rule else [],
        "why_url": _why_url(flag, catalog),
        "test_url": _test_url(flag, catalog),
        "clears": what_clears(rule, catalog.kinds) if rule and flag.active else "",
        "form_that_clears": form_that_clears(rule, flag) if rule and flag.active else None,
        "present": present,
        "earlier": earlier,
        "history": [_step(event) for event in flag.events],
        "next_episode": _next(flag),
        **past_of(flag),
        "said": _said(standing),
        "appeal_until": flag.appeal_until,
        "asked_until": flag.asked_until,
        "waived_until": flag.waived_until,
        "changed": flag.changed_since_decision,
        "assigned_to": _assigned(flag),
        "follow_up": follow_up_of(flag),
        "waiver": waiver_of(flag),
    }


def _why_url(flag: Flag, catalog: Catalog) -> str | None:
    """The page that weighs the rule line by line, for who may ask about whom the flag is about."""
    subject, viewer = flag.subject, current_viewer()
    if subject is None or flag.rule not in catalog.rules or not viewer.has(INQUIRING):
        return None
    given: dict[str, Any] = {flag.subject_kind: subject.code, "day": flag.occurred_on}
    return url_for("why.index_view", rule=flag.rule, **given)


def _test_url(flag: Flag, catalog: Catalog) -> str | None:
    """The page that makes a test of the flag, for who writes rules."""
    if (
        flag.subject is None
        or flag.rule not in catalog.rules
        or not current_viewer().administers_all
    ):
        return None
    return url_for("rule_version.test_view", flag=flag.id)


def _assigned(flag: Flag) -> str:
    found = assignee(db.session(), flag, today())
    return "" if found is None else who(found.username, found.id)


def _said(standing: Standing) -> list[Event]:
    """What was said for those whom it concerns since somebody last decided."""
    found: list[Event] = []
    for event in standing.events:
        if event.verb in DECIDING:
            found.clear()
        elif event.verb in _SAYING and event.text:
            found.append(event)
    return found


# What whom it concerns can say, each answered by a decision.
_SAYING = frozenset({"explain", "ask_waiver", "appeal", "report_remedy"})


def _revisions(flag: Flag, catalog: Catalog) -> list[Revision]:
    """The revisions, the newest first: it alone shows what has changed without being evidence."""
    found: list[Revision] = []
    for each in reversed(flag.revisions):
        rule = catalog.version(flag.rule, each.rule_digest)
        reader = EvidenceReader(catalog, rule)
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
                value = parse_value(str(fact["value"]), declared)
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
