"""Storing what was planned: few statements for many rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.i18n import _
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.models import Cadre, Organization, OrganizationKind, Posting
from tiesan.people.postings import Span, write_postings
from tiesan.records.base import folded_texts
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.progress import Progress
from tiesan.records.exchange.service_planning import Postings
from tiesan.records.exchange.targets import narrowed
from tiesan.records.kinds import table_of

_CHUNK = 5_000
_CHAIR = "chair"
_VOIDED = ("voided_at",)


class Storing:
    """Writes plans one after another; rows get their ids as they are stored."""

    def __init__(self, session: Session, actor: Actor, at: datetime, progress: Progress) -> None:
        """Take who imports, and when."""
        self._session = session
        self._progress = progress
        self._bookkeeping = {
            "recorded_at": at,
            "recorded_by_id": actor.account_id,
            "source": actor.source,
        }
        # The ids that stood for new rows while they were planned, and what became of them.
        self._ids: dict[int, int] = {}

    def store(self, plans: Sequence[Plan], postings: Postings) -> None:
        """Write all plans; they come in the order in which their rows refer to each other.

        The postings of persons of whom there is no posting in the files are written as well.
        """
        rows = sum(len(plan.added) + len(plan.changed) for plan in plans)
        self._progress.begin(_("Storing"), rows)
        referred = {kind for plan in plans for _place, kind in plan.file.references}
        for plan in plans:
            if plan.file.model is Organization:
                self._store_organizations(plan)
            elif plan.file.model is not Posting:
                self._insert(plan, plan.added)
            if plan.file.kind.name in referred or plan.file.model is Cadre:
                self._read_ids(plan, plan.added)
            self._update(plan)
            if plan.file.model is Posting:
                # One who is still there may be so in one posting only: the earlier ends first.
                self._insert(plan, plan.added)
        self._store_service(postings)
        for plan in plans:
            if plan.file.model is Organization:
                self._store_chairs(plan)
                refresh_ancestry(self._session)
        # The rows were written past the session's own copies of them.
        self._session.expire_all()
        self._settle_ids(plans)

    def _settle_ids(self, plans: Iterable[Plan]) -> None:
        for plan in plans:
            for each in plan.added:
                each.district_id = self._real(each.district_id)

    def _real(self, planned_id: int | None) -> int | None:
        return planned_id if planned_id is None else self._ids.get(planned_id, planned_id)

    def _values(self, plan: Plan, planned: Planned) -> dict[str, Any]:
        """The values of a row by the names of its columns, references being real ids."""
        values = dict(
            zip((column.name for column in plan.file.columns), planned.values, strict=True)
        )
        for place, _kind in plan.file.references:
            name = plan.file.columns[place].name
            values[name] = self._real(values[name])
        if plan.file.model is Organization:
            # The chair may be a cadre that is yet to be stored.
            del values[f"{_CHAIR}_id"]
        return values | folded_texts(plan.file.model, values)

    def _insert(self, plan: Plan, added: Sequence[Planned]) -> None:
        self._bring_back(plan, [each for each in added if each.id > 0])
        for chunk in _chunks([each for each in added if each.id < 0]):
            rows = [self._new_values(plan, each) for each in chunk]
            self._session.execute(insert(plan.file.table), rows)
            self._progress.advance(len(chunk))

    def _new_values(self, plan: Plan, planned: Planned) -> dict[str, Any]:
        values = self._values(plan, planned)
        if plan.file.is_record:
            values |= self._bookkeeping | {"district_id": self._real(planned.district_id)}
        return values

    def _bring_back(self, plan: Plan, rows: Sequence[Planned]) -> None:
        """Have rows stand again that had been taken back with the import that brought them."""
        names = ("voided_at", "voided_by_id", "void_reason") if plan.file.is_record else _VOIDED
        nothing = dict.fromkeys(names)
        columns = plan.file.table.c
        statement = update(plan.file.table).where(columns.id == bindparam("row_id"))
        for chunk in _chunks(rows):
            values = [self._new_values(plan, each) | nothing | {"row_id": each.id}
                      for each in chunk]  # fmt: skip
            self._session.execute(statement, values)
            self._progress.advance(len(chunk))

    def _read_ids(self, plan: Plan, added: Sequence[Planned]) -> None:
        """Find the ids that the new rows were given."""
        columns = plan.file.table.c
        place = plan.file.position["code"]
        by_code = {each.values[place]: each.id for each in added}
        statement = narrowed(select(columns.code, columns.id), columns.code, list(by_code))
        for code, row_id in self._session.execute(statement):
            if code in by_code:
                self._ids[by_code[code]] = row_id

    def _update(self, plan: Plan) -> None:
        columns = plan.file.table.c
        statement = update(plan.file.table).where(columns.id == bindparam("row_id"))
        for chunk in _chunks(plan.changed):
            rows = [self._values(plan, each) | {"row_id": each.id} for each in chunk]
            self._session.execute(statement, rows)
            self._progress.advance(len(chunk))

    def _store_organizations(self, plan: Plan) -> None:
        """Store new organizations from the top down, so that each finds the one above it."""
        columns = plan.file.table.c
        kind_at = plan.file.position["kind"]
        for kind in OrganizationKind:
            level = [each for each in plan.added if each.values[kind_at] == kind]
            self._insert_level(plan, level)
            self._read_ids(plan, level)
        new = update(plan.file.table).where(columns.district_id.is_(None))
        self._session.execute(new.values(district_id=columns.id))

    def _insert_level(self, plan: Plan, level: Sequence[Planned]) -> None:
        self._bring_back(plan, [each for each in level if each.id > 0])
        new = [each for each in level if each.id < 0]
        rows = [self._values(plan, each) | {"district_id": self._district(each)} for each in new]
        if rows:
            self._session.execute(insert(plan.file.table), rows)
        self._progress.advance(len(rows))

    def _district(self, planned: Planned) -> int | None:
        """The stored id of the district; None for a new district, which is its own."""
        district_id = self._real(planned.district_id)
        return None if district_id is None or district_id < 0 else district_id

    def _store_chairs(self, plan: Plan) -> None:
        columns = plan.file.table.c
        place = plan.file.position[_CHAIR]
        rows = [
            {"row_id": self._real(each.id), "chair": self._real(each.values[place])}
            for each in (*plan.added, *plan.changed)
            if each.values[place] != (each.before.values[place] if each.before else None)
        ]
        statement = update(plan.file.table).where(columns.id == bindparam("row_id"))
        if rows:
            self._session.execute(statement.values(chair_id=bindparam("chair")), rows)

    def _store_service(self, postings: Postings) -> None:
        """Write what persons' rows make of their postings, and postings of persons' rows."""
        wanted = {
            self.known(cadre_id): (before, [self._settled(each) for each in after])
            for cadre_id, (before, after) in postings.by_rows().items()
        }
        write_postings(self._session, wanted)
        rows = [
            {
                "row_id": self.known(cadre_id),
                "organization_id": self.known(service.organization_id),
                "joined_on": service.joined_on,
                "left_on": service.left_on,
            }
            for cadre_id, service in postings.by_file().items()
        ]
        columns = table_of(Cadre).c
        if rows:
            statement = update(table_of(Cadre)).where(columns.id == bindparam("row_id"))
            self._session.execute(statement, rows)

    def _settled(self, span: Span) -> Span:
        return replace(span, organization_id=self.known(span.organization_id))

    def known(self, planned_id: int) -> int:
        """The id of a stored row, be it one that was yet to be stored when it was planned."""
        return self._ids.get(planned_id, planned_id)


def _chunks(rows: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
