"""The audit trail: who did what to which row, newest first; for administrators, to read only."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from tiesan.access.criterion import readable_rows
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, DateFilter, Filter
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.pages import page
from tiesan.audit import AuditEntry
from tiesan.clock import SHANGHAI
from tiesan.i18n import _, _l
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.audit import detail_blocks, kind_of, subject_of, verb_of, verb_words
from tiesan.words.rows import Block, Entry, who
from tiesan.words.values import moment

_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 30)


class AuditView(ListView):
    """The entries of the administrator's districts."""

    model_class = AuditEntry
    roles = ADMINISTRATORS
    place = "trail"
    searched = ("actor.cadre.name", "actor_name", "verb", "object_kind", "object_code")
    file_name = "audit_trail"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Audit trail"), "audit", "/audit")

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return (
            Column("at", _l("Time"), lambda row: moment(row.at),
                   lambda row: row.at.astimezone(SHANGHAI).replace(tzinfo=None), "at", "date"),
            Column("actor_name", _l("Who"), _who, _who, "actor_name"),
            _text("verb", _l("What"), verb_of),
            _text("object_kind", _l("Kind"), kind_of),
            _text("object_code", _l("Code"), subject_of),
        )  # fmt: skip

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (
            ChoiceFilter("verb", _l("What"), verb_words, lambda verb: AuditEntry.verb == verb),
            DateFilter("at_from", _l("From"), "date", lambda day: AuditEntry.at >= _midnight(day)),
            DateFilter("at_to", _l("Until"), "date",
                       lambda day: AuditEntry.at < _midnight(day) + timedelta(days=1)),
        )  # fmt: skip

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the entries that the viewer may see."""
        return readable_rows(AuditEntry)

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show an entry with all its details."""
        row: AuditEntry = self.row_or_404()
        named = [(column.label, column.show(row)) for column in self.columns]
        entry = Block("", [Entry(str(label), text) for label, text in named])
        blocks = [entry, *detail_blocks(row)]
        return self.render("shell/details.html", heading=_("Audit entry"), blocks=blocks)


def _who(row: AuditEntry) -> str:
    return who(row.actor_name, row.actor_id)


def _text(name: str, label: str, show: Callable[[AuditEntry], str]) -> Column:
    return Column(name, label, show, show, name)


def _midnight(day: date) -> datetime:
    # The moments of the very first and last days that can be written are none in UTC.
    return datetime.combine(min(max(day, _FIRST), _LAST), time.min, SHANGHAI)
