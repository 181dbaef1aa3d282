"""What the page of a record shows of requests to correct it, and whether one can be made."""

from dataclasses import dataclass

from flask import url_for
from sqlalchemy import ColumnElement, select

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.corrections.asking import Wish, wishes_in_words
from tiesan.clock import today
from tiesan.courses.standing import read_standings
from tiesan.extensions import db
from tiesan.records.base import Record
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.kinds import record_kind
from tiesan.reviews.correcting import is_about
from tiesan.reviews.correction_course import CORRECTION_COURSE

_MOST = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A request in a line: its state in words, whether it waits, what is wished, its page."""

    request: CorrectionRequest
    state: str
    waits: bool
    wishes: list[Wish]
    url: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """The requests about a record, and the address by which the viewer may make another one."""

    shown: list[Shown]
    url: str | None


def corrections_of(row: Record, *, corrects: bool) -> Corrections:
    """Return what the page of a record shows; who ``corrects`` it need not ask for it."""
    kind = record_kind(type(row)).name
    of_row = (CorrectionRequest.kind == kind, CorrectionRequest.row_id == row.id)
    shown = lines_of([*of_row], most=_MOST)
    viewer = current_viewer()
    asked = any(each.waits and each.request.account_id == viewer.account_id for each in shown)
    may = is_about(row, viewer.cadre_id) and row.voided_at is None and not viewer.left
    url = url_for("correction.new_view", about=f"{kind}:{row.id}")
    return Corrections(shown, url if may and not corrects and not asked else None)


def lines_of(conditions: list[ColumnElement[bool]], *, most: int) -> list[Shown]:
    """Return requests that the viewer may see, the newest first."""
    statement = (
        select(CorrectionRequest)
        .where(readable_rows(CorrectionRequest), *conditions)
        .order_by(CorrectionRequest.id.desc())
        .limit(most)
    )
    rows = db.session.scalars(statement).all()
    ids = [each.id for each in rows]
    account_id = current_viewer().account_id
    standings = read_standings(db.session(), CORRECTION_COURSE, ids, account_id, today())
    return [_shown(standings[each.id].row, standings[each.id].state) for each in rows]


def _shown(row: CorrectionRequest, state: str) -> Shown:
    return Shown(
        row,
        str(CORRECTION_COURSE.state(state).word),
        state == "requested",
        wishes_in_words(row, class_of(row)),
        url_for("correction.details_view", id=row.id),
    )


def class_of(row: CorrectionRequest) -> type[Record] | None:
    """Return the class of the record that a request is about, where its plugin is installed."""
    model = installed().records.get(row.kind)
    return model if model is not None and issubclass(model, Record) else None
