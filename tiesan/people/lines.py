"""What a person is told by a line on their home, until there are notices.

A line is written in the transaction of what it tells of, once for each account that is to know; its
words are made when it is shown, in the reader's language.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import VERB_LENGTH
from tiesan.extensions import Base
from tiesan.people.models import OrganizationKind, RoleName

_TABLES = Base.metadata.tables
# Who looks after a place, and is told what is changed about who may do what there.
_ANSWERING = (RoleName.SUPERVISOR.value, RoleName.AUDIT_COMMITTEE.value)


class HomeLine(Base):
    """A line on somebody's home: what was done (``verb``), and what the line names (plain JSON)."""

    __tablename__ = "home_line"
    __table_args__ = (Index(None, "account_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(VERB_LENGTH))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


def tell(
    session: Session,
    account_ids: Iterable[int],
    verb: str,
    details: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Write a line for each of these accounts; ``details`` must be plain JSON. The caller commits.

    Raises nothing of its own.
    """
    for account_id in sorted(set(account_ids)):
        session.add(HomeLine(account_id=account_id, at=at, verb=verb, details=dict(details)))
    session.flush()


def lines_of(
    session: Session, account_id: int | None, *, since: datetime, most: int
) -> Sequence[HomeLine]:
    """Return what an account was told since a moment, the newest first and not more than ``most``.

    Nobody, who has no account, was told nothing.
    """
    statement = (
        select(HomeLine)
        .where(HomeLine.account_id == account_id, HomeLine.at >= since)
        .order_by(HomeLine.at.desc(), HomeLine.id.desc())
        .limit(most)
    )
    return session.scalars(statement).all()


def answering_accounts(session: Session, organization_id: int | None) -> frozenset[int]:
    """Return the accounts of the supervisors who reach a place, and of its audit committee.

    For what holds everywhere (None) they are those of every district. Whoever cannot sign in is
    left out.
    """
    grant, role, account = (_TABLES[name] for name in ("account_role", "role", "account"))
    statement = (
        select(grant.c.account_id)
        .join(role, role.c.id == grant.c.role_id)
        .join(account, account.c.id == grant.c.account_id)
        .where(account.c.active, role.c.name.in_(_ANSWERING))
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
