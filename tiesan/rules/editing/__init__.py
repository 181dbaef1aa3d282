"""The text of a rule changed at one place, everything else left as it stands.

A form that edits a rule edits its text: comments, order and manner of writing stay what they are.

    marked      a text as nodes that know where they begin and end
    spelling    how a value is written
    edits       put, append, drop: what a text becomes
"""

from tiesan.rules.editing.edits import NoPlaceError, append, drop, put, rename
from tiesan.rules.editing.marked import Address, Marked, Plain, UnreadableError, marked

__all__ = (
    "Address",
    "Marked",
    "NoPlaceError",
    "Plain",
    "UnreadableError",
    "append",
    "drop",
    "marked",
    "put",
    "rename",
)
