"""Trying a version on stored records: what it would have flagged beside what is published.

Source: the page on the rule book, "Try it". It runs in the background, tells how far it is and can
be stopped. Of flags nothing is stored; what is kept with the version is what came of the trial:
numbers, and some of the flags to look at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, InForce, in_turn, read_catalog
from tiesan.flags.evaluation import Backtest, Task, backtest, said
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.records.kinds import table_of
from tiesan.rulebook.checking import read
from tiesan.rules import Decide, Hit, Rule, kinds_needed
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import TRY_RULE
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Outcome, Work

# What was looked at for fewer days is not enough to publish by.
A_YEAR = timedelta(days=365)
MOST_SAMPLES = 50
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

    ``since`` is the day from which it would be in force, by default ever. A trial of it that runs
    already is stopped. Raises UserError for a text that cannot be used, or days in no order.
    """
    found = read(read_catalog(session, span[1]), version.rule, version.text)
    if found.problems:
        raise UserError(list(found.problems))
    if span[0] > span[1]:
        raise UserError(_("The first day lies after the last."))
    days = {"first": span[0].isoformat(), "last": span[1].isoformat()}
    given = {**days, "version": version.id, "from": None if since is None else since.isoformat()}
    run = ask_run(actor, session, TRY_RULE, given, now=now)
    version.try_token = run.asked
    session.flush()
    return run


def stop_trial(session: Session, version: RuleVersion) -> None:
    """Have the trial of a version end, if one runs; the caller commits."""
    version.try_token = None
    session.flush()


def try_rule(work: Work) -> Outcome:
    """Do the trial of a run, and keep with its version what came of it."""
    with Session(work.database) as session, closing(Engine()) as engine:
        try:
            return _tried(session, work, engine.decide)
        except Stopped:
            return {"stopped": True}


def _tried(session: Session, work: Work, decide: Decide) -> Outcome:
    first, last = (date.fromisoformat(work.given[name]) for name in ("first", "last"))
    token, version_id = work.given["token"], work.given["version"]

    def step(done: int, steps: int) -> None:
        session.rollback()
        if session.scalar(_token_of(version_id)) != token:
            raise Stopped
        work.progress(done, steps)

    step(0, 1)
    version = session.get_one(RuleVersion, version_id)
    digest, text, rule_id = version.digest, version.text, version.rule
    catalog = read_catalog(session, work.day)
    given = work.given["from"]
    since = None if given is None else date.fromisoformat(given)
    rules = as_if_published(catalog, rule_id, text, since)
    task = Task(work.actor, catalog, decide, last, last, work.now)
    hidden = any(kinds_needed(r, catalog.kinds) & catalog.plugins.confidential for r in rules)
    trial = backtest(session, task, rules, first, step)
    found = summary(trial, first, last, hidden=hidden)
    session.rollback()
    enough = last - first >= A_YEAR and not found["not_evaluated"]
    values = {"tried": found, "try_token": None, **({"tried_digest": digest} if enough else {})}
    mine = (_VERSION.c.id == version_id, _VERSION.c.try_token == token)
    session.execute(update(RuleVersion).where(*mine).values(**values))
    session.commit()
    return {"raised": found["raised"], "gone": found["gone"], "same": found["same"]}


def _token_of(version_id: int) -> Any:
    return select(_VERSION.c.try_token).where(_VERSION.c.id == version_id)


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


def summary(found: Backtest, first: date, last: date, *, hidden: bool = False) -> dict[str, Any]:
    """What is kept of a trial, as plain JSON: numbers in all, by month and subject; and samples.

    Of what is ``hidden``, because the rule reads what is confidential, there are none.
    """
    hits = {"raised": found.added, "gone": found.gone, "same": found.same}
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        **{name: len(each) for name, each in hits.items()},
        "months": {name: _by_month(each) for name, each in hits.items()},
        "subjects": {name: len({h.identity[1:3] for h in each}) for name, each in hits.items()},
        "samples": {name: _samples(hits[name]) for name in ("raised", "gone") if not hidden},
        "not_evaluated": sorted({each.error for each in found.not_evaluated}),
    }


def _by_month(hits: Iterable[Hit]) -> Mapping[str, int]:
    found = Counter(hit.occurred_on.isoformat()[:7] for hit in hits)
    return dict(sorted(found.items()))


def _samples(hits: Iterable[Hit]) -> list[dict[str, str]]:
    """The newest of them, with what they would say."""
    newest = sorted(hits, key=lambda hit: (hit.occurred_on, hit.subject, hit.key), reverse=True)
    return said(newest[:MOST_SAMPLES])
