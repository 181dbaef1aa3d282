"""Trying a version on stored records: what it would have flagged beside what is published.

Source: the page on the rule book, "Try it". It runs in the background, tells how far it is and can
be stopped. Of flags nothing is stored; what is kept with the version is what came of the trial:
numbers, and some of the flags to look at.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, InForce, in_turn, read_catalog
from tiesan.flags.evaluation import Task, backtest, with_readers
from tiesan.flags.installed import plugins_off
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.records.kinds import table_of
from tiesan.rulebook.checking import read
from tiesan.rulebook.summaries import Telling, summary
from tiesan.rules import FLAG, Decide, Hit, Level, Rule, RuleSet, kinds_needed, severities_read
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import TRY_RULE, Job
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Outcome, Work

# What was looked at for fewer days is not enough to publish by.
A_YEAR = timedelta(days=365)
_VERSION = table_of(RuleVersion)


class Stopped(Exception):  # noqa: N818 - it says what became of the trial
    """Nobody wants to know any more, or something else is tried by now."""


def ask_trial(
    actor: Actor,
    session: Session,
    version: RuleVersion,
    span: tuple[date, date],
    *,
    now: datetime,
    since: date | None = None,
) -> JobRun:
    """Ask for a trial of a version on the flags of a span of days; the caller commits.

    ``since`` is the day from which it would be in force, by default ever. What runs of it already
    is stopped. Raises UserError for a text that cannot be used, or days in no order.
    """
    return ask(actor, session, TRY_RULE, Wanted(version, span, since), now=now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted to know of a version, of which days, in force from a day on (None: ever)."""

    version: RuleVersion
    span: tuple[date, date]
    since: date | None = None


def ask(actor: Actor, session: Session, job: Job, wanted: Wanted, *, now: datetime) -> JobRun:
    """Ask for a run that tries a version; the caller commits. Raises as ``ask_trial``."""
    version, (first, last) = wanted.version, wanted.span
    if first > last:
        raise UserError(_("The first day lies after the last."))
    found = read(read_catalog(session, last), version.rule, version.text)
    if found.problems:
        raise UserError(list(found.problems))
    since = None if wanted.since is None else wanted.since.isoformat()
    days = {"first": first.isoformat(), "last": last.isoformat()}
    run = ask_run(actor, session, job, {**days, "version": version.id, "from": since}, now=now)
    version.try_token = run.asked
    session.flush()
    return run


def stop_trial(session: Session, version: RuleVersion) -> None:
    """Have what tries a version end, if something does; the caller commits."""
    version.try_token = None
    session.flush()


class Trying:
    """A run in which a version is tried: what it is given, how far it is, and what is kept."""

    def __init__(self, session: Session, work: Work) -> None:
        """Take the run with a session of its own; raises Stopped if it is not wanted any more."""
        self._session, self._work = session, work
        given = work.given
        self._version_id: int = given["version"]
        self.span = (date.fromisoformat(given["first"]), date.fromisoformat(given["last"]))
        self.step(0, 1)
        version = session.get_one(RuleVersion, self._version_id)
        self.rule, self.digest = version.rule, version.digest
        self.catalog = read_catalog(session, work.day)
        since = None if given["from"] is None else date.fromisoformat(given["from"])
        self.rules = as_if_published(self.catalog, version.rule, version.text, since)

    def step(self, done: int, steps: int) -> None:
        """Tell how far it is; raises Stopped if it is not wanted any more."""
        self._session.rollback()
        token = select(_VERSION.c.try_token).where(_VERSION.c.id == self._version_id)
        if self._session.scalar(token) != self._work.given["token"]:
            raise Stopped
        self._work.progress(done, steps)

    def telling(self) -> Telling:
        """What may be told of the rule and of those that read its flags."""
        catalog = self.catalog
        secret = catalog.plugins.confidential
        hidden = any(kinds_needed(rule, catalog.kinds) & secret for rule in self.rules)
        own = {self.rule} if hidden else set()
        return Telling({*catalog.records, FLAG.name}, catalog.confidential_rules | own)

    def keep(self, **values: Any) -> None:
        """Store what came of it with the version, unless it is not wanted any more; commits."""
        self._session.rollback()
        wanted = (
            _VERSION.c.id == self._version_id,
            _VERSION.c.try_token == self._work.given["token"],
        )
        self._session.execute(update(RuleVersion).where(*wanted).values(**values, try_token=None))
        self._session.commit()


def try_rule(work: Work) -> Outcome:
    """Do the trial of a run, and keep with its version what came of it."""
    return tried(work, _tried)


def tried(work: Work, does: Callable[[Session, Work, Trying, Decide], Outcome]) -> Outcome:
    """Do what tries a version, until it is not wanted any more."""
    with Session(work.database) as session, closing(Engine()) as engine:
        try:
            return does(session, work, Trying(session, work), engine.decide)
        except Stopped:
            return {"stopped": True}


def _tried(session: Session, work: Work, trying: Trying, decide: Decide) -> Outcome:
    catalog, rule, (first, last) = trying.catalog, trying.rule, trying.span
    task = Task(work.actor, catalog, decide, last, last, work.now)
    trial = backtest(session, task, trying.rules, first, trying.step)
    readers = list(_readers(session, catalog, rule, trying.rules, [*trial.added, *trial.gone]))
    if readers:
        # To judge them takes their whole districts: only where their answers can be others.
        trial = backtest(session, task, [*trying.rules, *readers], first, trying.step)
    found = summary(session, trial, rule, trying.span, trying.telling())
    known = all(each.rule != rule for each in trial.not_evaluated)
    enough = known and last - first >= A_YEAR
    trying.keep(tried=found, **({"tried_digest": trying.digest} if enough else {}))
    return {"raised": found["raised"], "gone": found["gone"], "same": found["same"]}


def _readers(
    session: Session, catalog: Catalog, rule_id: str, rules: Iterable[Rule], changed: Iterable[Hit]
) -> Iterable[Rule]:
    """The published rules that may read changed flags of a rule, or flags of rules that do."""
    severities = {hit.severity for hit in changed}
    if not severities:
        return ()
    published = catalog.rule_set(plugins_off(session))
    others = [rule for rule in published if rule.id != rule_id]
    together = RuleSet([*others, *rules], outside=catalog.rules.values())
    names = with_readers(together, [rule_id])
    found = [rule for rule in others if rule.id in names]
    severities |= {rule.severity for rule in found if rule.level is Level.NAMED_FLAGS}
    return (rule for rule in found if _may_read(rule, severities))


def _may_read(rule: Rule, severities: Collection[str]) -> bool:
    """Whether a rule may read flags of some severities; one that names rules reads these anyway."""
    read = severities_read(rule.form) if rule.level is Level.ANY_FLAGS else None
    return read is None or not read.isdisjoint(severities)


def as_if_published(
    catalog: Catalog, rule_id: str, text: str, since: date | None = None
) -> list[Rule]:
    """The versions of a rule as they would be with a text in force from a day on, or since ever.

    Raises UserError for a text that cannot be used.
    """
    found = read(catalog, rule_id, text)
    if found.rule is None:
        raise UserError(list(found.problems))
    candidate = found.rule
    if since is None:
        return [candidate]
    others = [each for each in catalog.in_force.get(rule_id, ()) if each.since != since]
    number = max((each.rule.number for each in others), default=0) + 1
    tried = InForce(since, replace(candidate, number=number))
    return list(in_turn(sorted([*others, tried], key=lambda each: each.since)))
