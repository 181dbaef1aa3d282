"""Receipts of bulletins: where a chair signs for one (签收)."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from tiesan.access.criterion import readable_rows
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.bulletins.models import RECEIPT, BulletinReceipt
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.records.policy import EVERYBODY
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE


class ReceiptView(CoursePages, Page):
    """Where chairs sign for bulletins; each receipt is shown on the page of its bulletin."""

    course = RECEIPT_COURSE
    row_name = RECEIPT
    roles = EVERYBODY
    place = "bulletins"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Receipts"), endpoint=RECEIPT, url="/bulletin-receipts")

    def entries(self) -> list[Entry]:
        """Return nothing: they are found at their bulletins."""
        return []

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the receipts that the viewer may see."""
        return readable_rows(BulletinReceipt)

    def heading(self, receipt: BulletinReceipt) -> str:
        """Return what a page about a receipt is headed by."""
        return receipt.bulletin.reference

    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """Lead to the bulletins."""
        return redirect(url_for("bulletin.index_view"))

    @page("/<int:id>")
    def details_view(self, id: int) -> ResponseReturnValue:
        """Lead to the bulletin of a receipt."""
        chosen = select(BulletinReceipt.bulletin_id).where(
            BulletinReceipt.id == id, readable_rows(BulletinReceipt)
        )
        bulletin_id = db.session.scalar(chosen) or abort(404)
        return redirect(url_for("bulletin.details_view", id=bulletin_id))

    def way_on(self, row_id: int) -> str:
        """Return where somebody goes who has signed: to the bulletin."""
        return self.get_url(".details_view", id=row_id)
