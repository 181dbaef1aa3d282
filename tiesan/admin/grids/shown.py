"""The rows of a stored record as its page shows them: how many of each, and who."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.extensions import db
from tiesan.records.grids import Grid
from tiesan.words.values import in_words, name_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Those of whom the rows say the same, in words, and their names."""

    value: str
    word: str
    names: Sequence[str]


def attended(grid: Grid, head: Any) -> list[Standing]:
    """Return the rows of a record that the viewer may read, by what their first column says."""
    of, field = grid.rows.of, grid.fields()[0]
    above = getattr(of, f"{grid.rows.head}_id") == head.id
    statement = select(of).where(above, of.voided_at.is_(None), readable_rows(of)).order_by(of.id)
    rows = list(db.session.scalars(statement))
    found: dict[str, list[str]] = {value: [] for value in field.choices}
    for row in rows:
        found[getattr(row, field.name)].append(name_of(getattr(row, grid.rows.each)))
    return [
        Standing(value, in_words(field, value), names) for value, names in found.items() if names
    ]
