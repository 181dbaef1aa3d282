"""The audit trail: who did what to which row, newest first; for administrators, to read only."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import undefer

from tiesan.access.criterion import readable_rows
from tiesan.access.looks import confidential_rows, note_export
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.exporting import CSV, MOST_ROWS, XLSX, csv_response, xlsx_response
from tiesan.admin.lists.filters import ChoiceFilter, DateFilter, Filter, LookupFilter
from tiesan.admin.lists.lookups import Lookup, read_id
from tiesan.admin.lists.view import ListView
from tiesan.admin.settings.found_entries import ORDER, Search, ways_to
from tiesan.admin.shell.pages import page
from tiesan.audit import AuditEntry
from tiesan.clock import SHANGHAI, today
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import Account, Cadre
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.audit import (
    detail_blocks,
    kind_of,
    kind_words,
    removal_of,
    subject_of,
    verb_of,
    verb_words,
)
from tiesan.words.rows import Block, Entry, who
from tiesan.words.values import moment

_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 30)
_BEFORE = "before"
_WITH_NUMBER = undefer(AuditEntry.number)


class AuditView(ListView):
    """The entries of the administrator's districts."""

    model_class = AuditEntry
    roles = ADMINISTRATORS
    place = "trail"
    # What a word finds is said by ``ways_to``.
    searched = ("actor_name",)
    file_name = "audit_trail"
    list_template = "settings/trail.html"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Audit trail"), "audit", "/audit")

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list; they are not sorted by, but in the order of the trail."""
        return (
            Column("at", _l("Time"), lambda row: moment(row.at), _local, None, "date", _number),
            Column("actor_name", _l("Who"), _who, _who, None, "name"),
            _text("verb", _l("What"), verb_of, "state"),
            _text("object_kind", _l("Kind"), kind_of, "state"),
            Column("object_code", _l("Code"), _subject, subject_of, None, "text"),
        )

    def exported_columns(self) -> tuple[Column, ...]:
        """Return the columns of an export: numbers and what was removed have their own."""
        number = Column("number", _l("Number in the chain"), _number, lambda row: row.number)
        return number, *self.columns, _text("removed_at", _l("Contents"), removal_of)

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-up of the filter by person."""
        return {"person": Lookup("filter_person", Cadre, lambda: readable_rows(Cadre))}

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (
            LookupFilter("person", _l("Who"), self.lookups["person"], _of_person),
            ChoiceFilter("verb", _l("What"), verb_words, lambda verb: AuditEntry.verb == verb),
            ChoiceFilter("kind", _l("Kind"), kind_words,
                         lambda kind: AuditEntry.object_kind == kind),
            DateFilter("at_from", _l("From"), "date", lambda day: AuditEntry.at >= _midnight(day)),
            DateFilter("at_to", _l("Until"), "date",
                       lambda day: AuditEntry.at < _midnight(day) + timedelta(days=1)),
        )  # fmt: skip

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the entries that the viewer may see."""
        return readable_rows(AuditEntry)

    def search_hint(self) -> str:
        """Return what the search looks in."""
        return _("Who did it, or the whole code")

    # --- the list ---------------------------------------------------------------------------------

    def get_list(self, *arguments: Any, **_further: Any) -> tuple[int, list[AuditEntry]]:
        """Return how many entries a page shows, and these; where the next one begins is noted."""
        before = read_id(request.args.get(_BEFORE, ""))
        _page, _sorted_by, _down, word, filters = arguments
        ids = self._search(word, filters).newest(before, self.page_size + 1)
        more = len(ids) > self.page_size
        ids = ids[: self.page_size]
        g.older_entries = ids[-1] if more else None
        rows = select(AuditEntry).options(_WITH_NUMBER).where(AuditEntry.id.in_(ids))
        return len(ids), list(db.session.scalars(rows.order_by(*ORDER)))

    def pages(self) -> tuple[str, str]:
        """Return the addresses of the newest entries and of older ones; empty where there is none.

        It is asked by the template, after the list.
        """
        asked = self.own_arguments()
        older = g.older_entries
        newest = self.get_url(".index_view", **asked) if _BEFORE in request.args else ""
        return newest, self.get_url(".index_view", **asked, before=older) if older else ""

    def _search(self, word: str | None, filters: Iterable[tuple[int, str, str]] | None) -> Search:
        narrowing = []
        for _position, key, value in filters or ():
            narrowed = self.filters[key].apply(
                select(AuditEntry.id), self.filters[key].clean(value)
            )
            narrowing.append(narrowed.whereclause)
        if word:
            return Search(self.condition(), narrowing, ways_to(word), by_way=True)
        reach = current_viewer().reach(ADMINISTRATORS)
        if reach.everywhere or self._ways_of(filters):
            return Search(self.condition(), narrowing)
        # Nothing else leads to few of them.
        districts = [AuditEntry.district_id == each for each in sorted(reach.districts)]
        return Search(self.condition(), narrowing, districts, by_way=True)

    def _ways_of(self, filters: Iterable[tuple[int, str, str]] | None) -> bool:
        """Whether a filter has an index of its own, which those by days have not."""
        return any(not isinstance(self.filters[key], DateFilter) for _at, key, _to in filters or ())

    # --- export -----------------------------------------------------------------------------------

    @page("/export/<any(csv,xlsx):export_type>/")
    def export(self, export_type: str) -> ResponseReturnValue:
        """Send all entries that are found as CSV, however many; a workbook holds so many only."""
        arguments = self._get_list_extra_args()
        search = self._search(arguments.search, arguments.filters)
        if export_type != CSV and search.holds_more(MOST_ROWS):
            return self.refuse_export()
        secret = confidential_rows(AuditEntry)
        if secret is not None:
            note_export(self.noted_as, search.count(secret))
        titles = [str(each.label) for each in self.exported_columns()]
        name = f"{self.file_name}-{today():%Y%m%d}.{export_type}"
        query = db.session.query(AuditEntry).filter(search.condition).order_by(*ORDER)
        respond = {CSV: csv_response, XLSX: xlsx_response}[export_type]
        return respond(name, titles, self._cells(query.options(_WITH_NUMBER)))

    # --- an entry ---------------------------------------------------------------------------------

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show an entry with all its details."""
        row: AuditEntry = self.row_or_404()
        number = [(_("Number in the chain"), _number(row))]
        removed = {"object_code"} if row.removed_at else set()
        shown = [each for each in self.columns if each.name not in removed]
        named = [(column.label, column.show(row)) for column in shown]
        entry = Block("", [Entry(str(label), text) for label, text in [*number, *named]])
        blocks = [entry, *detail_blocks(row)]
        return self.render("shell/details.html", heading=_("Audit entry"), blocks=blocks)


def _who(row: AuditEntry) -> str:
    return who(row.actor_name, row.actor_id)


def _subject(row: AuditEntry) -> str:
    """The code, or that it was removed with the rest."""
    return removal_of(row) or subject_of(row)


def _local(row: AuditEntry) -> datetime:
    return row.at.astimezone(SHANGHAI).replace(tzinfo=None)


def _number(row: AuditEntry) -> str:
    return "" if row.number is None else _("No. %(number)d", number=row.number)


def _text(name: str, label: str, show: Callable[[AuditEntry], str], style: str = "text") -> Column:
    return Column(name, label, show, show, None, style)


def _of_person(cadre_id: int) -> ColumnElement[bool]:
    """The entries of a person's account; an account is one person's, and a person has one."""
    account = table_of(Account)
    found = select(account.c.id).where(account.c.cadre_id == cadre_id)
    return AuditEntry.actor_id.in_(db.session.connection().scalars(found).all())


def _midnight(day: date) -> datetime:
    # The moments of the very first and last days that can be written are none in UTC.
    return datetime.combine(min(max(day, _FIRST), _LAST), time.min, SHANGHAI)
