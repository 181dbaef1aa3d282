"""Accounts for trying the application: one for each role, all with one known password.

They are for a demonstration on one's own machine: everybody can read the password here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, AuditEntry
from tiesan.demo.cast import Cast, DemoCadre, DemoOrganization
from tiesan.i18n import _l
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.notifications import Notification
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, grant_role

PASSWORD = "tiesan-demo"  # noqa: S105 - known on purpose; it opens invented records only.
VERB = "fill with demo records"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account: its user name, role, and what can be seen with it."""

    username: str
    role: RoleName
    title: str


ADMINISTRATOR = DemoAccount("admin", RoleName.ADMINISTRATOR, _l("administrator"))
SUPERVISOR = DemoAccount("supervisor", RoleName.SUPERVISOR, _l("supervisor of the district"))
AUDITOR = DemoAccount("audit", RoleName.AUDIT_COMMITTEE, _l("audit committee of the district"))
CHAIR = DemoAccount("chair", RoleName.CADRE, _l("cadre who chairs a federation"))
CADRE = DemoAccount("cadre", RoleName.CADRE, _l("cadre with many flags"))
STAFF = DemoAccount("staff", RoleName.CADRE, _l("cadre of the chair's federation"))
ACCOUNTS = (ADMINISTRATOR, SUPERVISOR, AUDITOR, CHAIR, CADRE, STAFF)


def add_accounts(actor: Actor, session: Session, cast: Cast, now: datetime) -> None:
    """Add the accounts for a stored district; the administrator's role holds everywhere."""
    hashed = hash_password(PASSWORD)
    for account, cadre, organization in _who(cast):
        row = create_account(
            actor,
            session,
            username=account.username,
            password=hashed,
            at=now,
            cadre=None if cadre is None else session.get_one(Cadre, cadre.id),
        )
        where = None if organization is None else session.get_one(Organization, organization.id)
        grant_role(actor, session, row, account.role, where, at=now)
        if row.cadre is not None:
            # Whoever supervises or decides has entries of their own as well.
            grant_role(actor, session, row, RoleName.CADRE, row.cadre.organization, at=now)
    # What was set up for trying is no news to anybody.
    session.execute(delete(Notification))


def _who(
    cast: Cast,
) -> Iterable[tuple[DemoAccount, DemoCadre | None, DemoOrganization | None]]:
    """Each account with its cadre and where its role holds (None: everywhere)."""
    office, weakest, worst = cast.posted[cast.district], cast.weakest, cast.troublemakers[0]
    return (
        (ADMINISTRATOR, None, None),
        (SUPERVISOR, office[1], cast.district),
        (AUDITOR, cast.auditor, cast.district),
        (CHAIR, cast.posted[weakest][0], weakest),
        (CADRE, worst, worst.organization),
        (STAFF, _colleague(cast), weakest),
    )


def _colleague(cast: Cast) -> DemoCadre:
    """Somebody of the chair's federation who has no account yet."""
    below = cast.posted[cast.weakest][1:]
    return next(each for each in reversed(below) if each is not cast.troublemakers[0])


def demo_accounts(session: Session) -> Sequence[DemoAccount]:
    """The accounts for trying that a database has; none where no demo records were written."""
    if session.scalar(select(AuditEntry.id).where(AuditEntry.verb == VERB).limit(1)) is None:
        return ()
    known = set(session.scalars(select(Account.username).where(Account.active)))
    return tuple(each for each in ACCOUNTS if each.username in known)
