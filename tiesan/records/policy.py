"""What is said once of a kind of record: who may do what, and who fills in which fields.

Source: institutions.md, "Who is who": an administrator configures, and so enters, corrects and
voids no records of what somebody did. An ``Access`` names the roles for each verb; whose rows a
role reaches is settled in ``tiesan.access.criterion``: those of its organizations for an
administrator, a supervisor and the audit committee, their own for a cadre. A record class without a
``Policy`` is open to nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiesan.people.models import RoleName

Roles = frozenset[RoleName]
# Among what is asked of an author: attachments, which are no field.
FILES = "files"

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


# What states nothing is open to nobody.
CLOSED = Access()
# Cadres enter their own; their organization's supervisors correct them.
OWN = Access(read=STAFF | CADRE, create=SUPERVISORS | CADRE, edit=SUPERVISORS, void=SUPERVISORS)
# Supervisors enter; cadres see what is about them.
ENTERED = Access(read=STAFF | CADRE, create=SUPERVISORS, edit=SUPERVISORS, void=SUPERVISORS)
# Cadres ask for it, the audit committee sees it.
AUDITED = Access(
    read=STAFF | CADRE | COMMITTEE,
    create=SUPERVISORS | CADRE,
    edit=SUPERVISORS,
    void=SUPERVISORS,
)
# The audit committee decides.
DECIDED = Access(
    read=STAFF | CADRE | COMMITTEE,
    create=SUPERVISORS | COMMITTEE,
    edit=SUPERVISORS | COMMITTEE,
    void=SUPERVISORS | COMMITTEE,
)
# For the audit committee and the district's supervisors only.
_FEW: Roles = COMMITTEE | SUPERVISORS
CONFIDENTIAL = Access(read=_FEW, create=_FEW, edit=_FEW, void=_FEW, confidential=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a kind of record that is a decision says of it, by the names of its fields.

    ``by`` is the cadre who decided, ``body`` as what; ``about`` is the path to the cadre about whom
    it is. ``roles`` are the roles by which a body's members decide; None is the chair over that
    cadre, as everywhere (``tiesan.access.policies.superior_of``).
    """

    by: str
    body: str
    about: str
    roles: Mapping[str, RoleName | None]

    def body_of(self, role: RoleName) -> str | None:
        """The body whose members have a role; None where it decides nothing of this kind."""
        return next((body for body, each in self.roles.items() if each is role), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do what with a kind of record, and by whom its fields are given.

    ``access`` are the roles. ``set_by_system`` are the dates of doing: what a cadre enters or the
    audit committee decides is done on that day; supervisors may enter another day, with a reason
    (补录). ``days_done`` are the days on which a cadre's own entry was done, none of them to come,
    and with ``days_back`` none of them more working days ago than that. ``by_staff`` are the fields
    that are not for the cadre to fill in: what others decide; ``by_verb`` those that verbs of its
    course set. ``written`` are the texts without which an entry says nothing: a form asks for them,
    or with ``or_files`` for a file in their place; an import may leave them out. ``decision`` is
    what it says as a decision, if it is one.

    ``asked`` are the fields for which the form of an own entry asks, by default all that are the
    author's; ``files`` among them stands for attachments. ``fills`` are references that say whose
    it is and are filled in: ``cadre`` is who enters it, ``organization`` theirs; only of several
    organizations one is chosen. Days done that are not asked for are today. Of ``day_owed``, a day
    done, an author chooses today or an earlier day whose record is still owed or missing by a rule.
    """

    access: Access = CLOSED
    set_by_system: frozenset[str] = frozenset()
    days_done: frozenset[str] = frozenset()
    by_staff: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    by_verb: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None
    fills: frozenset[str] = frozenset()
    day_owed: str | None = None
    or_files: bool = False
    days_back: int | None = None
    decision: Decision | None = None

    @property
    def own_dated_by_system(self) -> bool:
        """Whether an own entry says by a date of the system when it was made."""
        return bool(self.dated_by_system)

    @property
    def asks_files(self) -> bool:
        """Whether the form of an own entry offers attachments, where the kind takes them."""
        return self.asked is None or FILES in self.asked

    @property
    def confidential(self) -> bool:
        """Whether the rows, and the flags that rest on them, are for few people."""
        return self.access.confidential

    @property
    def dated_by_system(self) -> frozenset[str]:
        """The dates that are those of entering, for who may not enter others."""
        return self.set_by_system - self.by_staff - self.by_verb

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the policy names."""
        named = self.set_by_system | self.days_done | self.by_staff | self.by_verb | self.written
        named |= ((self.asked or frozenset()) - {FILES}) | self.fills
        named |= frozenset() if self.day_owed is None else {self.day_owed}
        return named if self.decision is None else named | {self.decision.by, self.decision.body}
