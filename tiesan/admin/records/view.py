"""RecordView: the lists, forms and pages of one kind of record.

What a page shows and who may do what comes from the record class; a plugin's view adds which
columns its list has and how its form is grouped. Rows are never deleted: they are voided with a
reason.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, true

from tiesan.access.correcting import (
    RestingFlag,
    bar_of,
    bar_of_author,
    by_role,
    flags_on,
    is_author,
)
from tiesan.access.criterion import listed_rows, permitted, readable_rows
from tiesan.access.entering import (
    bar_to_correcting,
    is_about_viewer,
    is_own_of_today,
    may_enter_for_others,
    may_enter_own,
)
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.corrections.following import corrections_of
from tiesan.admin.flags.lines import FlagLine, gravest
from tiesan.admin.forms.announced import answer, is_asked
from tiesan.admin.forms.asking import asking
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.forms.sending import sent_once
from tiesan.admin.lists.columns import Column, field_column, newest_first, searched
from tiesan.admin.lists.filters import ChoiceFilter, Filter, filters_of, reading_lookups
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.notices.following import grounds_of
from tiesan.admin.records.announcing import said_of_change, said_of_new
from tiesan.admin.records.forms import (
    CODE,
    Group,
    VoidForm,
    WithdrawForm,
    first_values,
    focused,
    record_form,
    shown_groups,
    writing_lookups,
)
from tiesan.admin.records.placed import Placed
from tiesan.admin.records.storing import store_changes, store_new, store_voided, with_version
from tiesan.admin.records.with_files import files_on, files_to_send_again
from tiesan.admin.shell.pages import page
from tiesan.columns import RecordKind
from tiesan.extensions import db
from tiesan.facts.kinds import FieldType
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, id_as_stored, record_kind
from tiesan.records.pending import is_awaited
from tiesan.records.policy import SUPERVISORS, Verb
from tiesan.words.history import history_of
from tiesan.words.rows import record_blocks, was_withdrawn
from tiesan.words.values import YES_NO, name_of

R = TypeVar("R", bound=Record)

# A plan of one day may be behind hundreds of flags; a page names the gravest.
_MOST_FLAGS = 20
# In the address of a form: whether it is for what is one's own; 0 is for others, and late.
OWN_FORM = "own"
# In the address of a form: that whoever has saved it goes on at their first page.
BACK_HOME = "home"


class RecordView(Placed, ListView, Generic[R]):
    """The pages of one kind of record.

    ``record`` is its class, whose policy says who may do what. ``columns_shown`` are the fields of
    the list; ``groups`` are titled groups of fields, in the order of forms and pages. A field that
    stands in none of them comes last. ``entering`` is what entering such a record is called, on the
    button of the list and above the form; "enter" and the title of the kind where it is not said.
    """

    record: ClassVar[type[Record]]
    columns_shown: ClassVar[tuple[str, ...]] = ()
    groups: ClassVar[tuple[Group, ...]] = ()
    entering: ClassVar[str | None] = None

    list_template = "records/list.html"
    create_template = "records/form.html"
    edit_template = "records/form.html"
    details_template = "records/details.html"
    void_template = "records/void.html"

    def __init__(self, plugin: Plugin) -> None:
        """Take the plugin that the view belongs to."""
        self.plugin = plugin
        self.kind: RecordKind = record_kind(self.record)
        self.policy = self.record.policy
        self.fields = fact_kind(self.record).fields
        self.model_class = self.record
        self.roles = self.policy.access.read
        self.searched = searched(self.record)
        self.newest_first = newest_first(self.record)
        self.file_name = self.kind.file
        super().__init__(self.kind.plural, f"record_{self.kind.name}", f"/records/{self.kind.name}")

    @property
    def authors_correct(self) -> bool:
        """Whether authors change and withdraw what they entered; requests have verbs for that."""
        return True

    @property
    def way_up(self) -> tuple[str, str]:
        """What lies above a row's page, and its address: the list."""
        return str(self.name), str(self.get_url(".index_view"))

    @property
    def entering_words(self) -> str:
        """What entering such a record is called."""
        return str(self.entering or _("Enter: %(kind)s", kind=str(self.kind.title)))

    @property
    def field_groups(self) -> tuple[Group, ...]:
        """The groups of fields, and below them one without a title of what stands in none."""
        grouped = {name for _title, names in self.groups for name in names}
        rest = tuple(field.name for field in self.fields if field.name not in grouped)
        return (*self.groups, *([("", rest)] if rest else []))

    # --- lists ------------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns that the view states, or all fields."""
        names = self.columns_shown or tuple(field.name for field in self.fields)
        by_name = fact_kind(self.record).by_name
        return [field_column(self.record, by_name[name]) for name in names]

    def exported_columns(self) -> Sequence[Column]:
        """Return a column for every field."""
        return [field_column(self.record, field) for field in self.fields]

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the filters and of the forms."""
        writing = writing_lookups(self.record)
        reading = reading_lookups(self.record, readable_rows)
        return {**writing, **{each.name: each for each in reading.values()}}

    def make_filters(self) -> Iterable[Filter]:
        """Return a filter for each field, and one for voided rows."""
        reading = {name.removeprefix("filter_"): each for name, each in self.lookups.items()
                   if name.startswith("filter_")}  # fmt: skip
        yield from filters_of(self.record, reading)
        voided = self.record.voided_at.is_not(None)
        yield ChoiceFilter("voided", _l("Voided or withdrawn"), _only_yes, lambda _yes: voided)

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the rows that the viewer may read."""
        return readable_rows(self.record)

    def listed(self) -> ColumnElement[bool]:
        """Return the condition of the rows of the list, as few words of it as say the same."""
        shown = self.shown()
        shown = true() if shown is None else shown
        return listed_rows(db.session(), self.record, self.condition(), shown)

    def shown(self) -> ColumnElement[bool] | None:
        """Leave out voided rows, unless they are asked for."""
        asked = request.args.get("flt_voided") in _only_yes()
        return None if asked else self.record.voided_at.is_(None)

    def ended(self, row: Record) -> str:
        """Return in one word why a row of the list counts no more; nothing of one that counts."""
        if row.voided_at is None:
            return ""
        return _("Withdrawn") if was_withdrawn(row) else _("Voided")

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows a list shows."""
        return [field.name for field in self.fields if field.type is FieldType.REFERENCE]

    @property
    def noted_as(self) -> str:
        """The kind as which rows stand in the audit trail."""
        return self.kind.name

    def default_choice(self, filter: Filter) -> str:
        """Return what a filter of choices says while it is not set: voided rows are left out."""
        return _("No") if filter.key == "voided" else super().default_choice(filter)

    def hint(self, name: str, row: Record | None) -> str:
        """Return what is said below an input."""
        if name == CODE:
            return _("Left blank, a code is given.")
        if name in self.policy.written and self.policy.or_files and row is None:
            return _("A text or a file: one of the two is enough.")
        if name in self.policy.set_by_system:
            return _("The day on which it was done; for a late entry, a reason is needed below.")
        return ""

    # --- who may do what --------------------------------------------------------------------------

    def _permitted(self, verb: Verb) -> ColumnElement[bool]:
        return permitted(self.record, verb, current_viewer())

    def may(self, verb: Verb, row: Record) -> bool:
        """Whether the viewer's roles let them do this; nothing may be done with a voided row.

        Correcting and voiding may still be barred (``bar``).
        """
        return row.voided_at is None and (by_role(verb, row) or self.may_withdraw(row))

    def may_withdraw(self, row: Record) -> bool:
        """Whether the viewer has entered the row today and has no role for it, or it is theirs.

        What goes through a course is changed and withdrawn by its verbs.
        """
        if not self.authors_correct or not is_author(row):
            return False
        return is_about_viewer(row) or not by_role(Verb.VOID, row)

    def bar(self, row: Record, flags: Iterable[RestingFlag], verb: Verb) -> str | None:
        """Return what keeps the viewer from correcting a row that they might correct otherwise.

        What they have entered today they may withdraw, whatever it is about.
        """
        if not (self.may(Verb.EDIT, row) or self.may(Verb.VOID, row)):
            return None
        if self.may_withdraw(row) or (verb is Verb.VOID and is_own_of_today(row)):
            return bar_of_author(verb, flags)
        return bar_of(row, flags) or bar_to_correcting(row)

    def is_accessible(self) -> bool:
        """Whether the viewer may open the pages; confidential ones only who answers for them."""
        if self.policy.confidential and not current_viewer().answering_districts:
            return False
        return super().is_accessible()

    @property
    def may_create(self) -> bool:
        """Whether the viewer may enter rows of this kind."""
        return self.enters_own or self.enters_for_others

    @property
    def enters_own(self) -> bool:
        """Whether the viewer may enter rows of this kind that are their own."""
        return self.is_accessible() and may_enter_own(self.record)

    @property
    def enters_for_others(self) -> bool:
        """Whether the viewer may enter rows of this kind for others, and late."""
        return self.is_accessible() and may_enter_for_others(self.record)

    @property
    def enters_late(self) -> bool:
        """Whether the viewer may enter on which day something was done, saying why."""
        access = self.policy.access
        return current_viewer().has((access.create | access.edit) & SUPERVISORS)

    # --- pages ------------------------------------------------------------------------------------

    @page("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Show the empty form; store what it sends."""
        if not self.may_create:
            abort(403)
        own = self._shows_own_form()
        inputs = asking(sent_once(record_form(self, own=own, creating=True)))
        form = inputs(data=first_values(self, own=own))
        if is_asked():
            return answer(said_of_new(self, form, own=own))
        if form.validate_on_submit():
            row = store_new(self, form, own=own)
            if row is not None:
                return redirect(self.after_saving(row))
        groups = shown_groups(self, form)
        other = self.get_url(".create_view", own=0) if own and self.enters_for_others else None
        return self.render(
            self.create_template,
            form=form,
            groups=groups,
            row=None,
            for_others=other,
            comes_filled=not (self.policy.days_done | {self.policy.day_owed}).isdisjoint(
                request.args
            ),
            focused=focused(form) if own else None,
            sent_files=files_to_send_again(form),
        )

    def _shows_own_form(self) -> bool:
        """Whether the form is that of an own entry; others ask for that of all fields."""
        asked = request.args.get(OWN_FORM) == "0" and self.enters_for_others
        return self.enters_own and not asked

    @page("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Show a row in the form; store what it sends."""
        row = self.row_or_404()
        if request.method == "POST" and row.voided_at is not None and by_role(Verb.EDIT, row):
            # Somebody wrote while another voided it; they are told why, and lose nothing.
            flash(_("This record was voided and cannot be changed."), "error")
            return self._edit_page(row, self._edit_form(row, own=False)), 409
        if not self.may(Verb.EDIT, row):
            abort(403)
        if self.bar(row, flags_on(row), Verb.EDIT) is not None:
            return self._show(row), 403
        form = self._edit_form(row, own=self.may_withdraw(row))
        if is_asked():
            return answer(said_of_change(self, row, form))
        if form.validate_on_submit() and store_changes(self, row, form):
            return redirect(self.after_saving(row))
        return self._edit_page(row, form)

    def after_saving(self, row: Record) -> str:
        """Where whoever has saved a form goes on: at the row's page, or at home."""
        if request.args.get(BACK_HOME) == "1":
            return url_for("admin.index")
        return str(self.get_url(".details_view", id=id_as_stored(row)))

    def _edit_form(self, row: Record, *, own: bool) -> RecordForm:
        asks_why = not is_own_of_today(row)
        form = record_form(self, own=own, creating=False, asks_why=asks_why)
        return with_version(form, row)(obj=row)

    def _edit_page(self, row: Record, form: RecordForm) -> str:
        groups = shown_groups(self, form)
        return self.render(self.edit_template, form=form, groups=groups, row=row)

    @page("/void/", methods=("GET", "POST"))
    def void_view(self) -> ResponseReturnValue:
        """Ask for the reason; void the row."""
        row = self.row_or_404()
        if not self.may(Verb.VOID, row):
            abort(403)
        if self.bar(row, flags_on(row), Verb.VOID) is not None:
            return self._show(row), 403
        withdrawn = self.may_withdraw(row)
        form = WithdrawForm() if withdrawn else VoidForm()
        if form.validate_on_submit() and store_voided(self, row, form):
            return redirect(self.get_url(".details_view", id=row.id))
        return self.render(self.void_template, form=form, row=row, withdrawn=withdrawn)

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show a row with all its fields and how it came here."""
        return self._show(self.row_or_404())

    def _show(self, row: Record) -> str:
        history, resting = history_of(row), flags_on(row)
        bars = {verb: self.bar(row, resting, verb) for verb in (Verb.EDIT, Verb.VOID)}
        may_edit = bars[Verb.EDIT] is None and self.may(Verb.EDIT, row)
        page: str = self.render(
            self.details_template,
            row=row,
            blocks=record_blocks(row, self.field_groups, history.late, history.hidden),
            steps=history.steps,
            bar=bars[Verb.EDIT],
            awaited=is_awaited(db.session(), row),
            flags=self._lines_of(resting),
            may_edit=may_edit,
            may_void=bars[Verb.VOID] is None and self.may(Verb.VOID, row),
            withdraws=self.may_withdraw(row),
            withdrawn=was_withdrawn(row),
            grounds=grounds_of(row),
            attached=files_on(row),
            corrections=corrections_of(row, corrects=may_edit),
        )
        return page

    @staticmethod
    def _lines_of(flags: Iterable[RestingFlag]) -> list[FlagLine]:
        ids = [flag.id for flag in flags]
        return gravest(installed(), _MOST_FLAGS, Flag.id.in_(ids)) if ids else []

    def heading(self, row: Record | None) -> str:
        """Return what a page about a row is headed by."""
        return str(self.kind.title) if row is None else f"{self.kind.title} {name_of(row)}"


def _only_yes() -> dict[str, str]:
    return {YES_NO[0]: _("Yes")}
