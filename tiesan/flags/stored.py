"""The stored flags of a district as an evaluation reads them, and their reviews as of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Date, Integer, Select, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.people.models import Cadre, Organization
from tiesan.rules import Review

Identity = tuple[str, str, str, str]
# Databases limit the number of values in one statement; this many flags are asked for at a time.
_FLAGS = 500
# The verb by which a reviewer takes a decision back.
REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class StoredFlag:
    """What is stored of a flag, as far as an evaluation needs it."""

    id: int
    rule: str
    severity: str
    cadre: str | None
    organization: str | None
    key: str
    episode: int
    occurred_on: date
    active: bool
    review: str
    evidence_digest: str
    revision: int
    raised_as_of: date
    known_as_of: date
    district_id: int
    cleared_reason: str | None = None
    rule_digest: str = ""
    message_zh: str = ""
    message_en: str = ""
    posted_cadre_id: int | None = None
    waived_until: date | None = None

    @property
    def identity(self) -> Identity:
        """Rule, kind of subject, subject and key."""
        if self.cadre is not None:
            return (self.rule, "cadre", self.cadre, self.key)
        return (self.rule, "organization", str(self.organization), self.key)


def stored_flags(
    session: Session, district_id: int, subjects: Mapping[str, Iterable[str]] | None = None
) -> list[StoredFlag]:
    """The flags of a district, all episodes, in order of episode; of some subjects if given.

    A flag belongs to the district in which its subject is now.
    """
    asked: dict[str, object] = {"district": district_id}
    if subjects is not None:
        asked |= {name: sorted(subjects[name]) for name in ("cadre", "organization")}
    rows: Iterable[Sequence[Any]] = session.execute(_flags(of_all=subjects is None), asked)
    return [StoredFlag(*row) for row in rows]


# Statements are made once: every save asks them several times, and making one takes longer.
_DISTRICT: BindParameter[int] = bindparam("district", type_=Integer())


@cache
def _flags(*, of_all: bool) -> Select[*tuple[Any, ...]]:
    """The flags of a ``district``, of all in it or of each ``cadre`` and ``organization`` named."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Flag.id,
            Flag.rule,
            Flag.severity,
            Cadre.code,
            Organization.code,
            Flag.key,
            Flag.episode,
            Flag.occurred_on,
            Flag.active,
            Flag.review,
            Flag.evidence_digest,
            Flag.revision,
            Flag.raised_as_of,
            Flag.known_as_of,
            Flag.district_id,
            Flag.cleared_reason,
            Flag.rule_digest,
            Flag.message_zh,
            Flag.message_en,
            Flag.posted_cadre_id,
            Flag.waived_until,
        )
        .select_from(Flag)
        .order_by(Flag.episode, Flag.id)
    )
    statement = _of_district(statement)
    if of_all:
        return statement
    # Said of the flag alone, so that its indexes are used and not every flag is read.
    cadres = select(Cadre.id).where(Cadre.code.in_(bindparam("cadre", expanding=True)))
    named = Organization.code.in_(bindparam("organization", expanding=True))
    organizations = select(Organization.id).where(named)
    return statement.where(Flag.cadre_id.in_(cadres) | Flag.organization_id.in_(organizations))


def _of_district(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A statement on flags, narrowed to subjects that are now in a ``district``."""
    posted = aliased(Organization)
    return (
        statement.outerjoin(Cadre, Flag.cadre_id == Cadre.id)
        .outerjoin(posted, Cadre.organization_id == posted.id)
        .outerjoin(Organization, Flag.organization_id == Organization.id)
        .where(or_(posted.district_id == _DISTRICT, Organization.district_id == _DISTRICT))
    )


@dataclass(frozen=True, slots=True)
class PastReviews:
    """The reviews of a district's flags as of a day: states by identity, and who was reopened.

    An identity without a state had no flag by then. ``reopened`` are the ids of flags that somebody
    has reviewed again.
    """

    states: Mapping[Identity, str]
    reopened: frozenset[int]


def reviews_as_of(
    session: Session, district_id: int, flags: Iterable[StoredFlag], as_of: date
) -> PastReviews:
    """The review state of each identity as of a day.

    A waiver counts until it ends; of several episodes the last that had been raised by then speaks.
    """
    of_flag: dict[int, str] = {}
    reopened: set[int] = set()
    asked = {"district": district_id, "as_of": as_of}
    for flag_id, verb, review, until in session.execute(_reviews(), asked):
        ended = review == Review.WAIVED and until is not None and until < as_of
        of_flag[flag_id] = Review.OPEN.value if ended else str(review)
        if verb == REOPEN:
            reopened.add(flag_id)
    states: dict[Identity, str] = {}
    for flag in flags:
        if flag.raised_as_of <= as_of or flag.id in of_flag:
            states[flag.identity] = of_flag.get(flag.id, Review.OPEN.value)
    return PastReviews(states, frozenset(reopened))


@cache
def _reviews() -> Select[*tuple[Any, ...]]:
    """What became of the flags of a ``district`` up to a day, ``as_of``, in order."""
    until = bindparam("as_of", type_=Date())
    statement: Select[*tuple[Any, ...]] = (
        select(FlagEvent.flag_id, FlagEvent.verb, FlagEvent.to_state, FlagEvent.waived_until)
        .join(Flag, FlagEvent.flag_id == Flag.id)
        .where(FlagEvent.to_state.is_not(None), FlagEvent.on <= until)
        .order_by(FlagEvent.on, FlagEvent.id)
    )
    return _of_district(statement)


def latest_episodes(flags: Iterable[StoredFlag]) -> dict[Identity, StoredFlag]:
    """The last episode of each identity; ``flags`` come in order of episode."""
    return {flag.identity: flag for flag in flags}


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the present revision of a flag has frozen."""

    severity: str
    occurred_on: date
    evidence: list[dict[str, Any]]


def frozen_evidence(session: Session, flag_ids: Sequence[int]) -> dict[int, Frozen]:
    """What the present revisions of these flags have frozen, by flag."""
    found: dict[int, Frozen] = {}
    for start in range(0, len(flag_ids), _FLAGS):
        statement = (
            select(
                FlagRevision.flag_id,
                FlagRevision.severity,
                FlagRevision.occurred_on,
                FlagRevision.evidence,
            )
            .join(Flag, (Flag.id == FlagRevision.flag_id) & (Flag.revision == FlagRevision.number))
            .where(Flag.id.in_(flag_ids[start : start + _FLAGS]))
        )
        for flag_id, *frozen in session.execute(statement):
            found[flag_id] = Frozen(*frozen)
    return found
