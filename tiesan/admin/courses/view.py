"""CourseView: the pages of records that go through a course.

Whoever enters a record about themselves does it by a verb, whose dates are the system's; late
entries (补录) are for others' records and stay with the form of all fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from flask import g, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tiesan.access.entering import is_about_viewer, other_cadres
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.filters import STATE, StateFilter
from tiesan.admin.courses.offers import (
    badge,
    standings_for_many,
    verbs_for_many,
)
from tiesan.admin.courses.pages import QUEUE, CoursePages
from tiesan.admin.courses.watching import watched_over
from tiesan.admin.documents.sheets import MOST_ROWS, list_sheet, row_sheet
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import Filter
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.records.view import RecordView
from tiesan.admin.shell.pages import page
from tiesan.admin.shell.places import REQUEST
from tiesan.clock import today
from tiesan.courses.carrying import Attempt, may_begin
from tiesan.courses.installed import courses_of
from tiesan.courses.standing import Standing, read_states
from tiesan.courses.values import NEW, Verb
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.deputies import deputy_for
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.words.history import history_of
from tiesan.words.rows import record_blocks

R = TypeVar("R", bound=Record)

_NO_CHOICE = Markup('<td class="pick"></td>')
_CHOICE = Markup(
    '<td class="pick"><label><input type="checkbox" name="ids" form="many" value="{}">'
    '<span class="sr-only">{}</span></label></td>'
)
# The course says who may do what here, row by row.
_OWN_PAGES = frozenset({"verb_view", "bulk_view"})


class CourseView(CoursePages, RecordView[R]):
    """The pages of a kind of record that its plugin has a course for.

    Where a verb makes the rows, they are requests: entered, changed and withdrawn by verbs alone.
    Others are entered by their form, as records without a course are.
    """

    list_template = "courses/list.html"
    details_template = "courses/details.html"

    def __init__(self, plugin: Plugin) -> None:
        """Take the plugin, which must have a course for the class."""
        self.course = next(each for each in courses_of(plugin) if each.of is self.record)
        self.is_request = any(verb.from_ is NEW for verb in self.course.verbs)
        super().__init__(plugin)
        self.row_name = self.kind.name

    @property
    def at(self) -> str:
        """The place where such a record is found: what begins with a verb is a request."""
        begins = any(verb.from_ == NEW for verb in self.course.verbs)
        return self.place or (REQUEST if begins else super().at)

    # --- lists ------------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list, the state behind the first."""
        first, *others = super().make_columns()
        return [first, Column(STATE, _l("State"), self._badge, self._word, style="state"), *others]

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters, that by state first."""
        yield StateFilter(self.course)
        yield from super().make_filters()

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups; a form of all fields is not for records about oneself."""
        lookups = super().make_lookups()
        own = lookups.get("cadre")
        if own is not None and self.is_request:
            lookups[own.name] = Lookup(own.name, own.model, lambda: own.allowed() & other_cadres())
        return lookups

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """Return the rows of a page, having read at once how they stand."""
        count, rows = super().get_list(*arguments, **options)
        if options.get("execute", True):
            g.states = self._states([row.id for row in rows])
            g.standings = standings_for_many(self.course, g.states)
            # The page asks for them at every row.
            g.verbs_for_many = verbs_for_many(self.course, g.standings.values())
        return count, rows

    def badges(self, ids: Sequence[int]) -> dict[int, str]:
        """Return how rows stand, by id; for a list of several kinds."""
        return {of: badge(self.course, state) for of, state in self._states(ids).items()}

    def _states(self, ids: Sequence[int]) -> Mapping[int, str]:
        return read_states(db.session(), self.course, ids, today())

    def _badge(self, row: Record) -> str:
        return badge(self.course, g.states[row.id])

    def _word(self, row: Record) -> str:
        return str(self.course.state(g.states[row.id]).word)

    def token(self, row: Record) -> str:
        """Return a row of the list as a form names it, with what was seen of it."""
        standing: Standing = g.standings[row.id]
        return f"{row.id}:{standing.seen(self.course).token}"

    def verbs_for_many(self) -> list[Verb]:
        """Return the verbs that can be carried out on several rows of the page."""
        found: list[Verb] = g.verbs_for_many
        return found

    def before_cells(self, row: Record) -> str:
        """Return the cell in which a row is chosen, where that can be done with any of the page."""
        if not g.verbs_for_many:
            return ""
        standing = g.standings.get(row.id)
        if standing is None or not verbs_for_many(self.course, [standing]):
            return _NO_CHOICE
        return _CHOICE.format(self.token(row), _("Choose %(what)s", what=self.heading(row)))

    # --- who may do what --------------------------------------------------------------------------

    def _handle_view(self, name: str, **options: Any) -> Any:
        if name in _OWN_PAGES or (name == "details_view" and self._stands_in):
            return None
        return super()._handle_view(name, **options)

    @property
    def _stands_in(self) -> bool:
        """Whether the viewer decides as a deputy; which rows that shows is settled row by row."""
        deputy = deputy_for(db.session(), current_viewer().account_id, today())
        return self.is_request and bool(deputy)

    @property
    def way_up(self) -> tuple[str, str]:
        """What lies above a row's page: for whoever has no role for the list, their queue."""
        if self.is_accessible():
            return super().way_up
        return _("Requests that wait for me"), url_for(QUEUE)

    @property
    def verbs_that_begin(self) -> list[Verb]:
        """The verbs by which the viewer may make a row of their own."""
        attempt = self._attempt({})
        return [
            verb
            for verb in self.course.verbs
            if verb.from_ is NEW and may_begin(db.session(), self.course, verb, attempt)
        ]

    @property
    def may_create(self) -> bool:
        """Whether the viewer may enter rows by a form: of requests only those of others."""
        return self.enters_for_others if self.is_request else super().may_create

    @property
    def enters_own(self) -> bool:
        """Whether the viewer may enter rows of their own by a form; a request is made by a verb."""
        return not self.is_request and super().enters_own

    @property
    def authors_correct(self) -> bool:
        """Whether authors change what they entered; a request has verbs for that."""
        return not self.is_request

    @page("/new/<verb>", methods=("GET", "POST"))
    def begin_view(self, verb: str) -> ResponseReturnValue:
        """Show the form of a verb that makes a row; carry it out."""
        return self._verb(verb, None)

    @page("/sheet/")
    def sheet_view(self) -> ResponseReturnValue:
        """Show a row as the form that is printed and signed, where its course names one."""
        row: Any = self.row_or_404()
        history = history_of(row)
        blocks = record_blocks(row, self.field_groups, history.late, history.hidden)
        shown = row_sheet(self.course.sheet, row, blocks)
        return self.render("documents/row_sheet.html", **shown)

    @page("/print/")
    def print_view(self) -> ResponseReturnValue:
        """Show the list as it is filtered and sorted, to be printed, where its course names it."""
        arguments = self._get_list_extra_args()
        column = self._get_column_by_idx(arguments.sort)
        _count, rows = self.get_list(
            0,
            column[0] if column else None,
            arguments.sort_desc,
            arguments.search,
            arguments.filters,
            page_size=MOST_ROWS + 1,
        )
        shown = list_sheet(self.course.sheet_of_list, self.columns, rows)
        return self.render("documents/list_sheet.html", **shown)

    def watched(self, attempt: Attempt, name: str, row_id: int | None) -> Attempt:
        """Return an attempt that is refused where it clears a flag of the viewer's own.

        What is about their own, on the day that the system sets, is theirs to do.
        """
        verb = next((each for each in self.course.verbs if each.name == name), None)
        if verb is not None and verb.dated_by_system:
            row = None if row_id is None else db.session.get(self.record, row_id)
            if verb.from_ is NEW if row is None else is_about_viewer(row):
                return attempt
        return watched_over(attempt)
