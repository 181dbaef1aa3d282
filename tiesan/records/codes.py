"""Codes given by the system: what a record is called by people and files when nobody named it.

A code can be read aloud: the letters of its kind, the year in which it was given, and a running
number, ``QJ2026-0196``. Each district counts for itself and, where there are several, begins with
its own code. A confidential kind is outside of that: a number that runs would tell how many reports
there are, and somebody could try the next one.
"""

import secrets
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    Executable,
    ForeignKey,
    Integer,
    String,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.clock import day_of
from tiesan.columns import CODE_LENGTH
from tiesan.extensions import Base
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, row_id, table_of

_KIND_LENGTH = 60
# Without what is taken for another character when it is read aloud or copied by hand.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_RANDOM_PARTS, _RANDOM_PART = 2, 5
# A longer number was typed by somebody and is none of the series.
_MOST_DIGITS = 9


class CodeCounter(Base):
    """The last running number that was given to a kind of records of a district in a year."""

    __tablename__ = "code_counter"
    __table_args__ = (CheckConstraint("last >= 1", name="last_from_one"),)

    kind: Mapped[str] = mapped_column(String(_KIND_LENGTH), primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


_COUNTER = table_of(CodeCounter)


def given_code(session: Session, record: Record, *, at: datetime) -> str:
    """Return a code for a record that is not stored yet and has its district.

    Until the transaction ends, who wants the next number of that series waits. Numbers that were
    typed or imported are passed over.
    """
    kind, model = record_kind(type(record)), type(record)
    if model.policy.confidential:
        return f"{kind.letters}-{_unguessable()}"
    year = day_of(at).year
    series = f"{_place(session, record.district_id)}{kind.letters}{year}-"
    _lock_referred(session, record)
    key = {"kind": kind.name, "district_id": record.district_id, "year": year}
    code = _numbered(series, _count_up(session, key))
    column = table_of(model).c.code
    if session.execute(select(column).where(column == code)).first() is None:
        return code
    return _numbered(series, _count_up(session, key, least=_largest(session, model, series) + 1))


def next_number(session: Session, kind: str, district_id: int, year: int) -> int:
    """Return the next number of a series in which none is left out, nor given twice.

    Until the transaction ends, who wants the next one waits; if it is rolled back, the number is
    given to them.
    """
    return _count_up(session, {"kind": kind, "district_id": district_id, "year": year})


def _numbered(series: str, number: int) -> str:
    return f"{series}{number:04d}"


def _unguessable() -> str:
    parts = ("".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_PART))
             for _ in range(_RANDOM_PARTS))  # fmt: skip
    return "-".join(parts)


def _place(session: Session, district_id: int) -> str:
    """What a code begins with where there are several districts; nothing where it has no room."""
    place = table_of(Organization)
    of_districts = select(place.c.id, place.c.code).where(
        place.c.kind == OrganizationKind.DISTRICT.value, place.c.voided_at.is_(None)
    )
    codes: dict[int, str] = dict(session.execute(of_districts).all())
    code = codes.get(district_id, "")
    has_room = len(code) <= CODE_LENGTH // 2
    return f"{code}-" if len(codes) > 1 and has_room else ""


def _lock_referred(session: Session, record: Record) -> None:
    """Wait for the records that this one names before the counter, as every verb on them does.

    The database would wait for them when the row is stored: whoever has one of them and wants the
    counter would then wait in a circle.
    """
    for reference in type(record).__mapper__.relationships:
        target = reference.mapper.class_
        if issubclass(target, Record) and (referred := getattr(record, reference.key)) is not None:
            table = table_of(target)
            named = select(table.c.id).where(table.c.id == row_id(referred))
            session.execute(named.with_for_update(read=True, key_share=True))


def _count_up(session: Session, key: dict[str, object], *, least: int = 1) -> int:
    """The next number of a series, at least so large; one statement, so that two wait in turn."""
    statement = _counting(session.get_bind().dialect.name)
    asked = {f"of_{name}": value for name, value in key.items()}
    number: int = session.execute(statement, {**asked, "least": least}).scalar_one()
    return number


@cache
def _counting(dialect: str) -> Executable:
    """The statement that counts a series up, made once for a kind of database."""
    # Loaded by name: the dialect of the other kind of database takes its time.
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
    last, least = _COUNTER.c.last, bindparam("least", type_=Integer())
    key: dict[str, BindParameter[Any]] = {
        name: bindparam(f"of_{name}") for name in ("kind", "district_id", "year")
    }
    following = case((last >= least, last + 1), else_=least)
    counting: Executable = (
        insert(_COUNTER)
        .values(**key, last=least)
        .on_conflict_do_update(index_elements=list(key), set_={"last": following})
        .returning(last)
    )
    return counting


def _largest(session: Session, model: type[Record], series: str) -> int:
    """The largest number of a series that is stored, however it came."""
    column = table_of(model).c.code
    rests = session.scalars(
        select(func.substr(column, len(series) + 1)).where(
            column.startswith(series, autoescape=True)
        )
    )
    numbers = (rest for rest in rests if rest.isascii() and rest.isdecimal())
    return max((int(each) for each in numbers if len(each) <= _MOST_DIGITS), default=0)
