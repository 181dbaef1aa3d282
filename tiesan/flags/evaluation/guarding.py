"""The circuit breaker: a changed rule that would raise too much is held, a broken one left out.

Source: the page on the rule book. What changed is told by fingerprints: of each rule, what its
versions say and its parameters are, and the calendar. Those by which a district was judged whole
last are kept with its state; a district that never was has nothing to hold a rule against.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tiesan.flags.halts import FAILING, HELD, OFF, RuleHalt, halts_of
from tiesan.flags.installed import InstalledRules
from tiesan.flags.models import DistrictState
from tiesan.flags.stored import Identity
from tiesan.i18n import _
from tiesan.records.settings import read_exceptions
from tiesan.rules import Evaluation, Hit, Level, NotEvaluated, Rule

# More than this share (in percent) of those whom a rule is about, and at least so many of them.
SHARE, LEAST = 20, 10
# After so many runs in a row in which it failed, a rule is off.
MOST_RUNS = 5
_MOST_FLAGS = 200


class Guard:
    """What is halted in a district, and what an evaluation of it must not say."""

    def __init__(
        self,
        session: Session,
        state: DistrictState,
        installed: InstalledRules,
        confidential: frozenset[str],
        now: datetime,
    ) -> None:
        """Take the locked state of the district, the rules to judge by, and which tell nobody.

        ``waiting`` are the rules that were kept back until the next evaluation of the district.
        """
        self._session, self._state, self._installed, self._now = session, state, installed, now
        self._confidential = confidential
        self._halts = halts_of(session, state.district_id)
        self._prints = fingerprints(session, installed)
        self.waiting: set[str] = set()

    def keep_back(
        self,
        evaluation: Evaluation,
        active: Iterable[Identity],
        owners: Mapping[str, Iterable[str]],
        *,
        whole: bool,
    ) -> None:
        """Take out of an evaluation what is halted, and halt what is to be from now on.

        ``active`` are the flags that are there, ``owners`` those whom the evaluation is about.
        Only one of the whole district halts anything, or takes a halt away; until there was one
        since a rule changed, nobody knows whether it is to be held, and nothing is said of it.
        """
        failed = {each.rule: each.error for each in evaluation.not_evaluated}
        if whole:
            self._hold(evaluation.hits, set(active), owners)
        halted = [rule for rule in self._prints if self._is_halted(rule)]
        _without(evaluation, self._told(halted), self._installed.rules)
        if not whole:
            self._wait(evaluation)
        if whole:
            self._count(failed)
            kept = self._state.settled or {}
            old = {rule: kept[rule] for rule in halted if rule in kept}
            new = {rule: each for rule, each in self._prints.items() if rule not in halted}
            self._state.settled = {**old, **new}

    def _wait(self, evaluation: Evaluation) -> None:
        """Keep back the rules that changed since the district was judged whole."""
        known = {each.rule for each in evaluation.not_evaluated}
        text = _("changed: it judges from the next evaluation of the whole district on")
        told = {
            rule.id: NotEvaluated(rule.id, _("all facts"), text)
            for rule in self._installed.rules
            if rule.enabled and rule.id not in known and self._has_changed(rule.id)
        }
        _without(evaluation, told, self._installed.rules)
        self.waiting = {each.rule for each in evaluation.not_evaluated} - known

    def _has_changed(self, rule: str) -> bool:
        settled = self._state.settled
        return settled is not None and settled.get(rule) != self._prints.get(rule)

    def _said(self, rule: str, hits: Sequence[Hit]) -> list[dict[str, str]]:
        """What it would say; of what is confidential nothing."""
        return [] if rule in self._confidential else said(hits[:_MOST_FLAGS])

    def _is_halted(self, rule: str) -> bool:
        halt = self._halts.get(rule)
        return halt is not None and halt.halts and halt.fingerprint == self._prints.get(rule)

    def _hold(
        self,
        hits: Sequence[Hit],
        active: set[Identity],
        owners: Mapping[str, Iterable[str]],
    ) -> None:
        new: dict[str, list[Hit]] = {}
        for hit in hits:
            if self._has_changed(hit.rule) and hit.identity not in active:
                new.setdefault(hit.rule, []).append(hit)
        for rule, found in new.items():
            among = len(set(owners[found[0].subject_kind]))
            subjects = len({hit.identity[1:3] for hit in found})
            if subjects >= LEAST and 100 * subjects > SHARE * among:
                self._halt(
                    rule, HELD, subjects=subjects, among=among, flags=self._said(rule, found)
                )

    def _halt(self, rule: str, kind: str, **values: Any) -> None:
        halt = self._halts.get(rule)
        same = halt is not None and halt.fingerprint == self._prints[rule]
        if halt is not None and same and kind == halt.kind == HELD:
            # It was confirmed as it is, or is held already.
            return
        if halt is None:
            halt = self._halts[rule] = RuleHalt(district_id=self._state.district_id, rule=rule)
            self._session.add(halt)
        halt.kind, halt.fingerprint, halt.since = kind, self._prints[rule], self._now
        halt.runs, halt.error, halt.confirmed_at = 0, None, None
        for name, value in values.items():
            setattr(halt, name, value)

    def _count(self, failed: Mapping[str, str]) -> None:
        """Count in how many runs in a row each rule failed, and forget what is over."""
        for rule, halt in list(self._halts.items()):
            changed = halt.fingerprint != self._prints.get(rule)
            if (halt.kind == FAILING and rule not in failed) or (changed and rule not in failed):
                self._session.delete(self._halts.pop(rule))
        # What only rests on the flags of others that failed is not broken itself.
        resting = {rule.id for rule in self._installed.rules if _reads(rule, failed)}
        for rule, error in failed.items():
            if rule in self._prints and rule not in resting and not self._is_halted(rule):
                self._count_failure(rule, error)
        self._session.flush()

    def _count_failure(self, rule: str, error: str) -> None:
        halt = self._halts.get(rule)
        runs = 1
        if halt is not None and halt.kind == FAILING:
            runs += halt.runs if halt.fingerprint == self._prints[rule] else 0
        values = {"runs": runs, "error": error, "subjects": 0, "among": 0, "flags": []}
        self._halt(rule, OFF if runs >= MOST_RUNS else FAILING, **values)

    def _told(self, halted: Iterable[str]) -> dict[str, NotEvaluated]:
        return {
            rule: NotEvaluated(rule, _("all facts"), _why(self._halts[rule])) for rule in halted
        }


def fingerprints(session: Session, installed: InstalledRules) -> dict[str, str]:
    """By rule a hash of all that may change what it finds, but for records."""
    calendar = sorted(read_exceptions(session).items())
    said: dict[str, list[object]] = {}
    for rule in installed.rules:
        parameters = installed.parameters[rule.name]
        values = [(name, each.values) for name, each in sorted(parameters.items())]
        days = (rule.in_force_from, rule.in_force_until, rule.enabled)
        said.setdefault(rule.id, [calendar]).append((rule.digest, days, values))
    return {
        rule: hashlib.sha256(repr(each).encode()).hexdigest()[:16] for rule, each in said.items()
    }


def _without(
    evaluation: Evaluation, told: Mapping[str, NotEvaluated], rules: Iterable[Rule]
) -> None:
    """Take rules out of an evaluation, and those that read their flags."""
    if not told:
        return
    lines, names = dict(told), set(told)
    text = _("it reads the flags of rules that were not evaluated: %s")
    for rule in rules:
        reads = _reads(rule, names)
        if reads and rule.enabled:
            error = text % ", ".join(sorted(reads))
            lines.setdefault(rule.id, NotEvaluated(rule.id, _("all facts"), error))
    evaluation.hits = [hit for hit in evaluation.hits if hit.rule not in lines]
    others = [each for each in evaluation.not_evaluated if each.rule not in lines]
    evaluation.not_evaluated = sorted(
        [*others, *lines.values()], key=lambda each: (each.rule, each.scope)
    )


def _reads(rule: Rule, names: Iterable[str]) -> set[str]:
    """Those of some rules whose flags a rule reads."""
    if rule.level is Level.RECORDS:
        return set()
    others = set(names) - {rule.id}
    return others & set(rule.reads_rules) if rule.level is Level.NAMED_FLAGS else others


def _why(halt: RuleHalt) -> str:
    if halt.kind == OFF:
        text = _("switched off, because it could not be evaluated in %(runs)d runs: %(error)s")
        return text % {"runs": halt.runs, "error": halt.error}
    text = _("held: as it is now it would raise new flags on %(number)d of %(among)d;"
             " an administrator confirms that this is meant")  # fmt: skip
    return text % {"number": halt.subjects, "among": halt.among}


def said(hits: Iterable[Hit]) -> list[dict[str, str]]:
    """What hits would say, on whom and when, as plain JSON."""
    return [
        {
            "subject_kind": hit.subject_kind,
            "subject": hit.subject,
            "key": hit.key,
            "occurred_on": hit.occurred_on.isoformat(),
            "zh": hit.message["zh"],
            "en": hit.message["en"],
        }
        for hit in hits
    ]
