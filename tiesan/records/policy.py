"""Who may do what with a kind of record: a view states it, and what is not stated is refused.

Source: institutions.md, "Who is who". An ``Access`` names the roles for each verb; whose rows a
role reaches is settled in ``tiesan.access.criterion``: those of its organizations for an
administrator, a supervisor and the audit committee, their own for a cadre.
"""

from dataclasses import dataclass
from enum import StrEnum

from tiesan.people.models import RoleName

Roles = frozenset[RoleName]

NOBODY: Roles = frozenset()
CADRE: Roles = frozenset({RoleName.CADRE})
COMMITTEE: Roles = frozenset({RoleName.AUDIT_COMMITTEE})
ADMINISTRATORS: Roles = frozenset({RoleName.ADMINISTRATOR})
SUPERVISORS: Roles = frozenset({RoleName.SUPERVISOR})
STAFF: Roles = ADMINISTRATORS | SUPERVISORS
EVERYBODY: Roles = frozenset(RoleName)


class Verb(StrEnum):
    """What a person may want to do with a row."""

    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Access:
    """The roles that may read, create, edit and void; ``confidential`` rows reach fewer people."""

    read: Roles = NOBODY
    create: Roles = NOBODY
    edit: Roles = NOBODY
    void: Roles = NOBODY
    confidential: bool = False

    def roles(self, verb: Verb) -> Roles:
        """The roles that may do this."""
        return {
            Verb.READ: self.read,
            Verb.CREATE: self.create,
            Verb.EDIT: self.edit,
            Verb.VOID: self.void,
        }[verb]


# A view that states nothing is open to nobody.
CLOSED = Access()
# Cadres enter their own; their organization's supervisors correct them.
OWN = Access(read=STAFF | CADRE, create=STAFF | CADRE, edit=STAFF, void=STAFF)
# Supervisors enter; cadres see what is about them.
ENTERED = Access(read=STAFF | CADRE, create=STAFF, edit=STAFF, void=STAFF)
# Cadres ask for it, the audit committee sees it.
AUDITED = Access(read=STAFF | CADRE | COMMITTEE, create=STAFF | CADRE, edit=STAFF, void=STAFF)
# The audit committee decides.
DECIDED = Access(
    read=STAFF | CADRE | COMMITTEE,
    create=STAFF | COMMITTEE,
    edit=STAFF | COMMITTEE,
    void=STAFF | COMMITTEE,
)
# For the audit committee and the district's supervisors only.
_FEW: Roles = COMMITTEE | SUPERVISORS
CONFIDENTIAL = Access(read=_FEW, create=_FEW, edit=_FEW, void=_FEW, confidential=True)
