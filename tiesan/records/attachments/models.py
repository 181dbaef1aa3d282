"""The table of attachments: what was sent, by whom, and what it hangs on."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tiesan.extensions import Base

NAME_LENGTH = 150
MOST_FILES = 5
MEBIBYTE = 1024 * 1024
LARGEST_FILE = 10 * MEBIBYTE

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PICTURES = frozenset({JPEG, PNG, WEBP})
_OFFICE = "application/vnd.openxmlformats-officedocument"
# The media types that are kept, with the endings of their names; the first is the usual one.
ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        JPEG: (".jpg", ".jpeg"),
        PNG: (".png",),
        WEBP: (".webp",),
        "application/pdf": (".pdf",),
        "application/ofd": (".ofd",),
        f"{_OFFICE}.wordprocessingml.document": (".docx",),
        f"{_OFFICE}.spreadsheetml.sheet": (".xlsx",),
        f"{_OFFICE}.presentationml.presentation": (".pptx",),
    }
)
PDF, OFD, DOCX, XLSX, PPTX = tuple(ENDINGS)[3:]

_DIGEST_LENGTH = 64
_KIND_LENGTH = 60
_UNUSED = text("kind IS NULL")


def _listed(types: frozenset[str] | Mapping[str, object]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(types))


class Attachment(Base):
    """A file that somebody sent; ``kind`` and ``row_id`` are blank until it hangs on something.

    The content and, of a picture, the thumbnail are known by their SHA-256 (``store``); the same
    content sent twice is two rows and one file. ``size`` is that of what is kept. ``name`` is the
    one that it was sent with, cleaned. ``removed_at`` is when retention took the content away,
    ``gone_at`` when it was gone from disk as well.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("(kind IS NULL) = (row_id IS NULL)", name="kind_with_row"),
        CheckConstraint("size > 0", name="size_above_zero"),
        CheckConstraint(f"length(sha256) = {_DIGEST_LENGTH}", name="sha256_length"),
        CheckConstraint(f"length(thumbnail) = {_DIGEST_LENGTH}", name="thumbnail_length"),
        CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LENGTH}", name="name_length"),
        CheckConstraint(f"media_type IN ({_listed(ENDINGS)})", name="media_type_choice"),
        CheckConstraint(
            f"(media_type IN ({_listed(PICTURES)})) = (thumbnail IS NOT NULL)",
            name="thumbnail_of_picture",
        ),
        CheckConstraint("gone_at IS NULL OR removed_at IS NOT NULL", name="gone_once_removed"),
        Index(None, "kind", "row_id"),
        Index(None, "sha256"),
        Index(None, "thumbnail"),
        Index(
            "ix_attachment_unused",
            "sent_by_id",
            "sent_at",
            sqlite_where=_UNUSED,
            postgresql_where=_UNUSED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(_DIGEST_LENGTH))
    thumbnail: Mapped[str | None] = mapped_column(String(_DIGEST_LENGTH))
    kind: Mapped[str | None] = mapped_column(String(_KIND_LENGTH))
    row_id: Mapped[int | None]
    removed_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which was written anew here and may be shown in a page."""
        return self.media_type in PICTURES
