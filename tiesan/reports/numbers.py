"""Numbers per federation and span: what bulletins tell, each with the rows that it counts.

Source: the page on what leaves the house, "Bulletins". Nothing confidential is in any number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.flags.installed import plugins_off
from tiesan.reports.asked import Asked, Counted
from tiesan.reports.balance_counts import count_duties
from tiesan.reports.figure_counts import count_figures
from tiesan.reports.flag_counts import count_flags
from tiesan.reports.notice_counts import count_notices
from tiesan.reports.number_columns import NumberColumn, columns_of
from tiesan.reports.places import Place, read_places
from tiesan.reports.review_counts import count_reviews
from tiesan.reports.spans import Span


@dataclass(frozen=True, slots=True)
class Cell:
    """A number: how many, of how many where it is a share, and the rows that it counts.

    ``rows`` are kinds and ids: of a share of all that it is of, of duties the balances that are
    kept. ``before`` and ``before_of`` are the same of the period before. Amounts are fen, days of
    leave half days, as the column says.
    """

    value: int = 0
    of: int | None = None
    rows: tuple[tuple[str, int], ...] = ()
    before: int = 0
    before_of: int | None = None


@dataclass(frozen=True)
class Numbers:
    """The numbers of the organizations of a district in a span, known as of a day.

    ``cells`` are by organization id and column key; one that is not there is nought.
    """

    district_id: int
    span: Span
    as_of: date
    organizations: Sequence[Place]
    columns: Sequence[NumberColumn]
    cells: Mapping[tuple[int, str], Cell] = field(default_factory=dict)

    def cell(self, organization_id: int, key: str) -> Cell:
        """Return a cell; a blank one where nothing counts."""
        return self.cells.get((organization_id, key), Cell())

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain JSON, fit to be frozen."""
        return {
            "district": self.district_id,
            "span": self.span.label,
            "as_of": self.as_of.isoformat(),
            "organizations": [
                {"id": each.id, "code": each.code, "name": each.name, "kind": each.kind}
                for each in self.organizations
            ],
            "columns": [each.as_json() for each in self.columns],
            "cells": [
                {
                    "organization": organization_id,
                    "column": key,
                    "value": cell.value,
                    "of": cell.of,
                    "before": cell.before,
                    "before_of": cell.before_of,
                    "rows": [list(row) for row in cell.rows],
                }
                for (organization_id, key), cell in sorted(self.cells.items())
            ],
        }


def numbers_of(
    session: Session, catalog: Catalog, district_id: int, span: Span, as_of: date
) -> Numbers:
    """Return the numbers of a district's federations, and of its direct enterprise unions.

    The district's own come first. As of a day is counted what was known at its end; what is
    counted of a period that is not over then ends with the day. A session that is narrowed to what
    somebody may read counts no more than that.
    """
    asked = Asked(catalog, read_places(session, district_id), span, as_of, plugins_off(session))
    before = Asked(catalog, asked.places, span.before, as_of, asked.off)
    cells = _cells(_counted(session, asked), _counted(session, before))
    some = {organization_id for organization_id, _key in cells}
    shown = [
        each
        for each in asked.places.all
        if each.id in some or each.stood(span.first_day, span.last_day)
    ]
    return Numbers(district_id, span, as_of, shown, list(columns_of(asked)), cells)


def _counted(session: Session, asked: Asked) -> Iterator[Counted]:
    for count in (count_duties, count_figures, count_flags, count_reviews, count_notices):
        yield from count(session, asked)


def _cells(counted: Iterable[Counted], before: Iterable[Counted]) -> dict[tuple[int, str], Cell]:
    now, then = _summed(counted), _summed(before)
    nothing = _Sum()
    return {place: _cell(now.get(place, nothing), then.get(place, nothing)) for place in now | then}


@dataclass
class _Sum:
    """What is summed up for a cell."""

    value: int = 0
    of: int | None = None
    rows: list[tuple[str, int]] = field(default_factory=list)

    def add(self, each: Counted) -> None:
        self.value += each.value
        if each.of is not None:
            self.of = (self.of or 0) + each.of
        self.rows.append(each.row)


def _summed(counted: Iterable[Counted]) -> dict[tuple[int, str], _Sum]:
    found: dict[tuple[int, str], _Sum] = {}
    for each in counted:
        found.setdefault((each.place_id, each.key), _Sum()).add(each)
    return found


def _cell(now: _Sum, then: _Sum) -> Cell:
    return Cell(now.value, now.of, tuple(now.rows), then.value, then.of)
