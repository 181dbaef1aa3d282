"""Storing what was previewed, all of it or nothing, and only as it was previewed."""

from sqlalchemy.orm import Session

from tiesan.audit import Subject, record_entry
from tiesan.database import begin_reading, begin_writing
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.evaluation import districts
from tiesan.i18n import _
from tiesan.imports.asking import SUBJECT
from tiesan.imports.everything.previewing import counts_of, show, show_problems, too_large
from tiesan.imports.everything.progressing import Told
from tiesan.imports.everything.run import Run
from tiesan.imports.everything.showing import of_planning
from tiesan.records.exchange.checking import Planning
from tiesan.records.exchange.importing import report_of
from tiesan.records.exchange.marks import digest_of
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.exchange.reading import Reading
from tiesan.records.imports.models import EVERYTHING, DataImport, State
from tiesan.records.pending import await_districts, leave_to_whole, take_awaited
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.work import Outcome, Work


def store(work: Work) -> Outcome:
    """Store an import; where it would come out otherwise than previewed, it is shown once more."""
    run = Run(work, Told(work.progress, lambda: True))
    if not run.is_at(State.STORING):
        return {}
    try:
        with run.path() as path:
            with run.session() as session:
                catalog = run.catalog(session)
            reading = run.read(path, catalog)
            try:
                stored = _stored(run, reading, catalog)
            except ImportRefused as refused:
                show_problems(run, path, refused)
                return {}
    except UserError as error:
        show(run, State.REFUSED, {"said": error.lines})
        return {}
    except MemoryError:
        show(run, State.REFUSED, {"said": [too_large()]})
        return {}
    if stored:
        run.files.keep_files_only()
    return {"stored": stored}


def _stored(run: Run, reading: Reading, catalog: Catalog) -> bool:
    """Store what was read; False where it is not what was previewed, which is shown instead."""
    with run.session() as session:
        begin_reading(session)
        newest = run.newest(session)
        planning = run.plan(session, reading, catalog, run.progress)
    # It takes its time, in which others are to write; whether they did is looked at.
    with run.session() as session:
        begin_writing(session)
        if run.newest(session) != newest:
            planning = run.plan(session, reading, catalog)
        row = session.get_one(DataImport, run.import_id)
        digest = digest_of(planning.plans, planning.postings)
        if digest != row.plan_digest:
            said = [_("Something has changed since you looked: please look again.")]
            preview = {**of_planning(session, planning), **counts_of(planning), "said": said}
            session.rollback()
            show(run, State.PREVIEWED, preview, digest)
            return False
        run.write(session, planning, catalog).keep(planning, row.id)
        _finish(run, session, row, planning)
        session.commit()
    return True


def _finish(run: Run, session: Session, row: DataImport, planning: Planning) -> None:
    """Say in the row and in the trail what was stored, and have it evaluated, all in one."""
    work, report = run.work, report_of(planning)
    row.state, row.stored_at = State.STORED.value, work.now
    row.result = report.as_json()
    if report.changes:
        row.district_id = report.district
    details = {
        "files": [{"file": each["name"], "sha256": each["sha256"]} for each in row.files],
        "reason": row.reason,
        "counts": row.result["counts"],
        "sheets": row.result["files"],
    }
    subject = Subject(SUBJECT, row.id, EVERYTHING, row.district_id)
    record_entry(session, work.actor, "import", subject, at=work.now, details=details)
    have_evaluated(run, session, report.districts, everywhere=report.everywhere)


def have_evaluated(
    run: Run, session: Session, concerned: frozenset[int], *, everywhere: bool
) -> None:
    """Have districts evaluated by a run that is queued with what was written."""
    work = run.work
    wanted = frozenset(each for each, _code in districts(session)) if everywhere else concerned
    if wanted:
        await_districts(work.actor, session, wanted, "import", at=work.now)
        leave_to_whole(session, take_awaited(session))
        ask_evaluation(work.actor, session, wanted, now=work.now)
