"""Rows of a list as markup.

A template asks each of some two hundred cells the same questions, which takes longer than to read
the rows; here what a column says is settled once, and then filled in row by row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from tiesan.admin.lists.columns import Column

_Draw = Callable[[Any], str]
_VOIDED = ' class="voided"'


@dataclass(frozen=True, slots=True)
class Pen:
    """What the rows of a list have in common.

    The cells of the column named ``linked`` lead to the page of a row, whose id ends ``address``.
    ``before`` is what stands before the first cell of a row, and ``ended`` says of a voided one why
    it counts no more.
    """

    columns: tuple[Column, ...]
    linked: str
    address: str
    before: _Draw
    ended: _Draw

    def draw(self, rows: Iterable[Any]) -> Markup:
        """Return the rows of a table."""
        cells = [self._cell(column) for column in self.columns]
        lines = (
            f"<tr{_VOIDED if _is_voided(row) else ''}>{escape(self.before(row))}"
            f"{''.join([cell(row) for cell in cells])}</tr>\n"
            for row in rows
        )
        # What is no markup of ours was escaped where it was put in.
        return Markup("".join(lines))  # noqa: S704

    def _cell(self, column: Column) -> _Draw:
        """What draws the cells of a column."""
        style, within, under = column.style, self._link, column.under
        if column.name == self.linked:
            style = f"{style} head"
        else:
            within = _clamped if style == "long" else _plain
        label = escape(str(column.label))
        opened = f'<td class="{style}" data-label="{label}">'
        blank = f'<td class="{style} blank" data-label="{label}">'

        def draw(row: Any) -> str:
            shown = column.show(row)
            below = f'<span class="under">{escape(under(row))}</span>' if under else ""
            return f"{opened if shown else blank}{within(row, escape(shown))}{below}</td>"

        return draw

    def _link(self, row: Any, shown: Markup) -> str:
        link = f'<a href="{escape(self.address)}{row.id}">{shown or "—"}</a>'
        if not _is_voided(row):
            return link
        return f'{link}<span class="under ended">{escape(self.ended(row))}</span>'


def _plain(row: Any, shown: Markup) -> str:  # noqa: ARG001 - as all that draw
    return f"<span>{shown}</span>"


def _clamped(row: Any, shown: Markup) -> str:  # noqa: ARG001 - as all that draw
    return f'<span class="clamped">{shown}</span>'


def _is_voided(row: Any) -> bool:
    return getattr(row, "voided_at", None) is not None
