"""Whatever comes of attempts, in any order: each sending is told of as it was, and never twice."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sending.conftest import BEGUN, TESTER
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.notifications.sending.models import OVER, Sending, SendingAttempt, State, Way
from tiesan.notifications.sending.outcome import Outcome, Reason, dropped, failed, sent, unknown
from tiesan.notifications.sending.queue import send_again
from tiesan.notifications.sending.taking import (
    AGAIN_AFTER,
    LEASE,
    expire,
    note_end,
    take_next,
)
from tiesan.testing.fixtures import sqlite_copy

# What an attempt brings; None is a process that is killed.
OUTCOMES: list[Outcome | None] = [
    sent("ok"),
    failed(Reason.REFUSED, "no"),
    unknown(Reason.NO_ANSWER),
    dropped(Reason.NOTHING_TO_SAY),
    None,
]
steps = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.booleans(), st.integers(0, 30)), max_size=25
)


class Model:
    """One sending, and what must be true of it after each step."""

    def __init__(self, session: Session) -> None:
        way = Way(scheme="schan", title="x", fields={}, sealed="", created_at=BEGUN, active=True)
        session.add(way)
        session.flush()
        row = Sending(
            way_id=way.id, purpose="group", urgent=False, made_at=BEGUN, due_at=BEGUN, details={}
        )
        session.add(row)
        session.commit()
        self.session, self.id, self.now = session, row.id, BEGUN
        self.results: list[State] = []
        self.in_a_row = 0

    def attempt(self, outcome: Outcome | None) -> None:
        """Take the sending, if it is due, and let this come of it."""
        # What was looked at before is no part of it.
        self.session.rollback()
        taken = take_next(self.session, self.now)
        if taken is None:
            return
        if outcome is None:
            self.now += LEASE
            assert expire(self.session, self.now) == 1
            # Who was thought dead says something after all.
            assert not note_end(self.session, taken, sent("late"), self.now)
            self.results.append(State.UNKNOWN)
        else:
            assert note_end(self.session, taken, outcome, self.now)
            self.results.append(outcome.state)
        self.in_a_row = self.in_a_row + 1 if self.results[-1] is State.FAILED else 0

    def again(self) -> None:
        """A person has it sent again."""
        row = self.row()
        if row.state in (State.FAILED, State.UNKNOWN):
            send_again(TESTER, self.session, row, at=self.now)
            self.in_a_row = 0
        self.session.commit()

    def row(self) -> Sending:
        self.session.expire_all()
        return self.session.get_one(Sending, self.id)

    def check(self) -> None:
        row = self.row()
        kept = select(SendingAttempt).order_by(SendingAttempt.number)
        tries = self.session.scalars(kept).all()
        assert [each.number for each in tries] == list(range(1, len(self.results) + 1))
        assert [each.result for each in tries] == [each.value for each in self.results]
        if row.state == State.WAITING:
            assert self.in_a_row <= len(AGAIN_AFTER)
            expected = self.now + AGAIN_AFTER[self.in_a_row - 1] if self.in_a_row else None
            assert expected is None or row.due_at <= expected
        else:
            assert row.state in OVER
            assert row.state == self.results[-1]
            assert row.state != State.FAILED or self.in_a_row == len(AGAIN_AFTER) + 1
        self.session.rollback()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_outcomes_in_any_order(
    steps: list[tuple[Outcome | None, bool, int]], sqlite_template: Path
) -> None:
    with TemporaryDirectory() as folder:
        engine = make_engine(read_database_url(sqlite_copy(sqlite_template, Path(folder))))
        with Session(engine) as session:
            model = Model(session)
            for outcome, again, hours in steps:
                model.attempt(outcome)
                model.check()
                if again:
                    model.again()
                model.now += timedelta(hours=hours)
        engine.dispose()
