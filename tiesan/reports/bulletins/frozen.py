"""The numbers of a bulletin as they were frozen: read from plain JSON, and laid out as tables.

Nothing here asks the database: a bulletin says what it said when it was drafted.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from tiesan.i18n import _, _l, current_language
from tiesan.money import format_amount
from tiesan.reports.figure_counts import Unit
from tiesan.reports.number_columns import Group

# So many columns beside the name of the organization fit between the margins.
_MOST_COLUMNS = 5
GROUP_TITLES: Mapping[str, str] = {
    Group.DUTIES: _l("Duties done of those owed"),
    Group.FIGURES: _l("Work done"),
    Group.FLAGS: _l("Flags"),
    Group.REVIEWS: _l("Reviews and notices"),
}


@dataclass(frozen=True, slots=True)
class FrozenColumn:
    """A column as it was: its key, its titles by language, where it belongs, what it counts."""

    key: str
    titles: Mapping[str, str]
    group: str
    institution: str
    unit: str

    @property
    def title(self) -> str:
        """The title in the language of the moment."""
        return self.titles["en" if current_language() == "en" else "zh"]


@dataclass(frozen=True, slots=True)
class FrozenPlace:
    """An organization as it was called."""

    id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class FrozenCell:
    """A number as it was, with that of the period before, and the rows that it counts."""

    value: int
    of: int | None
    before: int
    before_of: int | None
    rows: tuple[tuple[str, int], ...]

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.value or self.of or self.before or self.before_of)


@dataclass(frozen=True, slots=True)
class NumberTable:
    """Some columns of one group, with the organizations as rows."""

    group: str
    institution: str
    columns: tuple[FrozenColumn, ...]

    def titled(self, institutions: Mapping[str, str]) -> str:
        """Return what stands above it; ``institutions`` are their titles by name."""
        title = str(GROUP_TITLES.get(self.group, self.group))
        if not self.institution:
            return title
        named = institutions.get(self.institution, self.institution)
        return _("%(title)s (%(institution)s)", title=title, institution=named)


_NOTHING = FrozenCell(0, None, 0, None, ())


class FrozenNumbers:
    """The numbers that stand in a bulletin."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        """Take what ``Numbers.as_json`` has made."""
        self._numbers = numbers

    @cached_property
    def places(self) -> tuple[FrozenPlace, ...]:
        """The organizations, the district first."""
        return tuple(
            FrozenPlace(each["id"], each["code"], each["name"], each["kind"])
            for each in self._numbers["organizations"]
        )

    @cached_property
    def columns(self) -> tuple[FrozenColumn, ...]:
        """The columns in their order."""
        return tuple(
            FrozenColumn(
                each["key"], each["title"], each["group"], each["institution"], each["unit"]
            )
            for each in self._numbers["columns"]
        )

    @cached_property
    def _cells(self) -> Mapping[tuple[int, str], FrozenCell]:
        return {
            (each["organization"], each["column"]): FrozenCell(
                each["value"],
                each["of"],
                each["before"],
                each["before_of"],
                tuple((kind, row_id) for kind, row_id in each["rows"]),
            )
            for each in self._numbers["cells"]
        }

    def cell(self, place_id: int, key: str) -> FrozenCell:
        """Return a number; a blank one where nothing counts."""
        return self._cells.get((place_id, key), _NOTHING)

    def blank_columns(self) -> list[str]:
        """Return the keys of the columns in which there is nothing to tell."""
        told = {key for (_place, key), cell in self._cells.items() if not cell.is_blank}
        return [column.key for column in self.columns if column.key not in told]

    def tables(self, left_out: Collection[str] = ()) -> Iterator[NumberTable]:
        """Yield the columns that are not left out, as tables that fit between the margins."""
        kept = (column for column in self.columns if column.key not in left_out)
        for (group, institution), columns in groupby(kept, key=_stands_in):
            some = tuple(columns)
            parts = -(-len(some) // _MOST_COLUMNS)
            size = -(-len(some) // parts)
            for at in range(0, len(some), size):
                yield NumberTable(group, institution, some[at : at + size])


def _stands_in(column: FrozenColumn) -> tuple[str, str]:
    """The table in which a column stands: flags are told by institution, all else is not."""
    return column.group, column.institution if column.group == Group.FLAGS else ""


def written(cell: FrozenCell, unit: str) -> str:
    """Return a number as it is written: done of owed, money in yuan, half days as days."""
    value = _amount(cell.value, unit)
    return value if cell.of is None else f"{value}/{_amount(cell.of, unit)}"


def change(cell: FrozenCell, unit: str) -> str:
    """Return by how much a number has changed against the period before; blank for not at all.

    A share has no change of its own: what it is of has changed as well.
    """
    difference = cell.value - cell.before
    if difference == 0 or cell.of is not None:
        return ""
    return f"{'+' if difference > 0 else '−'}{_amount(abs(difference), unit)}"


def _amount(value: int, unit: str) -> str:
    match unit:
        case Unit.FEN:
            return format_amount(value)
        case Unit.HALF_DAYS:
            return f"{value // 2}{'.5' if value % 2 else ''}"
    return str(value)
