"""The administrators of the whole installation, of whom there is always one.

The last one cannot be revoked, switched off, merged away or made to leave: nobody could give the
role anew. ``tiesan user`` on the machine is the way back.
"""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import RoleName

_TABLES = Base.metadata.tables
_NAME = RoleName.ADMINISTRATOR.value


def keep_an_administrator(session: Session, account_id: int) -> None:
    """Refuse to lose an account if it is the last that administers the whole installation.

    To be called before a role of the account is taken away, before it is switched off, and before
    its cadre leaves, in the transaction of that. Two who do such a thing at once wait for each
    other here, so that the second sees what the first has done. Raises UserError.
    """
    if administrators(session) == {account_id}:
        raise UserError(_last())


def administrators(session: Session) -> set[int]:
    """Return the accounts that administer everything, can sign in, and stand for nobody who leaves.

    Whoever asks keeps others from changing who they are until the transaction ends. What changes
    many persons at once asks before, and is held to it by ``refuse_none_left``.
    """
    role = _TABLES["role"]
    # A change that changes nothing is a lock on both kinds of database.
    session.execute(update(role).where(role.c.name == _NAME).values(name=_NAME))
    return _staying(session)


def refuse_none_left(session: Session, before: set[int]) -> None:
    """Raise UserError if what was done left nobody of those who administered everything before."""
    if before and not _staying(session):
        raise UserError(_last())


def _last() -> str:
    return _("This is the last administrator of the installation: make somebody else one first.")


def _staying(session: Session) -> set[int]:
    grant, role, account, cadre = (
        _TABLES[name] for name in ("account_role", "role", "account", "cadre")
    )
    statement = (
        select(account.c.id)
        .select_from(
            grant.join(role).join(account).outerjoin(cadre, cadre.c.id == account.c.cadre_id)
        )
        .where(role.c.name == _NAME, grant.c.organization_id.is_(None), account.c.active)
        .where(or_(account.c.cadre_id.is_(None), cadre.c.left_on.is_(None)))
    )
    return set(session.scalars(statement))
