"""What the tests of the first page share: a working day, a person's page, its sections."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from plugins.discipline.models import WorkLog
from tiesan.audit import Subject, record_entry
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.calendar_exceptions import set_exception
from tiesan.records.services import create_record
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, World

_SECTION = re.compile(r'<section class="[^"]*" id="([^"]+)">(.*?)</section>', re.DOTALL)
_FORM = re.compile(r'<form class="today-log" method="post" action="([^"]+)">')


@contextmanager
def writing(app: Flask) -> Iterator[Session]:
    """A session in which a test writes something, committed at the end.

    An entry of the trail goes with it, as with everything that is written; pages remember by that.
    """
    with app.app_context():
        yield db.session()
        record_entry(db.session(), ACTOR, "edit", Subject("cadre", 1, "C1", None), at=now())
        db.session.commit()


def work_today(app: Flask, *, working: bool = True) -> None:
    """Have today be a working day, whatever weekday the test runs on, or a day off."""
    with writing(app) as session:
        kind = "working" if working else "off"
        set_exception(ACTOR, session, None, {"day": today(), "kind": kind, "name": None}, at=now())


def log_of(app: Flask, world: World, cadre: str, day: date, content: str) -> None:
    """Store a work log of a day, written on it."""
    with writing(app) as session:
        row = session.get_one(Cadre, world.cadres[cadre])
        values = {"cadre": row, "day": day, "written_on": day, "content": content}
        create_record(ACTOR, session, WorkLog, values, at=now())


def sections(app: Flask, username: str) -> dict[str, str]:
    """The sections of somebody's first page, in their order, by their names."""
    return sections_of(person(app, username))


def sections_of(somebody: Person) -> dict[str, str]:
    """The same of somebody who has signed in."""
    answer = somebody.get("/")
    assert answer.status_code == 200
    return dict(_SECTION.findall(answer.text))


def form_of(section: str) -> str:
    """The address to which the log of today is sent."""
    found = _FORM.search(section)
    assert found is not None, section
    return found.group(1).replace("&amp;", "&")


def before(days: int) -> date:
    """A day so many days before today."""
    return today() - timedelta(days=days)
