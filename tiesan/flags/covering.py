"""Which standing waiver covers a flag: one answer for evaluations, grants and what they preview."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from tiesan.flags.givers import Reviewers, Whom, read_reviewers
from tiesan.flags.models import Flag
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rules import Hit, Severity


@dataclass(frozen=True, slots=True)
class Cover:
    """That a waiver covers a flag: which one, with its text, and the day since which it does."""

    waiver_id: int
    text: str
    since: date


# Made once: every evaluation asks it.
_STANDING = (
    select(Waiver)
    .where(Waiver.district_id == bindparam("district"), Waiver.until >= Waiver.first_day)
    .options(selectinload(Waiver.ends))
    .order_by(Waiver.id)
    .execution_options(populate_existing=True)
)


class Covering:
    """The standing waivers of a district, asked of the flags that an evaluation finds."""

    def __init__(
        self, session: Session, district_id: int, day: date, waivers: Sequence[Waiver]
    ) -> None:
        """Take the waivers of a district, and the day on which their givers are looked at."""
        self._session, self._district_id, self._day = session, district_id, day
        self._waivers = waivers

    @classmethod
    def read(cls, session: Session, district_id: int, day: date) -> "Covering":
        """Read what covers the flags of a district, by those who review there on a day.

        Who they are is read when a waiver speaks of the rule and the day of a flag.
        """
        waivers = session.scalars(_STANDING, {"district": district_id}).all()
        return cls(session, district_id, day, waivers)

    @cached_property
    def _reviewers(self) -> Reviewers:
        """Who reviews whom."""
        return read_reviewers(self._session, self._district_id, self._day)

    @cached_property
    def _whom(self) -> Mapping[tuple[str, str], Whom]:
        """Whom the codes of subjects stand for."""
        return dict(_subjects(self._session))

    def of(self, hit: Hit, *, confidential: bool) -> Cover | None:
        """Return what covers a flag that is raised now; of several waivers the first granted."""
        if not may_be_covered(hit.severity, confidential):
            return None
        return self.cover(hit.rule, (hit.subject_kind, hit.subject), hit.occurred_on)

    def cover(self, rule: str, subject: tuple[str, str], occurred_on: date) -> Cover | None:
        """Return what covers a flag of a rule on a subject; the flag is one that may be covered."""
        for waiver in self._waivers:
            since = waiver.covered_since(occurred_on)
            if since is None or not waiver.covers_rule(rule):
                continue
            whom = self._whom.get(subject)
            if whom is not None and covers_subject(waiver, whom, self._reviewers):
                return Cover(waiver.id, waiver.text, since)
        return None


def may_be_covered(severity: str, confidential: bool) -> bool:  # noqa: FBT001 - what a flag is
    """Whether a standing waiver may cover a flag at all: none that is confidential or major."""
    return not confidential and severity != Severity.MAJOR


def covers_subject(waiver: Waiver, whom: Whom, reviewers: Reviewers) -> bool:
    """Whether a waiver speaks of somebody whom its giver may review."""
    return _names(waiver, whom, reviewers) and reviewers.may_review(waiver.giver_id, whom)


def _names(waiver: Waiver, whom: Whom, reviewers: Reviewers) -> bool:
    if waiver.cadre_id is not None:
        return whom.cadre_id == waiver.cadre_id
    if waiver.below:
        return waiver.organization_id in reviewers.above.get(whom.organization_id, ())
    return whom == Whom(None, waiver.organization_id or 0)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored flag, as far as a waiver looks at it."""

    id: int
    whom: Whom
    occurred_on: date
    review: str
    active: bool
    revision: int


def stored_flags_of(
    session: Session, waiver: Waiver, reviewers: Reviewers, first: date, last: date
) -> Iterator[Stored]:
    """Yield the stored flags that a waiver would cover, were these its days; in whatever state."""
    flag, cadre = table_of(Flag), table_of(Cadre)
    statement = (
        select(
            flag.c.id, flag.c.rule, flag.c.severity, flag.c.cadre_id, flag.c.organization_id,
            cadre.c.organization_id.label("posted"), flag.c.occurred_on, flag.c.review,
            flag.c.active, flag.c.revision,
        )
        .outerjoin(cadre, cadre.c.id == flag.c.cadre_id)
        .where(
            flag.c.district_id == waiver.district_id,
            flag.c.occurred_on.between(first, last),
            ~flag.c.confidential,
        )
        .order_by(flag.c.id)
    )  # fmt: skip
    if waiver.cadre_id is not None:
        statement = statement.where(flag.c.cadre_id == waiver.cadre_id)
    elif not waiver.below:
        statement = statement.where(flag.c.organization_id == waiver.organization_id)
    for row in session.execute(statement):
        whom = Whom(row.cadre_id, row.posted or row.organization_id)
        if (
            waiver.covers_rule(row.rule)
            and may_be_covered(row.severity, confidential=False)
            and covers_subject(waiver, whom, reviewers)
        ):
            yield Stored(row.id, whom, row.occurred_on, row.review, row.active, row.revision)


def subjects_of(session: Session, waiver: Waiver, reviewers: Reviewers) -> Iterable[Whom]:
    """Return whom a waiver covers, as they are posted now and whoever is still there."""
    whoever = {whom: None for _code, whom in _subjects(session)}
    return [each for each in whoever if covers_subject(waiver, each, reviewers)]


def _subjects(session: Session) -> Iterator[tuple[tuple[str, str], Whom]]:
    place, cadre = table_of(Organization), table_of(Cadre)
    places = select(place.c.id, place.c.code).order_by(place.c.code)
    for place_id, code in session.execute(places):
        yield ("organization", code), Whom(None, place_id)
    statement = select(cadre.c.id, cadre.c.code, cadre.c.organization_id).order_by(cadre.c.code)
    for row in session.execute(statement):
        yield ("cadre", row.code), Whom(row.id, row.organization_id)
