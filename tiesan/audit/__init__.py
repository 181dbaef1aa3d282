"""The audit trail: one entry for every write, saying who did what to which row.

Entries are only ever added. A service adds one in the transaction of its write. Before that is
committed, each of its entries is chained to the one before it in its district (``chain``), so that
nothing can be changed, added or taken away later without being found (``verifying``). This is the
front door.
"""

from tiesan.audit.entries import record_entries, record_entry
from tiesan.audit.models import (
    COMMAND_LINE,
    DAILY_RUN,
    NAME_LENGTH,
    SIGN_IN,
    VERB_LENGTH,
    Actor,
    AuditEntry,
    AuditHead,
    AuditLink,
    Subject,
)
from tiesan.audit.removing import REMOVE_CONTENTS, removable, remove_contents

__all__ = [
    "COMMAND_LINE",
    "DAILY_RUN",
    "NAME_LENGTH",
    "REMOVE_CONTENTS",
    "SIGN_IN",
    "VERB_LENGTH",
    "Actor",
    "AuditEntry",
    "AuditHead",
    "AuditLink",
    "Subject",
    "record_entries",
    "record_entry",
    "removable",
    "remove_contents",
]
