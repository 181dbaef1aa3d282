"""What the runs of such an import have in common: the row, its files, what is read and planned."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine as Database
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.access.clearing import OwnFlags, own_flags
from tiesan.access.viewer import Viewer, read_viewer
from tiesan.audit import AuditEntry
from tiesan.clock import day_of, now
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, read_catalog
from tiesan.flags.evaluation import Task
from tiesan.flags.parameter_check import parameter_check
from tiesan.i18n import _
from tiesan.imports.everything.allowed import Allowed
from tiesan.people.models import Account
from tiesan.records.exchange.checking import ImportOptions, Planning, plan_reading
from tiesan.records.exchange.importing import held_to_rules
from tiesan.records.exchange.keeping import Keeping
from tiesan.records.exchange.progress import Progress, Silent
from tiesan.records.exchange.reading import Reading, read_path
from tiesan.records.exchange.sent import as_path
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import DataImport, State
from tiesan.records.imports.values import Sent
from tiesan.records.policy import STAFF
from tiesan.scheduler.work import Work

_SILENT = Silent()


class Dropped(Exception):  # noqa: N818 - it says what became of the import
    """Somebody has put the import aside while it was read."""


@dataclass
class Run:
    """One run of an import: ``work`` is what it was given."""

    work: Work
    progress: Progress = field(default_factory=Silent)

    @property
    def import_id(self) -> int:
        """The id of the import."""
        number: int = self.work.given["import"]
        return number

    @cached_property
    def files(self) -> KeptFiles:
        """What is kept of the import."""
        return KeptFiles(Path(self.work.given["folder"]), self.import_id)

    @contextmanager
    def session(self, database: Database | None = None) -> Iterator[Session]:
        """A session of its own; what is not committed is rolled back."""
        with Session(database or self.work.database) as session:
            yield session

    def is_at(self, *states: State) -> bool:
        """Whether the import stands so; a run that is done once more finds it elsewhere."""
        with self.session() as session:
            return session.get_one(DataImport, self.import_id).state in states

    # --- reading and planning ---------------------------------------------------------------------

    @contextmanager
    def path(self) -> Iterator[Path]:
        """The folder or workbook, with the names that the files had."""
        with self.session() as session:
            names = [each["name"] for each in session.get_one(DataImport, self.import_id).files]
        sent = [Sent(self.files.path(number), name) for number, name in enumerate(names)]
        with as_path(sent) as path:
            yield path

    def read(self, path: Path, catalog: Catalog) -> Reading:
        """Read everything; needs no database."""
        return read_path(path, catalog.plugins.records, self.progress)

    def catalog(self, session: Session) -> Catalog:
        """What is installed, by the rules of today."""
        return read_catalog(session, day_of(self.work.now))

    def viewer(self, session: Session) -> Viewer:
        """Who brings it in, as they are now."""
        account = session.get_one(Account, self.work.actor.account_id)
        return read_viewer(session, account, day_of(self.work.now))

    def plan(
        self,
        session: Session,
        reading: Reading,
        catalog: Catalog,
        progress: Progress = _SILENT,
    ) -> Planning:
        """Plan how to store it; raises ImportRefused with every problem.

        Whoever holds the lock of SQLite can tell nobody of any progress.
        """
        allowed = self.allowed(session)
        allowed.refuse_kinds(reading)
        options = ImportOptions(
            records=catalog.plugins.records,
            parameter_check=parameter_check(catalog),
            at=self.work.now,
            within=allowed.within(each.file for each in reading.files),
        )
        return plan_reading(session, reading, options, progress)

    def allowed(self, session: Session) -> Allowed:
        """What may be brought in; raises UserError for who may bring in nothing any more."""
        viewer = self.viewer(session)
        if viewer.left or not viewer.has(STAFF):
            raise UserError(_("You may bring in nothing any more."))
        return Allowed(viewer)

    def newest(self, session: Session) -> int:
        """The newest entry of the trail: whatever is written leaves one."""
        return session.scalar(select(func.max(AuditEntry.id))) or 0

    # --- writing ----------------------------------------------------------------------------------

    def needs_trial(self, session: Session, planning: Planning) -> bool:
        """Whether only writing it shows whether it may be written."""
        allowed = self.allowed(session)
        files = [plan.file for plan in planning.plans]
        return allowed.asks_rows(files) or _has_own(allowed.viewer)

    def write(self, session: Session, planning: Planning, catalog: Catalog) -> Keeping:
        """Write what is planned; raises UserError, or ImportRefused, for what may not be written.

        The caller commits or takes it back.
        """
        allowed = self.allowed(session)
        asked = allowed.asks_rows(plan.file for plan in planning.plans)
        if asked:
            allowed.refuse_stored(session, planning.plans)
        keeping = Keeping(session, self.work.actor, self.work.now)
        with deciding(catalog, self.work) if _has_own(allowed.viewer) else nullcontext() as task:
            watched = self._watched(session, task, allowed.viewer)
            with held_to_rules(session, planning):
                keeping.store(planning, _SILENT)
            if asked:
                allowed.refuse_written(session, planning.plans, keeping.written, keeping.known)
            if watched is not None:
                watched.refuse_cleared(session.connection())
        return keeping

    @staticmethod
    def _watched(session: Session, task: Task | None, viewer: Viewer) -> OwnFlags | None:
        return None if task is None else own_flags(session.connection(), task, viewer)


def _has_own(viewer: Viewer) -> bool:
    """Whether there may be flags of the viewer, or of what they chair."""
    return viewer.cadre_id is not None or bool(viewer.chaired)


@contextmanager
def deciding(catalog: Catalog, work: Work) -> Iterator[Task]:
    """Give a live evaluation of now, and end its engine afterwards."""
    engine, moment = Engine(), now()
    try:
        yield Task(work.actor, catalog, engine.decide, day_of(moment), None, moment)
    finally:
        engine.close()
