"""What the address of the inbox says: filters, how to group, which page, which flag."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.lookups import read_id
from tiesan.clock import today
from tiesan.courses.errors import Wrong
from tiesan.courses.many import Named
from tiesan.extensions import Base, db
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.reviews.inbox import ALSO_OTHERS, MINE, Wanted, chosen_as_seen
from tiesan.rules import Severity
from tiesan.words.rows import row_id_of

GROUPED_BY: Mapping[str, str] = {
    "cadre": _l("Cadre"),
    "rule": _l("Rule"),
    "organization": _l("Organization"),
}
_LAST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Address:
    """The address, read: ``filters`` as they were given, and what they mean in ``wanted``.

    ``wrong`` are the names of filters that mean nothing; they narrow nothing.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)
    wrong: tuple[str, ...] = ()
    group: str | None = None
    page: int = 0
    flag: int | None = None

    @property
    def query(self) -> str:
        """The filters and how it is grouped, as an address has them."""
        grouped = {} if self.group is None else {"group": self.group}
        return urlencode({**self.filters, **grouped})

    def without(self, name: str) -> str:
        """Return the address of the inbox without one of the filters."""
        kept = {key: value for key, value in self.filters.items() if key != name}
        return replace(self, filters=kept).query


def read_address(arguments: Mapping[str, str]) -> Address:
    """Return what an address says to the viewer of this request."""
    filters: dict[str, str] = {}
    values: dict[str, Any] = {}
    wrong = []
    for name, read in _READERS.items():
        given = (arguments.get(name) or "").strip()
        if not given:
            continue
        try:
            values[name] = read(given)
        except ValueError:
            wrong.append(name)
        else:
            filters[name] = given
    group = arguments.get("group")
    page = read_id(arguments.get("page", "")) or 0
    return Address(
        filters,
        Wanted(**values),
        tuple(wrong),
        group if group in GROUPED_BY else None,
        min(page, _LAST_PAGE),
        read_id(arguments.get("flag", "")),
    )


def read_query(query: str) -> Address:
    """Return what the query string of an inbox says to the viewer of this request."""
    return read_address(dict(parse_qsl(query.removeprefix("?"))))


# --- verbs that come from the inbox ---------------------------------------------------------------


def next_in_inbox() -> str | None:
    """Return the address of the next flag for a form that says that it came from the inbox."""
    query = request.values.get("inbox")
    if query is None:
        return None
    after = read_id(request.values.get("after", ""))
    return inbox_url(read_query(query), after)


def back_in_inbox(row_id: int | None) -> str | None:
    """Return the address of a flag in the inbox for a form that says that it came from there."""
    query = request.values.get("inbox")
    return None if query is None else inbox_url(read_query(query), row_id)


def inbox_url(address: Address, flag_id: int | None = None, page: int = 0) -> str:
    """Return the address of the inbox with these filters, at a flag or a page if one is given."""
    further = {"flag": flag_id, "page": page or None}
    given = {**address.filters, "group": address.group, **further}
    query = urlencode({name: each for name, each in given.items() if each})
    return f"{url_for('inbox.index_view')}?{query}" if query else url_for("inbox.index_view")


def chosen_by_filter(query: str, seen_at: str | None) -> list[Named]:
    """Return the flags that wait under a filter, as they were seen at a moment.

    Raises Wrong for a filter that means nothing, and for a moment that is missing or none.
    """
    address = read_query(query)
    if address.wrong:
        raise Wrong("filter", _("The filter “%(name)s” means nothing.", name=address.wrong[0]))
    try:
        moment = datetime.fromisoformat(seen_at or "")
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - it only says that there is none
    if moment.tzinfo is None:
        raise Wrong("seen_at", _("It must be said when the list was seen, with its time zone."))
    account_id = current_viewer().account_id or 0
    return chosen_as_seen(db.session(), account_id, today(), address.wanted, moment)


def _one_of(known: Callable[[], Any]) -> Callable[[str], str]:
    def reads(value: str) -> str:
        if value not in known():
            raise ValueError(value)
        return value

    return reads


def _coded(model: type[Base]) -> Callable[[str], int]:
    """Read the code of a row that the viewer may see."""

    def reads(value: str) -> int:
        coded: Any = model
        statement = select(row_id_of(model)).where(coded.code == value, readable_rows(model))
        found = db.session.scalar(statement)
        if found is None:
            raise ValueError(value)
        return int(found)

    return reads


_READERS: Mapping[str, Callable[[str], Any]] = {
    "institution": _one_of(lambda: {plugin.name for plugin in installed().plugins}),
    "rule": _one_of(lambda: installed().rules),
    "severity": _one_of(lambda: {each.value for each in Severity}),
    "organization": _coded(Organization),
    "cadre": _coded(Cadre),
    "since": date.fromisoformat,
    "assigned": _one_of(lambda: {MINE, ALSO_OTHERS}),
    "place": _coded(Organization),
    "day": date.fromisoformat,
}
