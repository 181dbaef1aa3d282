"""The stored flags of a district as an evaluation reads them, and their reviews as of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
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
    statement = _of_district(statement, district_id)
    if subjects is not None:
        of_cadres = Cadre.code.in_(sorted(subjects["cadre"]))
        of_organizations = Organization.code.in_(sorted(subjects["organization"]))
        statement = statement.where(of_cadres | of_organizations)
    rows: Iterable[Sequence[Any]] = session.execute(statement)
    return [StoredFlag(*row) for row in rows]


def _of_district(statement: Select[*tuple[Any, ...]], district_id: int) -> Select[*tuple[Any, ...]]:
    """A statement on flags, narrowed to subjects that are now in a district."""
    posted = aliased(Organization)
    return (
        statement.outerjoin(Cadre, Flag.cadre_id == Cadre.id)
        .outerjoin(posted, Cadre.organization_id == posted.id)
        .outerjoin(Organization, Flag.organization_id == Organization.id)
        .where(or_(posted.district_id == district_id, Organization.district_id == district_id))
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
    statement: Select[*tuple[Any, ...]] = (
        select(FlagEvent.flag_id, FlagEvent.verb, FlagEvent.to_state, FlagEvent.waived_until)
        .join(Flag, FlagEvent.flag_id == Flag.id)
        .where(FlagEvent.to_state.is_not(None), FlagEvent.on <= as_of)
        .order_by(FlagEvent.on, FlagEvent.id)
    )
    statement = _of_district(statement, district_id)
    of_flag: dict[int, str] = {}
    reopened: set[int] = set()
    for flag_id, verb, review, until in session.execute(statement):
        ended = review == Review.WAIVED and until is not None and until < as_of
        of_flag[flag_id] = Review.OPEN.value if ended else str(review)
        if verb == REOPEN:
            reopened.add(flag_id)
    states: dict[Identity, str] = {}
    for flag in flags:
        if flag.raised_as_of <= as_of or flag.id in of_flag:
            states[flag.identity] = of_flag.get(flag.id, Review.OPEN.value)
    return PastReviews(states, frozenset(reopened))


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
