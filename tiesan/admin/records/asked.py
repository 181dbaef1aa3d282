"""What the form of an author offers: the days that are open to them, and what a link fills in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from flask import g, request
from flask_babel import format_date

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.choosing import DayChoiceField
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.shell.consequences import live_task
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.open_days import open_days
from tiesan.i18n import _, _l
from tiesan.money import parse_amount


def day_input(kind: str, field: str, label: str, *, creating: bool) -> DayChoiceField:
    """Return the input of the day of an own entry: today, or a day of which one is owed still.

    Who changes an entry may leave the day that it has.
    """
    refusal = _l("Choose today, or an earlier day of which one is still owed or missing; "
                 "a supervisor enters others late.")  # fmt: skip
    days = partial(_days, kind, field, creating)
    found: DayChoiceField = DayChoiceField(label, days, refusal=refusal)
    return found


def _days(
    kind: str,
    field: str,
    creating: bool,  # noqa: FBT001 - bound where the input is made
    present: date | None,
) -> Mapping[date, str]:
    """Today, the day that a stored row has, and the open days before today, in words."""
    stored = () if creating or present is None else (present,)
    before = {day for day in (*stored, *days_before(kind, field)) if day != today()}
    now = _("Today, %(day)s", day=in_words(today()))
    return {today(): now} | {day: in_words(day) for day in sorted(before, reverse=True)}


def days_before(kind: str, field: str) -> Sequence[date]:
    """Return the days before today for which the viewer still owes such a record; asked once."""
    known: dict[tuple[str, str], Sequence[date]] = g.setdefault("open_days", {})
    viewer = current_viewer()
    if viewer.cadre_id is None:
        return ()
    if (kind, field) not in known:
        task = live_task(viewer.actor)
        known[kind, field] = open_days(db.session.connection(), task, viewer.cadre_id, kind, field)
    return known[kind, field]


def in_words(day: date) -> str:
    """Return a day with its weekday, as one says it."""
    return str(format_date(day, _("EEE, MMM d")))


# --- what a link fills in -------------------------------------------------------------------------


def prefilled(fields: Sequence[Field], lookups: Mapping[str, Lookup]) -> dict[str, Any]:
    """Return what the address of an empty form fills in, by field; what cannot be read is left out.

    References are named by their codes, all else is written as in files.
    """
    return dict(_read(fields, lookups))


def _read(fields: Sequence[Field], lookups: Mapping[str, Lookup]) -> Iterator[tuple[str, Any]]:
    for field in fields:
        sent = request.args.get(field.name, "").strip()
        if not sent:
            continue
        if field.type is FieldType.REFERENCE:
            value = lookups[field.name].named(sent)
        else:
            value = _value(field, sent)
        if value is not None:
            yield field.name, value


_READING: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.DATE: date.fromisoformat,
    FieldType.TIME: time.fromisoformat,
    FieldType.INTEGER: int,
    FieldType.AMOUNT: parse_amount,
    FieldType.BOOLEAN: {"true": True, "yes": True, "false": False, "no": False}.get,
}


def _value(field: Field, sent: str) -> Any:
    if field.type is FieldType.CHOICE:
        return sent if sent in field.choices else None
    try:
        return _READING.get(field.type, str)(sent)
    except ValueError:
        return None
