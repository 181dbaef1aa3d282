"""A stored course: what comes back to a state, what a day does, what changes no state."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.courses.flag_course import FLAG
from tests.courses.world import AT, MONDAY, World
from tiesan.courses.carrying import carry_out, look
from tiesan.courses.errors import Refused, Wrong
from tiesan.courses.models import CourseEvent
from tiesan.courses.queue import queue
from tiesan.flags.models import Flag


def flag(world: World) -> int:
    """A flag about A1, open."""
    row = Flag(
        rule="discipline.off_post", severity="serious", cadre=world.cadres["A1"], key="K1",
        episode=1, district_id=world.organizations["D1"].id, occurred_on=MONDAY,
        message_zh="离岗", message_en="away", active=True, raised_at=AT, raised_as_of=MONDAY,
        known_as_of=MONDAY, revision=1, evidence_digest="0",
        rule_digest="0",
    )  # fmt: skip
    world.session.add(row)
    world.session.commit()
    return row.id


def after(days: int) -> date:
    return MONDAY + timedelta(days=days)


def test_the_way_back_is_where_it_came_from(lite: World) -> None:
    row_id = flag(lite)
    steps = [
        ("super", "acknowledge", "acknowledged"),
        ("cadre", "explain", "explained"),
        ("cadre", "explain", "explained"),
        ("super", "assign", "explained"),
        ("cadre", "withdraw", "acknowledged"),
        ("super", "confirm", "confirmed"),
        ("cadre", "appeal", "appealed"),
        ("super", "uphold", "confirmed"),
    ]
    for who, verb, state in steps:
        given = {"to": "district"} if verb == "assign" else {"text": "理由"}
        assert lite.does(who, FLAG, verb, row_id, **given).state == state, verb
    replayed = [
        (event.from_state, event.to_state)
        for event in lite.session.scalars(select(CourseEvent).order_by(CourseEvent.id))
    ]
    assert replayed[0][0] == "open"
    assert [before for before, _to in replayed[1:]] == [to for _before, to in replayed[:-1]]
    stored = lite.session.get(Flag, row_id)
    assert stored is not None
    assert stored.review == replayed[-1][1]


def test_a_waiver_ends_on_the_day_after_its_end(world: World) -> None:
    row_id = flag(world)
    until = after(5).isoformat()
    world.does("super", FLAG, "waive", row_id, text="理由", until=until)
    for day, state, events in ((after(5), "waived", 1), (after(6), "open", 2)):
        standing = look(world.session, FLAG, row_id, world.actor("super"), day)
        assert (standing.state, len(standing.events)) == (state, events)
        waiting = queue(world.session, FLAG, world.accounts["super"].id, day, 5)
        assert [each.id for each in waiting] == ([row_id] if state == "open" else [])
        world.session.rollback()
    # A look writes nothing; the next verb does.
    counted = select(func.count()).select_from(CourseEvent)
    assert world.session.scalar(counted) == 1
    done = world.does("super", FLAG, "acknowledge", row_id, after(9))
    assert (done.state, done.event.from_) == ("acknowledged", "open")
    ended = world.session.scalars(
        select(CourseEvent).where(CourseEvent.verb == "waiver_ended")
    ).one()
    assert (ended.day, ended.actor_name, ended.account_id) == (after(6), "", None)


@pytest.mark.parametrize("days", [-1, 367])
def test_an_end_lies_between_today_and_366_days_on(days: int, lite: World) -> None:
    row_id = flag(lite)
    for until in (after(days).isoformat(), "明年", ""):
        with pytest.raises(Wrong) as wrong:
            lite.does("super", FLAG, "waive", row_id, text="理由", until=until)
        assert wrong.value.field == "until"
    for good in (0, 366):
        other = lite.seen(FLAG, row_id, "super")
        attempt = lite.attempt("super", {**other, "text": "x", "until": after(good).isoformat()})
        assert carry_out(lite.session, FLAG, "waive", row_id, attempt).state == "waived"
        lite.session.rollback()


def test_texts_have_up_to_2000_characters(lite: World) -> None:
    row_id = flag(lite)
    for text in ("", " \t", "x" * 2001):
        with pytest.raises(Wrong) as wrong:
            lite.does("cadre", FLAG, "explain", row_id, text=text)
        assert wrong.value.field == "text"
    assert lite.does("cadre", FLAG, "explain", row_id, text="x" * 2000).state == "explained"


@pytest.mark.parametrize("name", ["cadre", "super_off", "nobody.here"])
def test_it_is_assigned_to_who_may_review_it(name: str, lite: World) -> None:
    row_id = flag(lite)
    with pytest.raises(Wrong) as wrong:
        lite.does("super", FLAG, "assign", row_id, to=name)
    assert wrong.value.field == "to"


def test_a_gate_of_the_course_lets_some_verbs_through(lite: World) -> None:
    row_id = flag(lite)
    lite.does("super", FLAG, "confirm", row_id, text="理由")
    row = lite.session.get(Flag, row_id)
    assert row is not None
    row.active, row.cleared_at, row.cleared_reason = False, AT, "condition"
    lite.session.commit()
    with pytest.raises(Refused):
        lite.does("super", FLAG, "acknowledge", row_id)
    assert lite.does("cadre", FLAG, "appeal", row_id, text="理由").state == "appealed"
    assert lite.does("super", FLAG, "uphold", row_id, text="理由").state == "confirmed"
