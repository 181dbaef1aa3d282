"""Which inputs the form of a kind of record has, for whom, and which rows they may name."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length, StopValidation

from tiesan.access.authors import asks_own, own_places
from tiesan.access.belonging import target_of
from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.access.of_people import permitted_cadres, permitted_organizations
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.choosing import RowChoiceField
from tiesan.admin.forms.inputs import Needed, RecordForm, Storable, form_class, tidy
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.records.asked import day_input, prefilled
from tiesan.admin.records.with_files import names_files, offer_files
from tiesan.clock import today
from tiesan.columns import EMPTY, RecordKind
from tiesan.courses.given import FILES
from tiesan.facts.kinds import Field
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import REASON_LENGTH, Record
from tiesan.records.kinds import fact_kind, field_columns
from tiesan.records.policy import Policy
from tiesan.rules import fields_read

CODE = "code"
ORGANIZATION = "organization"
LATE_REASON = "late_reason"

# Source: working-day.md, "Logging".
_LEAST_WRITTEN = 5

Group = tuple[str, tuple[str, ...]]


class Pages(Protocol):
    """What forms and what they send need of the pages of a kind of record.

    ``lookups`` are by field; ``enters_late`` is whether the viewer may enter on which day something
    was done.
    """

    kind: RecordKind
    policy: Policy
    fields: Sequence[Field]
    lookups: dict[str, Lookup]

    @property
    def record(self) -> type[Record]:
        """The class of the rows."""

    @property
    def field_groups(self) -> Sequence[Group]:
        """The titled groups of fields."""

    def may_withdraw(self, row: Record) -> bool:
        """Whether the viewer changes and withdraws a row as its author of today."""

    @property
    def enters_late(self) -> bool:
        """Whether the viewer may say on which day something was done."""

    def heading(self, row: Record | None) -> str:
        """Return what a page about a row is headed by."""


def reason_input(label: str, *validators: Any) -> Any:
    """Return the input of the reason for a change."""
    return TextAreaField(
        label,
        validators=[*validators, Length(max=REASON_LENGTH), Storable()],
        filters=[tidy],
        render_kw={"rows": "3", "maxlength": str(REASON_LENGTH)},
    )


class VoidForm(RecordForm):
    """The reason for which a row is voided."""

    reason = reason_input(_l("Reason for voiding"), Needed())


class WithdrawForm(RecordForm):
    """The reason for which an author withdraws what they entered."""

    reason = reason_input(_l("Reason for withdrawing"), Needed())


class ChangeNeedsReason:
    """A reason must be given when a correction changes what rules read of a record.

    Of a record that somebody else has entered, or that is of another day, it is for any change.
    """

    def __init__(self, read: frozenset[str], others: frozenset[str] = frozenset()) -> None:
        """Take the fields that rules read, and those of which any change needs a reason."""
        self._read, self._others = read, others

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse such a change without a reason."""
        if field.data is not None:
            return
        if self._changed(form, self._read):
            raise StopValidation(_("Rules read what you have changed: please say why."))
        if self._changed(form, self._others):
            raise StopValidation(
                _("This was entered by somebody else, or earlier: please say why.")
            )

    @staticmethod
    def _changed(form: Any, names: frozenset[str]) -> bool:
        given = (form[name] for name in names if name in form)
        return any(each.data != each.object_data for each in given)


def read_by_rules(kind: str) -> frozenset[str]:
    """Return the fields of a kind of record that any rule reads."""
    read = (fields_read(rule).get(kind, frozenset()) for rule in installed().every)
    return frozenset().union(*read)


class LateEntry:
    """A reason must be given when a date that the system would set becomes another than today."""

    def __init__(self, dates: frozenset[str]) -> None:
        """Take the names of those dates."""
        self._dates = dates

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a late entry without a reason."""
        given = [form[name] for name in self._dates if name in form]
        accounted = (None, today())
        if field.data is None and any(
            each.data not in (*accounted, each.object_data) for each in given
        ):
            raise StopValidation(_("A late entry needs a reason."))


class Written:
    """A text without which an entry says nothing must be given.

    A stored row that came in without it, or with less, can be corrected without touching it.
    """

    def __init__(self, *, creating: bool, or_files: bool = False) -> None:
        """Take whether a row is entered, not corrected, and whether a file will do as well."""
        self._creating, self._or_files = creating, or_files and creating
        self.field_flags = {"required": True} if creating and not or_files else {}

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse a text that is too short to say anything."""
        if not self._creating and field.data == field.object_data:
            raise StopValidation
        if field.data is None and self._or_files:
            raise StopValidation("" if names_files() else _("Write a text, or add a file."))
        if field.data is None:
            raise StopValidation(_("This field is required."))
        if len(field.data) < _LEAST_WRITTEN:
            text = _("Please write at least %(least)d characters.", least=_LEAST_WRITTEN)
            raise StopValidation(text)


def chosen(_form: Any, field: Any) -> None:
    """Refuse where there is nothing to choose; what has one answer alone is not marked as asked."""
    if field.data is None:
        raise StopValidation(_("This field is required."))


def not_ahead(_form: Any, field: Any) -> None:
    """Refuse a day that is still to come."""
    if field.data is not None and field.data > today():
        raise ValidationError(_("This day is still to come."))


def writing_lookups(model: type[Record]) -> dict[str, Lookup]:
    """Return the look-ups of a form, by field: only rows for which the viewer may write."""
    return {
        field.name: Lookup(field.name, target_of(model, field.name), _writable(model, field))
        for field in fact_kind(model).fields
        if field.to is not None
    }


def _writable(model: type[Record], field: Field) -> Any:
    target = target_of(model, field.name)
    access = model.policy.access
    roles = access.create | access.edit

    def condition() -> ColumnElement[bool]:
        viewer = current_viewer()
        if target is Organization:
            return permitted_organizations(roles, viewer)
        if target is Cadre:
            return permitted_cadres(roles, viewer)
        return readable_rows(target)

    return condition


def form_fields(view: Pages, *, own: bool, creating: bool) -> list[Field]:
    """Return the fields of a form: all, but for those that are not for this person to fill in.

    Whoever enters their ``own`` record is asked what its policy says; the audit committee is not
    asked when it decided. The code of a stored row stays as it is, and that of a confidential one
    is nobody's to choose: who tries one would learn whether there is such a row.
    """
    if own:
        asked = asks_own(view.record)
        return [field for field in view.fields if field.name in asked]
    left_out: frozenset[str] = frozenset() if view.enters_late else view.policy.dated_by_system
    if not creating or view.policy.confidential:
        left_out |= {CODE}
    return [field for field in view.fields if field.name not in left_out]


def record_form(
    view: Pages, *, own: bool, creating: bool, asks_why: bool = False
) -> type[RecordForm]:
    """Return the form of a kind of record; a code may be left blank and is given then.

    Who enters for others the dates of doing says why they are entered late (补录), also when such a
    date is added or changed later, and who corrects what rules read, or what is not their own entry
    of today (``asks_why``). Who changes their ``own`` entry of today gives no reason.
    """
    fields = form_fields(view, own=own, creating=creating)
    lookups = {field.name: view.lookups[field.name] for field in fields if field.to is not None}
    presence = Written(creating=creating, or_files=view.policy.or_files)
    written = dict.fromkeys(view.policy.written, presence)
    form = form_class(fields, lookups, optional=frozenset({CODE}), presence=written)
    if creating and view.record.takes_files and (not own or view.policy.asks_files):
        offer_files(form)
    asked = view.policy.set_by_system & {field.name for field in fields}
    if asked or not (creating or own):
        label = _l("Reason for the late entry") if creating else _l("Reason for the change")
        # A date of doing that becomes today is done today, and corrects nothing.
        read = frozenset() if creating else read_by_rules(view.kind.name) - asked
        others = {field.name for field in fields} - asked if asks_why else set()
        change = ChangeNeedsReason(read, frozenset(others))
        setattr(form, LATE_REASON, reason_input(label, LateEntry(asked), change))
    if own:
        _ask_authors(view, form, {field.name for field in fields}, creating=creating)
    return form


def _ask_authors(view: Pages, form: type[RecordForm], names: set[str], *, creating: bool) -> None:
    """Have an own form offer the few answers that there are, and take no day that is to come."""
    for name in view.policy.days_done & names:
        setattr(form, f"validate_{name}", staticmethod(not_ahead))
    by_name = {field.name: field for field in view.fields}
    owed = view.policy.day_owed
    if owed in names:
        label = by_name[owed].label
        setattr(form, owed, day_input(view.kind.name, owed, label, creating=creating))
    if ORGANIZATION in view.policy.fills & names:
        label = by_name[ORGANIZATION].label
        places = partial(own_places, view.record)
        setattr(form, ORGANIZATION, RowChoiceField(label, places, validators=[chosen]))


def first_values(view: Pages, *, own: bool) -> dict[str, Any]:
    """Return what an empty form says: what a blank means where it means something, and today."""
    known = ((field.name, column.info.get(EMPTY)) for field, column in field_columns(view.record))
    values = {name: value for name, value in known if value is not None}
    if own:
        values |= dict.fromkeys(view.policy.days_done, today())
        places = own_places(view.record) if ORGANIZATION in view.policy.fills else ()
        values |= {ORGANIZATION: places[0]} if places else {}
    return values | prefilled(view.fields, view.lookups)


def focused(form: RecordForm) -> str | None:
    """Return the id of the first text of an author's form, where writing begins; None of others."""
    texts = (each for each in form.shown() if isinstance(each, StringField))
    return None if LATE_REASON in form else next((each.id for each in texts), None)


def shown_groups(view: Pages, form: RecordForm) -> list[tuple[str, list[Any]]]:
    """Return the inputs of a form by titled group; a group without any is left out."""
    groups = []
    for title, names in view.field_groups:
        inputs = [form[name] for name in names if name in form]
        if inputs:
            groups.append((str(title), inputs))
    if FILES in form:
        groups.append(("", [form[FILES]]))
    if LATE_REASON in form:
        groups.append((_("Reason"), [form[LATE_REASON]]))
    return groups
