"""Where the audit trail ends, for the digest of a district's audit committee.

What left the house cannot be written again with the database, and a cut end is found against it.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit.heads import current_heads
from tiesan.audit.models import INSTALLATION
from tiesan.i18n import _
from tiesan.people.models import Grant, Organization, Role, RoleName
from tiesan.records.kinds import table_of

_GRANT, _ROLE, _PLACE = table_of(Grant), table_of(Role), table_of(Organization)


def head_lines(session: Session, account_id: int) -> Iterator[str]:
    """Yield a line for each chain of whose district an account is in the audit committee.

    That of the installation is among them. Who is in none is told nothing.
    """
    statement = (
        select(_PLACE.c.district_id)
        .join(_GRANT, _GRANT.c.organization_id == _PLACE.c.id)
        .join(_ROLE, _ROLE.c.id == _GRANT.c.role_id)
        .where(_GRANT.c.account_id == account_id)
        .where(_ROLE.c.name == RoleName.AUDIT_COMMITTEE.value, _PLACE.c.district_id.is_not(None))
    )
    districts = set(session.connection().scalars(statement))
    if not districts:
        return
    for head in current_heads(session.connection(), {INSTALLATION, *districts}):
        place = _("Installation") if head.chain == INSTALLATION else head.code
        yield _("Audit trail (%(place)s) up to number %(number)d: %(hash)s",
                place=place, number=head.number, hash=head.hash.hex())  # fmt: skip
