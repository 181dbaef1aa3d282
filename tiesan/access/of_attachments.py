"""Who may open an attachment: whoever may see what it hangs on, and before that its sender."""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, and_, or_, select

from tiesan.access.viewer import Viewer
from tiesan.extensions import Base
from tiesan.records.attachments.models import Attachment
from tiesan.records.kinds import table_of

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
    rows = select(table_of(model).c.id).select_from(model).where(readable(model))
    return and_(Attachment.kind == name, Attachment.row_id.in_(rows))
