"""What a verb must be given, how it is read from a form, and what is said of what is wrong.

A form is texts by name. Whatever is read stands in ``Case.given`` by the same name.
"""

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, literal, select

from tiesan.access.policies import Policy, acts
from tiesan.courses.errors import Wrong
from tiesan.courses.models import LONGEST_TEXT
from tiesan.courses.values import Case, Given, Input
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _, _l
from tiesan.people.models import Account, Cadre
from tiesan.records.exchange.cells import parser_of
from tiesan.records.kinds import field_columns, table_of
from tiesan.records.text import unstorable

TEXT = "text"
UNTIL = "until"
FILES = "files"
_LONGEST_END = 366
_MOST_FILES = 5


def text(
    required: bool | Callable[[Case], bool] = True,  # noqa: FBT001, FBT002 - as a course reads
    label: str = _l("Text"),
) -> Given:
    """A text of 1 to 2,000 characters; welcome where it is not asked for."""
    return Given(TEXT, label, Input.TEXT, _read_text, required)


def _read_text(value: str, case: Case) -> str:  # noqa: ARG001 - as all that read
    if len(value) > LONGEST_TEXT:
        number, most = len(value), LONGEST_TEXT
        raise Wrong(
            TEXT,
            _("A text has at most %(most)d characters; found: %(number)d.") % {
                "most": most, "number": number
            },
        )  # fmt: skip
    odd = unstorable(value)
    if odd is not None:
        raise Wrong(TEXT, _("There is a character that cannot be stored; delete it and try again."))
    return value


def end_day(label: str = _l("Until"), *, required: bool | Callable[[Case], bool] = True) -> Given:
    """A day from today to 366 days on, itself included."""

    def reads(value: Any, case: Case) -> date:
        found = _day(UNTIL, value)
        if not case.day <= found <= case.day + timedelta(days=_LONGEST_END):
            raise Wrong(UNTIL, _("The day lies between today and 366 days from today."))
        return found

    return Given(UNTIL, label, Input.DAY, reads, required)


def past_day(name: str, label: str) -> Given:
    """The day on which something was done: today or earlier."""

    def reads(value: Any, case: Case) -> date:
        found = _day(name, value)
        if found > case.day:
            raise Wrong(name, _("This day is still to come."))
        return found

    return Given(name, label, Input.DAY, reads)


def _day(name: str, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Wrong(name, _("No day: %(found)s", found=value)) from None


def account(among: Policy, label: str, name: str = "to") -> Given:
    """An account, by the name under which it signs in, that a policy holds for."""

    def reads(value: str, case: Case) -> int:
        table = table_of(Account)
        found = case.session.scalar(_accounts(among, case).where(table.c.username == value))
        if found is None:
            raise Wrong(name, _("There is nobody of that name who may do this."))
        return found

    def choices(case: Case) -> list[tuple[str, str]]:
        """Those persons, by name."""
        account, cadre = table_of(Account), table_of(Cadre)
        named = select(account.c.username, cadre.c.name).outerjoin(
            cadre, cadre.c.id == account.c.cadre_id
        )
        chosen = named.where(account.c.id.in_(_accounts(among, case)))
        rows = case.session.execute(chosen.order_by(account.c.username))
        return [(row.username, row.name or row.username) for row in rows]

    return Given(name, label, Input.ACCOUNT, reads, choices=choices)


def _accounts(among: Policy, case: Case) -> Select[int]:
    """The accounts for which a policy of a row holds."""
    table = table_of(Account)
    row_id = getattr(case.course.of, "id")  # noqa: B009 - every class has one
    return (
        select(table.c.id)
        .join_from(table, case.course.of, row_id == case.row.id)
        .where(
            acts(table.c.id, literal(case.day)),
            among(case.course.of, table.c.id, literal(case.day)),
        )
    )


def check(name: str, label: str) -> Given:
    """Something to tick, which may be left."""
    return Given(name, label, Input.CHECK, _read_check, required=False)


def _read_check(value: Any, case: Case) -> bool:  # noqa: ARG001 - as all that read
    return value is True or str(value).lower() in {"1", "yes", "true", "on"}


def files(label: str = _l("Files"), *, required: bool = False) -> Given:
    """Up to 5 attachments, by the ids that they were given when they were sent."""

    def reads(value: Any, case: Case) -> tuple[str, ...] | None:  # noqa: ARG001 - as all that read
        found = tuple(value if isinstance(value, list | tuple) else [value])
        if len(found) > _MOST_FILES:
            raise Wrong(FILES, _("At most %(most)d files.", most=_MOST_FILES))
        return found or None

    return Given(FILES, label, Input.FILES, reads, required)


def fields(model: type[Base], *names: str) -> tuple[Given, ...]:
    """Fields of the record itself, read and refused as its own validation does."""
    known = {field.name: field for field, _column in field_columns(model)}
    return tuple(_of_field(known[name]) for name in names)


def _of_field(field: Field) -> Given:
    parse = parser_of(field)

    def reads(value: Any, case: Case) -> Any:  # noqa: ARG001 - as all that read
        if not isinstance(value, str):
            return value
        if field.type is FieldType.AMOUNT:
            value = unicodedata.normalize("NFKC", value).replace(",", "")
        try:
            return parse(value)
        except ValueError as error:
            raise Wrong(field.name, f"{field.label}: {error}", str(error)) from error

    return Given(field.name, field.label, Input.FIELD, reads, field.required, field)
