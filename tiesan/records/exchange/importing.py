"""The import of a folder or workbook: all of it or nothing.

Source: exchange.md. Files are read first, without the database; then everything is checked against
the database and planned; and only when nothing at all is wrong is it stored.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.database import begin_writing
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.base import Record
from tiesan.records.exchange.files import exchange_files
from tiesan.records.exchange.parsing import ParsedFile
from tiesan.records.exchange.planning import Plan, Planned, Planner, settle_districts
from tiesan.records.exchange.planning import refuse_another_district as _refuse_another_district
from tiesan.records.exchange.problems import ImportRefused, shown
from tiesan.records.exchange.progress import Progress, Silent
from tiesan.records.exchange.reading import Reading, read_path
from tiesan.records.exchange.report import FileReport, ImportReport
from tiesan.records.exchange.storing import Storing
from tiesan.records.exchange.targets import Registry
from tiesan.records.exchange.tree import check_tree, districts, settled_tree
from tiesan.records.pending import await_districts
from tiesan.records.settings import RuleParameterValue

# Rule, parameter and value as text; gives the column to blame and what is wrong, or None.
ParameterCheck: TypeAlias = Callable[[str, str, str], tuple[str, str] | None]


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    ``records`` are the record classes, in import order; ``parameter_check`` says whether a rule
    accepts a value; ``at`` is the moment of the import; ``within`` are the ids of the districts
    whose rows may be written, None for all and for what holds for the whole installation. With
    ``dry_run`` nothing is stored.
    """

    records: tuple[type[Record], ...]
    parameter_check: ParameterCheck
    at: datetime
    dry_run: bool = False
    within: frozenset[int] | None = None


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
    plans = plan_reading(session, reading, options, progress)
    report = _report(plans, options)
    if report.changes and not options.dry_run:
        _store(Storing(session, actor, options.at, progress), plans)
        report = _report(plans, options)
        _record(session, actor, options.at, report)
        # An import evaluates nothing: the next evaluation of the whole district does.
        concerned = None if report.everywhere else report.districts
        await_districts(actor, session, concerned, "import", at=options.at)
    return report


def _store(storing: Storing, plans: list[Plan]) -> None:
    try:
        storing.store(plans)
    except IntegrityError as error:
        # Everything was checked, so the database has changed since.
        text = _("Somebody else has just stored something that does not go with it; try again.")
        raise UserError(text) from error


def plan_reading(
    session: Session, reading: Reading, options: ImportOptions, progress: Progress
) -> list[Plan]:
    """Check what was read and plan how to store it; raises ImportRefused with every problem."""
    files = {file.kind.name: file for file in exchange_files(options.records)}
    registry = Registry(session, files)
    registry.read(reading.files)
    progress.begin(_("Checking"), reading.row_count)
    plans = []
    for parsed in reading.files:
        plans.append(_plan_file(session, registry, parsed, options))
        progress.advance(len(parsed.rows))
    problems = [*reading.problems, *(each for parsed in reading.files for each in parsed.problems)]
    if problems:
        raise ImportRefused(problems)
    return plans


def _plan_file(
    session: Session, registry: Registry, parsed: ParsedFile, options: ImportOptions
) -> Plan:
    plan = Plan(parsed)
    planned = Planner(session, registry, parsed).plan_rows()
    if plan.file.model is Organization:
        _settle_tree(session, planned, plan, registry)
    elif plan.file.kind.belongs_to:
        settle_districts(planned, plan, registry)
    elif plan.file.model is RuleParameterValue:
        _check_parameters(plan, options.parameter_check)
    for each in planned:
        plan.keep(each)
    if options.within is not None:
        _refuse_outside(plan, options.within)
    return plan


def _settle_tree(session: Session, planned: list[Planned], plan: Plan, registry: Registry) -> None:
    nodes = settled_tree(session, planned, plan)
    check_tree(nodes, plan)
    found = districts(nodes)
    registry[plan.file.kind.name].district = found
    for each in planned:
        each.district_id = found.get(each.id)
        _refuse_another_district(each, plan.parsed)


def _check_parameters(plan: Plan, check: ParameterCheck) -> None:
    """Ask what the rules accept, also of rows in which something else is wrong."""
    rule_at, name_at, value_at = (plan.file.position[each] for each in ("rule", "name", "value"))
    for row in plan.parsed.rows:
        rule, name, value = row.values[rule_at], row.values[name_at], row.values[value_at]
        if isinstance(rule, str) and isinstance(name, str) and isinstance(value, str):
            problem = check(rule, name, value)
            if problem is not None:
                plan.parsed.blame(row, *problem)


def _refuse_outside(plan: Plan, within: frozenset[int]) -> None:
    """Note every row that would be written and does not belong to one of these districts."""
    for each in [*plan.added, *plan.changed]:
        if each.district_id not in within:
            column = plan.file.kind.identity[0]
            found = shown(each.row.values[plan.file.position[column]])
            text = _("this row belongs to no district that you may write to; found: %(found)s")
            plan.parsed.blame(each.row, column, text % {"found": found})


def _report(plans: Iterable[Plan], options: ImportOptions) -> ImportReport:
    plans = list(plans)
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
