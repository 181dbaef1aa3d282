"""Postings: the dated rows that say where a cadre was in post, and from when until when.

Source: institutions.md, "In post"; exchange.md, postings.csv and cadres.csv. Who leaves and comes
back gets a new posting; an earlier one is never overwritten by a later. The cadre's own row says
the same in short: the first day of the first posting, the organization of the latest, and the day
after its end. What becomes of postings is computed on plain values and written by one function.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from tiesan.i18n import _
from tiesan.people.models import Posting

_ONE_DAY = timedelta(days=1)
_TABLE = Posting.metadata.tables[Posting.__tablename__]


@dataclass(frozen=True, slots=True)
class Span:
    """One posting: an organization by id, the first day, the last day (None: still there).

    ``id`` is that of the stored row; None for one that is yet to be stored.
    """

    organization_id: int
    from_on: date
    until_on: date | None = None
    id: int | None = None


class Service(NamedTuple):
    """What a cadre's own row says of all postings together."""

    organization_id: int
    joined_on: date
    left_on: date | None


class PostingRefused(ValueError):  # noqa: N818 - it says what became of it
    """A change that the postings of a cadre do not allow; ``field`` is the cadre's to blame."""

    def __init__(self, field: str, text: str) -> None:
        """Take the name of the field and what is wrong with it."""
        super().__init__(text)
        self.field = field
        self.text = text


# --- what postings come to -----------------------------------------------------------------------


def service_of(spans: Sequence[Span]) -> Service | None:
    """What the cadre's row says of these postings, which are in order; None without any."""
    if not spans:
        return None
    last = spans[-1]
    return Service(last.organization_id, spans[0].from_on, _day_after(last.until_on))


def in_order(spans: Sequence[Span]) -> list[Span]:
    """Postings by their first day."""
    return sorted(spans, key=lambda span: span.from_on)


def overlaps(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """The postings, which are in order, that begin before an earlier one ends, with that one."""
    longest: Span | None = None
    for each in spans:
        if longest is not None and each.from_on <= _last_day(longest):
            yield longest, each
        if longest is None or _last_day(each) > _last_day(longest):
            longest = each


def _last_day(span: Span) -> date:
    return span.until_on or date.max


def _day_after(until_on: date | None) -> date | None:
    """The day of leaving; a posting until the last representable day has none."""
    return None if until_on is None or until_on == date.max else until_on + _ONE_DAY


def _day_before(left_on: date | None) -> date | None:
    return None if left_on is None else left_on - _ONE_DAY


# --- what becomes of them ------------------------------------------------------------------------


def begun(service: Service) -> list[Span]:
    """The postings of a new cadre: none for one who left on the day of joining."""
    organization_id, joined_on, left_on = service
    if left_on is not None and left_on <= joined_on:
        return []
    return [Span(organization_id, joined_on, _day_before(left_on))]


def revised(spans: Sequence[Span], service: Service, day: date) -> list[Span]:
    """The postings after the cadre's own row was changed to say ``service``.

    A day of joining after the end of the last posting begins a new one; the first day of any
    posting changes nothing; any other day corrects the first posting. The day of leaving ends the
    last posting. Another organization begins a posting on ``day``, unless the last one begins on
    that day or later, or has ended before: then it is corrected. Raises PostingRefused for days
    that the other postings do not allow.
    """
    if not spans:
        return begun(service)
    if begins_anew(spans, service.joined_on):
        return [*spans, *_something(begun(service))]
    if len(spans) == 1 and service.left_on is not None and service.left_on <= service.joined_on:
        return []
    changed = _joined(list(spans), service.joined_on)
    changed = _left(changed, service.left_on)
    return _placed(changed, service.organization_id, day)


def begins_anew(spans: Sequence[Span], joined_on: date) -> bool:
    """Whether a day of joining lies after the end of the last posting."""
    last = spans[-1].until_on if spans else None
    return last is not None and joined_on > last


def _something(spans: list[Span]) -> list[Span]:
    if not spans:
        raise PostingRefused("left_on", _("lies not after the day of coming back"))
    return spans


def _joined(spans: list[Span], joined_on: date) -> list[Span]:
    if any(each.from_on == joined_on for each in spans):
        return spans
    first = spans[0]
    if first.until_on is not None and joined_on > first.until_on:
        text = _("lies after the end of the first posting (%(day)s)", day=first.until_on)
        raise PostingRefused("joined_on", text)
    return [replace(first, from_on=joined_on), *spans[1:]]


def _left(spans: list[Span], left_on: date | None) -> list[Span]:
    *others, last = spans
    if left_on == _day_after(last.until_on):
        return spans
    if left_on is not None and left_on <= last.from_on:
        text = _("lies not after the first day of the last posting (%(day)s)", day=last.from_on)
        raise PostingRefused("left_on", text)
    return [*others, replace(last, until_on=_day_before(left_on))]


def _placed(spans: list[Span], organization_id: int, day: date) -> list[Span]:
    *others, last = spans
    if last.organization_id == organization_id:
        return spans
    if last.from_on >= day or (last.until_on is not None and last.until_on < day):
        return [*others, replace(last, organization_id=organization_id)]
    moved = Span(organization_id, day, last.until_on)
    return [*others, replace(last, until_on=day - _ONE_DAY), moved]


def ended(spans: Sequence[Span], left_on: date) -> list[Span]:
    """The postings of a cadre who leaves; ``left_on`` is the first day out of post.

    Raises PostingRefused for one who is not in post, or was not before that day.
    """
    if not spans or spans[-1].until_on is not None:
        raise PostingRefused("left_on", _("this person is not in post"))
    return _left(list(spans), left_on)


def resumed(spans: Sequence[Span], organization_id: int, from_on: date) -> list[Span]:
    """The postings of a cadre who comes back on a day; raises PostingRefused for one in post."""
    if spans and spans[-1].until_on is None:
        raise PostingRefused("joined_on", _("this person is in post"))
    if spans and not begins_anew(spans, from_on):
        text = _("lies not after the end of the last posting (%(day)s)", day=spans[-1].until_on)
        raise PostingRefused("joined_on", text)
    return [*spans, Span(organization_id, from_on)]


def moved(spans: Sequence[Span], organization_id: int, from_on: date) -> list[Span]:
    """The postings of a cadre who is in another organization from a day on.

    Raises PostingRefused for one who is not in post on that day, or was posted later than it.
    """
    last = spans[-1] if spans else None
    if last is None or (last.until_on is not None and last.until_on < from_on):
        raise PostingRefused("organization", _("this person is not in post on that day"))
    if from_on < last.from_on:
        text = _("the last posting begins only on %(day)s", day=last.from_on)
        raise PostingRefused("organization", text)
    return _placed(list(spans), organization_id, from_on)


# --- reading and writing -------------------------------------------------------------------------


def spans_of(session: Session, cadre_id: int) -> list[Span]:
    """The stored postings of a cadre, in order."""
    statement = select(Posting).where(Posting.cadre_id == cadre_id).order_by(Posting.from_on)
    return [
        Span(each.organization_id, each.from_on, each.until_on, each.id)
        for each in session.scalars(statement)
    ]


def write_postings(
    session: Session, wanted: Mapping[int, tuple[Sequence[Span], Sequence[Span]]]
) -> None:
    """Store the postings of cadres, by id of the cadre: as they were, and as they are to be."""
    gone, changed, new = [], [], []
    for cadre_id, (before, after) in wanted.items():
        known = {each.id: each for each in before}
        gone += [each.id for each in before if each.id not in {span.id for span in after}]
        changed += [_row(each) for each in after if each.id and each != known.get(each.id)]
        new += [_row(each) | {"cadre_id": cadre_id} for each in after if each.id is None]
    if gone:
        session.execute(delete(Posting).where(Posting.id.in_(gone)))
    if changed:
        statement = update(_TABLE).where(Posting.id == bindparam("posting_id"))
        session.execute(statement, changed)
    if new:
        names = ("cadre_id", "organization_id", "from_on", "until_on")
        session.execute(insert(Posting), [{name: row[name] for name in names} for row in new])
    session.expire_all()


def _row(span: Span) -> dict[str, object]:
    return {
        "posting_id": span.id,
        "organization_id": span.organization_id,
        "from_on": span.from_on,
        "until_on": span.until_on,
    }
