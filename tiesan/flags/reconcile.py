"""Reconciling: what an evaluation found against what is stored, in one transaction per district.

New flags are raised, vanished ones cleared, changed evidence becomes a revision, the rest stays
untouched; running it twice changes nothing. Review states are never changed here.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.flags.stored import Identity, StoredFlag, latest_episodes
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rules.flag_kind import Review
from tiesan.rules.judging.hits import Hit

FINISHED = frozenset(
    {Review.CONFIRMED, Review.DISMISSED, Review.WAIVED, Review.REMEDIED, Review.CLOSED}
)
CONDITION_GONE = "condition"
RULE_GONE = "rule"
# The flag speaks of a day that was stored ahead of its time and has been taken back.
DAY_NOT_LIVED = "ahead"


@dataclass(frozen=True)
class Findings:
    """What an evaluation can say about stored flags.

    ``judged`` tells of a stored flag why it would be cleared if it was not found again, or None
    when this evaluation says nothing about it. ``digests`` are the rule versions by rule.
    """

    district_id: int
    as_of: date
    hits: Sequence[Hit]
    judged: Callable[[StoredFlag], str | None]
    digests: Mapping[str, str]
    confidential: frozenset[str]


@dataclass
class Changes:
    """How many flags were raised, cleared and revised, and which were raised."""

    raised: list[int] = field(default_factory=list)
    cleared: int = 0
    revised: int = 0


@dataclass
class _Rows:
    """Rows to be written at the end, by table."""

    flags: list[dict[str, Any]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


def evidence_digest(hit: Hit) -> str:
    """A hash of what a revision freezes: severity, date and evidence."""
    frozen = [str(hit.severity), hit.occurred_on, hit.evidence]
    content = orjson.dumps(frozen, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def reconcile(
    session: Session, actor: Actor, findings: Findings, stored: Iterable[StoredFlag], now: datetime
) -> Changes:
    """Bring the stored flags in line with what was found; the caller commits."""
    return _Reconciliation(session, actor, findings, now).run(latest_episodes(stored))


class _Reconciliation:
    def __init__(self, session: Session, actor: Actor, findings: Findings, now: datetime) -> None:
        self._session, self._actor, self._findings, self._now = session, actor, findings, now
        self._rows, self._changes = _Rows(), Changes()

    def run(self, known: Mapping[Identity, StoredFlag]) -> Changes:
        found: set[Identity] = set()
        subjects = _subject_ids(self._session, self._findings.hits)
        for hit in self._findings.hits:
            found.add(hit.identity)
            flag = known.get(hit.identity)
            if flag is None:
                self._raise(hit, subjects[hit.subject_kind, hit.subject], None)
            elif flag.known_as_of <= self._findings.as_of:
                self._found_again(hit, flag, subjects)
        for identity, flag in known.items():
            if identity not in found and (flag.active or flag.cleared_reason == RULE_GONE):
                self._vanished(flag)
        self._move(
            flag.id for flag in known.values() if flag.district_id != self._findings.district_id
        )
        self._write()
        return self._changes

    def _move(self, ids: Iterable[int]) -> None:
        """Let the flags of who came from another district belong to this one."""
        for flag_id in ids:
            district_id = self._findings.district_id
            statement = update(Flag).where(Flag.id == flag_id)
            self._session.execute(statement.values(district_id=district_id))

    def _found_again(
        self, hit: Hit, flag: StoredFlag, subjects: Mapping[tuple[str, str], int]
    ) -> None:
        # A rule that was switched off and on again says nothing new about what was decided.
        ended = not flag.active and flag.cleared_reason != RULE_GONE
        if ended and flag.review in FINISHED:
            self._raise(hit, subjects[hit.subject_kind, hit.subject], flag)
            return
        changed = evidence_digest(hit) != flag.evidence_digest
        if not flag.active:
            self._event(flag.id, "raised_again")
            self._changes.raised.append(flag.id)
        if changed:
            self._revise(hit, flag)
        if changed or not flag.active:
            self._update(flag, active=True, cleared_at=None, cleared_reason=None)

    def _vanished(self, flag: StoredFlag) -> None:
        reason = self._findings.judged(flag)
        # That its rule is gone is no knowledge of a day: it ends flags of the running day too.
        if flag.known_as_of > self._findings.as_of and reason != RULE_GONE:
            return
        # Of a flag whose rule is back it is told that meanwhile its condition has gone.
        if reason is None or reason == flag.cleared_reason:
            return
        self._changes.cleared += flag.active
        self._event(flag.id, "cleared", reason=reason)
        self._update(flag, active=False, cleared_at=self._now, cleared_reason=reason)

    def _raise(self, hit: Hit, subject_id: int, previous: StoredFlag | None) -> None:
        cadre = hit.subject_kind == "cadre"
        self._rows.hits.append(hit)
        self._rows.flags.append(
            {
                "rule": hit.rule,
                "severity": str(hit.severity),
                "cadre_id": subject_id if cadre else None,
                "organization_id": None if cadre else subject_id,
                "key": hit.key,
                "episode": 1 if previous is None else previous.episode + 1,
                "previous_id": None if previous is None else previous.id,
                "district_id": self._findings.district_id,
                "occurred_on": hit.occurred_on,
                "message_zh": hit.message["zh"],
                "message_en": hit.message["en"],
                "confidential": hit.rule in self._findings.confidential,
                "active": True,
                "raised_at": self._now,
                "raised_as_of": self._findings.as_of,
                "known_as_of": self._findings.as_of,
                "revision": 1,
                "evidence_digest": evidence_digest(hit),
                "changed_since_decision": False,
                "review": Review.OPEN.value,
            }
        )

    def _revise(self, hit: Hit, flag: StoredFlag) -> None:
        number = flag.revision + 1
        self._changes.revised += 1
        self._rows.revisions.append(self._revision(hit, flag.id, number))
        self._event(flag.id, "revised", revision=number)
        change: dict[str, Any] = {
            "severity": str(hit.severity),
            "occurred_on": hit.occurred_on,
            "message_zh": hit.message["zh"],
            "message_en": hit.message["en"],
            "revision": number,
            "evidence_digest": evidence_digest(hit),
        }
        if flag.review in FINISHED:
            change["changed_since_decision"] = True
        self._session.execute(update(Flag).where(Flag.id == flag.id).values(**change))

    def _update(self, flag: StoredFlag, **values: Any) -> None:
        row = {f"new_{name}": value for name, value in values.items()}
        known = max(flag.known_as_of, self._findings.as_of)
        self._rows.updates.append({"flag": flag.id, "known": known, **row})

    def _event(
        self, flag_id: int, verb: str, *, reason: str | None = None, revision: int | None = None
    ) -> None:
        self._rows.events.append(
            {
                "flag_id": flag_id,
                "at": self._now,
                "on": self._findings.as_of,
                "verb": verb,
                "actor_id": self._actor.account_id,
                "actor_name": self._actor.name,
                "reason": reason,
                "revision": revision,
            }
        )

    def _revision(self, hit: Hit, flag_id: int, number: int) -> dict[str, Any]:
        return {
            "flag_id": flag_id,
            "number": number,
            "at": self._now,
            "as_of": self._findings.as_of,
            "rule_digest": self._findings.digests[hit.rule],
            "severity": str(hit.severity),
            "occurred_on": hit.occurred_on,
            "message_zh": hit.message["zh"],
            "message_en": hit.message["en"],
            "evidence": hit.evidence,
        }

    def _write(self) -> None:
        rows, session = self._rows, self._session
        if rows.flags:
            statement = insert(Flag).returning(Flag.id, sort_by_parameter_order=True)
            ids = session.scalars(statement, rows.flags).all()
            self._changes.raised.extend(ids)
            for flag_id, hit in zip(ids, rows.hits, strict=True):
                rows.revisions.append(self._revision(hit, flag_id, 1))
                self._event(flag_id, "raised", revision=1)
        if rows.updates:
            session.connection().execute(_UPDATE, rows.updates)
        for model, values in ((FlagRevision, rows.revisions), (FlagEvent, rows.events)):
            if values:
                session.execute(insert(model), values)


_TABLE = table_of(Flag)
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("flag"))
    .values(
        known_as_of=bindparam("known"),
        active=bindparam("new_active"),
        cleared_at=bindparam("new_cleared_at"),
        cleared_reason=bindparam("new_cleared_reason"),
    )
)


def _subject_ids(session: Session, hits: Iterable[Hit]) -> dict[tuple[str, str], int]:
    """The ids of all subjects of hits, by kind and code."""
    ids: dict[tuple[str, str], int] = {}
    if any(True for _hit in hits):
        for kind, model in (("cadre", Cadre), ("organization", Organization)):
            found = session.execute(select(model.code, model.id))
            ids.update({(kind, code): row_id for code, row_id in found})
    return ids
