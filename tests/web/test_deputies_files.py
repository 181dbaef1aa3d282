"""What a deputy opens: the certificate of a leave while it waits for them, and then no more."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.web.entering import rows
from tests.web.home import writing
from tests.web.test_courses import JSON, hidden, page_of, post, request_leave
from tests.web.test_files_of_records import hung
from tests.web.test_requests import token
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.deputies import Deputy
from tiesan.people.models import Account
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World


def certified(app: Flask, world: World, days: int = 7) -> tuple[int, str]:
    """A leave that waits, with a certificate; its id, and the address of the file."""
    row_id = request_leave(app, days)
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        file_id = hung_in(app, session, world, row_id)
    return row_id, f"/attachments/{file_id}"


def hung_in(app: Flask, session: Session, world: World, row_id: int) -> int:
    with app.app_context():
        found = hung(app, session, world, "leave", row_id)
    session.commit()
    return found


def named(app: Flask, who: str) -> Person:
    """Whom the chair names as a deputy for today."""
    chair = person(app, "chair")
    days = {"first_day": today().isoformat(), "last_day": today().isoformat()}
    answer = post(chair, "/requests/deputies", token(chair) | {"to": who} | days)
    assert answer.status_code == 303, answer.text
    return person(app, who)


def decide(somebody: Person, row_id: int, verb: str, **form: str) -> Any:
    sent = hidden(somebody, page_of(row_id)) | form
    return post(somebody, f"/records/leave/{row_id}/{verb}", sent, headers=JSON)


@pytest.mark.parametrize("who", ["keeper", "nobody"])
def test_a_leave_and_its_certificate_are_opened_while_it_waits(
    app: Flask, world: World, who: str
) -> None:
    """Also by a deputy without any role, who has no list of leaves."""
    with writing(app) as session:
        nobody = session.get_one(Account, world.accounts["nobody"])
        nobody.cadre_id = world.cadres["CB"]
    row_id, file = certified(app, world)
    assert person(app, who).get(file).status_code == 404
    has_list = person(app, who).get("/records/leave/").status_code == 200
    assert person(app, who).get(page_of(row_id)).status_code == (200 if has_list else 403)
    deputy = named(app, who)
    shown = deputy.get(page_of(row_id))
    assert shown.status_code == 200
    assert file in shown.text
    lists = f'href="{page_of(row_id).partition("details")[0]}"'
    assert (lists in shown.text) is has_list
    before = looks(app, who)
    assert deputy.get(file).status_code == 200
    assert looks(app, who) == before + 1
    assert deputy.get(file).status_code == 200
    assert looks(app, who) == before + 2
    answer = decide(deputy, row_id, "approve")
    assert answer.status_code == 200, answer.text
    assert deputy.get(file).status_code == 404
    assert deputy.get(page_of(row_id)).status_code == (200 if has_list else 404)
    assert person(app, "chair").get(file).status_code == 200


def test_not_what_is_decided_ended_or_withdrawn(lite_app: Flask, lite_world: World) -> None:
    (decided, one), (withdrawn, two), (_waits, three) = (
        certified(lite_app, lite_world, days) for days in (7, 8, 9)
    )
    assert decide(person(lite_app, "chair"), decided, "reject", text="不行").status_code == 200
    deputy = named(lite_app, "keeper")
    assert deputy.get(one).status_code == 404
    assert deputy.get(two).status_code == 200
    assert decide(person(lite_app, "cadre"), withdrawn, "withdraw").status_code == 200
    assert deputy.get(two).status_code == 404
    assert deputy.get(three).status_code == 200
    with lite_app.app_context():
        db.session.execute(update(Deputy).values(ended_on=today()))
        db.session.commit()
    assert deputy.get(three).status_code == 404


def looks(app: Flask, who: str) -> int:
    """How often the trail says that somebody looked at a leave."""
    entries = rows(app, AuditEntry)
    return sum(each.actor_name == who and each.object_kind == "leave" for each in entries)
