"""The import of a folder or workbook: all of it or nothing.

Source: exchange.md. Files are read first, without the database; then everything is checked against
the database and planned; and only when nothing at all is wrong is it stored.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.database import begin_writing
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.administrators import administrators, refuse_none_left
from tiesan.people.merges import refuse_former_codes
from tiesan.people.models import Cadre, Posting
from tiesan.records.exchange.checking import (
    ImportOptions,
    ParameterCheck,
    ParameterRefused,
    Planning,
    plan_reading,
)
from tiesan.records.exchange.progress import Progress, Silent
from tiesan.records.exchange.reading import read_path
from tiesan.records.exchange.report import FileReport, ImportReport
from tiesan.records.exchange.storing import Storing
from tiesan.records.imports.models import EVERYTHING, DataImport, State
from tiesan.records.pending import await_districts

__all__ = ["ImportOptions", "ParameterCheck", "ParameterRefused", "import_path"]


def import_path(
    session: Session,
    actor: Actor,
    path: Path,
    options: ImportOptions,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder of CSV files or a workbook, and return what became of its rows.

    Raises ImportRefused with every problem, and UserError for a path that is neither folder nor
    workbook; nothing is stored then. The caller commits.
    """
    progress = progress or Silent()
    reading = read_path(path, options.records, progress)
    if not session.in_transaction():
        begin_writing(session)
    planning = plan_reading(session, reading, options, progress)
    report = report_of(planning, dry_run=options.dry_run)
    if report.changes and not options.dry_run:
        with held_to_rules(session, planning):
            storing = Storing(session, actor, options.at, progress)
            storing.store(planning.plans, planning.postings)
        report = report_of(planning, dry_run=options.dry_run)
        _record(session, actor, options.at, report)
        _list(session, options.at, report)
        # An import evaluates nothing: the next evaluation of the whole district does.
        concerned = None if report.everywhere else report.districts
        await_districts(actor, session, concerned, "import", at=options.at)
    return report


@contextmanager
def held_to_rules(session: Session, planning: Planning) -> Iterator[None]:
    """Hold what is stored of a plan to what a single row cannot show.

    Raises UserError for what the database refuses, if nobody would administer the installation, and
    for the code of an entry of a person that was merged.
    """
    persons = any(plan.file.model in (Cadre, Posting) for plan in planning.plans)
    before = administrators(session) if persons else set()
    try:
        yield
    except IntegrityError as error:
        # Everything was checked, so the database has changed since.
        text = _("Somebody else has just stored something that does not go with it; try again.")
        raise UserError(text) from error
    if persons:
        refuse_none_left(session, before)
        refuse_former_codes(session)


def report_of(planning: Planning, *, dry_run: bool = False) -> ImportReport:
    """What storing has done, or would do."""
    plans = planning.plans
    written = [each for plan in plans for each in (*plan.added, *plan.changed)]
    ids = {each.district_id for each in written}
    return ImportReport(
        files=tuple(
            FileReport(
                stem=plan.file.stem,
                name=plan.parsed.name,
                digest=plan.parsed.digest,
                added=len(plan.added),
                changed=len(plan.changed),
                unchanged=plan.unchanged,
            )
            for plan in plans
        ),
        districts=frozenset(each for each in ids if each is not None),
        everywhere=None in ids,
        dry_run=dry_run,
        remarks=planning.remarks,
    )


def _record(session: Session, actor: Actor, at: datetime, report: ImportReport) -> None:
    """Add the import's one entry to the audit trail, with the digests of the files."""
    files = {
        each.stem: {
            "file": each.name,
            "sha256": each.digest,
            "added": each.added,
            "changed": each.changed,
            "unchanged": each.unchanged,
        }
        for each in report.files
    }
    subject = Subject("import", district_id=report.district)
    record_entry(session, actor, "import", subject, at=at, details={"files": files})


def _list(session: Session, at: datetime, report: ImportReport) -> None:
    """Add it to the imports that are listed; rows are not kept, so that it cannot be undone."""
    row = DataImport(
        kind=EVERYTHING,
        at=at,
        state=State.STORED.value,
        district_id=report.district,
        files=[{"name": each.name, "sha256": each.digest} for each in report.files],
        result=report.as_json(),
        stored_at=at,
    )
    session.add(row)
    session.flush()
