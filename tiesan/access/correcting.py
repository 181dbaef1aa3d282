"""Who may correct a record: while it is their own of today, and when an active flag rests on it.

Source: design.md, "a record under an active flag is corrected only by a supervisor"; and as nobody
reviews their own flag (institutions.md, "What review adds"), nobody corrects what one rests on.
Authors change or withdraw their own records until the day is over or somebody has decided on them,
whichever is first; under an active flag they only withdraw (working-day.md, "Logging").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tiesan.access.belonging import own_rows
from tiesan.access.criterion import permitted, permitted_to
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.clock import day_of, today
from tiesan.extensions import db
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.policy import CADRE, SUPERVISORS, Verb
from tiesan.rules import Review

_FLAG = table_of(Flag)
_LINK = table_of(EvidenceLink)
_OF_FLAG = (
    _FLAG.c.id, _FLAG.c.cadre_id, _FLAG.c.organization_id, _FLAG.c.confidential, _FLAG.c.review
)  # fmt: skip
# As long as a flag stands so, nobody has judged it.
_UNDECIDED = frozenset({Review.OPEN, Review.ACKNOWLEDGED, Review.EXPLAINED})


@dataclass(frozen=True, slots=True)
class RestingFlag:
    """An active flag whose present evidence rests on a record, of whom it is, and its review."""

    id: int
    cadre_id: int | None
    organization_id: int | None
    confidential: bool
    review: str


def by_role(verb: Verb, row: Record) -> bool:
    """Whether the viewer's roles let them do this with a record."""
    model = type(row)
    statement = select(model.id).where(model.id == row.id, permitted(model, verb, current_viewer()))
    return db.session.scalar(statement) is not None


def is_author(row: Record) -> bool:
    """Whether a record is the viewer's own of today, on which nobody has decided yet.

    It is their own when they have entered it here as the cadre or the chair whose it is. What is
    for others to fill in (``Policy.by_staff``) is what others decide.
    """
    viewer, policy = current_viewer(), row.policy
    if row.source != "web" or row.recorded_by_id != viewer.account_id or row.voided_at is not None:
        return False
    if day_of(row.recorded_at) != today() or not viewer.has(policy.access.create & CADRE):
        return False
    if any(getattr(row, name) is not None for name in policy.by_staff):
        return False
    model = type(row)
    statement = select(model.id).where(model.id == row.id, own_rows(model, viewer))
    return db.session.scalar(statement) is not None


def bar_of_author(verb: Verb, flags: Iterable[RestingFlag]) -> str | None:
    """Return what keeps an author from changing or withdrawing; None when nothing does.

    Confidential flags bar nobody, so that no refusal tells of them.
    """
    barring = [each for each in flags if not each.confidential]
    if any(each.review not in _UNDECIDED for each in barring):
        return _("A flag that rests on this record has been judged: only a supervisor of the "
                 "organization may correct or void it.")  # fmt: skip
    if barring and verb is Verb.EDIT:
        return _("An active flag rests on this record: its author may only withdraw it today, "
                 "and a supervisor of the organization may correct it.")  # fmt: skip
    return None


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
    return flags_on_rows([row]).get(row.id, [])


def flags_on_rows(rows: Sequence[Record]) -> dict[int, list[RestingFlag]]:
    """Return the active flags of each of these records, which are of one kind, by its id."""
    if not rows:
        return {}
    kind, ids = record_kind(type(rows[0])).name, sorted(row.id for row in rows)
    statement = (
        select(_LINK.c.row_id, *_OF_FLAG)
        .join_from(_FLAG, _LINK, _LINK.c.flag_id == _FLAG.c.id)
        .where(_LINK.c.kind == kind, _LINK.c.row_id.in_(ids))
        .where(_LINK.c.present, _FLAG.c.active)
        .order_by(_FLAG.c.id)
    )
    found: dict[int, list[RestingFlag]] = {}
    for row_id, *of_flag in db.session.execute(statement):
        found.setdefault(row_id, []).append(RestingFlag(*of_flag))
    return found


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
