"""A small world: two districts, people of every role, a record of every kind at each place.

The records are those of the installed plugins, with what a row cannot be without. Flags are for the
tests that look at them to add.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.catalog import Catalog
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, grant_role
from tiesan.records.base import Record
from tiesan.records.calendar_exceptions import set_exception
from tiesan.records.kinds import fact_kind, record_kind
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.records.services import create_record

ACTOR = Actor(None, "tester", "web")
AT = datetime(2026, 3, 31, 2, tzinfo=UTC)
PASSWORD = "known to the tests"

# Where rows are: own federation, below it, its sibling, above it, and in another district.
PLACES = {"O": "F1", "B": "E1", "S": "F2", "P": "D1", "X": "D2"}
ORGANIZATIONS = (
    ("D1", "甲区总工会", "district", None),
    ("F1", "东城联合会", "federation", "D1"),
    ("E1", "东城纺织工会", "enterprise", "F1"),
    ("F2", "西城联合会", "federation", "D1"),
    ("D2", "乙区总工会", "district", None),
)
# One cadre at each place, the chair of F1, and the people behind other accounts.
CADRES = (
    ("CO", "陈欧", "F1"),
    ("CB", "白贝", "E1"),
    ("CS", "石诗", "F2"),
    ("CP", "潘培", "D1"),
    ("CX", "徐希", "D2"),
    ("CH", "周主席", "F1"),
    ("CA", "安审", "D1"),
)
# Who signs in: user name, cadre, role, where.
ACCOUNTS = (
    ("nobody", None, None, None),
    ("cadre", "CO", RoleName.CADRE, "F1"),
    ("chair", "CH", RoleName.CADRE, "F1"),
    ("supervisor", None, RoleName.SUPERVISOR, "F1"),
    # The report at P is about the supervisor of the district.
    ("district", "CP", RoleName.SUPERVISOR, "D1"),
    ("committee", "CA", RoleName.AUDIT_COMMITTEE, "D1"),
    ("keeper", None, RoleName.ADMINISTRATOR, "F1"),
    ("admin", None, RoleName.ADMINISTRATOR, None),
)
PEOPLE = ("stranger", *(each[0] for each in ACCOUNTS))


@dataclass
class World:
    """What stands in the database, by code: ids, so that it outlives the session."""

    organizations: dict[str, int] = field(default_factory=dict)
    cadres: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    records: dict[str, dict[str, int]] = field(default_factory=dict)
    # Of the tests that add some.
    flags: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    waivers: dict[str, int] = field(default_factory=dict)
    corrections: dict[str, int] = field(default_factory=dict)


def fill(session: Session, catalog: Catalog) -> World:
    """Write everything and commit."""
    world = World()
    organizations: dict[str, Organization] = {}
    for code, name, kind, parent in ORGANIZATIONS:
        values = {
            "code": code,
            "name": name,
            "kind": kind,
            "parent": organizations.get(parent or ""),
            "founded_on": date(2000, 1, 1),
            "tracked_from": None if parent else date(2026, 3, 2),
        }
        organizations[code] = create_organization(ACTOR, session, values, at=AT)
    cadres = {
        code: create_cadre(ACTOR, session, _cadre(code, name, organizations[place]), at=AT)
        for code, name, place in CADRES
    }
    organizations["F1"].chair = cadres["CH"]
    session.flush()
    world.organizations = {code: row.id for code, row in organizations.items()}
    world.cadres = {code: row.id for code, row in cadres.items()}
    _fill_accounts(session, world, organizations, cadres)
    for model in catalog.plugins.records:
        world.records[record_kind(model).name] = {}
    for letter, code in PLACES.items():
        _fill_place(session, catalog, world, letter, organizations[code], cadres[f"C{letter}"])
    exception = {"day": date(2026, 5, 1), "kind": "working", "name": "调休"}
    set_exception(ACTOR, session, None, exception, at=AT)
    session.commit()
    return world


def _cadre(code: str, name: str, organization: Organization) -> Mapping[str, Any]:
    return {
        "code": code,
        "name": name,
        "organization": organization,
        "professional": True,
        "joined_on": date(2010, 1, 1),
    }


def _fill_accounts(
    session: Session,
    world: World,
    organizations: Mapping[str, Organization],
    cadres: Mapping[str, Cadre],
) -> None:
    first: Account | None = None
    for username, cadre, role, place in ACCOUNTS:
        of = cadres.get(cadre or "")
        if first is None:
            account = create_account(
                ACTOR,
                session,
                username=username,
                password=hash_password(PASSWORD),
                cadre=of,
                at=AT,
            )
            first = account
        else:
            # Hashing is slow on purpose; one hash will do.
            account = Account(username=username, password=first.password, cadre=of, created_at=AT)
            session.add(account)
        # What a session keeps of an account.
        account.fs_uniquifier = username
        session.flush()
        if role is not None:
            where = organizations.get(place or "")
            grant_role(ACTOR, session, account, role, where, at=AT)
        world.accounts[username] = account.id


def _fill_place(  # one argument for each thing that a row may refer to
    session: Session,
    catalog: Catalog,
    world: World,
    letter: str,
    organization: Organization,
    cadre: Cadre,
) -> None:
    here: dict[str, Any] = {"organization": organization, "cadre": cadre}
    for model in catalog.plugins.records:
        kind = record_kind(model)
        values = {field.name: _value(model, field, letter, here) for field in _filled(model)}
        row = create_record(ACTOR, session, model, values, at=AT)
        here[kind.name] = row
        world.records[kind.name][letter] = row.id


def _filled(model: type[Record]) -> Iterator[Field]:
    """The fields without which a row cannot be, and the reference that it belongs to."""
    kind, fields = record_kind(model), fact_kind(model)
    needed = {kind.belongs_to[0]}
    if not any(fields.by_name[name].required for name in kind.principal if "." not in name):
        # One of the dates by which it is known must be given.
        needed |= set(kind.principal[:1])
    for each in fields.fields:
        if each.required or each.name in needed:
            yield each


_VALUES: Mapping[FieldType, Any] = {
    FieldType.DATE: date(2026, 3, 20),
    FieldType.TIME: time(8, 30),
    FieldType.AMOUNT: 12_345,
    FieldType.INTEGER: 2026,
    FieldType.BOOLEAN: True,
}


def _value(model: type[Record], each: Field, letter: str, here: Mapping[str, Any]) -> Any:
    match each.type:
        case FieldType.REFERENCE:
            return here[str(each.to)]
        case FieldType.CHOICE:
            return next(iter(each.choices))
        case FieldType.TEXT:
            return f"{record_kind(model).name}-{letter}"
    return _VALUES[each.type]
