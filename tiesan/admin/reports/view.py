"""The overview of an organization and all below it: flags, duties, reviews, and work in numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tiesan.access.overviews import may_look_over
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.exporting import CSV, XLSX, csv_response, xlsx_response
from tiesan.admin.reports.asking import Filters, span_words
from tiesan.admin.reports.behind import behind
from tiesan.admin.reports.cells import Shown, file_rows, file_titles, shown
from tiesan.admin.shell.pages import Page, page, page_asked
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.reports import overview
from tiesan.reports.asked import Asked
from tiesan.reports.rows import rows_of
from tiesan.reports.tables import Head, Table

_TABLES: dict[str, Callable[[Session, Asked], Table]] = {
    "flags": overview.flags_by_rule,
    "trend": overview.trend,
    "ages": overview.ages,
    "reviews": overview.punctuality,
    "duties": overview.duties_by_month,
    "figures": overview.figures,
}
_FILES = {CSV: csv_response, XLSX: xlsx_response}
_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a table as it is shown."""

    key: str
    title: str
    cells: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is shown."""

    name: str
    title: str
    first: str
    heads: Sequence[Head]
    lines: Sequence[ShownLine]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to be told."""
        return not any(cell.text not in ("", "0") for line in self.lines for cell in line.cells)


class OverviewView(Page):
    """What is told of an organization: tables, each number of which leads to what it counts."""

    place = "figures"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Overview"), endpoint="overview", url="/overview")

    def is_accessible(self) -> bool:
        """Whether the viewer answers for an organization."""
        return may_look_over(current_viewer())

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show the tables of an organization in a span."""
        filters = Filters.read()
        tables = {name: _shown(filters, make) for name, make in _TABLES.items()}
        return self.render(
            "reports/overview.html",
            heading=str(self.name),
            filters=filters,
            span_words=span_words,
            before=span_words(filters.span.before),
            as_of=today(),
            tables=tables,
        )

    @page("/<any(flags,trend,ages,reviews,duties,figures):table>/<any(csv,xlsx):export_type>/")
    def export(self, table: str, export_type: str) -> ResponseReturnValue:
        """Send a table as a file."""
        filters = Filters.read()
        found = _TABLES[table](db.session(), filters.asked)
        name = f"{table}-{filters.root.code}-{filters.span.label}.{export_type}"
        return _FILES[export_type](name, file_titles(found), file_rows(found))

    @page("/rows")
    def rows_view(self) -> ResponseReturnValue:
        """Show what a number counts, row by row."""
        filters, args = Filters.read(), request.args
        names = [args.get(each, "") for each in ("table", "line", "column")]
        try:
            rows = rows_of(db.session(), filters.asked, *names)
        except LookupError:
            abort(404)
        at = page_asked(args.get("page", ""))
        return self.render(
            "reports/rows.html",
            **_of_number(filters, *names),
            filters=filters,
            span_words=span_words,
            asked={"table": names[0], "line": names[1], "column": names[2], **filters.address},
            number=len(rows),
            page=at,
            pages=-(-len(rows) // _A_PAGE),
            found=behind(rows[at * _A_PAGE : (at + 1) * _A_PAGE]),
        )


def _shown(filters: Filters, make: Callable[[Session, Asked], Table]) -> ShownTable:
    table = make(db.session(), filters.asked)
    lines = [
        ShownLine(line.key, line.title, [shown(filters, table, line, head) for head in table.heads])
        for line in table.lines
    ]
    return ShownTable(table.name, table.title, table.first, table.heads, lines)


def _of_number(filters: Filters, table: str, line: str, column: str) -> dict[str, Any]:
    """What a number is called: by its table, its line and its column."""
    found = _TABLES[table](db.session(), filters.asked)
    lines = {each.key: each.title for each in found.lines}
    heads = {each.key: each.title for each in found.heads}
    if line not in lines or column not in heads:
        abort(404)
    return {"heading": heads[column], "over": lines[line], "title": found.title}
