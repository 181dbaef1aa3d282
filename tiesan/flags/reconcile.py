"""Reconciling: what an evaluation found against what is stored, in one transaction per district.

New flags are raised, vanished ones cleared, the rest stays untouched; running it twice changes
nothing. Evidence of which something changed that the rule reads becomes a revision; what else
changed, names and texts among it, is shown anew and counts for nothing. Review states are not
changed here, but for flags that a standing waiver covers in the moment in which they are raised.
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
from tiesan.flags.catalog import Catalog
from tiesan.flags.episodes import (
    BY_RULE,
    CONDITION_GONE,
    FINISHED,
    RULE_EDITED,
    RULE_GONE,
    Found,
    Reviewing,
    found,
)
from tiesan.flags.links import CADRE, keep_links
from tiesan.flags.models import Flag, FlagEvent, FlagRevision, ranked
from tiesan.flags.renaming import under_present_codes
from tiesan.flags.stored import Frozen, Identity, StoredFlag, frozen_evidence, latest_episodes
from tiesan.flags.telling import tell_of_flags
from tiesan.flags.transfers import transferred
from tiesan.flags.waiving import Covered, cover
from tiesan.people.merges import present_codes
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rules import Hit, Reference, Review, weighed


@dataclass(frozen=True)
class Findings:
    """What an evaluation can say about stored flags.

    ``judged`` tells of a stored flag why it would be cleared if not found again, or None when
    nothing is said about it; ``reviewing`` of a hit which standing waiver covers what it raises.
    """

    district_id: int
    as_of: date
    hits: Sequence[Hit]
    reviewing: Reviewing
    judged: Callable[[StoredFlag], str | None]
    catalog: Catalog
    confidential: frozenset[str]


@dataclass
class Changes:
    """Which flags were raised and cleared, and how many revised."""

    raised: list[int] = field(default_factory=list)
    cleared: list[int] = field(default_factory=list)
    revised: int = 0


@dataclass
class _Rows:
    """Rows to be written at the end, by table."""

    flags: list[dict[str, Any]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    presents: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)


def evidence_digest(hit: Hit) -> str:
    """A hash of all that evidence shows, whether or not the rule reads it."""
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
        self._subjects = _subject_ids(session, findings.hits)
        self._digests = {hit.identity: evidence_digest(hit) for hit in findings.hits}
        self._frozen: Mapping[int, Frozen] = {}
        self._rests: dict[int, frozenset[Reference]] = {}

    def run(self, known: Mapping[Identity, StoredFlag]) -> Changes:
        hit_now: set[Identity] = set()
        self._frozen = self._frozen_of_changed(known)
        for hit in self._findings.hits:
            hit_now.add(hit.identity)
            flag = known.get(hit.identity)
            if flag is None:
                self._raise(hit, None)
            elif flag.known_as_of <= self._findings.as_of:
                self._found_again(hit, flag)
        self._vanish(
            flag
            for identity, flag in known.items()
            if identity not in hit_now and (flag.active or flag.cleared_reason in BY_RULE)
        )
        self._move(
            flag.id for flag in known.values() if flag.district_id != self._findings.district_id
        )
        self._write()
        tell_of_flags(self._session, self._changes.raised, self._changes.cleared, self._now)
        return self._changes

    def _frozen_of_changed(self, known: Mapping[Identity, StoredFlag]) -> Mapping[int, Frozen]:
        """The frozen evidence of the flags of whose evidence anything differs now."""
        pairs = ((hit, known.get(hit.identity)) for hit in self._findings.hits)
        changed = [
            flag.id
            for hit, flag in pairs
            if flag is not None and self._digests[hit.identity] != flag.evidence_digest
        ]
        self._codes = present_codes(self._session) if changed else {}
        return frozen_evidence(self._session, changed)

    def _move(self, ids: Iterable[int]) -> None:
        """Let the flags of who came from another district belong to this one."""
        for flag_id in ids:
            district_id = self._findings.district_id
            statement = update(Flag).where(Flag.id == flag_id)
            self._session.execute(statement.values(district_id=district_id))

    def _found_again(self, hit: Hit, flag: StoredFlag) -> None:
        rising = found(flag)
        if rising is Found.ANEW:
            self._raise(hit, flag)
            return
        self._rests[flag.id] = self._linked(hit)
        changed = self._is_new_evidence(hit, flag)
        if rising is Found.AGAIN:
            self._event(flag.id, "raised_again")
            self._changes.raised.append(flag.id)
            self._cover(hit, flag, flag.id, flag.revision + changed)
        if changed:
            self._revise(hit, flag)
        else:
            self._show(hit, flag)
        if changed or not flag.active:
            self._update(flag, active=True, cleared_at=None, cleared_reason=None)

    def _is_new_evidence(self, hit: Hit, flag: StoredFlag) -> bool:
        """Whether the date, the severity or what the rule reads differs from what was frozen."""
        frozen = self._frozen.get(flag.id)
        if frozen is None:
            return False
        if (str(hit.severity), hit.occurred_on) != (frozen.severity, frozen.occurred_on):
            return True
        catalog = self._findings.catalog
        rule, kinds = catalog.version(hit.rule, hit.rule_digest), catalog.kinds
        if rule is None:
            return True
        present = weighed(rule, kinds, hit.evidence)
        known = under_present_codes(frozen.evidence, kinds, self._codes)
        return all(present != weighed(rule, kinds, each) for each in (frozen.evidence, known))

    def _show(self, hit: Hit, flag: StoredFlag) -> None:
        """Have the flag say and show what it says now: names, texts, fields that no rule reads."""
        present = self._present(hit)
        stored = {name: getattr(flag, name) for name in present}
        if present != stored:
            changed = present["evidence_digest"] != flag.evidence_digest
            known = self._findings.as_of if changed else flag.known_as_of
            row = {f"new_{name}": value for name, value in present.items()}
            self._rows.presents.append({"flag": flag.id, "known": known, **row})
        frozen = self._frozen.get(flag.id)
        if frozen is not None:
            shown = None if hit.evidence == frozen.evidence else hit.evidence
            row = {"flag": flag.id, "of_number": flag.revision, "new_shown": shown}
            self._rows.shown.append(row)

    def _vanish(self, flags: Iterable[StoredFlag]) -> None:
        vanished = list(flags)
        posted = [flag.id for flag in vanished if flag.posted_cadre_id is not None]
        elsewhere = transferred(self._session, posted) if posted else frozenset()
        for flag in vanished:
            if flag.id not in elsewhere:
                self._vanished(flag)

    def _vanished(self, flag: StoredFlag) -> None:
        reason = self._reason(flag)
        # That its rule is gone is no knowledge of a day: it ends flags of the running day too.
        if flag.known_as_of > self._findings.as_of and reason != RULE_GONE:
            return
        # Of a flag whose rule is back it is told that meanwhile its condition has gone.
        if reason is None or reason == flag.cleared_reason:
            return
        if flag.active:
            self._changes.cleared.append(flag.id)
        self._event(flag.id, "cleared", reason=reason)
        self._update(flag, active=False, cleared_at=self._now, cleared_reason=reason)

    def _reason(self, flag: StoredFlag) -> str | None:
        """Why a flag that was not found has ended: by its edited rule, or by what is on record."""
        reason = self._findings.judged(flag)
        rule = self._findings.catalog.on(flag.rule, flag.occurred_on)
        if reason == CONDITION_GONE and rule is not None and rule.digest != flag.rule_digest:
            return RULE_EDITED
        return reason

    def _linked(self, hit: Hit) -> frozenset[Reference]:
        """The records that a hit rests on; in secret also the cadres, who are not to see it."""
        kinds = {*self._findings.catalog.records}
        if hit.rule in self._findings.confidential:
            kinds.add(CADRE)
        return frozenset(each for each in hit.rests_on if each[0] in kinds)

    def _present(self, hit: Hit) -> dict[str, Any]:
        """What a flag says for the time being, beside what counts as evidence."""
        posted = None if hit.posted is None else self._subjects["cadre", hit.posted]
        return {
            "message_zh": hit.message["zh"],
            "message_en": hit.message["en"],
            "evidence_digest": self._digests[hit.identity],
            "rule_digest": hit.rule_digest,
            "posted_cadre_id": posted,
        }

    def _raise(self, hit: Hit, previous: StoredFlag | None) -> None:
        cadre = hit.subject_kind == "cadre"
        subject_id = self._subjects[hit.subject_kind, hit.subject]
        self._rows.hits.append(hit)
        self._rows.flags.append(
            {
                "rule": hit.rule,
                **ranked(hit.severity),
                "cadre_id": subject_id if cadre else None,
                "organization_id": None if cadre else subject_id,
                "key": hit.key,
                "episode": 1 if previous is None else previous.episode + 1,
                "previous_id": None if previous is None else previous.id,
                "district_id": self._findings.district_id,
                "occurred_on": hit.occurred_on,
                "confidential": hit.rule in self._findings.confidential,
                "active": True,
                "raised_at": self._now,
                "raised_as_of": self._findings.as_of,
                "known_as_of": self._findings.as_of,
                "revision": 1,
                "changed_since_decision": False,
                "review": Review.OPEN.value,
                **self._present(hit),
            }
        )

    def _revise(self, hit: Hit, flag: StoredFlag) -> None:
        number = flag.revision + 1
        self._changes.revised += 1
        self._rows.revisions.append(self._revision(hit, flag.id, number))
        self._event(flag.id, "revised", revision=number)
        change: dict[str, Any] = {
            **ranked(hit.severity),
            "occurred_on": hit.occurred_on,
            "revision": number,
            **self._present(hit),
        }
        if flag.review in FINISHED:
            change["changed_since_decision"] = True
        self._session.execute(update(Flag).where(Flag.id == flag.id).values(**change))

    def _cover(self, hit: Hit, flag: StoredFlag | None, flag_id: int, revision: int) -> None:
        """Have a flag that is raised waived by what covers it; a new one has no ``flag`` yet."""
        by = self._findings.reviewing.cover_of(hit, flag)
        if by is not None:
            on = max(self._findings.as_of, by.since)
            state = Review.OPEN.value if flag is None else flag.review
            covered = Covered(flag_id, by.waiver_id, by.text, on, state, revision)
            self._rows.covered.append(covered)

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
            "rule_digest": hit.rule_digest,
            "severity": str(hit.severity),
            "occurred_on": hit.occurred_on,
            "message_zh": hit.message["zh"],
            "message_en": hit.message["en"],
            "evidence": hit.evidence,
        }

    def _write(self) -> None:
        rows, session = self._rows, self._session
        if rows.flags:
            raising = insert(Flag).returning(Flag.id, sort_by_parameter_order=True)
            ids = session.scalars(raising, rows.flags).all()
            self._changes.raised.extend(ids)
            for flag_id, hit in zip(ids, rows.hits, strict=True):
                rows.revisions.append(self._revision(hit, flag_id, 1))
                self._event(flag_id, "raised", revision=1)
                self._rests[flag_id] = self._linked(hit)
                self._cover(hit, None, flag_id, 1)
        changes = ((_UPDATE, rows.updates), (_PRESENT, rows.presents), (_SHOWN, rows.shown))
        for statement, values in changes:
            if values:
                session.connection().execute(statement, values)
        for model, values in ((FlagRevision, rows.revisions), (FlagEvent, rows.events)):
            if values:
                session.execute(insert(model), values)
        cover(session, self._actor, rows.covered, self._now)
        findings = self._findings
        keep_links(session, findings.catalog.records, self._rests, findings.district_id)


# Beyond so many all are read: databases limit the number of values in one statement.
_MOST_NAMED = 200
_TABLE, _REVISION = table_of(Flag), table_of(FlagRevision)
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

_PRESENT = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("flag"))
    .values(
        known_as_of=bindparam("known"),
        message_zh=bindparam("new_message_zh"),
        message_en=bindparam("new_message_en"),
        evidence_digest=bindparam("new_evidence_digest"),
        rule_digest=bindparam("new_rule_digest"),
        posted_cadre_id=bindparam("new_posted_cadre_id"),
    )
)
_SHOWN = (
    update(_REVISION)
    .where(_REVISION.c.flag_id == bindparam("flag"), _REVISION.c.number == bindparam("of_number"))
    .values(shown=bindparam("new_shown"))
)


def _subject_ids(session: Session, hits: Iterable[Hit]) -> dict[tuple[str, str], int]:
    """The ids of all subjects of hits, and of those posted, by kind and code."""
    codes: dict[str, set[str]] = {"cadre": set(), "organization": set()}
    for hit in hits:
        codes[hit.subject_kind].add(hit.subject)
        if hit.posted is not None:
            codes["cadre"].add(hit.posted)
    ids: dict[tuple[str, str], int] = {}
    for kind, model in (("cadre", Cadre), ("organization", Organization)):
        if not codes[kind]:
            continue
        statement = select(model.code, model.id)
        if len(codes[kind]) <= _MOST_NAMED:
            statement = statement.where(model.code.in_(sorted(codes[kind])))
        ids.update({(kind, code): row_id for code, row_id in session.execute(statement)})
    return ids
