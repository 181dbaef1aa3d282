"""A small district in a real database, and evaluations of it with the real engine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, Expense, ExpenseApproval, WorkLog
from tiesan.audit import COMMAND_LINE, Actor
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Outcome, Task, evaluate_installation, evaluate_pending
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import table_of
from tiesan.records.pending import Touched, await_record, take_awaited

NOW = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
SINCE = date(2000, 1, 1)
TRACKED = date(2026, 3, 2)
WEB = Actor(None, "督查")


def noon_of(day: date) -> datetime:
    """Noon of a day in Asia/Shanghai."""
    return datetime.combine(day, time(4), UTC)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine with its child processes."""
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a fresh database of either kind."""
    database = make_engine(make_url(database_url))
    with Session(database) as session:
        yield session
    database.dispose()


@dataclass
class District:
    """A district D1 with a federation F1, an enterprise union E1 and cadres C1, C2."""

    session: Session
    engine: Engine

    def people(self) -> "District":
        """Store the organizations and cadres; C1 is professional and sits in F1."""
        district = Organization(
            code="D1", name="甲区总工会", kind="district", founded_on=SINCE, tracked_from=TRACKED
        )
        self.session.add(district)
        self.session.flush()
        district.district_id = district.id
        federation = Organization(
            code="F1", name="乙联合会", kind="federation", founded_on=SINCE, parent_id=district.id
        )
        federation.district_id = district.id
        self.session.add(federation)
        self.session.flush()
        for code, professional in (("C1", False), ("C2", False)):
            self.session.add(
                Cadre(
                    code=code,
                    name=f"张{code}",
                    organization_id=federation.id,
                    professional=professional,
                    joined_on=SINCE,
                )
            )
        self.session.flush()
        self.session.commit()
        return self

    def add(self, model: type[Record], **values: Any) -> Any:
        """Store a record; references are given as rows or as codes of cadres."""
        district = self.session.scalars(select(Organization).filter_by(code="D1")).one()
        for name in ("cadre", "approver"):
            if isinstance(values.get(name), str):
                values[name] = self.session.scalars(
                    select(Cadre).filter_by(code=values[name])
                ).one()
        row = model(**values, district_id=district.id, recorded_at=NOW, source="import")
        self.session.add(row)
        self.session.commit()
        return row

    def expense(self, code: str, amount: int, **values: Any) -> Expense:
        """Store an expense of ``amount`` fen, spent and reimbursed on March 5 unless told."""
        given = {
            "cadre": "C1",
            "payee": "甲商店",
            "spent_on": date(2026, 3, 5),
            "requested_on": date(2026, 3, 5),
            "reimbursed_on": date(2026, 3, 5),
            "receipt": True,
        }
        row: Expense = self.add(Expense, code=code, amount=amount, **(given | values))
        return row

    def approval(self, code: str, expense: Expense, **values: Any) -> ExpenseApproval:
        """Store an approval of the audit committee, decided on March 5 unless told."""
        given = {"body": "audit_committee", "decision": "approved", "decided_on": date(2026, 3, 5)}
        row: ExpenseApproval = self.add(
            ExpenseApproval, code=code, expense=expense, **(given | values)
        )
        return row

    def log(self, cadre: str, day: date, written_on: date) -> WorkLog:
        """Store a work log."""
        row: WorkLog = self.add(WorkLog, cadre=cadre, day=day, written_on=written_on)
        return row

    def attendance(self, cadre: str, day: date, **values: Any) -> Attendance:
        """Store a row of attendance."""
        row: Attendance = self.add(Attendance, cadre=cadre, day=day, **values)
        return row

    def task(self, as_of: date, today: date | None = None, *, ahead: bool = False) -> Task:
        """An evaluation of the whole of a day, at noon of it or of another day."""
        noon = noon_of(today or as_of)
        decide, catalog = self.engine.decide, installed_catalog()
        return Task(COMMAND_LINE, catalog, decide, as_of, as_of, noon, ahead=ahead)

    def evaluate(self, as_of: date, today: date | None = None, *, ahead: bool = False) -> Outcome:
        """Evaluate as `tiesan evaluate --as-of` does."""
        self.session.commit()
        return evaluate_installation(self.session, self.task(as_of, today, ahead=ahead))

    def live(self, today: date) -> Task:
        """A live evaluation on a day, as a saved record asks for."""
        return replace(self.task(today), judged_until=None)

    def up_to_now(self, today: date, *, back: bool = False) -> Outcome:
        """Judge everybody up to the day before, knowing the running day; or lead back to it."""
        self.session.commit()
        yesterday = today - timedelta(days=1)
        task = replace(self.task(today), judged_until=yesterday, back=back)
        return evaluate_installation(self.session, task)

    def touch(self, row: Record, today: date) -> int:
        """Evaluate what a change of a row touches, as a page does; gives how many flags it raised.

        The entry is that of the row as it is now.
        """
        at = noon_of(today)
        await_record(WEB, self.session, row, Touched().add(row), at=at)
        ids = take_awaited(self.session)
        self.session.commit()
        result = evaluate_pending(self.session, self.live(today), ids)
        return len(result.changes.raised)

    def flags(self, *, active: bool | None = None) -> list[Flag]:
        """The stored flags of discipline by rule, key and episode.

        The meetings that the district never held are flagged too, and left out here.
        """
        return self.flags_of("discipline.", active=active)

    def flags_of(self, prefix: str, *, active: bool | None = None) -> list[Flag]:
        """The stored flags of the rules whose ids begin with a prefix."""
        self.session.expire_all()
        statement = (
            select(Flag)
            .where(Flag.rule.startswith(prefix))
            .order_by(Flag.rule, Flag.key, Flag.episode)
        )
        if active is not None:
            statement = statement.where(Flag.active.is_(active))
        return list(self.session.scalars(statement))

    def names(self, *, active: bool | None = True) -> list[tuple[str, str]]:
        """Rule and key of the stored flags."""
        return [(flag.rule, flag.key) for flag in self.flags(active=active)]

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row about flags, by table, for comparing before and after."""
        self.session.commit()
        found = {}
        for model in (Flag, FlagRevision, FlagEvent):
            table = table_of(model)
            rows = self.session.execute(select(table).order_by(table.c.id))
            found[table.name] = [tuple(map(str, row)) for row in rows]
        self.session.commit()
        return found

    def review(self, flag: Flag, state: str, on: date, until: date | None = None) -> None:
        """Store a review as the review workflow will: state on the flag, event in its history."""
        flag.review, flag.waived_until = state, until
        event = FlagEvent(
            flag_id=flag.id,
            at=NOW,
            on=on,
            verb="reviewed",
            actor_name="督查",
            from_state="open",
            to_state=state,
            waived_until=until,
        )
        self.session.add(event)
        self.session.commit()


@pytest.fixture
def district(session: Session, engine: Engine) -> District:
    """The small district, stored."""
    return District(session, engine).people()
