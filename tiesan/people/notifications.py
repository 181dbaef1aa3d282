"""What a person is told (消息): one row for one person, of one kind, about one thing.

A row is written in the transaction of what it tells of, once for each account that is to know; the
kind is kept and not prose, its words are made when it is shown, in the reader's language, and only
for who may see then what it is about.

Source: the page on what leaves the house, "Notices".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import VERB_LENGTH
from tiesan.extensions import Base
from tiesan.people.models import OrganizationKind, RoleName

_TABLES = Base.metadata.tables
# Who looks after a place, and is told what is changed about who may do what there.
_ANSWERING = (RoleName.SUPERVISOR.value, RoleName.AUDIT_COMMITTEE.value)
ONCE_LENGTH = 200
LEAVES_LENGTH = 10
# Databases limit the number of values in one statement.
_AT_ONCE = 400
# What a notification about no row in particular is about: what holds in the whole installation.
INSTALLATION = ("installation", 0)


class Leaves(StrEnum):
    """When a notification leaves the house: at once, with the next digest, or not at all."""

    NOW = "now"
    DIGEST = "digest"
    HERE = "here"


LEAVES_LISTED = ", ".join(f"'{each.value}'" for each in Leaves)


def _index(name: str, *columns: str, where: str) -> Index:
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Notification(Base):
    """A notification (消息): what was done (``kind``), and what its words name (plain JSON).

    ``row_kind`` and ``row_id`` are what it is about, where that is a row; it is shown to who sees
    that row. ``read_at`` is when its reader opened it. What is told ``once`` has a key under which
    nobody is told the same again. ``leaves`` is blank until it was settled whether it leaves the
    house, ``left_at`` when it was given to a way out or into a digest.
    """

    __tablename__ = "notification"
    __table_args__ = (
        # They are listed in the order in which they were written.
        Index(None, "account_id", "id"),
        Index(None, "row_kind", "row_id"),
        UniqueConstraint("account_id", "kind", "once"),
        _index("ix_notification_unread", "account_id", "id", where="read_at IS NULL"),
        _index("ix_notification_unsettled", "id", where="leaves IS NULL"),
        _index(
            "ix_notification_leaving", "account_id", where="leaves <> 'here' AND left_at IS NULL"
        ),
        CheckConstraint(f"leaves IN ({LEAVES_LISTED})", name="leaves_choice"),
        CheckConstraint("left_at IS NULL OR leaves <> 'here'", name="left_if_it_leaves"),
        CheckConstraint("(row_kind IS NULL) = (row_id IS NULL)", name="whole_row"),
        CheckConstraint("read_at >= at", name="read_after_made"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    row_kind: Mapped[str | None] = mapped_column(String(VERB_LENGTH))
    row_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    read_at: Mapped[datetime | None]
    once: Mapped[str | None] = mapped_column(String(ONCE_LENGTH))
    leaves: Mapped[str | None] = mapped_column(String(LEAVES_LENGTH))
    left_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Telling:
    """What one account is to be told: a kind, about which row if any, and under which key once."""

    account_id: int
    kind: str
    about: tuple[str, int] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None

    def row(self, at: datetime) -> dict[str, Any]:
        """Return the values of the notification that it becomes."""
        row_kind, row_id = self.about or (None, None)
        return {
            "account_id": self.account_id,
            "at": at,
            "kind": self.kind,
            "row_kind": row_kind,
            "row_id": row_id,
            "details": dict(self.details),
            "once": self.once,
        }


def tell(
    session: Session,
    account_ids: Iterable[int],
    kind: str,
    details: Mapping[str, Any],
    *,
    at: datetime,
    about: tuple[str, int] | None = None,
) -> None:
    """Write a notification for each of these accounts. The caller commits.

    ``details`` must be plain JSON. The row that it is ``about``, if it is, may stand in it as
    ``kind`` and ``row``. Raises nothing of its own.
    """
    row_kind, row_id = details.get("kind"), details.get("row")
    if about is None and row_kind is not None and row_id is not None:
        about = row_kind, row_id
    tell_each(
        session,
        [Telling(each, kind, about, details) for each in sorted(set(account_ids))],
        at=at,
    )


def tell_each(session: Session, tellings: Iterable[Telling], *, at: datetime) -> int:
    """Write notifications, each with what it says; returns how many. The caller commits.

    What has a key and was told its account under it before is left out, be it read by now.
    """
    wanted = {(each.account_id, each.kind, each.once or number): each
              for number, each in enumerate(tellings)}  # fmt: skip
    keys = {each.once for each in wanted.values() if each.once is not None}
    told = _told_under(session, keys) if keys else set()
    rows = [each.row(at) for key, each in wanted.items() if key not in told]
    if rows:
        session.execute(insert(Notification), rows)
    return len(rows)


def _told_under(session: Session, keys: set[str]) -> set[tuple[int, str, Any]]:
    """Who was told what under some keys, as it is stored: it does not depend on who asks."""
    table, listed = _TABLES["notification"], sorted(keys)
    statement = select(table.c.account_id, table.c.kind, table.c.once)
    return {
        (account_id, kind, once)
        for start in range(0, len(listed), _AT_ONCE)
        for account_id, kind, once in session.execute(
            statement.where(table.c.once.in_(listed[start : start + _AT_ONCE]))
        )
    }


def answering_accounts(
    session: Session, organization_id: int | None, roles: Iterable[str] = _ANSWERING
) -> frozenset[int]:
    """Return the accounts of the supervisors who reach a place, and of its audit committee.

    For what holds everywhere (None) they are those of every district. Whoever cannot sign in is
    left out. ``roles`` are others that are asked for instead.
    """
    grant, role, account = (_TABLES[name] for name in ("account_role", "role", "account"))
    statement = (
        select(grant.c.account_id)
        .join(role, role.c.id == grant.c.role_id)
        .join(account, account.c.id == grant.c.account_id)
        .where(account.c.active, role.c.name.in_(tuple(roles)))
    )
    place, above = _TABLES["organization"], _TABLES["organization_above"]
    if organization_id is None:
        district = place.c.kind == OrganizationKind.DISTRICT.value
        reached = select(place.c.id).where(district)
    else:
        reached = select(above.c.above_id).where(above.c.organization_id == organization_id)
    return frozenset(session.scalars(statement.where(grant.c.organization_id.in_(reached))))


def administrators_of(session: Session, organization_id: int) -> frozenset[int]:
    """Return the accounts of the administrators of a place who can sign in."""
    grant, role, account = (_TABLES[name] for name in ("account_role", "role", "account"))
    above = _TABLES["organization_above"]
    reached = select(above.c.above_id).where(above.c.organization_id == organization_id)
    everywhere = grant.c.organization_id.is_(None)
    statement = (
        select(grant.c.account_id)
        .join(role, role.c.id == grant.c.role_id)
        .join(account, account.c.id == grant.c.account_id)
        .where(account.c.active, role.c.name == RoleName.ADMINISTRATOR.value)
        .where(or_(everywhere, grant.c.organization_id.in_(reached)))
    )
    return frozenset(session.scalars(statement))


def name_of_account(session: Session, account_id: int | None) -> str | None:
    """Return whom an account stands for: the cadre's name, or without one the user name."""
    if account_id is None:
        return None
    return names_of_accounts(session, [account_id]).get(account_id)


def names_of_accounts(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Return the same of many accounts, by id."""
    account, cadre = _TABLES["account"], _TABLES["cadre"]
    statement = (
        select(account.c.id, cadre.c.name, account.c.username)
        .select_from(account.outerjoin(cadre, cadre.c.id == account.c.cadre_id))
        .where(account.c.id.in_(sorted(set(account_ids))))
    )
    return {number: name or username for number, name, username in session.execute(statement)}
