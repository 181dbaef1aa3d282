"""Who is on approved leave on a day, as an evaluation sees it, for a page that says so."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy.orm import Session

from tiesan.facts.leave import LeaveCover, LeaveSpan
from tiesan.facts.visible import visible
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import facts_concerning


def leave_on(
    session: Session, catalog: Catalog, cadres: Collection[str], day: date, as_of: date
) -> LeaveCover:
    """Return which halves of a day approved leave of these cadres covers, as known by ``as_of``.

    ``cadres`` are codes. It sees everything, whoever asks.
    """
    return LeaveCover(_spans(session, catalog, cadres, as_of), day, day)


def _spans(
    session: Session, catalog: Catalog, cadres: Collection[str], as_of: date
) -> Iterator[LeaveSpan]:
    for excuse in catalog.plugins.excuses:
        kind = catalog.kinds[excuse.kind]
        rows = facts_concerning(session, catalog.records[excuse.kind], cadres)
        for fact in visible(kind, rows, as_of, lambda _kind: {}):
            span = excuse.span(kind, fact)
            if span is not None:
                yield span
