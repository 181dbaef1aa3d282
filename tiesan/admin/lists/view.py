"""ListView: lists with search, filters, sorting, details and export, over rows in scope.

Every way to a row goes through ``condition``: the list, its count, the row of a page, the export.
The session's own criteria (``tiesan.access.criterion``) hold besides.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.contrib.sqla import ModelView
from markupsafe import Markup
from sqlalchemy import ColumnElement, Unicode, cast, false, or_
from sqlalchemy.orm import lazyload, selectinload

from tiesan.access.looks import confidential_rows, note_export
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.drawing import Pen
from tiesan.admin.lists.exporting import CSV, MOST_ROWS, XLSX, Cell, csv_response, xlsx_response
from tiesan.admin.lists.filters import PREFIX, Filter
from tiesan.admin.lists.lookups import Lookup, read_id
from tiesan.admin.shell.addresses import address_of
from tiesan.admin.shell.asked_once import asked_once
from tiesan.admin.shell.pages import Open, page
from tiesan.clock import today
from tiesan.extensions import Base, db
from tiesan.i18n import _

_LAST_PAGE = 100_000
_LONGEST_SEARCH = 100


class ListView(Open, ModelView):  # type: ignore[misc] # Flask-Admin carries no types.
    """A list of the rows of one class, and a page for each row.

    A subclass gives ``columns_of_list``, ``filters``, ``lookups`` and ``condition``.
    """

    model_class: type[Base]
    searched: tuple[str, ...] = ()
    newest_first: tuple[str, ...] = ("id",)
    file_name: str = "rows"

    list_template = "lists/list.html"
    details_template = "shell/details.html"
    can_view_details = True
    can_delete = can_create = can_edit = False
    column_auto_select_related = False
    column_display_pk = False
    page_size = 25

    # Flask-Admin's own ways to write and delete are not offered at all.
    create_view: Any = None
    edit_view: Any = None
    delete_view: Any = None
    action_view: Any = None
    ajax_update: Any = None

    def __init__(self, title: str, endpoint: str, url: str) -> None:
        """Take what the list is called, its endpoint and its address."""
        self.lookups: dict[str, Lookup] = self.make_lookups()
        self.form_ajax_refs = {each.name: each for each in self.lookups.values()}
        self.columns = tuple(self.make_columns())
        self.filters = {each.key: each for each in self.make_filters()}
        self.column_list = [each.name for each in self.columns]
        self.column_labels = {each.name: each.label for each in self.columns}
        self.column_sortable_list = [(each.name, each.sort) for each in self.columns if each.sort]
        self.column_searchable_list = self.searched
        self.column_default_sort = [(name, True) for name in self.newest_first]
        self.column_filters = tuple(self.filters.values())
        super().__init__(self.model_class, db, name=title, endpoint=endpoint, url=url)

    # --- what a subclass says ---------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        raise NotImplementedError

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return ()

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of filters and forms, by any name."""
        return {}

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the rows that the viewer may read: none, unless it is stated."""
        return false()

    def listed(self) -> ColumnElement[bool]:
        """Return the condition of the list: the rows of ``condition``, maybe said otherwise."""
        return self.condition()

    def shown(self) -> ColumnElement[bool] | None:
        """Return a further condition of the list, which the page of a row does not have."""
        return None

    def ended(self, row: Any) -> str:
        """Return in one word why a row counts no more; nothing of one that counts."""
        return ""

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows a list shows."""
        return ()

    @property
    def linked_column(self) -> str:
        """The column whose cells lead to the row's page: the first."""
        return self.columns[0].name

    def before_cells(self, row: Any) -> str:
        """Return what stands before the first cell of a row of the list."""
        return ""

    def search_hint(self) -> str:
        """Return what the search looks in."""
        return _("Name, code or text")

    def default_choice(self, filter: Filter) -> str:
        """Return what a filter of choices says while it is not set."""
        return _("All")

    def scaffold_form(self) -> Any:
        """Return the form that Flask-Admin asks for; pages make their own for each request."""
        return RecordForm

    # --- rows in scope ----------------------------------------------------------------------------

    def get_query(self) -> Any:
        """Return the query of the list."""
        options = (selectinload(getattr(self.model, name)) for name in self.loaded())
        return self._narrowed(super().get_query()).options(*options)

    def get_count_query(self) -> Any:
        """Return the query that counts the list's rows."""
        return self._narrowed(super().get_count_query())

    def _narrowed(self, query: Any) -> Any:
        return query.filter(*self._narrowing())

    @asked_once
    def _narrowing(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions of the list, which its rows and their count have in common."""
        further = self.shown()
        return (self.listed(),) if further is None else (self.listed(), further)

    def matching(self, word: str) -> Iterable[ColumnElement[bool]]:
        """Return further conditions by which a row is found by a word of the search."""
        return ()

    def _apply_search(
        self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str
    ) -> Any:
        """Find the rows that hold every word; no character of a word means anything else.

        Flask-Admin gives a meaning to %, _ and to a leading ^ or =.
        """
        for word in search.split():
            query, joins = self._holding(query, joins, word)
            if count_query is not None:
                count_query, count_joins = self._holding(count_query, count_joins, word)
        return query, count_query, joins, count_joins

    def _holding(self, query: Any, joins: Any, word: str) -> tuple[Any, Any]:
        found = list(self.matching(word))
        for field, path in self._search_fields:
            query, joins, alias = self._apply_path_joins(query, joins, path, inner_join=False)
            column = field if alias is None else getattr(alias, field.key)
            found.append(cast(column, Unicode).icontains(word, autoescape=True))
        return query.filter(or_(*found)), joins

    def _order_by(
        self, query: Any, joins: Any, sort_joins: Any, sort_field: Any, sort_desc: Any
    ) -> Any:
        """Sort by a column; blanks come last both ways, which each database would do otherwise."""
        query, joins, alias = self._apply_path_joins(query, joins, sort_joins, inner_join=False)
        column = sort_field if alias is None else getattr(alias, sort_field.key)
        order = column.desc() if sort_desc else column.asc()
        if alias is not None or sort_field.expression.nullable:
            order = order.nulls_last()
        return query.order_by(order), joins

    def _apply_sorting(self, *arguments: Any) -> Any:
        """Sort as asked for, and what is equal by id: no page repeats a row of another."""
        query, joins = super()._apply_sorting(*arguments)
        return query.order_by(self.model.id.desc()), joins

    def _apply_pagination(self, query: Any, page: int | None, page_size: int | None) -> Any:
        """Cut out a page; the rows that are passed over are read by their ids alone."""
        cut = super()._apply_pagination(query, page, page_size)
        if not page:
            return cut
        ids = cut.options(lazyload("*")).with_entities(self.model.id)
        return query.filter(self.model.id.in_(ids))

    def get_one(self, id: Any) -> Any:
        """Return the row of an id, or None when it does not exist or is out of scope."""
        row_id = read_id(id)
        if row_id is None:
            return None
        query = db.session.query(self.model).filter(self.model.id == row_id, self.condition())
        return query.one_or_none()

    def row_or_404(self) -> Any:
        """Return the row that the address names; a page that is not there otherwise."""
        row = self.get_one(request.args.get("id", ""))
        return row if row is not None else abort(404)

    def drawn_rows(self, rows: Iterable[Any]) -> Markup:
        """Return rows of the list as markup."""
        # Nothing comes after the id, whatever the address looks like.
        address = self.get_url(".details_view", id=0).removesuffix("0")
        return Pen(self.columns, self.linked_column, address, self.before_cells, self.ended).draw(
            rows
        )

    # --- arguments --------------------------------------------------------------------------------

    def get_filter_arg(self, index: int, flt: Filter) -> str:
        """Return the name of a filter in the address."""
        return flt.key

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        found = []
        for position, (key, each) in enumerate(self.filters.items()):
            value = request.args.get(PREFIX + key, "").strip()
            if value and each.validate(value):
                found.append((position, key, value))
            elif value:
                flash(_("The filter “%(name)s” was left out: %(value)s does not fit.",
                        name=str(each.name), value=value), "warning")  # fmt: skip
        return found

    def _get_filters(self, filters: Sequence[tuple[int, str, str]] | None) -> dict[str, str]:
        return {PREFIX + key: value for _position, key, value in filters or ()}

    def _get_list_extra_args(self) -> Any:
        arguments = super()._get_list_extra_args()
        arguments.page = min(max(arguments.page or 0, 0), _LAST_PAGE)
        # Between words any white space may stand: a Chinese keyboard types a wide one.
        search = " ".join((arguments.search or "").replace("\0", "").split())
        arguments.search = search[:_LONGEST_SEARCH] or None
        arguments.extra_args = {}
        return arguments

    def own_arguments(self) -> dict[str, str]:
        """Return what the address says about search, order and filters.

        Anything else in it is not passed on: a link is made of names that mean something to it.
        """
        own = {"search", "sort", "desc", *(PREFIX + key for key in self.filters)}
        return {name: text for name, text in request.args.items() if name in own}

    def sorted_by(self, at: int, *, down: bool) -> str:
        """Return the address of the first page of the list, sorted by the column at a position."""
        arguments = self.own_arguments() | {"sort": str(at), "desc": "1"}
        if not down:
            del arguments["desc"]
        return f"{address_of(self.first_page)}?{urlencode(arguments)}"

    def active_filters(self) -> Iterator[tuple[Filter, str, str]]:
        """Yield each filter that is set, its value in words, and the address without it."""
        arguments = self.own_arguments()
        for key, each in self.filters.items():
            value = arguments.get(PREFIX + key, "").strip()
            if value and each.validate(value):
                without = {name: text for name, text in arguments.items() if name != PREFIX + key}
                yield each, each.shown(value), self.get_url(".index_view", **without)

    # --- export -----------------------------------------------------------------------------------

    @page("/export/<any(csv,xlsx):export_type>/")
    def export(self, export_type: str) -> ResponseReturnValue:
        """Send the list as it is filtered and sorted, without its pages."""
        arguments = self._get_list_extra_args()
        column = self._get_column_by_idx(arguments.sort)
        count, query = self.get_list(
            0,
            column[0] if column else None,
            arguments.sort_desc,
            arguments.search,
            arguments.filters,
            execute=False,
            page_size=MOST_ROWS,
        )
        if count > MOST_ROWS:
            return self.refuse_export()
        self._note_export(query)
        titles = [str(each.label) for each in self.exported_columns()]
        name = f"{self.file_name}-{today():%Y%m%d}.{export_type}"
        respond = {CSV: csv_response, XLSX: xlsx_response}[export_type]
        return respond(name, titles, self._cells(query))

    def refuse_export(self) -> ResponseReturnValue:
        """Lead back to the list, whose rows are more than an export holds, and say so."""
        flash(_("More than %(most)d rows: please narrow the list by filters before exporting.",
                most=MOST_ROWS), "warning")  # fmt: skip
        return redirect(self.get_url(".index_view", **self.own_arguments()))

    def exported_columns(self) -> Sequence[Column]:
        """Return the columns of an export: those of the list."""
        return self.columns

    def _note_export(self, query: Any) -> None:
        """Note how many confidential rows are about to be sent, if there can be any."""
        secret = confidential_rows(self.model_class)
        if secret is not None:
            rows = query.options(lazyload("*")).with_entities(self.model.id, secret)
            note_export(self.noted_as, sum(bool(confidential) for _id, confidential in rows))

    @property
    def noted_as(self) -> str:
        """The kind as which rows stand in the audit trail."""
        return self.endpoint

    def _cells(self, query: Any) -> Iterator[list[Cell]]:
        columns = self.exported_columns()
        # A file is sent after the request ended and let go of its session: nobody else will close
        # the one that these rows are read with, and its connection would stay taken.
        with closing(query.session):
            for row in query.yield_per(500):
                yield [each.write(row) for each in columns]
