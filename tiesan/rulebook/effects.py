"""What a parameter's new value changes, told before it is set.

Source: the page on the rule book, "Parameter". It is found as a trial is: in the background, by
what evaluates for good, and no flag is stored. What came of it is kept with the run that found it.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import day_of
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, read_catalog
from tiesan.flags.evaluation import Backtest, Task, backtest_values
from tiesan.flags.sharing import refuse_value
from tiesan.i18n import _
from tiesan.rulebook.listing import listed
from tiesan.rules import FLAG, Decide
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import FIND_EFFECT
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Outcome, Work

MOST_LISTED = 200
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value, as text, that a parameter of a rule may get from a day on.

    So may the same parameter of the rules in ``also``.
    """

    rule: str
    name: str
    value: str
    valid_from: date
    reason: str | None = None
    also: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """This proposal as a run is given it."""
        return {
            "rule": self.rule,
            "name": self.name,
            "value": self.value,
            "valid_from": self.valid_from.isoformat(),
            "reason": self.reason,
            "also": list(self.also),
        }


def proposal_of(given: Mapping[str, Any]) -> Proposal:
    """The proposal that a run was given."""
    return Proposal(
        rule=given["rule"],
        name=given["name"],
        value=given["value"],
        valid_from=date.fromisoformat(given["valid_from"]),
        reason=given["reason"],
        also=tuple(given["also"]),
    )


def ask_effect(
    actor: Actor, session: Session, catalog: Catalog, proposal: Proposal, *, now: datetime
) -> JobRun:
    """Ask what a proposal would change of the flags up to now; the caller commits.

    Raises UserError for a value that a rule does not take, a rule that does not share the
    parameter, and a day that is yet to come: by then there is no flag that it could change.
    """
    refuse_value(catalog, proposal.rule, proposal.also, proposal.name, proposal.value)
    if proposal.valid_from > day_of(now):
        raise UserError(_("From a day that is yet to come it changes no flag that there is now."))
    return ask_run(actor, session, FIND_EFFECT, proposal.as_json(), now=now)


def find_effect(work: Work) -> Outcome:
    """Find what the proposal of a run would change."""
    with Session(work.database) as session, closing(Engine()) as engine:
        return {"effect": _found(session, work, engine.decide)}


def _found(session: Session, work: Work, decide: Decide) -> Mapping[str, Any]:
    proposal = proposal_of(work.given)

    def step(done: int, steps: int) -> None:
        session.rollback()
        work.progress(done, steps)

    catalog = read_catalog(session, work.day)
    # Up to now, as what is evaluated when the value is set: the running day is not over.
    task = Task(work.actor, catalog, decide, work.day, work.day - _ONE_DAY, work.now)
    dated = {proposal.name: {proposal.valid_from: proposal.value}}
    values = dict.fromkeys((proposal.rule, *proposal.also), dated)
    found = backtest_values(session, task, values, step)
    session.rollback()
    return summary(found, {*catalog.records, FLAG.name}, catalog.confidential_rules)


def summary(found: Backtest, kinds: Collection[str], hidden: Collection[str]) -> dict[str, Any]:
    """What is kept of it, as plain JSON: numbers in all and by rule, and the newest of the flags.

    A flag that stays with another day or severity is *changed*, and is what it would be. None is
    listed of rules that are ``hidden``, because they read what is confidential. ``kinds`` are
    those of facts that have a page.
    """
    before = {hit.identity for hit in found.gone}
    after = {hit.identity for hit in found.added}
    hits = {
        "raised": [hit for hit in found.added if hit.identity not in before],
        "cleared": [hit for hit in found.gone if hit.identity not in after],
        "changed": [hit for hit in found.added if hit.identity in before],
    }
    numbers = {name: Counter(hit.rule for hit in each) for name, each in hits.items()}
    rules = sorted(set().union(*numbers.values()))
    return {
        "numbers": {name: len(each) for name, each in hits.items()},
        "rules": {rule: {name: each[rule] for name, each in numbers.items()} for rule in rules},
        "hidden": sorted(set(rules) & set(hidden)),
        "flags": {
            name: listed((hit for hit in each if hit.rule not in hidden), kinds, MOST_LISTED)
            for name, each in hits.items()
        },
        "not_evaluated": sorted({f"{each.rule}: {each.error}" for each in found.not_evaluated}),
    }
