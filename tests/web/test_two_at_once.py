"""Two at once: what somebody reads when another is writing, or has written since."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense
from tests.web.entering import expense
from tiesan.clock import today
from tiesan.database import begin_writing, make_engine
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World


def _impatient(connection: Any, *_others: object) -> None:
    connection.execute("PRAGMA busy_timeout=1")


@pytest.fixture
def impatient(lite_app: Flask) -> Flask:
    """The application, which does not wait for a database that is being written."""
    with lite_app.app_context():
        event.listen(db.engine, "checkout", _impatient)
    return lite_app


@contextmanager
def writing(app: Flask) -> Iterator[None]:
    """Somebody else, who is writing."""
    with app.app_context():
        engine = make_engine(db.engine.url)
    with Session(engine) as session:
        begin_writing(session)
        yield
    engine.dispose()


def test_it_is_said_that_nothing_was_saved(impatient: Flask, lite_world: World) -> None:
    supervisor = person(impatient, "supervisor")
    sent = supervisor.filled("/records/expense/new/", expense(lite_world, "O"))
    with writing(impatient):
        answer = supervisor.client.post("/records/expense/new/", data=sent)
        assert answer.status_code == 503
        assert "数据库正忙" in answer.text
        assert supervisor.get("/records/expense/").status_code == 200
    with impatient.app_context():
        assert db.session.query(Expense).count() == len(lite_world.records["expense"])


def test_a_form_that_is_not_right_waits_for_nobody(impatient: Flask, lite_world: World) -> None:
    supervisor = person(impatient, "supervisor")
    sent = supervisor.filled("/records/expense/new/", expense(lite_world, "O") | {"amount": "x"})
    with writing(impatient):
        answer = supervisor.client.post("/records/expense/new/", data=sent)
    assert answer.status_code == 200


def test_nobody_waits_while_a_password_is_hashed(
    impatient: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes from the beginning of the hashing to its end."""
    compare, hashed = Account.verify_and_update_password, []

    def compare_beside(account: Account, password: str) -> bool:
        with writing(impatient):
            hashed.append(compare(account, password))
        return hashed[-1]

    monkeypatch.setattr(Account, "verify_and_update_password", compare_beside)
    assert Person(impatient.test_client()).sign_in("cadre").status_code == 302
    assert hashed == [True]


def test_what_was_saved_stays_when_it_cannot_be_evaluated(
    impatient: Flask, lite_world: World
) -> None:
    """Somebody begins to write just after it was committed."""
    supervisor = person(impatient, "supervisor")
    page = "/records/expense/new/"
    with ExitStack() as others:

        def begin(_session: Session, others: ExitStack = others) -> None:
            others.enter_context(writing(impatient))

        sent = supervisor.filled(page, expense(lite_world, "O"))
        event.listen(db.session, "after_commit", begin, once=True)
        answer = supervisor.client.post(page, data=sent)
        assert answer.status_code == 302
        said = messages(supervisor.get(answer.location))
        assert "已保存，但数据库繁忙，尚未评估。" in said
    with impatient.app_context():
        assert db.session.query(Expense).count() == len(lite_world.records["expense"]) + 1


@pytest.mark.parametrize("kind", ["record", "cadre"])
def test_a_form_that_lay_open_undoes_nothing(kind: str, lite_app: Flask, lite_world: World) -> None:
    """One approves a leave, another closes it, neither having seen the other's change."""
    page = f"/records/leave/edit/?id={lite_world.records['leave']['O']}"
    given: dict[str, object] = {"cadre": lite_world.cadres["CO"], "kind": "annual"}
    given |= {"first_day": "2026-03-20", "last_day": "2026-03-20", "late_reason": "补录"}
    changes = ({"approved_on": "2026-03-19"}, {"closed_on": "2026-03-20"})
    if kind == "cadre":
        page = f"/people/cadres/edit/?id={lite_world.cadres['CO']}"
        given = {"name": "陈欧", "organization": lite_world.organizations["F1"]}
        given |= {"professional": "yes", "joined_on": "2010-01-01", "reason": "离职"}
        changes = ({"post": "干事"}, {"left_on": "2026-03-20"})
    editor = person(lite_app, "admin" if kind == "cadre" else "supervisor")
    first, second = (editor.filled(page, given | change) for change in changes)
    assert editor.client.post(page, data=first).status_code == 302
    refused = editor.client.post(page, data=second)
    assert refused.status_code == 200
    assert any("他人已作修改" in said for said in messages(refused))
    assert next(iter(changes[0].values())) in editor.get(page).text
    again = editor.filled(page, given | changes[0] | changes[1])
    assert editor.client.post(page, data=again).status_code == 302


def test_a_form_that_is_sent_twice_is_stored_once(app: Flask, world: World) -> None:
    """Two small expenses on one day would look like a split one."""
    supervisor = person(app, "supervisor")
    sent = supervisor.filled("/records/expense/new/", expense(world, "O") | {"code": ""})
    answers = [supervisor.client.post("/records/expense/new/", data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    assert "此表单已经保存过" in " ".join(messages(supervisor.get(answers[1].location)))
    with app.app_context():
        assert db.session.query(Expense).count() == len(world.records["expense"]) + 1
    again = supervisor.send("/records/expense/new/", expense(world, "O") | {"code": ""})
    assert again.location != answers[0].location


def test_nor_one_without_a_code(lite_app: Flask, lite_world: World) -> None:
    """Who clicks a second time reads that it was saved, not that it was refused."""
    assert lite_world.records
    cadre, page = person(lite_app, "cadre"), "/records/work_log/new/"
    sent = cadre.filled(page, {"day": f"{today():%Y-%m-%d}", "content": "走访企业两家"})
    answers = [cadre.client.post(page, data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    # Another person's page is another page, whatever it says of itself.
    other = person(lite_app, "chair")
    of_other = other.filled(page, {"day": f"{today():%Y-%m-%d}", "content": "走访企业两家"})
    third = other.client.post(page, data=of_other | {"once": sent["once"]})
    assert (third.status_code, third.location == answers[0].location) == (302, False)
