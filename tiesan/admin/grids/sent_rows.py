"""What a form of a grid sends of its rows, and how a row's cells are written and read.

What was sent is read as texts by row and column, so that the rows can be drawn anew from the
database at any time: with another day, after a refusal, and under the lock of who stores them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as having
from datetime import time
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from tiesan.admin.lists.lookups import read_id
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.base import Record
from tiesan.records.grids import Column
from tiesan.records.services import version_of
from tiesan.words.values import YES_NO, words, yes_and_no

# The names of what a form sends besides its cells.
ROW, ADDED, PRESET, DRAWN, REST = "row", "added", "preset", "drawn", "rest"
# The column of a grid without any: whether there is a row.
TICK = "there"
YES, NO = YES_NO
# More rows than any organization has, and fewer than what a page can draw.
MOST_ROWS = 500


@dataclass(frozen=True)
class Sent:
    """What was sent of the rows: nothing, where a page is opened."""

    form: MultiDict[str, str] = having(default_factory=MultiDict)

    @cached_property
    def ids(self) -> list[int]:
        """The rows that stood on the page, and the one that is added, each once."""
        named = [*self.form.getlist(ROW), self.form.get(ADDED, "")]
        known = (read_id(each) for each in named)
        return list(dict.fromkeys(each for each in known if each is not None))[:MOST_ROWS]

    @cached_property
    def presets(self) -> frozenset[int]:
        """The rows that began with what approved leave says."""
        found = (read_id(each) for each in self.form.getlist(PRESET))
        return frozenset(each for each in found if each is not None)

    def has(self, number: int) -> bool:
        """Whether a row stood on the page that was sent."""
        return str(number) in self.form.getlist(ROW)

    def cell(self, number: int, name: str) -> str:
        """What was sent for a cell."""
        return (self.form.get(cell_name(number, name)) or "").strip()

    def seen(self, number: int) -> str:
        """Which version of a stored row the page was drawn with; empty for none."""
        return self.form.get(seen_name(number)) or ""


def cell_name(number: int, name: str) -> str:
    """Return the name of a cell: of the row about this id, in the column of this field."""
    return f"r{number}-{name}"


def seen_name(number: int) -> str:
    """Return the name of the input with what was seen of a row."""
    return f"seen-r{number}"


@dataclass
class Line:
    """One row of the page: what it is about, and the texts of its cells by field.

    ``fixed`` says why it is only shown; ``note`` is what is known of the day, such as a leave.
    ``errors`` are by field, those of the row as a whole by the empty name.
    """

    about: Any
    entry: Record | None = None
    fixed: str = ""
    note: str = ""
    preset: bool = False
    cells: dict[str, str] = having(default_factory=dict)
    errors: dict[str, str] = having(default_factory=dict)

    @property
    def id(self) -> int:
        """The id of what the row is about."""
        number: int = self.about.id
        return number

    @property
    def version(self) -> str:
        """What tells the stored row from what it was before; empty where there is none."""
        return "" if self.entry is None else version_of(self.entry)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filled in."""
        return not any(self.cells.values())

    @property
    def place(self) -> str:
        """The organization that what the row is about belongs to."""
        if isinstance(self.about, Organization):
            return ""
        return str(self.about.organization.name)


def cell_choices(field: Field) -> dict[str, str]:
    """Return what can be chosen in a column, as it is sent, with its words."""
    return yes_and_no() if field.type is FieldType.BOOLEAN else words(field)


def completed(cells: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the cells of all these columns, those that are not there as empty ones."""
    return {name: cells.get(name, "") for name in names}


def stored_cells(entry: Record | None, columns: Iterable[tuple[Column, Field]]) -> dict[str, str]:
    """The cells of a stored row as they are sent."""
    if entry is None:
        return {}
    found = {}
    for _column, field in columns:
        value = getattr(entry, field.name)
        if value is None:
            found[field.name] = ""
        elif isinstance(value, bool):
            found[field.name] = YES if value else NO
        else:
            found[field.name] = f"{value:%H:%M}" if isinstance(value, time) else str(value)
    return found or {TICK: YES}


def read_cell(field: Field, text: str) -> Any:
    """The value that a cell says; ValueError says what is wrong with it."""
    if not text:
        return None
    if field.type is FieldType.TIME:
        try:
            return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            raise ValueError(_("Not a time such as 08:30.")) from None
    if text not in cell_choices(field):
        raise ValueError(_("Not one of the choices."))
    return text == YES if field.type is FieldType.BOOLEAN else text
