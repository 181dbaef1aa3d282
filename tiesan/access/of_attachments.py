"""Who may open an attachment: whoever may see what it hangs on, and before that its sender."""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, and_, literal, or_, select

from tiesan.access.viewer import Viewer
from tiesan.extensions import Base
from tiesan.records.attachments.models import Attachment

Readable = Callable[[type[Base]], ColumnElement[bool]]


def visible_attachments(
    viewer: Viewer, kinds: Mapping[str, type[Base]], readable: Readable
) -> ColumnElement[bool]:
    """The attachments that the viewer may open.

    ``kinds`` are the classes whose rows take files, by kind; ``readable`` gives the condition of
    the rows of a class that the viewer may see.
    """
    own = and_(Attachment.kind.is_(None), Attachment.sent_by_id == (viewer.account_id or 0))
    return or_(own, *(_hangs_on(name, model, readable) for name, model in kinds.items()))


def _hangs_on(name: str, model: type[Base], readable: Readable) -> ColumnElement[bool]:
    # Asked of the one row: to gather all that the viewer may see takes longer.
    it = select(literal(1)).select_from(model).where(_id_of(model) == Attachment.row_id)
    seen = it.where(readable(model)).correlate(Attachment).exists()
    return and_(Attachment.kind == name, seen)


def _id_of(model: type[Base]) -> ColumnElement[int]:
    """The id of a class: every class has one, the base has none."""
    found: ColumnElement[int] = getattr(model, "id")  # noqa: B009 - as said
    return found
