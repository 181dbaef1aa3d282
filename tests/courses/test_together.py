"""Two at once, forms sent twice, many at once, and what hangs on a verb."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugins.discipline.courses import LEAVE
from plugins.discipline.models import Leave
from tests.courses.world import MONDAY, World
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.courses.errors import Changed, CourseError, NotThere, Refused, Wrong
from tiesan.courses.many import Named, carry_out_many, named_all
from tiesan.courses.models import CourseEvent
from tiesan.courses.values import Done
from tiesan.database import begin_writing
from tiesan.errors import UserError

ASKED = {"kind": "annual", "first_day": "2026-03-10", "last_day": "2026-03-12"}


def at_once(world: World, row_id: int | None, *tries: tuple[str, Attempt]) -> list[Any]:
    """What became of verbs that begin together, each on a connection of its own."""
    engine = world.session.get_bind()
    world.session.rollback()
    start = Barrier(len(tries))
    found: list[Any] = [None] * len(tries)

    def run(position: int, verb: str, attempt: Attempt) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                begin_writing(session)
                done = carry_out(session, LEAVE, verb, row_id, attempt)
                found[position] = (done.state, done.row.id, done.repeated)
                session.commit()
            except CourseError as error:
                session.rollback()
                found[position] = error

    threads = [
        Thread(target=run, args=(position, verb, attempt))
        for position, (verb, attempt) in enumerate(tries)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_faster(world: World) -> None:
    row_id = world.leave().id
    seen = world.seen(LEAVE, row_id, "admin")
    approve = world.attempt("chair", {**seen, "text": "好"})
    reject = world.attempt("super", {**seen, "text": "不"})
    found = at_once(world, row_id, ("approve", approve), ("reject", reject))
    assert sorted(isinstance(each, Refused | Changed) for each in found) == [False, True]
    events = world.session.scalars(select(CourseEvent)).all()
    assert len(events) == 1
    row = world.session.get(Leave, row_id)
    assert row is not None
    assert (row.approved_on is None) is (events[0].verb == "reject")


def test_a_form_sent_twice_at_once_makes_one_row_and_answers_alike(world: World) -> None:
    attempt = world.attempt("cadre", {**ASKED, "once": "n1"})
    found = at_once(world, None, ("request", attempt), ("request", attempt))
    assert {each[:2] for each in found} == {found[0][:2]}
    assert sorted(each[2] for each in found) == [False, True]
    assert world.session.scalar(select(func.count()).select_from(Leave)) == 1


def test_a_form_sent_twice_acts_once_though_the_state_has_changed(lite: World) -> None:
    row_id = lite.leave().id
    seen = lite.seen(LEAVE, row_id, "chair")
    form = {**seen, "once": "n1"}
    for repeated in (False, True):
        done = carry_out(lite.session, LEAVE, "approve", row_id, lite.attempt("chair", form))
        assert (done.state, done.repeated) == ("approved", repeated)
        lite.session.commit()
    assert lite.session.scalar(select(func.count()).select_from(CourseEvent)) == 1
    with pytest.raises(Refused):
        carry_out(lite.session, LEAVE, "approve", row_id, lite.attempt("super", form))
    lite.session.rollback()
    # To whom the row is no longer visible the former answer is not given either.
    lite.accounts["chair"].active = False
    lite.session.commit()
    with pytest.raises(NotThere):
        carry_out(lite.session, LEAVE, "approve", row_id, lite.attempt("chair", form))


def test_two_leaves_asked_for_at_once_do_not_overlap(world: World) -> None:
    tries = [("request", world.attempt("cadre", {**ASKED, "once": each})) for each in ("1", "2")]
    found = at_once(world, None, *tries)
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert world.session.scalar(select(func.count()).select_from(Leave)) == 1


def test_many_at_once_have_a_result_each(world: World) -> None:
    rows = [world.leave(f"L{number}", first_day=date(2026, 3, 10 + number),
                        last_day=date(2026, 3, 10 + number)) for number in range(4)]  # fmt: skip
    ids = [row.id for row in rows]
    tokens = [f"{each}:{':'.join(map(str, world.seen(LEAVE, each, 'chair').values()))}"
              for each in ids]  # fmt: skip
    world.does("super", LEAVE, "approve", ids[1])
    named = [*named_all([*tokens, "x", "1:2"]), Named(999, "requested", "0", "0")]
    results = carry_out_many(world.session, LEAVE, "approve", named, world.attempt("chair"))
    assert [each for each, _state in results.done] == [ids[0], ids[2], ids[3]]
    assert [(each, type(error)) for each, error in results.refused] == [
        (ids[1], Refused), (999, NotThere),
    ]  # fmt: skip
    assert results.concerned.cadres == {"A1"}
    stored = world.session.scalars(select(Leave.approved_on)).all()
    assert stored == [MONDAY] * 4


def test_what_is_wrong_for_all_is_said_before_the_first(lite: World) -> None:
    row_id = lite.leave().id
    named = [Named(row_id, *map(str, lite.seen(LEAVE, row_id, "chair").values()))]
    with pytest.raises(Wrong) as wrong:
        carry_out_many(lite.session, LEAVE, "reject", named, lite.attempt("chair"))
    assert wrong.value.field == "text"
    with pytest.raises(NotThere):
        carry_out_many(lite.session, LEAVE, "dance", named, lite.attempt("chair"))
    many = [Named(number) for number in range(501)]
    with pytest.raises(UserError, match="500"):
        carry_out_many(lite.session, LEAVE, "approve", many, lite.attempt("chair"))


def test_a_text_that_only_some_need_is_refused_at_each(lite: World) -> None:
    asked = lite.leave("L1").id
    approved = lite.leave("L2", first_day=date(2026, 3, 20), last_day=date(2026, 3, 20),
                          approved_on=MONDAY).id  # fmt: skip
    named = [
        Named(each, *map(str, lite.seen(LEAVE, each, "cadre").values()))
        for each in (approved, asked)
    ]
    results = carry_out_many(lite.session, LEAVE, "withdraw", named, lite.attempt("cadre"))
    assert results.done == [(asked, "withdrawn")]
    [(refused, error)] = results.refused
    assert refused == approved
    assert isinstance(error, Wrong)


def test_a_listener_that_fails_undoes_all(lite: World) -> None:
    row_id = lite.leave().id
    told: list[str] = []

    def listens(_session: Session, done: Done) -> None:
        told.append(done.state)
        raise RuntimeError

    seen = lite.seen(LEAVE, row_id, "chair")
    with pytest.raises(RuntimeError):
        carry_out(
            lite.session,
            LEAVE,
            "approve",
            row_id,
            lite.attempt("chair", seen, listeners=(listens,)),
        )
    lite.session.rollback()
    assert told == ["approved"]
    assert lite.session.scalar(select(func.count()).select_from(CourseEvent)) == 0


def test_an_inner_verb_has_seen_nothing_and_is_asked_all_else(lite: World) -> None:
    row_id = lite.leave().id
    inner = lite.attempt("chair", inner=True)
    assert carry_out(lite.session, LEAVE, "approve", row_id, inner).state == "approved"
    lite.session.commit()
    with pytest.raises(Refused):
        carry_out(lite.session, LEAVE, "approve", row_id, inner)
