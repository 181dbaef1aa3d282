"""The form in which a flag's reader enters what would clear it, where they may."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from flask import current_app, url_for

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.records.view import OWN_FORM, RecordView
from tiesan.calendar.periods import Every
from tiesan.flags.models import Flag
from tiesan.records.answers import PERIOD_DAY
from tiesan.rules import Dated, Deadline, Duty, Missing, Rule


def form_that_clears(rule: Rule, flag: Flag) -> tuple[str, str] | None:
    """Return the word and the address of the form; None where nothing new clears it, or no reader.

    A record of oneself is entered in one's own form, by whoever may do both as well.
    """
    kind = _kind_entered(rule)
    view = None if kind is None else _view_of(kind)
    if view is None:
        return None
    own = _is_own(flag)
    if not (view.enters_own if own else view.enters_for_others):
        return None
    filled: dict[str, Any] = dict(_days_filled(rule, flag, view.kind.name))
    filled |= {OWN_FORM: 1} if own else {}
    where = url_for(f"{view.endpoint}.create_view", **filled)
    return str(view.entering_words), where


def _days_filled(rule: Rule, flag: Flag, kind: str) -> Iterator[tuple[str, str]]:
    """The day that was missed, in the fields that the plugin says are of the period's day."""
    answer = installed().plugins.answers.get((kind, None))
    is_daily = isinstance(rule.form, Duty) and rule.form.every is Every.WORKING_DAY
    if answer is None or not is_daily:
        return
    with suppress(ValueError):
        missed = date.fromisoformat(flag.key)
        for name, value in answer.prefill.items():
            if value is PERIOD_DAY:
                yield name, missed.isoformat()


def _is_own(flag: Flag) -> bool:
    """Whether a flag is about the viewer, or about an organization that they chair."""
    viewer = current_viewer()
    if flag.cadre_id is None:
        return flag.organization_id in viewer.chaired
    return flag.cadre_id == viewer.cadre_id


def _kind_entered(rule: Rule) -> str | None:
    """The kind of record whose entering clears a flag, where one does."""
    match rule.form:
        case Duty(counts=counts):
            return counts.kind
        case Deadline(flags=Missing.MISSING, done=Dated(kind=kind)):
            return kind
    return None


def _view_of(kind: str) -> RecordView[Any] | None:
    views: list[RecordView[Any]] = current_app.extensions["record_views"]
    return next((each for each in views if each.record.record_kind.name == kind), None)
