"""Imports: a file is sent, what would become of it is shown, it is stored, and can be undone."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from tiesan.access.criterion import readable_rows
from tiesan.access.viewer import current_viewer
from tiesan.admin.imports.everything import EverythingPages
from tiesan.admin.imports.lines import OPEN, ImportLine, counted, is_old, line_of
from tiesan.admin.lists.lookups import described
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import page
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.imports.asking import (
    ask_reading,
    ask_storing,
    ask_undoing,
    begin_import,
    drop_import,
    keep_columns,
)
from tiesan.imports.reminding import remind
from tiesan.people.models import Cadre
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import EVERYTHING, DataImport, State
from tiesan.records.imports.values import ImportKind
from tiesan.records.kinds import table_of
from tiesan.records.policy import STAFF
from tiesan.scheduler.runner import Runner

KEPT_FOR = timedelta(hours=72)
_MOST_LISTED = 50
_MOST_FILES = 31
_SKIP = "skip"
_CHOSEN = "who:"


class ImportView(EverythingPages):
    """What one has brought in, and what was brought in in one's districts."""

    place = "imports"
    roles = STAFF

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Imports"), endpoint="imports", url="/imports")

    def is_accessible(self) -> bool:
        """Whoever may bring something in, and has not left."""
        return super().is_accessible() and not current_viewer().left

    # --- the list ---------------------------------------------------------------------------------

    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """Show where files are dropped, and what was brought in."""
        self._tidy()
        shown = {"kinds": self._kinds(), "imports": self._listed(), "sheets": self.sheets()}
        return self.render("imports/list.html", **shown)

    def _kinds(self) -> list[ImportKind]:
        off, viewer = switched_off(), current_viewer()
        offered: Mapping[str, tuple[str, ImportKind]] = current_app.extensions["imports"]
        return [
            kind
            for plugin, kind in offered.values()
            if plugin not in off and viewer.has(kind.roles)
        ]

    def _kind(self, name: str) -> ImportKind:
        return next((kind for kind in self._kinds() if kind.name == name), None) or abort(404)

    def _listed(self) -> list[ImportLine]:
        shown = readable_rows(DataImport)
        statement = select(DataImport).where(shown).order_by(DataImport.id.desc())
        return [line_of(row) for row in db.session.scalars(statement.limit(_MOST_LISTED))]

    def _tidy(self) -> None:
        """Put aside what was not stored within three days, and remove its files."""
        old = is_old(now() - KEPT_FOR)
        table = table_of(DataImport)
        if db.session.scalar(select(table.c.id).where(old).limit(1)) is None:
            return
        # Whoever looks tidies up for everybody, so that nobody's file lies here for want of them.
        begin_storing(db.session())
        dropped = update(table).where(old).values(state=State.DROPPED.value).returning(table.c.id)
        ids = list(db.session.scalars(dropped))
        db.session.commit()
        for import_id in ids:
            self._files(import_id).remove()

    # --- sending ----------------------------------------------------------------------------------

    @page("/new/<kind>", methods=("POST",))
    def send_view(self, kind: str) -> ResponseReturnValue:
        """Keep the files and have them read."""
        chosen = self._kind(kind)
        sent = [each for each in request.files.getlist("file") if each.filename]
        if not 0 < len(sent) <= _MOST_FILES:
            flash(_("Choose one file, or up to %(most)d.", most=_MOST_FILES), "error")
            return redirect(self.get_url(".index_view"))
        begin_storing(db.session())
        actor = current_viewer().actor
        row = begin_import(actor, db.session(), chosen.name, [], now())
        # The lock is not held while the files are written.
        import_id = row.id
        db.session.commit()
        kept = self._files(import_id).keep((each.filename or "", each.stream) for each in sent)
        begin_storing(db.session())
        row = self._row(import_id)
        row.files = kept
        run_id = ask_reading(actor, db.session(), row, self._folder, now())
        return self._follow(row, run_id)

    @page("/<int:id>")
    def details_view(self, id: int) -> ResponseReturnValue:
        """Show where an import stands, and what can be done with it."""
        row = self._row(id)
        preview = self._files(id).read_preview() if self._is_mine(row) else {}
        if row.kind == EVERYTHING and row.state == State.PREVIEWED:
            self.note_shown(preview)
        return self.render(
            "imports/import.html",
            row=row,
            line=line_of(row),
            kind=self._named(row),
            preview=preview,
            answers=self._files(id).read_answers(),
            counted=counted,
            is_open=row.state in OPEN,
            is_mine=self._is_mine(row),
            may_undo=row.state == State.STORED and self._may_undo(row),
            of_everything=row.kind == EVERYTHING,
            effect=self.effect_of(row, preview),
            has_files=self.has_files(row),
            has_marked=self._is_mine(row) and self._files(id).marked.is_file(),
        )

    def _named(self, row: DataImport) -> ImportKind | None:
        found: tuple[str, ImportKind] | None = current_app.extensions["imports"].get(row.kind)
        return None if found is None else found[1]

    def _row(self, id: int) -> DataImport:
        chosen = select(DataImport).where(DataImport.id == id, readable_rows(DataImport))
        return db.session.scalars(chosen).one_or_none() or abort(404)

    @staticmethod
    def _is_mine(row: DataImport) -> bool:
        return row.account_id == current_viewer().account_id

    def _may_undo(self, row: DataImport) -> bool:
        """Who brought it in undoes it, and who administers its district."""
        if row.kind == EVERYTHING:
            return self.may_undo_all(row)
        return bool([kind for kind in self._kinds() if kind.name == row.kind])

    # --- going on ---------------------------------------------------------------------------------

    @page("/<int:id>/columns", methods=("POST",))
    def columns_view(self, id: int) -> ResponseReturnValue:
        """Keep which columns say what, and read the files once more."""
        kind = self._kind(self._mine(id).kind)

        def tell(row: DataImport) -> int:
            actor, session = current_viewer().actor, db.session()
            keep_columns(actor, session, kind, request.form.to_dict(), now())
            return ask_reading(actor, session, row, self._folder, now())

        return self._carry(id, tell)

    @page("/<int:id>/answers", methods=("POST",))
    def answers_view(self, id: int) -> ResponseReturnValue:
        """Keep the answers to what the preview asks, and plan once more."""
        self._mine(id)
        files = self._files(id)
        answers = {**files.read_answers(), **self._answered(files.read_preview())}

        def answer(row: DataImport) -> int:
            files.write_answers(answers)
            return ask_reading(current_viewer().actor, db.session(), row, self._folder, now())

        return self._carry(id, answer)

    def _answered(self, preview: Mapping[str, Any]) -> dict[str, str]:
        """What the form says to the questions of a preview; what is left open is left out."""
        rest = request.form.get("rest") == _SKIP
        found = {}
        for at, question in enumerate(preview.get("questions", ())):
            chosen = request.form.get(f"answer-{at}", "")
            if not chosen and request.form.get(f"code-{at}"):
                chosen = self._cadre(request.form[f"code-{at}"])
            if not chosen and rest and not question["confirmed"]:
                chosen = _SKIP
            if chosen:
                found[question["key"]] = chosen
        return found

    @staticmethod
    def _cadre(code: str) -> str:
        statement = select(Cadre.id).where(Cadre.code == code, readable_rows(Cadre))
        return str(db.session.scalar(statement) or "")

    @page("/<int:id>/store", methods=("POST",))
    def store_view(self, id: int) -> ResponseReturnValue:
        """Have what was previewed stored; that of everything is confirmed for a reason."""
        if self._mine(id).kind == EVERYTHING:
            abort(404)
        actor = current_viewer().actor
        return self._carry(
            id, lambda row: ask_storing(actor, db.session(), row, self._folder, now())
        )

    @page("/<int:id>/undo", methods=("POST",))
    def undo_view(self, id: int) -> ResponseReturnValue:
        """Have an import undone, for a reason."""
        if not self._may_undo(self._row(id)):
            abort(403)
        actor, why = current_viewer().actor, request.form.get("reason", "")
        return self._carry(
            id, lambda row: ask_undoing(actor, db.session(), row, self._folder, now(), why)
        )

    @page("/<int:id>/drop", methods=("POST",))
    def drop_view(self, id: int) -> ResponseReturnValue:
        """Put an import aside, and remove its files."""
        self._mine(id)
        begin_storing(db.session())
        try:
            drop_import(db.session(), self._row(id))
        except UserError as error:
            return self._refused(id, error)
        db.session.commit()
        self._files(id).remove()
        flash(_("Put aside: nothing was stored, and the files are removed."), "success")
        return redirect(self.get_url(".index_view"))

    @page("/<int:id>/remind", methods=("POST",))
    def remind_view(self, id: int) -> ResponseReturnValue:
        """Remind cadres of leave that the clock knows and that nobody has asked for here."""
        self._mine(id)
        people: dict[int, list[str]] = {}
        for each in self._files(id).read_preview().get("lists", ()):
            people |= {int(key): days for key, days in each["remind"].items()}
        chosen = request.form.get("cadre", "")
        if chosen:
            people = {key: days for key, days in people.items() if str(key) == chosen}
        begin_storing(db.session())
        number = remind(current_viewer(), db.session(), people, at=now())
        db.session.commit()
        flash(_("Reminded: %(num)d", num=number), "success")
        return redirect(self.get_url(".details_view", id=id))

    # --- both -------------------------------------------------------------------------------------

    @property
    def _folder(self) -> str:
        return str(Path(current_app.instance_path))

    def _files(self, import_id: int) -> KeptFiles:
        return KeptFiles(Path(current_app.instance_path), import_id)

    def _mine(self, id: int) -> DataImport:
        row = self._row(id)
        return row if self._is_mine(row) else abort(403)

    def _carry(self, id: int, asks: Any) -> ResponseReturnValue:
        begin_storing(db.session())
        row = self._row(id)
        try:
            run_id = asks(row)
        except UserError as error:
            return self._refused(id, error)
        return self._follow(row, run_id)

    def _refused(self, id: int, error: UserError) -> ResponseReturnValue:
        db.session.rollback()
        for line in error.lines:
            flash(line, "error")
        return redirect(self.get_url(".details_view", id=id))

    def _follow(self, row: DataImport, run_id: int) -> ResponseReturnValue:
        """Commit, have the run done, and show the import, which may still be at it."""
        import_id = row.id
        db.session.commit()
        runner: Runner = current_app.extensions["runner"]
        runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"])
        return redirect(self.get_url(".details_view", id=import_id), code=303)

    def cadre_words(self, cadre_id: str) -> str:
        """Return whom an answer names, in words."""
        if not cadre_id.isdecimal():
            return ""
        statement = select(Cadre).where(Cadre.id == int(cadre_id), readable_rows(Cadre))
        cadre = db.session.scalars(statement).one_or_none()
        return "" if cadre is None else described(cadre)
