"""What stands above the rows of a grid: the fields of the record, or an organization and a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, false, or_
from wtforms import BooleanField, DateField

from tiesan.access.filling import (
    Filling,
    filling_of,
    fills_for_others,
    fills_own,
    only_place_to_fill,
    own_places,
    place_to_fill,
    places_to_fill,
    rows_to_find,
)
from tiesan.admin.forms.choosing import RowChoiceField
from tiesan.admin.forms.inputs import ChoiceField, LookupField, Needed, RecordForm, made_form
from tiesan.admin.lists.lookups import Lookup, read_id
from tiesan.admin.records.forms import (
    LATE_REASON,
    Pages,
    first_values,
    not_ahead,
    reason_input,
    record_form,
)
from tiesan.clock import today
from tiesan.columns import EMPTY
from tiesan.courses.given import FILES
from tiesan.extensions import Base
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _l
from tiesan.people.models import Organization
from tiesan.records.grids import Grid
from tiesan.records.kinds import fact_kind, field_columns, row_id
from tiesan.words.values import YES_NO

# The look-ups of a grid: of the organization, and of what a further row is about.
ORGANIZATION, ADD = "organization", "grid_row"
_YES = YES_NO[0]


class PlaceLookup(Lookup):
    """Finds the organizations of which the viewer may fill in a grid."""

    def __init__(self, grid: Grid) -> None:
        """Take the grid."""
        self._grid = grid
        super().__init__(ORGANIZATION, Organization, self._places)

    def _places(self) -> ColumnElement[bool]:
        rights = [own for own, may in self._rights() if may]
        return or_(false(), *(places_to_fill(self._grid, own=own) for own in rights))

    def _rights(self) -> list[tuple[bool, bool]]:
        return [(True, fills_own(self._grid)), (False, fills_for_others(self._grid))]

    def get_one(self, pk: Any) -> Base | None:
        """Return the organization of this id, if it may be named."""
        number = read_id(pk) or 0
        found = (place_to_fill(self._grid, number, own=own) for own, may in self._rights() if may)
        return next((each for each in found if each is not None), None)

    def get_list(self, query: str | None, offset: int | None = 0, limit: int = 10) -> list[Base]:
        """Return the organizations found; who keeps things has a handful, and sees them all."""
        if fills_for_others(self._grid) or self._grid.has_head:
            return super().get_list(query, offset, limit)
        return list(own_places(self._grid)) if fills_own(self._grid) else []


class Tick(BooleanField):
    """Yes by a tick; without it no."""

    def __init__(self, label: str, **options: Any) -> None:
        """Take what every input takes."""
        super().__init__(label, false_values=(False, "false", "", "no"), **options)


def grid_lookups(grid: Grid) -> dict[str, Lookup]:
    """Return the look-ups of a grid by name."""
    return {
        ORGANIZATION: PlaceLookup(grid),
        ADD: Lookup(ADD, grid.about, lambda: rows_to_find(grid)),
    }


def head_form(view: Pages, grid: Grid, row: Any, *, own: bool, fixed: bool) -> type[RecordForm]:
    """Return the form of a record above its rows.

    Of a new one only what the grid asks is asked; of a stored one that may not be changed nothing.
    """
    form = made_form({}) if fixed else record_form(view, own=own, creating=row is None)
    if row is None:
        asked = {ORGANIZATION, grid.day, *grid.asked}
        for name in (*(field.name for field in view.fields), LATE_REASON, FILES):
            if name not in asked and hasattr(form, name):
                delattr(form, name)
    elif fixed and not own:
        setattr(form, LATE_REASON, reason_input(_l("Reason for the change")))
    if not fixed:
        _ticked(grid, form)
        setattr(form, f"validate_{grid.day}", staticmethod(not_ahead))
    return form


def _ticked(grid: Grid, form: type[RecordForm]) -> None:
    """Make a tick of each question of which a blank means no."""
    for field, column in field_columns(grid.record):
        is_tick = field.type is FieldType.BOOLEAN and column.info.get(EMPTY) is False
        if is_tick and field.name in grid.asked and hasattr(form, field.name):
            setattr(form, field.name, Tick(field.label))


def day_form(grid: Grid, lookups: Mapping[str, Lookup]) -> type[RecordForm]:
    """Return the form above rows that belong to no record: of which organization and day."""
    label = fact_kind(grid.rows.of).by_name[grid.day].label
    form = made_form(
        {
            ORGANIZATION: LookupField(
                _l("Organization"), lookups[ORGANIZATION], validators=[Needed()]
            ),
            grid.day: DateField(label, validators=[Needed()]),
            f"validate_{grid.day}": staticmethod(not_ahead),
        }
    )
    if fills_for_others(grid):
        setattr(form, LATE_REASON, reason_input(_l("Reason for the change")))
    return form


def opened(inputs: type[RecordForm], view: Any, head: Any, *, own: bool) -> RecordForm:
    """Return the form as it is opened: of a stored record, or with what is known beforehand.

    The address may say further fields by their names: a row by its id or code, a day as 2026-10-05.
    """
    grid: Grid = view.grid
    if head is not None:
        return inputs(obj=head)
    first = first_values(view, own=own) if grid.has_head else {}
    alone = only_place_to_fill(grid, own=own)
    form = inputs(data={**first, grid.day: today(), ORGANIZATION: alone})
    if request.method == "GET":
        for input_ in form.shown():
            text = request.args.get(input_.short_name)
            known = _from_address(input_, text) if text else None
            if known is not None:
                input_.data = known
    return form


def _from_address(input_: Any, text: str) -> Any:
    """What the address says of an input, if it is anything that it takes."""
    match input_:
        case LookupField():
            return input_.lookup.get_one(text) or input_.lookup.named(text)
        case BooleanField():
            return text == _YES
        case RowChoiceField():
            rows = {str(row_id(row)): row for row in input_.rows()}
            return rows.get(text)
        case ChoiceField():
            return text if text in input_.choices() else None
        case DateField():
            return _day(text)
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def chosen_filling(grid: Grid, form: RecordForm, head: Any, *, own: bool) -> Filling | None:
    """Return of which organization and day a form asks for the rows, if the viewer may fill them.

    None while one of them is not known.
    """
    day = form[grid.day].data if grid.day in form else None
    if head is not None:
        found = filling_of(grid, head)
        return found if found is None or day is None else replace(found, day=day)
    place = form[ORGANIZATION].data
    if day is None or place is None:
        return None
    allowed = place_to_fill(grid, place.id, own=own)
    return None if allowed is None else Filling(grid, allowed, day, own)


def head_values(grid: Grid, form: RecordForm) -> dict[str, Any] | None:
    """Return the values of the record above that a form has; None where it has none."""
    if not grid.has_head or grid.day not in form:
        return None
    values = form.values()
    values.pop(LATE_REASON, None)
    return values
