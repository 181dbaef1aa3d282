"""The import of everything that travels in files: chosen, previewed, tried, confirmed, fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import abort, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from tiesan.access.installation import installed
from tiesan.access.looks import note_export
from tiesan.access.of_imports import opens_files, undoes_import
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.pages import Page, page
from tiesan.audit import Subject, record_entry
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.imports.asking import (
    SUBJECT,
    ask_reading,
    ask_storing_everything,
    ask_trying,
    begin_import,
)
from tiesan.imports.everything.allowed import Allowed
from tiesan.imports.everything.effect import MOST_UNASKED
from tiesan.people.models import Organization
from tiesan.records.base import Record
from tiesan.records.exchange.files import ExchangeFile, exchange_files
from tiesan.records.exchange.reading import CSV, WORKBOOK
from tiesan.records.exchange.sent import chosen, sent_name
from tiesan.records.exchange.template import write_template
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import EVERYTHING, DataImport, State
from tiesan.records.kinds import record_kind
from tiesan.words.flags import rule_title

_MOST_FILES = 100
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What a file or a sheet has to say, for the page on which files are chosen."""

    name: str
    title: str


class EverythingPages(Page):
    """The addresses of this import; of the same page as those of plugins' kinds."""

    # What the page itself has.

    @property
    def _folder(self) -> str:
        raise NotImplementedError

    def _files(self, import_id: int) -> KeptFiles:
        raise NotImplementedError

    def _row(self, id: int) -> DataImport:
        raise NotImplementedError

    def _mine(self, id: int) -> DataImport:
        raise NotImplementedError

    def _carry(self, id: int, asks: Any) -> ResponseReturnValue:
        raise NotImplementedError

    def _follow(self, row: DataImport, run_id: int) -> ResponseReturnValue:
        raise NotImplementedError

    def sheets(self) -> list[SheetLine]:
        """The kinds of rows that the viewer may bring in, as files are called."""
        return [SheetLine(each.stem, str(each.kind.plural)) for each in self._taken()]

    def _taken(self) -> list[ExchangeFile]:
        allowed = Allowed(current_viewer())
        return [each for each in exchange_files(installed().plugins.records) if allowed.takes(each)]

    # --- choosing ---------------------------------------------------------------------------------

    @page("/all", methods=("POST",))
    def send_all_view(self) -> ResponseReturnValue:
        """Keep the files of a folder, or a workbook, and have them read."""
        try:
            sent = _sent(request.files.getlist("file"), request.files.getlist("folder"))
        except UserError as error:
            for line in error.lines:
                flash(line, "error")
            return redirect(self.get_url(".index_view"))
        begin_storing(db.session())
        actor = current_viewer().actor
        row = begin_import(actor, db.session(), EVERYTHING, [], now())
        row.district_id = self._only_district()
        # The lock is not held while the files are written.
        import_id = row.id
        db.session.commit()
        kept = self._files(import_id).keep((name, each.stream) for name, each in sent)
        begin_storing(db.session())
        row = self._row(import_id)
        row.files = kept
        run_id = ask_reading(actor, db.session(), row, self._folder, now())
        return self._follow(row, run_id)

    @staticmethod
    def _only_district() -> int | None:
        """The one district in which the viewer may bring something in, if it is one."""
        allowed = Allowed(current_viewer())
        reach = allowed.administered.joined(allowed.supervised)
        places = [db.session.get(Organization, each) for each in sorted(reach.organizations)]
        found = reach.districts | {each.district_id for each in places if each is not None}
        return next(iter(found)) if len(found) == 1 and not reach.everywhere else None

    @page("/template.xlsx")
    def template_view(self) -> ResponseReturnValue:
        """Send an empty workbook of what the viewer may bring in."""
        stems = {each.stem for each in self._taken()}
        with TemporaryDirectory(prefix="tiesan-") as folder:
            path = Path(folder) / "template.xlsx"
            write_template(path, installed().plugins.records, lambda file: file.stem in stems)
            content = BytesIO(path.read_bytes())
        name = _("Import template.xlsx")
        return send_file(content, mimetype=_BOOK, as_attachment=True, download_name=name)

    # --- going on ---------------------------------------------------------------------------------

    @page("/<int:id>/effect", methods=("POST",))
    def effect_view(self, id: int) -> ResponseReturnValue:
        """Have the effect found of what was previewed."""
        self._mine(id)
        actor = current_viewer().actor
        return self._carry(
            id, lambda row: ask_trying(actor, db.session(), row, self._folder, now())
        )

    @page("/<int:id>/confirm", methods=("POST",))
    def confirm_view(self, id: int) -> ResponseReturnValue:
        """Have what was previewed stored, for a reason; first its effect is looked at."""
        row = self._mine(id)
        if row.kind != EVERYTHING:
            abort(404)
        effect = self._files(id).read_preview().get("effect")
        digest, why = row.plan_digest, request.form.get("reason", "")
        tried = effect is not None and effect["digest"] == digest
        actor = current_viewer().actor

        def ask(row: DataImport) -> int:
            return ask_storing_everything(
                actor, db.session(), row, self._folder, now(), reason=why, tried=tried
            )

        return self._carry(id, ask)

    def effect_of(self, row: DataImport, preview: dict[str, Any]) -> dict[str, Any] | None:
        """What the page shows of the effect of what is previewed now; None where none is known."""
        effect: dict[str, Any] | None = preview.get("effect")
        if effect is None or effect["digest"] != row.plan_digest:
            return None
        catalog = installed()
        rules = [(rule_title(catalog, each["code"]), each) for each in effect["rules"]]
        return {**effect, "rules": rules, "large": effect["raised"] > MOST_UNASKED}

    # --- fetching ---------------------------------------------------------------------------------

    @page("/<int:id>/marked.xlsx")
    def marked_view(self, id: int) -> ResponseReturnValue:
        """Send the sheets back with what is wrong as comments, to who sent them."""
        path = self._files(self._mine(id).id).marked
        if not path.is_file():
            abort(404)
        name = _("Problems in the import.xlsx")
        return send_file(path, mimetype=_BOOK, as_attachment=True, download_name=name, etag=False)

    @page("/<int:id>/files/<int:number>")
    def file_view(self, id: int, number: int) -> ResponseReturnValue:
        """Send a file that was brought in; each time it is written in the trail."""
        row = self._row(id)
        if not self.has_files(row) or number >= len(row.files):
            abort(404)
        file, path = row.files[number], self._files(id).path(number)
        begin_storing(db.session())
        subject = Subject(SUBJECT, row.id, row.kind, row.district_id)
        details = {"file": file["name"], "sha256": file["sha256"]}
        actor = current_viewer().actor
        record_entry(db.session(), actor, "fetch file", subject, at=now(), details=details)
        db.session.commit()
        return send_file(path, as_attachment=True, download_name=file["name"], etag=False,
                         mimetype="application/octet-stream")  # fmt: skip

    def has_files(self, row: DataImport) -> bool:
        """Whether the files of an import are there still, and for the viewer to have."""
        if row.kind != EVERYTHING or row.state not in (State.STORED, State.UNDONE):
            return False
        return opens_files(current_viewer(), row, _records(row)) and self._files(row.id).is_there

    def may_undo_all(self, row: DataImport) -> bool:
        """Whether the viewer may undo an import of everything."""
        return undoes_import(current_viewer(), row, _records(row))

    def note_shown(self, preview: dict[str, Any]) -> None:
        """Note in the trail that what confidential rows say is shown, beside what they would."""
        for model in installed().plugins.records:
            if not model.policy.confidential:
                continue
            kind = record_kind(model)
            files = (each for each in preview.get("files", ()) if each["stem"] == kind.file)
            note_export(kind.name, sum(each["changed"] for each in files))


def _records(row: DataImport) -> list[type[Record]]:
    """The classes of the records that an import has brought."""
    stems = {each["stem"] for each in row.result.get("files", ())}
    return [each for each in installed().plugins.records if record_kind(each).file in stems]


def _sent(
    files: Sequence[FileStorage], folder: Sequence[FileStorage]
) -> list[tuple[str, FileStorage]]:
    """The files that were sent, by name; of a folder those that a command would read.

    Raises UserError for none, too many, and files that do not go together.
    """
    sent = [(name, each) for each in files if (name := sent_name(each.filename or ""))]
    within = [(name, each) for each in folder if (name := sent_name(each.filename or ""))]
    shown = [(name, each) for name, each in within if not name.startswith(".")]
    sent += _of_kind(shown, CSV) or _of_kind(shown, WORKBOOK)
    if not sent and within:
        raise UserError(_("There is no file of the exchange format here; nothing was imported."))
    if not 0 < len(sent) <= _MOST_FILES:
        raise UserError(_("Choose one file, or up to %(most)d.", most=_MOST_FILES))
    chosen([name for name, _each in sent])
    return sent


def _of_kind(sent: list[tuple[str, FileStorage]], suffix: str) -> list[tuple[str, FileStorage]]:
    return [(name, each) for name, each in sent if name.lower().endswith(suffix)]
