"""Who may open an attachment: whoever may see what it hangs on, and before that its sender.

Of what is private (``Record.files_are_private``) only the cadre whose row it is and who may decide
on it: their superiors, and a superior's deputy as long as the row waits for the decision.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, and_, literal, or_, select

from tiesan.access.policies import stands_for, superior_of
from tiesan.access.viewer import Viewer
from tiesan.extensions import Base
from tiesan.records.attachments.models import Attachment
from tiesan.records.base import Record

RowsOf = Callable[[type[Base]], ColumnElement[bool]]


def visible_attachments(
    viewer: Viewer, kinds: Mapping[str, type[Base]], readable: RowsOf, deputed: RowsOf
) -> ColumnElement[bool]:
    """The attachments that the viewer may open.

    ``kinds`` are the classes whose rows take files, by kind; ``readable`` gives the condition of
    the rows of a class that the viewer may see, ``deputed`` of those that wait for the viewer as
    somebody's deputy.
    """
    own = and_(Attachment.kind.is_(None), Attachment.sent_by_id == (viewer.account_id or 0))
    of_rows = (_hangs_on(viewer, each, readable, deputed) for each in kinds.items())
    return or_(own, *of_rows)


def _hangs_on(
    viewer: Viewer, kind: tuple[str, type[Base]], readable: RowsOf, deputed: RowsOf
) -> ColumnElement[bool]:
    name, model = kind
    # Asked of the one row: to gather all that the viewer may see takes longer.
    it = select(literal(1)).select_from(model).where(_id_of(model) == Attachment.row_id)
    found = it.where(readable(model))
    if is_private(model):
        found = found.where(or_(_is_own_or_below(model, viewer), deputed(model)))
    return and_(Attachment.kind == name, found.correlate(Attachment).exists())


def is_private(model: type[Base]) -> bool:
    """Whether fewer people open the files of a class than see its rows."""
    return issubclass(model, Record) and model.files_are_private


def _is_own_or_below(model: type[Base], viewer: Viewer) -> ColumnElement[bool]:
    """A row of the viewer's own cadre, or of one whose superior the viewer is."""
    cadre_id: ColumnElement[int] = getattr(model, "cadre_id")  # noqa: B009 - the contract says so
    who = literal(viewer.account_id)
    return or_(stands_for(cadre_id, who), superior_of(cadre_id, who))


def _id_of(model: type[Base]) -> ColumnElement[int]:
    """The id of a class: every class has one, the base has none."""
    found: ColumnElement[int] = getattr(model, "id")  # noqa: B009 - as said
    return found
