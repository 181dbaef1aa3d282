"""What an archive says of itself: by which program it was made, of what, with which sums.

It is the last member of the archive, so that an archive without it is one that was cut off.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from tiesan.errors import UserError
from tiesan.i18n import _

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive: how long it is, and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database as it was copied: its kind, the revisions of its parts, its rows by table."""

    database: str
    revisions: Mapping[str, str]
    counts: Mapping[str, int]
    heads: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds; ``made_at`` is a moment in ISO form, ``heads`` those of the trail."""

    program: str
    made_at: str
    snapshot: Snapshot
    has_key: bool
    members: Mapping[str, Member]
    format: int = FORMAT

    def written(self) -> bytes:
        """Return it as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return what JSON says; raises UserError for what is none, or of a newer program."""
        try:
            given = orjson.loads(content)
            number = given["format"]
            if number == FORMAT:
                members = {name: Member(**each) for name, each in given["members"].items()}
                snapshot = Snapshot(**given["snapshot"])
                return cls(**given | {"members": members, "snapshot": snapshot})
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise UserError(_("What the archive says of itself cannot be read.")) from error
        text = _("The archive has form %(number)s, which this program does not know: it was made "
                 "by another version.")  # fmt: skip
        raise UserError(text % {"number": number})
