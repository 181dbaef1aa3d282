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
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _, _l
from tiesan.people.models import Account, Cadre
from tiesan.records.attachments.services import usable_files
from tiesan.records.exchange.cells import parser_of
from tiesan.records.kinds import field_columns, table_of
from tiesan.records.text import unstorable

TEXT = "text"
UNTIL = "until"
FILES = "files"
_LONGEST_END = 366
# No id has so many digits.
_LONG = 10


def text(
    required: bool | Callable[[Case], bool] = True,  # noqa: FBT001, FBT002 - as a course reads
    label: str = _l("Text"),
) -> Given:
    """A text of 1 to 2,000 characters; welcome where it is not asked for."""
    return words(TEXT, label, required=required)


def without_text(case: Case) -> bool:
    """Where no text is given."""
    return case.given.get(TEXT) is None


def words(name: str, label: str, *, required: bool | Callable[[Case], bool] = True) -> Given:
    """A text as long as any other, under a name of its own."""

    def reads(value: str, case: Case) -> str:  # noqa: ARG001 - as all that read
        return _read_text(name, value)

    return Given(name, label, Input.TEXT, reads, required)


def _read_text(name: str, value: str) -> str:
    if len(value) > LONGEST_TEXT:
        number, most = len(value), LONGEST_TEXT
        raise Wrong(
            name,
            _("A text has at most %(most)d characters; found: %(number)d.") % {
                "most": most, "number": number
            },
        )  # fmt: skip
    odd = unstorable(value)
    if odd is not None:
        raise Wrong(name, _("There is a character that cannot be stored; delete it and try again."))
    return value


def end_day(label: str = _l("Until"), *, required: bool | Callable[[Case], bool] = True) -> Given:
    """A day from today to 366 days on, itself included."""
    return Given(UNTIL, label, Input.DAY, _day_ahead(UNTIL), required)


def due_day(name: str, label: str) -> Given:
    """A deadline: a day from today to 366 days on, itself included, that no form proposes."""
    return Given(name, label, Input.DAY, _day_ahead(name), to_come=True)


def _day_ahead(name: str) -> Callable[[Any, Case], date]:
    def reads(value: Any, case: Case) -> date:
        found = _day(name, value)
        if not case.day <= found <= case.day + timedelta(days=_LONGEST_END):
            raise Wrong(name, _("The day lies between today and 366 days from today."))
        return found

    return reads


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


def choice(name: str, label: str, choices: Callable[[Case], list[tuple[str, str]]]) -> Given:
    """One of some values, which may be left; ``choices`` gives them with their words."""

    def reads(value: str, case: Case) -> str:
        known = choices(case)
        if value not in dict(known):
            allowed = ", ".join(each for each, _word in known)
            raise Wrong(name, _("Not among those that there are: %(allowed)s", allowed=allowed))
        return value

    return Given(name, label, Input.CHOICE, reads, required=False, choices=choices)


def check(name: str, label: str) -> Given:
    """Something to tick, which may be left."""
    return Given(name, label, Input.CHECK, _read_check, required=False)


def _read_check(value: Any, case: Case) -> bool:  # noqa: ARG001 - as all that read
    return value is True or str(value).lower() in {"1", "yes", "true", "on"}


def files(
    label: str = _l("Attachments"), *, required: bool | Callable[[Case], bool] = False
) -> Given:
    """Up to 5 attachments, by the ids that they were given when they were sent.

    What was sent with the form itself stands among them as an id as well, or as the UserError that
    says why it was not kept.
    """
    return Given(FILES, label, Input.FILES, _read_files, required)


def _read_files(value: Any, case: Case) -> tuple[int, ...] | None:
    sent = value if isinstance(value, list | tuple) else [value]
    try:
        ids = [_file_id(each) for each in sent if each != ""]
        return usable_files(case.actor, case.session, ids, at=case.at) or None
    except UserError as error:
        raise Wrong(FILES, error.lines[0]) from error


def _file_id(sent: Any) -> int:
    """The id that was sent; what is none names no file."""
    if isinstance(sent, UserError):
        raise sent
    written = str(sent)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < _LONG else 0


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
