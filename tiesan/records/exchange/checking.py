"""Checking everything that was read against the database, and planning how to store it.

Nothing is written here. Every problem of every file is noted before anything is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.clock import day_of
from tiesan.i18n import _
from tiesan.people.merges import aliases
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.base import Record
from tiesan.records.exchange.aliases import leave_merged, refuse_twins
from tiesan.records.exchange.codes import check_codes
from tiesan.records.exchange.doubtful import doubtful_rows
from tiesan.records.exchange.files import exchange_files
from tiesan.records.exchange.parsing import ParsedFile
from tiesan.records.exchange.planning import (
    Plan,
    Planned,
    Planner,
    refuse_another_district,
    settle_districts,
)
from tiesan.records.exchange.problems import ImportRefused, Remark, shown
from tiesan.records.exchange.progress import Progress
from tiesan.records.exchange.reading import Reading
from tiesan.records.exchange.service_planning import (
    CadrePlanner,
    Postings,
    refuse_leaving_the_district,
)
from tiesan.records.exchange.targets import Registry
from tiesan.records.exchange.tree import check_tree, districts, settled_tree
from tiesan.records.settings import RuleParameterValue

# Rule, parameter and value as text; gives the value to store, or raises ParameterRefused.
ParameterCheck: TypeAlias = Callable[[str, str, str], str]


class ParameterRefused(Exception):  # noqa: N818 - it says what became of the value
    """A value that its rule does not accept."""

    def __init__(self, column: str, text: str) -> None:
        """Take the column to blame and what is wrong."""
        super().__init__(text)
        self.column = column
        self.text = text


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


@dataclass(frozen=True)
class Planning:
    """What storing all files would do, with what is to be looked at."""

    plans: list[Plan]
    postings: Postings
    remarks: tuple[Remark, ...] = ()


def plan_reading(
    session: Session, reading: Reading, options: ImportOptions, progress: Progress
) -> Planning:
    """Check what was read and plan how to store it; raises ImportRefused with every problem."""
    files = {file.kind.name: file for file in exchange_files(options.records)}
    known = aliases(session)
    merged = leave_merged(reading.files, known)
    registry = Registry(session, files, known)
    registry.read(reading.files)
    progress.begin(_("Checking"), reading.row_count)
    planner = _FilePlanner(session, registry, reading, options)
    planner.remarks += merged
    plans = []
    for parsed in reading.files:
        plans.append(planner.plan(parsed))
        progress.advance(len(parsed.rows))
    problems = [*reading.problems, *(each for parsed in reading.files for each in parsed.problems)]
    if problems:
        raise ImportRefused(problems)
    remarks = [*reading.remarks, *planner.remarks]
    remarks += doubtful_rows(session, plans, planner.postings)
    return Planning(plans, planner.postings, tuple(remarks))


class _FilePlanner:
    """Plans one file after another; postings are planned first, because persons rest on them."""

    def __init__(
        self, session: Session, registry: Registry, reading: Reading, options: ImportOptions
    ) -> None:
        self._session, self._registry, self._options = session, registry, options
        self.remarks: list[Remark] = []
        parsed = next((each for each in reading.files if each.file.model is Posting), None)
        self._posted = [] if parsed is None else Planner(session, registry, parsed).plan_rows()
        self.postings = Postings(session, registry, parsed, self._posted)

    def plan(self, parsed: ParsedFile) -> Plan:
        """Plan one file, and note what is wrong with its rows."""
        plan = Plan(parsed)
        if plan.file.model is RuleParameterValue:
            _settle_parameters(parsed, self._options.parameter_check)
        planned = refuse_twins(parsed, self._planned(parsed), self._registry.aliases)
        if parsed.file.coded:
            self.remarks += check_codes(self._session, parsed, self._registry)
        if plan.file.model is Organization:
            _settle_tree(self._session, planned, plan, self._registry)
        elif plan.file.kind.belongs_to:
            settle_districts(planned, plan, self._registry)
        if plan.file.model is Posting:
            refuse_leaving_the_district(self.postings, plan, self._registry)
        for each in planned:
            plan.keep(each)
        if self._options.within is not None:
            _refuse_outside(plan, self._options.within)
        return plan

    def _planned(self, parsed: ParsedFile) -> list[Planned]:
        if parsed.file.model is Posting:
            return [each for each in self._posted if each.row.sound]
        if parsed.file.model is not Cadre:
            return Planner(self._session, self._registry, parsed).plan_rows()
        day = day_of(self._options.at)
        planner = CadrePlanner(self._session, self._registry, parsed, self.postings, day)
        rows = planner.plan_rows()
        self.remarks += planner.remarks
        return rows


def _settle_tree(session: Session, planned: list[Planned], plan: Plan, registry: Registry) -> None:
    nodes = settled_tree(session, planned, plan)
    check_tree(nodes, plan)
    found = districts(nodes)
    registry[plan.file.kind.name].district = found
    for each in planned:
        each.district_id = found.get(each.id)
        refuse_another_district(each, plan.parsed)


def _settle_parameters(parsed: ParsedFile, check: ParameterCheck) -> None:
    """Ask what the rules accept, also of rows in which something else is wrong."""
    rule_at, name_at, value_at = (parsed.file.position[each] for each in ("rule", "name", "value"))
    for row in parsed.rows:
        rule, name, value = row.values[rule_at], row.values[name_at], row.values[value_at]
        if isinstance(rule, str) and isinstance(name, str) and isinstance(value, str):
            try:
                row.values[value_at] = check(rule, name, value)
            except ParameterRefused as refused:
                parsed.blame(row, refused.column, refused.text)


def _refuse_outside(plan: Plan, within: frozenset[int]) -> None:
    """Note every row that would be written and does not belong to one of these districts."""
    for each in [*plan.added, *plan.changed]:
        if each.district_id not in within:
            column = plan.file.kind.identity[0]
            found = shown(each.row.values[plan.file.position[column]])
            text = _("this row belongs to no district that you may write to; found: %(found)s")
            plan.parsed.blame(each.row, column, text % {"found": found})
