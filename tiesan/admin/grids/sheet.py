"""The rows of a grid as a page shows them: what is stored, what was sent, what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tiesan.access.correcting import flags_on_rows
from tiesan.access.filling import (
    Filling,
    bar_to_changing,
    bar_to_entering,
    listed_rows_of,
    loaded,
    stored_rows,
    there_that_day,
)
from tiesan.access.installation import installed
from tiesan.admin.grids.sent_rows import (
    ADDED,
    DRAWN,
    TICK,
    YES,
    Line,
    Sent,
    cell_choices,
    completed,
    read_cell,
    stored_cells,
)
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.facts.kinds import Field, FieldType
from tiesan.facts.leave import LeaveCover
from tiesan.flags.leave_of import leave_on
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.records.grids import Column
from tiesan.words.values import in_words


class Sheet:
    """The rows of one grid, for one organization and day."""

    def __init__(self, filling: Filling, sent: Sent) -> None:
        """Read what the rows are about, what is stored of them, and put in what was sent."""
        self.filling, self.grid, self.sent = filling, filling.grid, sent
        self.problems: list[str] = []
        self.lines = self._lines()

    # --- what pages show --------------------------------------------------------------------------

    @property
    def columns(self) -> list[tuple[Column, Field]]:
        """The columns with their fields."""
        return list(zip(self.grid.columns, self.grid.fields(), strict=True))

    @property
    def drawn(self) -> str:
        """Of which organization and day the rows are."""
        return f"{self.filling.organization.id}|{self.filling.day.isoformat()}"

    @property
    def open_lines(self) -> list[Line]:
        """The rows that can be filled in."""
        return [each for each in self.lines if not each.fixed]

    @property
    def number_empty(self) -> int:
        """How many rows are still empty."""
        return sum(each.is_empty for each in self.open_lines)

    @property
    def has_stored(self) -> bool:
        """Whether a stored row can be changed."""
        return any(each.entry is not None for each in self.open_lines)

    @property
    def rest_values(self) -> dict[str, str]:
        """What all others get, by column, where that is known beforehand."""
        return {each.field: each.rest for each in self.grid.columns if each.rest is not None}

    @property
    def can_fill_rest(self) -> bool:
        """Whether all others can be given something by one tap."""
        timed = any(field.type is FieldType.TIME for _column, field in self.columns)
        return bool(self.rest_values or timed) and len(self.open_lines) > 1

    @property
    def rest_words(self) -> str:
        """What is said on the button that fills in all others."""
        found = [in_words(field, column.rest) for column, field in self.columns if column.rest]
        return _("All others: %(what)s", what=found[0]) if found else _("All others so")

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong with a row, or with all."""
        return bool(self.problems) or any(each.errors for each in self.lines)

    @property
    def wrong_lines(self) -> list[Line]:
        """The rows with which something is wrong."""
        return [each for each in self.lines if each.errors]

    @staticmethod
    def choices(column: Column, field: Field) -> dict[str, str]:
        """What can be chosen in a column, as it is sent, with its words."""
        said = {value: str(word) for value, word in column.words.items()}
        return {**cell_choices(field), **said}

    def words_of(self, line: Line) -> str:
        """What a row that is only shown says."""
        entry = line.entry
        if entry is None:
            return ""
        found = [in_words(field, getattr(entry, field.name)) for _column, field in self.columns]
        return " – ".join(each or "—" for each in found) if found else _("Counted")

    # --- how they are made ------------------------------------------------------------------------

    def _lines(self) -> list[Line]:
        listed = listed_rows_of(self.filling)
        ids = list(dict.fromkeys([*listed, *self.sent.ids]))
        entries = stored_rows(self.filling, ids)
        ids = list(dict.fromkeys([*ids, *entries]))
        known = loaded(self.filling, ids)
        there = there_that_day(self.filling, known)
        flags = flags_on_rows(list(entries.values()))
        leave = self._leave(known.values())
        lines = []
        for number in ids:
            entry = entries.get(number)
            about = known.get(number)
            if about is None:
                if entry is not None:
                    about = getattr(entry, self.grid.rows.each)
                else:
                    self._out_of_reach(number)
                    continue
            line = Line(about, entry, note=_note(about, leave, self.filling))
            line.fixed = self._fixed(line, known, flags.get(entry.id, []) if entry else [])
            if number not in there and entry is None and number not in listed:
                if self.sent.has(number) and self._all_blank(number):
                    continue
                line.errors[""] = _("Not in post, or not standing, on that day.")
            self._fill_in(line, leave)
            lines.append(line)
        return lines

    def _all_blank(self, number: int) -> bool:
        return not any(self.sent.cell(number, name) for name in self.names)

    @property
    def names(self) -> list[str]:
        """The names of the columns as they are sent."""
        return [column.field for column in self.grid.columns] or [TICK]

    def _out_of_reach(self, number: int) -> None:
        """Refuse a row that is none of the viewer's to fill in."""
        if not self._all_blank(number) or str(number) == self.sent.form.get(ADDED):
            text = _("There is no such row that you may name.")
            if text not in self.problems:
                self.problems.append(text)

    def _fixed(self, line: Line, known: Mapping[int, Any], flags: Sequence[Any]) -> str:
        if line.entry is not None:
            barred = bar_to_changing(self.filling, line.entry, flags)
            if barred is None and line.id not in known:
                barred = _("Only a supervisor of the organization may correct this.")
            return barred or bar_to_entering(self.filling, line.about) or ""
        return bar_to_entering(self.filling, line.about) or ""

    def _leave(self, abouts: Iterable[Any]) -> LeaveCover:
        codes = [each.code for each in abouts if isinstance(each, Cadre)]
        day = self.filling.day
        return leave_on(db.session(), installed(), codes, day, today())

    def _fill_in(self, line: Line, leave: LeaveCover) -> None:
        """Put into the cells what was sent, else what is stored, else what approved leave says."""
        preset = self._preset(line, leave)
        stored = stored_cells(line.entry, self.columns)
        was_sent = self.sent.has(line.id)
        for name in self.names:
            text = self.sent.cell(line.id, name) if was_sent else stored.get(name, "")
            if was_sent and line.id in self.sent.presets and text == self._on_leave(name):
                # Nobody has touched it: the leave of another day says nothing of this one.
                text = ""
            line.cells[name] = text
        if line.entry is None and not line.fixed and line.is_empty and not self._emptied(line):
            line.cells.update(preset)
            line.preset = bool(preset)
        if line.fixed and was_sent:
            self._refuse_fixed(line, stored)

    def _emptied(self, line: Line) -> bool:
        """Whether somebody has taken out what a row began with."""
        if not self.sent.has(line.id) or line.id not in self.sent.presets:
            return False
        return self.sent.form.get(DRAWN) == self.drawn and self._all_blank(line.id)

    def _refuse_fixed(self, line: Line, stored: Mapping[str, str]) -> None:
        """Refuse what was sent for a row that is only shown, whoever made up the form."""
        sent = {name: self.sent.cell(line.id, name) for name in self.names}
        if any(text and text != stored.get(name, "") for name, text in sent.items()):
            line.errors[""] = line.fixed
        line.cells = {name: stored.get(name, "") for name in self.names}

    def _preset(self, line: Line, leave: LeaveCover) -> dict[str, str]:
        if not isinstance(line.about, Cadre):
            return {}
        if not leave.whole_day(line.about.code, self.filling.day, outings=False):
            return {}
        return {each.field: each.on_leave for each in self.grid.columns if each.on_leave}

    def _on_leave(self, name: str) -> str | None:
        return next((each.on_leave for each in self.grid.columns if each.field == name), None)

    def fill_rest(self, form: Mapping[str, str]) -> None:
        """Give every empty row what all others get."""
        for line in self.open_lines:
            if not line.is_empty:
                continue
            for column, field in self.columns:
                given = form.get(f"rest-{column.field}", "")
                timed = given if field.type is FieldType.TIME else ""
                line.cells[column.field] = column.rest or timed

    # --- what is stored ---------------------------------------------------------------------------

    def name_changed(self) -> bool:
        """Name the rows that somebody else has changed since the page was drawn; say whether any.

        Where both say the same there is nothing to tell.
        """
        found = False
        for line in self.open_lines:
            if not self.sent.has(line.id) or self.sent.seen(line.id) == line.version:
                continue
            if line.cells == completed(stored_cells(line.entry, self.columns), self.names):
                continue
            found = True
            now = self.words_of(line) or _("nothing")
            text = _("Somebody else has changed this meanwhile. It says now: %(what)s", what=now)
            line.errors[""] = text
        return found

    def to_write(self) -> list[tuple[Line, dict[str, Any]]]:
        """Return the rows that are to be written, with their values; names what cannot be read."""
        found = []
        for line in self.open_lines:
            if self.sent.form and not self.sent.has(line.id):
                # It came into the list after the page was drawn.
                continue
            stored = completed(stored_cells(line.entry, self.columns), self.names)
            if line.errors or line.cells == stored:
                continue
            if line.is_empty:
                line.errors[""] = _("A stored row is not emptied here: void it on its own page.")
                continue
            values = self._values(line)
            if values is not None:
                found.append((line, values))
        return found

    def _values(self, line: Line) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for _column, field in self.columns:
            try:
                values[field.name] = read_cell(field, line.cells[field.name])
            except ValueError as error:
                line.errors[field.name] = str(error)
        if not self.columns and line.cells[TICK] != YES:
            line.errors[""] = _("Not one of the choices.")
        return None if line.errors else values


def _note(about: Any, leave: LeaveCover, filling: Filling) -> str:
    """What is known of somebody's day: approved leave, in the words of who fills in the row."""
    if not isinstance(about, Cadre):
        return ""
    day, code = filling.day, about.code
    if leave.whole_day(code, day, outings=False):
        return _("On approved leave")
    if leave.whole_day(code, day, outings=True):
        return _("On duty elsewhere")
    if leave.morning(code, day, outings=True):
        return _("On leave in the morning")
    if leave.afternoon(code, day, outings=True):
        return _("On leave in the afternoon")
    return ""
