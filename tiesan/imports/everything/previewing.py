"""Reading and planning an import, and keeping what the page shows of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from tiesan.database import begin_reading, begin_writing
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _
from tiesan.imports.everything.progressing import Told
from tiesan.imports.everything.run import Dropped, Run
from tiesan.imports.everything.showing import of_planning, of_problems
from tiesan.records.exchange.checking import Planning
from tiesan.records.exchange.marking import MOST_MARKS, write_marked
from tiesan.records.exchange.marks import digest_of
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.exchange.reading import Reading
from tiesan.records.imports.models import DataImport, State
from tiesan.scheduler.work import Outcome, Work


def preview(work: Work) -> Outcome:
    """Read the files of an import and plan what would become of them, for somebody to look at."""
    run = Run(work)
    run.progress = Told(work.progress, lambda: run.is_at(State.READING))
    if not run.is_at(State.READING):
        return {}
    try:
        with run.path() as path:
            _preview(run, path)
    except Dropped:
        run.files.remove()
    except MemoryError:
        show(run, State.REFUSED, {"said": [too_large()]})
    return {}


def too_large() -> str:
    """What is said of files for which a child has not enough memory."""
    return _("These files are too large to be read at once: please split them.")


def _preview(run: Run, path: Path) -> None:
    try:
        with run.session() as session:
            catalog = run.catalog(session)
        reading = run.read(path, catalog)
        if not reading.files and not reading.problems:
            raise UserError(  # noqa: TRY301 - one place shows what is refused
                _("There is no file of the exchange format here; nothing was imported.")
            )
        shown, digest = _planned(run, reading, catalog)
    except ImportRefused as refused:
        show_problems(run, path, refused)
    except UserError as error:
        show(run, State.REFUSED, {"said": error.lines})
    else:
        show(run, State.PREVIEWED, shown, digest)


def _planned(run: Run, reading: Reading, catalog: Catalog) -> tuple[dict[str, Any], str]:
    """What is shown of a plan, and its digest; what may not be written is refused."""
    with run.session() as session:
        begin_reading(session)
        planning = run.plan(session, reading, catalog, run.progress)
        shown = {**of_planning(session, planning), **counts_of(planning)}
        digest = digest_of(planning.plans, planning.postings)
        needs_trial = run.needs_trial(session, planning)
    if needs_trial:
        with run.session() as session:
            begin_writing(session)
            run.write(session, planning, catalog)
            session.rollback()
    return shown, digest


def counts_of(planning: Planning) -> dict[str, Any]:
    """The numbers of a plan for the page."""
    plans = planning.plans
    return {
        "counts": {
            "new": sum(len(plan.added) for plan in plans),
            "changed": sum(len(plan.changed) for plan in plans),
            "unchanged": sum(plan.unchanged for plan in plans),
        }
    }


def show_problems(run: Run, path: Path, refused: ImportRefused) -> None:
    """Keep what is wrong with the files, beside their cells, and the sheets with comments."""
    sheets = write_marked(path, refused.problems[:MOST_MARKS], run.files.marked)
    show(run, State.REFUSED, of_problems(refused.problems, sheets))


def show(run: Run, state: State, preview: Mapping[str, Any], digest: str | None = None) -> None:
    """Keep what the page shows; one that was put aside meanwhile stays so, and keeps nothing."""
    with run.session() as session:
        begin_writing(session)
        if _to(session, run.import_id, state, digest, [*preview.get("said", ())]):
            run.files.write_preview(preview)
            session.commit()
        else:
            run.files.remove()


def _to(
    session: Session, import_id: int, state: State, digest: str | None, said: list[str]
) -> bool:
    statement = (
        update(DataImport)
        .where(DataImport.id == import_id, DataImport.state != State.DROPPED.value)
        .values(state=state.value, plan_digest=digest, said=said)
        .returning(DataImport.id)
    )
    return session.execute(statement).first() is not None
