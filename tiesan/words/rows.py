"""The page of a row: its fields in words, links to the rows it names, and how it came here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from markupsafe import Markup
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.audit import COMMAND_LINE, DAILY_RUN, SIGN_IN
from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _, _l
from tiesan.people.merges import known_code
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind, row_id, table_of
from tiesan.records.withdrawals import withdrawn_among
from tiesan.words.values import in_words, moment, name_of

SOURCES = {
    "web": _l("Entered here"),
    "import": _l("Imported"),
    "demo": _l("Demo record"),
}
_LONG_TEXT = 500
_ACCOUNT, _CADRE = table_of(Account), table_of(Cadre)
_NAMED = {"cadre": _CADRE, "organization": table_of(Organization)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a page: label, value in words or as a link; a wide one takes the full width.

    A ``marked`` one is the value that a rule objects to.
    """

    label: str
    value: str
    wide: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of lines."""

    title: str
    entries: list[Entry]


def who(name: str, account_id: int | None = None) -> str:
    """Return who did something: the person of an account; its name where it is no person's.

    What is no account, as the command line, is called by its name in this language.
    """
    if account_id is not None:
        return person_of(account_id) or name
    named = {
        COMMAND_LINE.name: _("Command line"),
        DAILY_RUN.name: _("Daily run"),
        SIGN_IN.name: _("Sign-in page"),
    }
    return named.get(name, name)


def person_of(account_id: int) -> str | None:
    """Return the name of the person of an account, None where it is no person's.

    Whoever sees what was done sees who did it, wherever that person is posted.
    """
    found: dict[int, str | None] = g.setdefault("persons", {})
    if account_id not in found:
        of_account = _ACCOUNT.join(_CADRE, _CADRE.c.id == _ACCOUNT.c.cadre_id)
        statement = select(_CADRE.c.name).select_from(of_account)
        found[account_id] = db.session.scalar(statement.where(_ACCOUNT.c.id == account_id))
    return found[account_id]


def coded_name(kind: str, code: str) -> str | None:
    """Return the name of the cadre or organization of a code; None of what has no name."""
    table = _NAMED.get(kind)
    found: dict[tuple[str, str], str | None] = g.setdefault("coded_names", {})
    if table is not None and (kind, code) not in found:
        known = known_code(db.session(), code) if table is _CADRE else code
        named = select(table.c.name).where(table.c.code == known)
        found[kind, code] = db.session.scalar(named)
    return found.get((kind, code))


def endpoint_of(model: type[Base]) -> str:
    """Return the endpoint of the pages of a class."""
    name = record_kind(model).name
    return f"record_{name}" if issubclass(model, Record) else name


def link_to(row: Base) -> str:
    """Return a row's name, as a link where the viewer may open its page."""
    model = type(row)
    statement = select(row_id_of(model)).where(
        row_id_of(model) == row_id(row), readable_rows(model)
    )
    if db.session.scalar(statement) is None:
        return name_of(row)
    url = url_for(f"{endpoint_of(model)}.details_view", id=row_id(row))
    return Markup('<a href="{}">{}</a>').format(url, name_of(row))


def row_id_of(model: type[Base]) -> Any:
    """Return the column of a class that holds the id."""
    return getattr(model, "id")  # noqa: B009 - every class has one, the base has none


def entry_of(row: Base, field: Field) -> Entry:
    """Return the line of a field."""
    value = getattr(row, field.name)
    if field.type is FieldType.REFERENCE and value is not None:
        return Entry(str(field.label), link_to(value))
    wide = (field.max_length or 0) > _LONG_TEXT
    return Entry(str(field.label), in_words(field, value), wide=wide)


def blocks_of(row: Base, groups: Iterable[tuple[str, tuple[str, ...]]]) -> list[Block]:
    """Return the fields of a row by titled group."""
    by_name = fact_kind(type(row)).by_name
    return [
        Block(str(title), [entry_of(row, by_name[name]) for name in names])
        for title, names in groups
    ]


def record_blocks(
    row: Record,
    groups: Iterable[tuple[str, tuple[str, ...]]],
    late: Iterable[Entry],
    hidden: frozenset[int] = frozenset(),
) -> list[Block]:
    """Return the blocks of a record's page: its fields by group, and how it was recorded.

    ``late`` are the lines on its late entry, if any; ``hidden`` the accounts not to be named.
    """
    blocks = blocks_of(row, groups)
    kept = [Entry(_("District"), row.district.name), *bookkeeping(row, late, hidden)]
    blocks.append(Block(_("How it was recorded"), kept))
    return blocks


def bookkeeping(
    row: Record, late: Iterable[Entry], hidden: frozenset[int] = frozenset()
) -> Iterator[Entry]:
    """Yield who recorded a row, when and by which way, that it was late, and that it was voided."""
    yield Entry(_("Recorded at"), moment(row.recorded_at))
    yield Entry(
        _("Recorded by"), _("not shown") if row.recorded_by_id in hidden else _by(row.recorded_by)
    )
    yield Entry(_("Source"), str(SOURCES[row.source]))
    if row.source == "import" and _is_by_own_hand(row):
        yield Entry(_("Please note"), _("brought in by the very person whom it is about"))
    yield from late
    if row.voided_at is not None:
        yield from _end(row)


def _end(row: Record) -> Iterator[Entry]:
    """When, by whom and why a voided row was voided, or withdrawn by its author."""
    withdrawn = was_withdrawn(row)
    at, by = (
        (_("Withdrawn at"), _("Withdrawn by")) if withdrawn else (_("Voided at"), _("Voided by"))
    )
    yield Entry(at, "" if row.voided_at is None else moment(row.voided_at))
    yield Entry(by, _by(row.voided_by))
    why = _("Reason for withdrawing") if withdrawn else _("Reason for voiding")
    yield Entry(why, row.void_reason or "", wide=True)


def was_withdrawn(row: Record) -> bool:
    """Whether a record counts no more because its author has withdrawn it; asked once."""
    if row.voided_at is None:
        return False
    known: dict[tuple[str, int], bool] = g.setdefault("withdrawn", {})
    key = (record_kind(type(row)).name, row.id)
    if key not in known:
        known[key] = row.id in withdrawn_among(db.session(), [row])
    return known[key]


def _is_by_own_hand(row: Record) -> bool:
    cadre_id = getattr(row, "cadre_id", None)
    return (
        cadre_id is not None
        and row.recorded_by is not None
        and (row.recorded_by.cadre_id == cadre_id)
    )


def _by(account: Account | None) -> str:
    """Who recorded or voided a row; without an account it was the command line."""
    return who(COMMAND_LINE.name) if account is None else who(account.username, account.id)
