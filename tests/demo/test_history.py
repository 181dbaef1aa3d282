"""What has been done about the demonstration's flags: every state is there, on whichever day."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.demo.test_records import ACTOR, CATALOG
from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.demo.filling import fill
from tiesan.demo.history import History, stories
from tiesan.demo.plan import small_district
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.follow_up import Notice, NoticeState
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waivers import Waiver
from tiesan.rules import Review, decide_plainly


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 11, 29)])
def test_every_story_is_told_and_every_state_is_there(
    today: date, sqlite_url: str, tmp_path: Path
) -> None:
    url = read_database_url(sqlite_url)
    with open_session(url) as session:
        fill(ACTOR, session, small_district(today), CATALOG.plugins, now=_noon(today))
        session.commit()
        history = History(session, today)

        def judge(day: date, moment: datetime) -> None:
            task = Task(ACTOR, CATALOG, decide_plainly, as_of=day, judged_until=day, now=moment)
            evaluate_installation(session, task)

        with create_app(url=url, instance=tmp_path).app_context():
            history.unfold(judge)
        assert all(story.flag_id is not None for story in history.stories)
        assert set(session.scalars(sa.select(Flag.review))) == {each.value for each in Review}
        # Of the notices nobody revokes one; a wanting deadline makes every colour.
        notices = session.scalars(sa.select(Notice)).all()
        assert {each.state for each in notices} == {*NoticeState} - {NoticeState.REVOKED}
        days = sorted((each.due_on - today).days for each in notices)
        assert days[0] < 0 < days[-1]
        assert session.scalar(sa.select(sa.func.count()).select_from(Waiver)) == 2
        # Whatever people did is of the day on which it was done.
        done = sa.select(FlagEvent.on, sa.func.date(FlagEvent.at)).where(
            FlagEvent.actor_id.is_not(None)
        )
        rows = session.execute(done).all()
        assert len(rows) >= sum(step.course == "flag" for each in stories() for step in each.steps)
        assert all(on.isoformat() == at for on, at in rows)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)
