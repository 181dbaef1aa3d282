"""Sheets of records that are printed: a row as a form to be signed, and a list as filtered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort

from tiesan.admin.lists.columns import Column
from tiesan.clock import today
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.words.rows import Block

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every sheet: its title, of which organization, as of which day."""

    title: str
    organization: str
    day: Any


def row_sheet(title: str | None, row: Record, blocks: list[Block]) -> Mapping[str, Any]:
    """Return what the template of a printed row is given; 404 where its kind has none.

    How it was recorded, the last of the blocks, is no part of it.
    """
    if title is None:
        abort(404)
    return {"sheet": Sheet(str(title), _place(row), today()), "row": row, "blocks": blocks[:-1]}


def list_sheet(
    title: str | None, columns: Iterable[Column], rows: Iterable[Record]
) -> Mapping[str, Any]:
    """Return what the template of a printed list is given; 404 where its kind has none."""
    if title is None:
        abort(404)
    found, shown = list(rows), list(columns)
    places = {each.district.name for each in found}
    return {
        "sheet": Sheet(str(title), "、".join(sorted(places)), today()),
        "titles": [each.label for each in shown],
        "rows": [list(_cells(shown, row)) for row in found[:MOST_ROWS]],
        "more": len(found) > MOST_ROWS,
        "most": MOST_ROWS,
    }


def _cells(columns: Iterable[Column], row: Record) -> Iterator[str]:
    for column in columns:
        yield column.show(row)


def _place(row: Record) -> str:
    """The organization of a row: its own, or that of its cadre."""
    of: Organization | None = getattr(row, "organization", None)
    cadre: Cadre | None = getattr(row, "cadre", None)
    if of is not None:
        return of.name
    return row.district.name if cadre is None else cadre.organization.name
