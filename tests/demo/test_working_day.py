"""What people of the demonstration ask for: every state is there, on whichever day."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.demo.test_records import ACTOR, CATALOG, hits
from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.courses.installed import running_courses
from tiesan.courses.standing import state_of
from tiesan.courses.values import Course
from tiesan.database import open_session
from tiesan.demo.filling import fill
from tiesan.demo.plan import small_district
from tiesan.demo.sample_files import sample_file
from tiesan.demo.working_day import WorkingDay
from tiesan.people.deputies import Deputy
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.models import Attachment
from tiesan.records.attachments.store import FileStore
from tiesan.records.corrections import CorrectionRequest


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 10, 4), date(2026, 11, 29)])
def test_every_state_of_a_request_is_there_and_no_flag_comes_of_it(
    today: date, sqlite_url: str, tmp_path: Path
) -> None:
    url = read_database_url(sqlite_url)
    noon = datetime.combine(today, time(4), tzinfo=UTC)
    yesterday = today - timedelta(days=1)
    with open_session(url) as session:
        fill(ACTOR, session, small_district(today), CATALOG.plugins, now=noon)
        session.commit()
        before = {(hit.rule, hit.subject, hit.occurred_on) for hit in hits(session, yesterday)}
        session.rollback()
        kinds = {each.record_kind.name: each for each in CATALOG.plugins.records}
        with create_app(url=url, instance=tmp_path).app_context():
            courses, store = running_courses(), FileStore(tmp_path)
            told = WorkingDay(session, today, noon, courses, store, kinds)
            told.unfold()
            states = {name: _states(session, courses[name], today) for name in courses}
        untold = [each for each in told.stories if each.row is None]
        # Whoever is away today by chance does not begin another leave.
        assert all(each.course == "leave" and not each.movable for each in untold)
        assert states["leave"] == {"requested", "approved", "rejected", "withdrawn", "closed"}
        assert states["expense"] == {
            "requested", "approved", "rejected", "withdrawn", "spent", "reimbursed"
        }  # fmt: skip
        assert states["correction"] == {"requested", "granted", "refused"}
        after = {(hit.rule, hit.subject, hit.occurred_on) for hit in hits(session, yesterday)}
        # A correction that was granted is the only thing that changes what is judged.
        assert after <= before
        assert len(before - after) <= 1
        assert _number(session, Deputy) == 1
        assert _number(session, CorrectionRequest) == 3
        files = session.scalars(sa.select(Attachment)).all()
        assert {each.kind for each in files} >= {"expense", "info_report", "meeting", "correction"}
        assert all(store.path(each.sha256).exists() for each in files)


@pytest.mark.parametrize("name", ["收据.jpg", "会议纪要.pdf"])
def test_a_sample_is_what_its_name_says_and_always_the_same(name: str) -> None:
    content = sample_file(name)
    assert content == sample_file(name)
    kept = fit_to_keep(content)
    assert kept.media_type == ("application/pdf" if name.endswith(".pdf") else "image/jpeg")


def _states(session: Session, course: Course, today: date) -> set[str]:
    statement = sa.select(state_of(course)).distinct()
    return set(session.scalars(statement, {"day": today}))


def _number(session: Session, model: type) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
