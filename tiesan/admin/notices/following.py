"""What followed a flag: on its own page, on the page of a case, and on the first page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, bindparam, or_, select

from tiesan.access.criterion import SEES_NOTICE, notices_in_scope, readable_rows, seen_besides
from tiesan.access.installation import installed
from tiesan.access.notices import is_notified, reviews_notice
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.clock import today
from tiesan.courses.standing import read_standings
from tiesan.extensions import db
from tiesan.flags.follow_up import EscalatedFlag, Notice, NoticeFinding, NoticeState
from tiesan.flags.models import Flag
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.reviews.escalation import links_of, undone_since
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.notice_colour import UNANSWERED
from tiesan.reviews.notice_issuing import in_unfinished, why_not
from tiesan.rules import Review
from tiesan.words.flags import message_of, verb_done
from tiesan.words.notices import colour_badge, state_badge

_MOST_AT_HOME = 8
_OF_IDS: Select[Notice] = (
    select(Notice)
    .where(Notice.id.in_(bindparam("notices", expanding=True)))
    .order_by(Notice.due_on, Notice.id)
)
# Whose statements are kept: at midnight somebody may still ask for the day before.
_MOST_DAYS = 2


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case that a flag was made: where it is, what is to be done, what was decided."""

    link: EscalatedFlag
    code: str
    url: str | None
    decided_on: date | None
    decision: str
    voided: bool


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice in one line."""

    notice: Notice
    state: str
    colour: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What followed a flag, and whether the viewer can issue a notice about it."""

    cases: list[CaseLine]
    notices: list[NoticeLine]
    may_issue: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """A flag for which a case was opened: what it says, what is to be done, what came of it."""

    link: EscalatedFlag
    message: str
    undone: list[tuple[str, date]]


def follow_up_of(flag: Flag) -> FollowUp:
    """Return what followed a flag, as far as the viewer of this request may see it."""
    links = links_of(db.session(), EscalatedFlag.flag_id == flag.id)
    of_flag = select(NoticeFinding.notice_id).where(NoticeFinding.flag_id == flag.id)
    notices = select(Notice).where(Notice.id.in_(of_flag), notices_in_scope(current_viewer()))
    rows = db.session.scalars(notices.order_by(Notice.id.desc())).all()
    return FollowUp([*_cases(links)], [*_notices(rows)], _may_issue(flag))


def _notices(rows: Iterable[Notice]) -> Iterable[NoticeLine]:
    for row in rows:
        yield NoticeLine(row, state_badge(row), colour_badge(row, today()))


def _cases(links: Iterable[EscalatedFlag]) -> Iterable[CaseLine]:
    for link in links:
        model = installed().records.get(link.kind)
        if model is None:
            yield CaseLine(link, "", None, None, "", voided=False)
        else:
            yield _case(link, model)


def _case(link: EscalatedFlag, model: type[Record]) -> CaseLine:
    """A case as its row says; who sees the flag is told of the decision."""
    table, plugin = table_of(model), installed().plugins.escalating
    row: Any = db.session.execute(select(table).where(table.c.id == link.row_id)).one()
    escalation = None if plugin is None else plugin.escalation
    read = escalation is not None and escalation.case is model
    return CaseLine(
        link,
        row.code,
        _url_of(model, link.row_id),
        getattr(row, escalation.decided_on) if read and escalation else None,
        (getattr(row, escalation.decision) if read and escalation else None) or "",
        voided=row.voided_at is not None,
    )


def _url_of(model: type[Record], row_id: int) -> str | None:
    """The page of a record, if the viewer may open it."""
    readable = select(model.id).where(model.id == row_id, readable_rows(model))
    if db.session.scalar(readable) is None:
        return None
    return url_for(f"record_{record_kind(model).name}.details_view", id=row_id)


def _may_issue(flag: Flag) -> bool:
    if flag.review != Review.CONFIRMED or in_unfinished(db.session(), [flag.id]):
        return False
    account_id = current_viewer().account_id
    standing = read_standings(db.session(), FLAG_COURSE, [flag.id], account_id, today())[flag.id]
    return why_not(standing) is None


def grounds_of(row: Record) -> list[Ground]:
    """Return the flags for which a record was opened as a case, that the viewer may see."""
    plugin = installed().plugins.escalating
    if plugin is None or plugin.escalation is None or type(row) is not plugin.escalation.case:
        return []
    kind = record_kind(type(row)).name
    links = links_of(db.session(), EscalatedFlag.kind == kind, EscalatedFlag.row_id == row.id)
    return [
        Ground(
            link,
            message_of(link.flag),
            [(verb_done(each.verb), each.on) for each in undone_since(link.flag, link)],
        )
        for link in links
    ]


def notices_at_home(viewer: Viewer) -> Sequence[NoticeLine]:
    """Return the notices that the viewer has to answer or decide, and those that are overdue."""
    if viewer.is_stranger:
        return []
    # Each condition says who sees it, so that nothing needs to narrow the ids once more.
    ids = list(db.session.connection().scalars(_waiting_on(today())))
    if not ids:
        return []
    return list(_notices(db.session.scalars(_OF_IDS, {"notices": ids})))


@lru_cache(_MOST_DAYS)
def _waiting_on(day: date) -> Select[int]:
    """The ids of the notices of who asks that wait on a day; made once, as all these statements."""
    unanswered = Notice.state.in_(sorted(UNANSWERED))
    overdue = and_(unanswered, Notice.due_on < day)
    waits_for_reviewer = or_(overdue, Notice.state == NoticeState.ANSWERED.value)
    return (
        select(Notice.id)
        .where(
            seen_besides(SEES_NOTICE, Notice),
            or_(
                and_(unanswered, seen_besides(is_notified, Notice)),
                and_(waits_for_reviewer, seen_besides(reviews_notice, Notice)),
            ),
        )
        .order_by(Notice.due_on, Notice.id)
        .limit(_MOST_AT_HOME)
    )
