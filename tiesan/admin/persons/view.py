"""The page of a person, and their own year."""

from datetime import date

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tiesan.access.criterion import readable_rows
from tiesan.access.inquiring import INQUIRING
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.exporting import CSV, XLSX, csv_response, xlsx_response
from tiesan.admin.persons.sections import (
    flags_of_day,
    flags_on,
    lines_of_day,
    posts_of,
    sections_of,
)
from tiesan.admin.persons.year import Year, weekdays
from tiesan.admin.persons.year_table import YearTable
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.people.merges import known_code
from tiesan.people.models import Cadre
from tiesan.records.policy import EVERYBODY

# Nothing is kept of earlier years, and nobody plans beyond.
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


class PersonView(Page):
    """The page of each cadre: for themself, who reaches them, and who chairs where they are."""

    roles = EVERYBODY
    place = "own year"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("My year"), endpoint="person", url="/persons")

    def entries(self) -> list[Entry]:
        """Return one's own year, for who stands for a cadre."""
        if current_viewer().cadre_id is None or not self.is_accessible():
            return []
        return [Entry(self.place, self.name, "person.own_view", alone=True)]

    @page("/")
    def own_view(self) -> ResponseReturnValue:
        """Lead to one's own page, at its calendar."""
        code = current_viewer().cadre_code
        if not code:
            abort(404)
        return redirect(url_for(".person_view", code=code, _anchor="year"))

    @page("/<code>")
    def person_view(self, code: str) -> ResponseReturnValue:
        """Show what there is of a person; of one day all of it, where the address names one."""
        cadre = _cadre_or_404(code)
        day = _day_asked()
        year = Year(cadre, _year_asked(day))
        return self.render(
            "persons/person.html",
            cadre=cadre,
            own=cadre.id == current_viewer().cadre_id,
            inquires=current_viewer().has(INQUIRING),
            posts=posts_of(cadre),
            flags=flags_on(cadre),
            sections=sections_of(cadre),
            year=year,
            weekdays=weekdays(),
            chosen=day,
            flags_of_day=[] if day is None else flags_of_day(cadre, day),
            lines_of_day=[] if day is None else lines_of_day(cadre, day),
        )

    @page("/<code>/year/<int:year>")
    def year_view(self, code: str, year: int) -> ResponseReturnValue:
        """Show a year of a person as a table of days, as it is printed."""
        table = YearTable(_cadre_or_404(code), _known_year(year))
        return self.render("persons/year_table.html", table=table, cadre=table.cadre, as_of=today())

    @page("/<code>/year/<int:year>/<any(csv,xlsx):export_type>/")
    def year_export(self, code: str, year: int, export_type: str) -> ResponseReturnValue:
        """Send the table of a year as a file."""
        table = YearTable(_cadre_or_404(code), _known_year(year))
        respond = {CSV: csv_response, XLSX: xlsx_response}[export_type]
        return respond(f"year-{code}-{year}.{export_type}", table.titles, table.file_rows())


def _known_year(year: int) -> int:
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else abort(404)


def _cadre_or_404(code: str) -> Cadre:
    known = known_code(db.session(), code)
    statement = select(Cadre).where(Cadre.code == known, readable_rows(Cadre))
    found = db.session.scalars(statement.options(selectinload(Cadre.organization))).one_or_none()
    return found if found is not None else abort(404)


def _day_asked() -> date | None:
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return asked if _FIRST_YEAR <= asked.year <= _LAST_YEAR else None


def _year_asked(day: date | None) -> int:
    if day is not None:
        return day.year
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() else 0
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else today().year
