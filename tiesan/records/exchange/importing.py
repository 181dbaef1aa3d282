"""The import of a folder or workbook: all of it or nothing.

Source: exchange.md. Files are read first, without the database; then everything is checked against
the database and planned; and only when nothing at all is wrong is it stored.
"""

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
    report = _report(planning, options)
    if report.changes and not options.dry_run:
        _store(session, Storing(session, actor, options.at, progress), planning)
        report = _report(planning, options)
        _record(session, actor, options.at, report)
        # An import evaluates nothing: the next evaluation of the whole district does.
        concerned = None if report.everywhere else report.districts
        await_districts(actor, session, concerned, "import", at=options.at)
    return report


def _store(session: Session, storing: Storing, planning: Planning) -> None:
    """Store what was planned; raises UserError if nobody would administer the installation."""
    persons = any(plan.file.model in (Cadre, Posting) for plan in planning.plans)
    before = administrators(session) if persons else set()
    try:
        storing.store(planning.plans, planning.postings)
    except IntegrityError as error:
        # Everything was checked, so the database has changed since.
        text = _("Somebody else has just stored something that does not go with it; try again.")
        raise UserError(text) from error
    if persons:
        refuse_none_left(session, before)
        refuse_former_codes(session)


def _report(planning: Planning, options: ImportOptions) -> ImportReport:
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
        dry_run=options.dry_run,
        remarks=planning.remarks,
    )


def _record(session: Session, actor: Actor, at: datetime, report: ImportReport) -> None:
    """Add the import's one entry to the audit trail, with the digests of the files."""
    alone = report.districts if len(report.districts) == 1 and not report.everywhere else ()
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
    subject = Subject("import", district_id=next(iter(alone), None))
    record_entry(session, actor, "import", subject, at=at, details={"files": files})
