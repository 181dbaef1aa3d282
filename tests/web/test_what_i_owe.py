"""The list of what one owes: whose things stand there, with which button, filled in how."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.models import (
    Leave,
    WorkLog,
)
from tiesan import clock
from tiesan.clock import SHANGHAI
from tiesan.extensions import db
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.people.models import Cadre, Organization
from tiesan.records.settings import PluginState
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

# A Tuesday; what was due by the Friday before was judged.
TODAY, JUDGED = date(2026, 4, 14), date(2026, 4, 10)
_LINE = re.compile(r'<li class="owed-line[^"]*">(.*?)</li>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that Tuesday, at noon."""
    noon = datetime(2026, 4, 14, 12, tzinfo=SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: noon)


@pytest.fixture
def session(lite_app: Flask, lite_world: World) -> Iterator[Session]:
    """The database of the application, whose districts were judged until the Friday before."""
    with lite_app.app_context():
        engine = db.engine
    with Session(engine) as session:
        for code in ("D1", "D2"):
            district_id = lite_world.organizations[code]
            session.merge(DistrictState(district_id=district_id, evaluated_as_of=JUDGED))
        session.commit()
        yield session


def lines(app: Flask, username: str, address: str = "/owed/") -> list[tuple[str, str]]:
    """What stands in the list of somebody: each line in words, and where its button leads."""
    page = english(app, username).get(address).text
    return [(_words(each), _address(each)) for each in _LINE.findall(page)]


def english(app: Flask, username: str) -> Person:
    """Somebody who reads English."""
    somebody = person(app, username)
    somebody.send("/language", {"language": "en", "next": "/"}, form="/")
    return somebody


def _words(markup: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


def _address(markup: str) -> str:
    found = re.search(r'(?:href|action)="([^"]+)"', markup)
    return "" if found is None else unescape(found.group(1))


def of(app: Flask, username: str, words: str) -> list[tuple[str, str]]:
    """The lines of somebody that begin with some words."""
    return [each for each in lines(app, username) if each[0].startswith(words)]


def add(session: Session, model: type[Any], **values: Any) -> Any:
    """Store a record of C at F1."""
    cadre = session.scalars(select(Cadre).filter_by(code="CO")).one()
    row = model(
        cadre_id=cadre.id, district_id=_place(session, "D1"), recorded_at=clock.now(),
        source="import", **values,
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


def _place(session: Session, code: str) -> int:
    return session.scalars(select(Organization.id).filter_by(code=code)).one()


def test_logs_of_the_last_days_are_owed_each_with_its_day(
    lite_app: Flask, session: Session
) -> None:
    """What was due by Friday is a flag; Friday's log was due yesterday, today's is due tomorrow."""
    days = (
        ("2026-04-10", "Friday, Apr 10 was due yesterday due on Monday, Apr 13"),
        ("2026-04-13", "Monday, Apr 13 due today due on Tuesday, Apr 14"),
        ("2026-04-14", "Tuesday, Apr 14 1 working day left due on Wednesday, Apr 15"),
    )
    assert of(lite_app, "cadre", "Work log") == [
        (
            f"Work log {said} Write a work log",
            f"/records/work_log/new/?cadre=CO&day={day}&own=1",
        )
        for day, said in days
    ]


def test_what_is_done_is_owed_no_longer(lite_app: Flask, session: Session) -> None:
    add(session, WorkLog, day=date(2026, 4, 14), written_on=TODAY, content="走访企业")
    assert len(of(lite_app, "cadre", "Work log")) == 2


def test_leave_and_outings_excuse_as_in_judging(lite_app: Flask, session: Session) -> None:
    days = {"first_day": date(2026, 4, 13), "last_day": TODAY, "requested_on": JUDGED}
    leave = add(session, Leave, code="L1", kind="annual", approved_on=JUDGED, **days)
    assert [text for text, _url in of(lite_app, "cadre", "Work log Mon")] == []
    leave.kind = "official"
    session.commit()
    assert len(of(lite_app, "cadre", "Work log Mon")) == 1


def test_nobody_owes_their_attendance(lite_app: Flask, session: Session) -> None:
    """Nothing answers it; that it is missing, they hear when it is a flag."""
    assert "Attendance" not in person(lite_app, "cadre").get("/owed/").text


def test_a_plugin_that_is_off_owes_nothing(lite_app: Flask, session: Session) -> None:
    session.add(PluginState(name="discipline", enabled=False, changed_at=clock.now()))
    session.commit()
    assert of(lite_app, "cadre", "Work log") == []
    assert of(lite_app, "cadre", "Information") != []


def test_a_rule_that_was_not_evaluated_owes_nothing(lite_app: Flask, session: Session) -> None:
    unknown = [{"rule": "discipline.log_missing", "scope": "all facts", "error": "child died"}]
    row = StoredEvaluation(
        district_id=_place(session, "D1"), at=clock.now(), as_of=JUDGED, actor_name="",
        not_evaluated=unknown, facts=0, rules=0, flags=0, added=0, cleared=0,
    )  # fmt: skip
    session.add(row)
    session.commit()
    assert of(lite_app, "cadre", "Work log") == []


def test_a_chair_sees_what_the_organization_owes_marked(lite_app: Flask, session: Session) -> None:
    [(text, url)] = of(lite_app, "chair", "Study session")
    assert text.startswith("Study session April 2026 东城联合会 12 working days left")
    assert url == "/records/study_session/new/?organization=F1&held_on=2026-04-14&own=1"
    assert of(lite_app, "cadre", "Study session") == []


def test_what_the_rule_says_of_a_field_is_filled_in(lite_app: Flask, session: Session) -> None:
    [(text, url)] = of(lite_app, "chair", "Meeting of enterprise union chairs")
    assert "2nd quarter 2026" in text
    assert "kind=enterprise_chairs" in url


def test_the_form_says_what_is_known(lite_app: Flask, session: Session) -> None:
    [(_text, url)] = of(lite_app, "chair", "Meeting of enterprise union chairs")
    page = person(lite_app, "chair").get(url).text
    assert '<option selected value="enterprise_chairs">' in page
    assert 'value="2026-04-14"' in page
    assert "东城联合会" in page
    url = of(lite_app, "cadre", "Work log Monday")[0][1]
    assert '<option selected value="2026-04-13">' in person(lite_app, "cadre").get(url).text


def test_who_keeps_assets_counts_them_in_a_grid(lite_app: Flask, session: Session) -> None:
    asset = session.scalars(select(Asset).where(Asset.name == "asset-O")).one()
    count = session.scalars(select(AssetCount).filter_by(asset_id=asset.id)).one()
    asset.acquired_on, count.counted_on = date(2024, 4, 30), date(2025, 4, 30)
    session.commit()
    [(text, url)] = of(lite_app, "chair", "Asset count")
    assert "due on Thursday, Apr 30" in text
    page = person(lite_app, "chair").get(url)
    assert (page.status_code, "asset-O" in page.text) == (200, True)


def test_what_somebody_else_does_has_no_button(lite_app: Flask, session: Session) -> None:
    """A case is decided by supervisors, and a leave approved by a superior."""
    [(text, url)] = of(lite_app, "chair", "Accountability case")
    assert (text.endswith("Entered by your supervisor"), url) == (True, "")
    days = {"first_day": date(2026, 4, 20), "last_day": date(2026, 4, 20)}
    add(session, Leave, code="L3", kind="annual", requested_on=TODAY, **days)
    [(text, url)] = of(lite_app, "cadre", "Approve")
    assert ("Done by: superior" in text, url) == (True, "")
    # It is asked of the cadre: the chair has it in the queue of requests.
    assert of(lite_app, "chair", "Approve") == []


def test_confidential_records_are_owed_by_nobody(lite_app: Flask, session: Session) -> None:
    """The report of conduct at each place is to be closed by a day; no list says so."""
    for name in ("chair", "supervisor", "district", "committee"):
        assert "Conduct" not in english(lite_app, name).get("/owed/").text.partition("<main")[2]


def test_without_a_chair_supervisors_see_to_it(lite_app: Flask, session: Session) -> None:
    place = session.scalars(select(Organization).filter_by(code="F1")).one()
    place.chair_id = None
    session.commit()
    [(text, url)] = of(lite_app, "supervisor", "Study session")
    assert "东城联合会 · has no chair" in text
    assert url == "/records/study_session/new/?organization=F1&held_on=2026-04-14&own=0"
    assert of(lite_app, "chair", "Study session") == []


def test_a_verb_is_one_button(lite_app: Flask, session: Session) -> None:
    days = {"first_day": date(2026, 4, 9), "last_day": date(2026, 4, 13), "kind": "sick"}
    leave = add(
        session, Leave, code="L2", reason="感冒", requested_on=JUDGED, approved_on=JUDGED, **days
    )
    [(text, url)] = of(lite_app, "cadre", "Close the leave")
    assert text.startswith("Close the leave Apr 9 Sick leave due today")
    assert url == f"/records/leave/{leave.id}/close"
    _post_only_button(person(lite_app, "cadre"), url)
    session.rollback()
    assert session.get_one(Leave, leave.id).closed_on == TODAY
    assert of(lite_app, "cadre", "Close the leave") == []


def _post_only_button(somebody: Person, url: str) -> None:
    """Send the form of the one button, with what it carries."""
    page = somebody.get("/owed/").text
    form = next(each for each in _LINE.findall(page) if f'action="{url}"' in each)
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert somebody.client.post(url, data=sent).status_code == 303


def test_who_has_left_owes_nothing(lite_app: Flask, session: Session) -> None:
    cadre = session.scalars(select(Cadre).filter_by(code="CO")).one()
    cadre.left_on = TODAY
    session.commit()
    assert person(lite_app, "cadre").get("/owed/").status_code == 403
