"""What the page of a bulletin shows: numbers, text, files, receipts, demands and the next steps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import Drawn, drawn
from tiesan.bulletins.models import Bulletin, BulletinDemand, BulletinReceipt, BulletinState
from tiesan.clock import today
from tiesan.courses.standing import Standing, read_standings
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization
from tiesan.reports.bulletins.composing import composed, demand_state, demand_words, title_of
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.frozen import (
    FrozenCell,
    FrozenColumn,
    FrozenNumbers,
    FrozenPlace,
    change,
    written,
)
from tiesan.reports.bulletins.issuing import kept_files
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE
from tiesan.reports.documents.fonts import pdf_possible, replaced_faces
from tiesan.reports.documents.official import OfficialDocument
from tiesan.words.attachments import FileLine, file_line


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt: of which organization, who chairs it, whether and when it was signed for."""

    receipt: BulletinReceipt
    chair: str
    at: Any
    by: str


@dataclass(frozen=True, slots=True)
class DemandLine:
    """A demand, what became of it, and the number of the notice that it was made."""

    demand: BulletinDemand
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table of numbers as a page draws it: columns, and for each organization its numbers."""

    title: str
    columns: tuple[FrozenColumn, ...]
    rows: list[tuple[FrozenPlace, list[tuple[str, str, str | None]]]]


def bulletin_page(bulletin: Bulletin) -> Mapping[str, Any]:
    """Return what the template of a bulletin's page is given."""
    issued = bulletin.state == BulletinState.ISSUED
    later = select(Bulletin).where(
        Bulletin.corrects_id == bulletin.id, Bulletin.state == BulletinState.ISSUED.value
    )
    return {
        "bulletin": bulletin,
        "title": title_of(bulletin),
        "document": document_of(bulletin),
        "files": [file_line(each) for each in kept_files(db.session(), bulletin)],
        "receipts": list(_receipts(bulletin)) if issued else [],
        "own_receipt": _own_receipt(bulletin) if issued else None,
        "demands": list(_demands(bulletin)) if issued else [],
        "corrected_by": db.session.scalars(later).first(),
        "pdf": pdf_possible(),
        "replaced": replaced_faces() if pdf_possible() else {},
    }


def document_of(bulletin: Bulletin) -> OfficialDocument:
    """Return a bulletin as a document: of an issued one, as it stood on the day of its issue."""
    return composed(db.session(), bulletin, bulletin.issued_on or today())


def _receipts(bulletin: Bulletin) -> Iterator[ReceiptLine]:
    chair = selectinload(BulletinReceipt.organization).selectinload(Organization.chair)
    statement = (
        select(BulletinReceipt)
        .where(BulletinReceipt.bulletin_id == bulletin.id)
        .order_by(BulletinReceipt.received_on.is_not(None), BulletinReceipt.organization_id)
        .options(chair)
    )
    rows = db.session.scalars(statement).all()
    standings = _standings(rows)
    for row in rows:
        cadre: Cadre | None = row.organization.chair
        events = standings[row.id].events if row.id in standings else ()
        last = events[-1] if events else None
        yield ReceiptLine(
            row,
            "" if cadre is None else cadre.name,
            None if last is None else last.at,
            "" if last is None else last.actor_name,
        )


def _standings(rows: Sequence[BulletinReceipt]) -> Mapping[int, Standing]:
    account_id, ids = current_viewer().account_id, [each.id for each in rows]
    return read_standings(db.session(), RECEIPT_COURSE, ids, account_id, today())


def _own_receipt(bulletin: Bulletin) -> tuple[BulletinReceipt, Drawn] | None:
    """The receipt that waits for the viewer, with its button."""
    waiting = select(BulletinReceipt).where(
        BulletinReceipt.bulletin_id == bulletin.id,
        BulletinReceipt.received_on.is_(None),
        BulletinReceipt.organization_id.in_(sorted(current_viewer().chaired)),
    )
    row = db.session.scalars(waiting.order_by(BulletinReceipt.id)).first()
    if row is None:
        return None
    return row, drawn(RECEIPT_COURSE, _standings([row])[row.id])


def _demands(bulletin: Bulletin) -> Iterator[DemandLine]:
    for demand in bulletin.demands:
        yield DemandLine(demand, demand_words(demand), demand_state(demand, today()))


def shown_tables(bulletin: Bulletin) -> list[ShownTable]:
    """Return the numbers of a bulletin as tables; each number leads to the rows that it counts."""
    frozen = FrozenNumbers(bulletin.numbers)
    titles = {plugin.name: str(plugin.title) for plugin in installed().plugins}
    return [
        ShownTable(
            table.titled(titles),
            table.columns,
            [
                (place, [_number(bulletin, frozen, place, each) for each in table.columns])
                for place in frozen.places
            ],
        )
        for table in frozen.tables(bulletin.left_out)
    ]


def _number(
    bulletin: Bulletin, frozen: FrozenNumbers, place: FrozenPlace, column: FrozenColumn
) -> tuple[str, str, str | None]:
    cell: FrozenCell = frozen.cell(place.id, column.key)
    url = None
    if cell.rows:
        url = url_for(
            "bulletin.number_view", id=bulletin.id, organization=place.id, column=column.key
        )
    return written(cell, column.unit), change(cell, column.unit), url


def state_badge(bulletin: Bulletin) -> Markup:
    """Return the state of a bulletin as a badge."""
    return Markup('<span class="review bulletin-{}">{}</span>').format(
        bulletin.state, BULLETIN_COURSE.state(bulletin.state).word
    )


def file_of(files: Sequence[FileLine], ending: str) -> FileLine | None:
    """Return the file of an ending, if there is one."""
    return next((each for each in files if each.name.endswith(ending)), None)
