"""Who may correct a record that an active flag rests on.

Source: design.md, "a record under an active flag is corrected only by a supervisor"; and as nobody
reviews their own flag (institutions.md, "What review adds"), nobody corrects what one rests on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from tiesan.access.criterion import permitted_to
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.extensions import db
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.policy import SUPERVISORS

_FLAG = table_of(Flag)
_LINK = table_of(EvidenceLink)
_OF_FLAG = (_FLAG.c.id, _FLAG.c.cadre_id, _FLAG.c.organization_id, _FLAG.c.confidential)


@dataclass(frozen=True, slots=True)
class RestingFlag:
    """An active flag whose present evidence rests on a record, and of whom it is."""

    id: int
    cadre_id: int | None
    organization_id: int | None
    confidential: bool


def bar_of(row: Record, flags: Iterable[RestingFlag]) -> str | None:
    """Return what keeps the viewer from correcting or voiding a record; None when nothing does.

    ``flags`` rest on it. Confidential ones bar nobody, so that no refusal tells of them: the
    confidential records that they rest on can be corrected by those alone who answer for them, and
    never by who is concerned.
    """
    barring = [each for each in flags if not each.confidential]
    if row.policy.confidential or not barring:
        return None
    viewer = current_viewer()
    if any(_is_own(each, viewer) for each in barring):
        return _("A flag of your own, or of an organization that you chair, rests on this record: "
                 "only a supervisor other than you may correct or void it.")  # fmt: skip
    if not _supervises(row, viewer):
        return _("An active flag rests on this record: only a supervisor of the organization "
                 "may correct or void it.")  # fmt: skip
    return None


def flags_on(row: Record) -> list[RestingFlag]:
    """Return the active flags whose present evidence rests on a record, whoever may see them."""
    statement = (
        select(*_OF_FLAG)
        .join_from(_FLAG, _LINK, _LINK.c.flag_id == _FLAG.c.id)
        .where(_LINK.c.kind == record_kind(type(row)).name, _LINK.c.row_id == row.id)
        .where(_LINK.c.present, _FLAG.c.active)
        .order_by(_FLAG.c.id)
    )
    return [RestingFlag(*of_flag) for of_flag in db.session.execute(statement)]


def _is_own(flag: RestingFlag, viewer: Viewer) -> bool:
    own = viewer.cadre_id is not None and flag.cadre_id == viewer.cadre_id
    return own or flag.organization_id in viewer.chaired


def _supervises(row: Record, viewer: Viewer) -> bool:
    """Whether the viewer reaches a record as a supervisor."""
    model, access = type(row), row.policy.access
    # Where a plugin lets no supervisor correct a kind of record at all, its own roles stand.
    roles = (access.edit | access.void) & SUPERVISORS or access.edit
    condition = permitted_to(roles, model, viewer)
    return db.session.scalar(select(model.id).where(model.id == row.id, condition)) is not None
