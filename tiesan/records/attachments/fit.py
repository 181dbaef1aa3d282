"""What is kept of a file, or why it is not kept."""

from dataclasses import dataclass

from tiesan.errors import UserError


@dataclass(frozen=True, slots=True)
class Fit:
    """What is kept of a file: its content, what it is, and of a picture a small one."""

    content: bytes
    media_type: str
    thumbnail: bytes | None = None


class UnfitFileError(UserError):
    """A file that is not kept; its line says why, and what its sender can do."""
