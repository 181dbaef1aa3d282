"""Numbers of an overview in words and as cells of a file, and what they lead to."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for

from tiesan.admin.lists.exporting import Cell
from tiesan.admin.lists.filters import PREFIX
from tiesan.admin.reports.asking import Filters
from tiesan.i18n import _
from tiesan.money import format_amount
from tiesan.reports.figure_counts import Unit
from tiesan.reports.tables import Head, Line, Number, Table

SHADES = 4
# Only what is alike in all columns can be compared by colour.
SHADED = ("flags", "ages")
_FEN = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is shown: the number, what it is beside the span before, and where it leads.

    ``level`` is how dark it is shaded, ``words`` all of it in words.
    """

    text: str
    change: str
    level: int
    words: str
    url: str | None


NOTHING = Shown("", "", 0, "", None)


def shown(filters: Filters, table: Table, line: Line, head: Head) -> Shown:
    """Return a cell of a table; a blank one where there is nothing to tell."""
    number = line.numbers.get(head.key)
    if number is None or number.of == 0:
        return NOTHING
    if not number.value and not number.of and not number.before:
        return Shown("0", "", 0, "", None)
    text, level = number_text(head.unit, number), _level(table, number)
    shade = "" if number.of is not None else _level_words(level)
    told = (f"{line.title}, {head.title}: {text}", shade, _change_words(head.unit, number))
    leads = number.value > 0 or number.of is not None
    url = _url(filters, table, line, head) if leads else None
    change = _change(head.unit, number)
    return Shown(text, change, level, ", ".join(part for part in told if part), url)


def number_text(unit: Unit, number: Number) -> str:
    """Return a number as it is read; a share as so many of so many."""
    text = _in_unit(unit, number.value)
    return text if number.of is None else f"{text} / {_in_unit(unit, number.of)}"


def _in_unit(unit: Unit, value: int) -> str:
    match unit:
        case Unit.FEN:
            return format_amount(value)
        case Unit.HALF_DAYS:
            return f"{value // 2}.5" if value % 2 else str(value // 2)
    return str(value)


def in_file(unit: Unit, value: int | None) -> Cell:
    """Return a number as a cell of a file."""
    if value is None:
        return None
    match unit:
        case Unit.FEN:
            return Decimal(value) / _FEN
        case Unit.HALF_DAYS:
            return Decimal(value) / 2
    return value


def file_titles(table: Table) -> list[str]:
    """Return the titles of the columns of a file of a table."""
    titles = [table.first]
    for head in table.heads:
        titles.append(head.title)
        titles += [_("%(title)s (of)", title=head.title)] if _is_share(table, head) else []
        titles += [_("%(title)s (before)", title=head.title)] if _compared(table, head) else []
    return titles


def file_rows(table: Table) -> Iterator[list[Cell]]:
    """Return the rows of a file of a table."""
    for line in table.lines:
        row: list[Cell] = [line.title]
        for head in table.heads:
            number = line.numbers.get(head.key, Number(0))
            row.append(in_file(head.unit, number.value))
            row += [in_file(head.unit, number.of or 0)] if _is_share(table, head) else []
            row += [in_file(head.unit, number.before or 0)] if _compared(table, head) else []
        yield row


def _is_share(table: Table, head: Head) -> bool:
    return any(line.numbers[head.key].of is not None
               for line in table.lines if head.key in line.numbers)  # fmt: skip


def _compared(table: Table, head: Head) -> bool:
    return any(line.numbers[head.key].before is not None
               for line in table.lines if head.key in line.numbers)  # fmt: skip


def _level(table: Table, number: Number) -> int:
    """How dark a number is shaded: from 0 for nought to the most; of a share what is missing."""
    if number.of is not None:
        return -(-(number.of - number.value) * SHADES // number.of)
    if table.name not in SHADED or not number.value:
        return 0
    return -(-number.value * SHADES // table.most)


def _level_words(level: int) -> str:
    return ("", _("few"), _("some"), _("many"), _("most"))[level]


def _change(unit: Unit, number: Number) -> str:
    """What it is beside the span before, in as few characters as can be."""
    if number.before is None:
        return ""
    more = number.value - number.before
    if more == 0:
        return _("same")
    told = _in_unit(unit, abs(more))
    return _("+%(number)s", number=told) if more > 0 else _("−%(number)s", number=told)


def _change_words(unit: Unit, number: Number) -> str:
    if number.before is None:
        return ""
    more = number.value - number.before
    if more == 0:
        return _("as many as in the period before")
    told = _in_unit(unit, abs(more))
    if more > 0:
        return _("%(number)s more than in the period before", number=told)
    return _("%(number)s fewer than in the period before", number=told)


def _url(filters: Filters, table: Table, line: Line, head: Head) -> str:
    """The list of what a number counts: of flags where its filters can say it, else of its rows."""
    span = filters.asked.span
    said: dict[str, Any]
    if table.name == "flags" and line.key != str(filters.root.id):
        said = {
            f"{PREFIX}rule": head.key,
            f"{PREFIX}organization": line.key,
            f"{PREFIX}occurred_on_from": span.first_day.isoformat(),
            f"{PREFIX}occurred_on_to": filters.asked.last_day.isoformat(),
        }
        return url_for("flag.index_view", **said)
    said = {"table": table.name, "line": line.key, "column": head.key, **filters.address}
    return url_for("overview.rows_view", **said)
