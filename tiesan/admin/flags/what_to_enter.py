"""The form in which a flag's reader enters what would clear it, where they may."""

from typing import Any

from flask import current_app, url_for

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.owed.answering import answer_of, filled
from tiesan.admin.records.view import RecordView
from tiesan.clock import today
from tiesan.flags.models import Flag
from tiesan.records.kinds import fact_kind
from tiesan.rules import Dated, Deadline, Duty, Missing, Rule, owed_again


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
    where = url_for(f"{view.endpoint}.create_view", **_filled(rule, flag), own=int(own))
    return str(view.entering_words), where


def _filled(rule: Rule, flag: Flag) -> dict[str, Any]:
    """What the form is opened with: as while it was owed, by what the evidence says."""
    subject, answer = flag.subject, answer_of(rule)
    if subject is None or answer is None:
        return {}
    present = flag.revisions[-1].evidence if flag.revisions else ()
    named = subject.code, flag.key, flag.occurred_on
    owed = owed_again(rule, installed().kinds, named, present)
    model = installed().records.get(answer.kind)
    if owed is None or model is None:
        return {}
    return dict(filled(owed, answer, fact_kind(model).fields, today()))


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
