"""What comes with signing: whom the bulletin goes to, and its files, written once and for good."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tiesan.bulletins.models import BULLETIN, Bulletin, BulletinReceipt
from tiesan.courses.queue import persons_of_rows
from tiesan.courses.values import Case
from tiesan.people.models import Organization
from tiesan.people.notifications import tell
from tiesan.records.attachments.models import DOCX, PDF, Attachment
from tiesan.records.attachments.names import clean_name
from tiesan.records.attachments.store import FileStore
from tiesan.records.kinds import table_of
from tiesan.reports.bulletins.composing import composed
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE
from tiesan.reports.documents.docx_form import write_docx
from tiesan.reports.documents.fonts import pdf_possible
from tiesan.reports.documents.official import OfficialDocument
from tiesan.reports.documents.pdf_form import write_pdf
from tiesan.words.due_notifications import BULLETIN_ISSUED

_PLACE = table_of(Organization)


def receiving_places(session: Session, district_id: int, day: date) -> Sequence[int]:
    """Return to whom a bulletin goes: federations and direct enterprise unions that stand."""
    standing = or_(_PLACE.c.dissolved_on.is_(None), _PLACE.c.dissolved_on > day)
    # Who signs need not see the organizations, so that these rows are read as they are.
    statement = (
        select(_PLACE.c.id)
        .where(_PLACE.c.parent_id == district_id, standing, _PLACE.c.founded_on <= day)
        .order_by(_PLACE.c.code)
    )
    return session.scalars(statement).all()


def hand_out(case: Case) -> None:
    """Open a receipt for each chair, and write DOCX and PDF, which are never made anew."""
    bulletin: Bulletin = case.row
    for place_id in receiving_places(case.session, bulletin.district_id, case.day):
        bulletin.receipts.append(BulletinReceipt(organization_id=place_id))
    document = composed(case.session, bulletin, case.day)
    for media_type, content in _files(document):
        _keep(case, media_type, content)
    case.session.flush()
    _tell_chairs(case)


def _tell_chairs(case: Case) -> None:
    """Tell each chair once, of however many organizations they are; not who signs it."""
    bulletin: Bulletin = case.row
    receipts = [each.id for each in bulletin.receipts]
    chairs = persons_of_rows(case.session, RECEIPT_COURSE, "receive", receipts, case.day)
    told = {each for accounts in chairs.values() for each in accounts} - {case.actor.account_id}
    details, about = {"code": bulletin.reference}, (BULLETIN, bulletin.id)
    tell(case.session, told, BULLETIN_ISSUED, details, at=case.at, about=about)


def _files(document: OfficialDocument) -> list[tuple[str, bytes]]:
    """The files by type; without the extra for it there is no PDF."""
    found = [(DOCX, write_docx(document))]
    return [*found, (PDF, write_pdf(document))] if pdf_possible() else found


def _keep(case: Case, media_type: str, content: bytes) -> None:
    """Keep a file with the bulletin, as any file that hangs on a row."""
    store: FileStore = current_app.extensions["attachments"]
    row = Attachment(
        sent_by_id=case.actor.account_id,
        sent_at=case.at,
        name=clean_name(case.row.reference, media_type),
        media_type=media_type,
        size=len(content),
        sha256=store.keep(content),
        kind=BULLETIN,
        row_id=case.row.id,
    )
    case.session.add(row)


def kept_files(session: Session, bulletin: Bulletin) -> Sequence[Attachment]:
    """Return the files of an issued bulletin, DOCX first."""
    statement = select(Attachment).where(
        Attachment.kind == BULLETIN, Attachment.row_id == bulletin.id
    )
    return session.scalars(statement.order_by(Attachment.id)).all()
