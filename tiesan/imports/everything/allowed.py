"""What somebody may bring in: which kinds of rows, and which of these rows.

Source: trust.md. Administrators bring in everything of what they administer, but what is
confidential only where they may read it; supervisors records of their own reach that are not
confidential and not about themselves. Which rows a reach has is asked of the database, by the
conditions of the pages, when the rows are written in a transaction that may be taken back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from tiesan.access.belonging import rows_not_about, rows_within
from tiesan.access.criterion import permitted_to
from tiesan.access.of_people import cadres_within, organization_ids, organizations_within
from tiesan.access.viewer import Reach, Viewer
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.base import Record
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.parsing import ParsedFile, whole_file_problem
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.problems import ImportRefused, Problem, shown
from tiesan.records.exchange.reading import Reading
from tiesan.records.policy import ADMINISTRATORS, CADRE, SUPERVISORS

_PIECE = 400


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a viewer may bring in."""

    viewer: Viewer

    @property
    def administered(self) -> Reach:
        """What the viewer administers."""
        return self.viewer.acting_reach(ADMINISTRATORS)

    @property
    def supervised(self) -> Reach:
        """What the viewer supervises."""
        return self.viewer.acting_reach(SUPERVISORS)

    def takes(self, file: ExchangeFile) -> bool:
        """Whether the viewer may bring in rows of a kind at all."""
        model = file.model
        if not issubclass(model, Record):
            reach = self.administered
            return not reach.is_empty if file.kind.belongs_to else reach.everywhere
        access = model.policy.access
        if access.confidential:
            return not self.administered.is_empty and self.viewer.has(access.read - CADRE)
        supervises = not self.supervised.is_empty and not access.create.isdisjoint(SUPERVISORS)
        return supervises or not self.administered.is_empty

    def within(self, files: Iterable[ExchangeFile]) -> frozenset[int] | None:
        """The districts to which every row has to belong, where no more is to be asked of it.

        None where the rows themselves are asked, or all may be written.
        """
        if self.administered.everywhere or self.asks_rows(files):
            return None
        return self.administered.districts

    def asks_rows(self, files: Iterable[ExchangeFile]) -> bool:
        """Whether it takes the database to say which rows the viewer may write."""
        simple = self.administered.everywhere or (
            self.supervised.is_empty and not self.administered.organizations
        )
        return not simple or any(_is_confidential(each) for each in files)

    def refuse_kinds(self, reading: Reading) -> None:
        """Take files out of what was read that the viewer may not bring in, noting a problem."""
        for parsed in list(reading.files):
            if not self.takes(parsed.file):
                text = _("only an administrator who may see these records brings them in")
                problem = whole_file_problem(parsed.name, parsed.number, 1, text)
                reading.problems.append(problem)
                reading.files.remove(parsed)

    def condition(self, file: ExchangeFile) -> ColumnElement[bool]:
        """The rows of a kind that the viewer may write."""
        if file.model is Organization:
            return organizations_within(self.administered)
        if file.model is Cadre:
            return cadres_within(self.administered)
        if file.model is Posting:
            return self._postings()
        if issubclass(file.model, Record):
            return self._records(file.model)
        return false()

    def _postings(self) -> ColumnElement[bool]:
        if self.administered.everywhere:
            return Posting.id.is_not(None)
        places = organization_ids(self.administered)
        cadres = select(Cadre.id).where(cadres_within(self.administered))
        return and_(Posting.cadre_id.in_(cadres), Posting.organization_id.in_(places))

    def _records(self, model: type[Record]) -> ColumnElement[bool]:
        within = rows_within(model, self.administered)
        if model.policy.confidential:
            roles = model.policy.access.read - CADRE
            return and_(within, permitted_to(roles, model, self.viewer))
        if self.supervised.is_empty:
            return within
        supervised = and_(rows_within(model, self.supervised), rows_not_about(model, self.viewer))
        return or_(within, supervised)

    # --- asking the database ----------------------------------------------------------------------

    def refuse_stored(self, session: Session, plans: Sequence[Plan]) -> None:
        """Raise ImportRefused for stored rows that files name and the viewer may not write."""
        problems: list[Problem] = []
        for plan in plans:
            ids = [*(each.id for each in plan.changed), *plan.same]
            wrong = set(self._others(session, plan.file, ids))
            named = [each for each in plan.changed if each.id in wrong]
            problems += _blamed(plan.parsed, named)
            if len(wrong) > len(named):
                problems.append(_unnamed(plan.parsed, len(wrong) - len(named)))
        if problems:
            raise ImportRefused(problems)

    def refuse_written(
        self,
        session: Session,
        plans: Sequence[Plan],
        written: Callable[[Plan], Iterable[Sequence[int]]],
        known: Callable[[int], int],
    ) -> None:
        """Raise ImportRefused for rows, as they are written by now, that are not the viewer's."""
        problems: list[Problem] = []
        for plan in plans:
            wrong = [
                each for ids in written(plan) for each in self._others(session, plan.file, ids)
            ]
            if wrong:
                problems += _blamed(plan.parsed, _planned_of(session, plan, wrong, known))
        if problems:
            raise ImportRefused(problems)

    def _others(self, session: Session, file: ExchangeFile, ids: Sequence[int]) -> list[int]:
        """Of these rows those that the viewer may not write."""
        if not file.kind.belongs_to:
            return []
        column, condition, found = file.table.c.id, self.condition(file), list[int]()
        for start in range(0, len(ids), _PIECE):
            some = ids[start : start + _PIECE]
            right = set(session.scalars(select(column).where(column.in_(some), condition)))
            found += [each for each in some if each not in right]
        return found


def _is_confidential(file: ExchangeFile) -> bool:
    return issubclass(file.model, Record) and file.model.policy.confidential


def _planned_of(
    session: Session, plan: Plan, ids: Sequence[int], known: Callable[[int], int]
) -> list[Planned]:
    """The planned rows that became these, found by what identifies them."""
    file, places = plan.file, plan.file.identity
    references = {place for place, _kind in file.references}
    columns = [file.columns[place] for place in places]
    keys = {
        tuple(row)
        for start in range(0, len(ids), _PIECE)
        for row in session.execute(
            select(*columns).where(file.table.c.id.in_(ids[start : start + _PIECE]))
        )
    }

    def key(planned: Planned) -> tuple[object, ...]:
        values = planned.values
        return tuple(
            known(values[place]) if place in references else values[place] for place in places
        )

    return [each for each in (*plan.added, *plan.changed) if key(each) in keys]


def _blamed(parsed: ParsedFile, rows: Iterable[Planned]) -> list[Problem]:
    column = parsed.file.kind.identity[0]
    position = parsed.file.position[column]
    text = _("not for you to bring in: outside of what you answer for, or about yourself;"
             " found: %(found)s")  # fmt: skip
    return [
        Problem(
            (parsed.number, each.row.line, position),
            parsed.name,
            each.row.line,
            parsed.header.names[position],
            text % {"found": shown(each.row.values[position])},
        )
        for each in rows
    ]


def _unnamed(parsed: ParsedFile, number: int) -> Problem:
    text = _("%(num)d rows that are not for you to bring in, or are about yourself", num=number)
    return whole_file_problem(parsed.name, parsed.number, 1, text)
