"""A save does not wait for long for the rules engine, nor for whoever evaluates already."""

import sys
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.web.entering import expense
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.evaluation import lock_district
from tiesan.flags.models import Flag
from tiesan.records.pending import PendingEvaluation
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World

FORM = "/records/expense/new/"
UNAPPROVED = "discipline.expense_unapproved"
CHILD = Path(__file__).parents[1] / "engine" / "misbehaving_child.py"
STILL = "已保存，由此产生的预警标记尚在评估。"
NOT_YET = "已保存，尚未评估"


@contextmanager
def evaluating(app: Flask, district_id: int) -> Iterator[None]:
    """Somebody else, who evaluates a district."""
    with app.app_context():
        engine = make_engine(db.engine.url)
    with Session(engine) as session:
        lock_district(session, district_id)
        yield
    engine.dispose()


def left(app: Flask) -> int:
    """How many changes are still to be evaluated."""
    with app.app_context():
        return len(db.session.scalars(select(PendingEvaluation)).all())


def flagged(app: Flask, *codes: str) -> list[str]:
    """Which of some expenses have their flag."""
    with app.app_context():
        chosen = select(Flag.key).where(Flag.rule == UNAPPROVED, Flag.key.in_(codes))
        return sorted(db.session.scalars(chosen))


def let_go_on(app: Flask) -> None:
    """Wait until nothing goes on in the background."""
    wait(list(app.extensions["background"]._at_work), 120)


def test_what_waits_for_another_evaluation_is_saved_and_evaluated_later(
    app: Flask, world: World
) -> None:
    app.config["SAVE_SECONDS"] = 0.5
    supervisor = person(app, "supervisor")
    sent = supervisor.filled(FORM, expense(world, "O", code="S1"))
    with ExitStack() as others:

        def begin(_session: Any) -> None:
            others.enter_context(evaluating(app, world.organizations["D1"]))

        event.listen(db.session, "after_commit", begin, once=True)
        answer = supervisor.client.post(FORM, data=sent)
        assert answer.status_code == 302
        page = supervisor.get(answer.location)
        assert STILL in messages(page)
        assert NOT_YET in page.text
        assert (left(app), flagged(app, "S1")) == (1, [])
    let_go_on(app)
    assert (left(app), flagged(app, "S1")) == (0, ["S1"])
    assert NOT_YET not in supervisor.get(answer.location).text


def test_an_engine_that_gives_no_answer_delays_nobody(app: Flask, world: World) -> None:
    """Neither who saves, nor who saves next: on SQLite whoever evaluates is who writes."""
    app.config["SAVE_SECONDS"] = 1
    real = app.extensions["engine"]
    app.extensions["engine"] = Engine((sys.executable, str(CHILD), "hang", "rule:"))
    first, second = person(app, "supervisor"), person(app, "district")
    for code, somebody in (("S1", first), ("S2", second)):
        answer = somebody.send(FORM, expense(world, "O", code=code))
        assert answer.status_code == 302
        page = somebody.get(answer.location)
        assert NOT_YET in page.text
    let_go_on(app)
    assert (left(app), flagged(app, "S1", "S2")) == (2, [])
    app.extensions["engine"].close()
    app.extensions["engine"], app.config["SAVE_SECONDS"] = real, 300
    # After some attempts in vain they wait for the whole district to be evaluated.
    person(app, "admin").send("/evaluate", form="/")
    assert (left(app), flagged(app, "S1", "S2")) == (0, ["S1", "S2"])
