"""One's own data: gathered in the background, looked at, and fetched as an archive; by nobody else.

There is no page for another person's: who has to tell somebody what is kept lets them sign in.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.answers import saved_as
from tiesan.admin.shell.pages import Entry, Page, page, page_asked
from tiesan.clock import day_of, now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.privacy.own.archive import cell, read_section
from tiesan.privacy.own.keeping import archive_of, archive_path, ask_archive, note_fetched
from tiesan.privacy.own.models import OwnArchive
from tiesan.records.policy import EVERYBODY
from tiesan.scheduler.runner import Runner
from tiesan.words.attachments import size_in_words

_ON_A_PAGE = 50
_SLOW = timedelta(minutes=5)


class OwnDataView(Page):
    """What is kept on whoever is signed in."""

    roles = EVERYBODY
    place = "profile"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("My data"), endpoint="own_data", url="/my/data")

    def is_accessible(self) -> bool:
        """Whoever is signed in has an account, be it without any role."""
        return not current_viewer().is_stranger

    def entries(self) -> Iterable[Entry]:
        """Return nothing: one's account leads here."""
        return ()

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what there is to fetch, that it is being gathered, or how to ask for it."""
        row = self._present()
        made = row is not None and row.made_at is not None
        return self.render(
            "privacy/own.html",
            heading=str(self.name),
            row=row,
            is_open=row is not None and not made,
            is_slow=row is not None and not made and row.asked_at < now() - _SLOW,
            sections=row.sections if row is not None and made else [],
            size=size_in_words(row.size) if row is not None and row.size else "",
        )

    @page("/ask", methods=("POST",))
    def ask_view(self) -> ResponseReturnValue:
        """Have it gathered, and wait a little for it."""
        begin_storing(db.session())
        try:
            run_id = ask_archive(current_viewer().actor, db.session(), _place(), at=now())
        except UserError as error:
            db.session.rollback()
            flash(" ".join(error.lines), "warning")
            return redirect(self.get_url(".index_view"), code=303)
        db.session.commit()
        runner: Runner = current_app.extensions["runner"]
        if runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"]):
            flash(_("Your data has been gathered."), "success")
        return redirect(self.get_url(".index_view"), code=303)

    @page("/part")
    def part_view(self) -> ResponseReturnValue:
        """Show a part of what was gathered, as it stands in the archive."""
        row, path = self._made_or_404()
        name = request.args.get("name", "")
        if name not in {each["name"] for each in row.sections}:
            abort(404)
        part = read_section(path, name)
        at = page_asked(request.args.get("page", ""))
        rows = part["rows"][at * _ON_A_PAGE : (at + 1) * _ON_A_PAGE]
        return self.render(
            "privacy/part.html",
            heading=part["title"],
            name=name,
            rows=[_lines(part["columns"], each) for each in rows],
            number=len(part["rows"]),
            page=at,
            pages=-(-len(part["rows"]) // _ON_A_PAGE),
        )

    @page("/archive.zip")
    def archive_view(self) -> ResponseReturnValue:
        """Give the archive to be saved; each time is in the audit trail."""
        row, path = self._made_or_404()
        name = f"{_('My data')} {day_of(row.made_at or row.asked_at).isoformat()}.zip"
        begin_storing(db.session())
        note_fetched(current_viewer().actor, db.session(), at=now())
        db.session.commit()
        answer = send_file(path, mimetype="application/zip", conditional=False, etag=False)
        answer.headers["Cache-Control"] = "no-store"
        return saved_as(answer, name)

    def _present(self) -> OwnArchive | None:
        return archive_of(db.session(), current_viewer().account_id, now())

    def _made_or_404(self) -> tuple[OwnArchive, Path]:
        """The viewer's archive, and where its file lies."""
        row = self._present()
        if row is None or row.made_at is None:
            abort(404)
        path = archive_path(_place(), row)
        if not path.is_file():
            current_app.logger.error("the file of an archive is not there: %s", path)
            abort(404)
        return row, path


def _place() -> Path:
    return Path(current_app.instance_path)


def _lines(columns: dict[str, str], row: dict[str, Any]) -> list[tuple[str, str]]:
    """The values of a row with their titles, without what is blank."""
    found = [(title, cell(row.get(name))) for name, title in columns.items()]
    return [(title, text) for title, text in found if text]
