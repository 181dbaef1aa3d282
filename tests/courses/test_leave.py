"""A leave on its way: asked for, approved, rejected, closed, withdrawn, and refused in each way."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugins.discipline.courses import LEAVE
from plugins.discipline.models import Leave
from tests.courses.world import MONDAY, World
from tiesan.audit import AuditEntry
from tiesan.courses.carrying import carry_out, look, verbs_open_to
from tiesan.courses.errors import Changed, CourseError, NotThere, Refused, Wrong
from tiesan.courses.models import CourseEvent
from tiesan.courses.timeline import timeline

ASKED = {"kind": "annual", "first_day": "2026-03-10", "last_day": "2026-03-12"}
FIRST, LAST = date(2026, 3, 10), date(2026, 3, 12)


def state(world: World, row_id: int, day: date = MONDAY) -> str:
    """The state as an administrator reads it."""
    found = look(world.session, LEAVE, row_id, world.actor("admin"), day).state
    world.session.rollback()
    return found


def test_it_is_asked_for_approved_and_closed(world: World) -> None:
    asked = world.does("cadre", LEAVE, "request", None, **ASKED)
    row_id = asked.row.id
    assert (asked.state, asked.row.requested_on, asked.row.cadre.code) == (
        "requested",
        MONDAY,
        "A1",
    )
    assert asked.concerned.cadres == {"A1"}
    tuesday = MONDAY + timedelta(days=1)
    approved = world.does("chair", LEAVE, "approve", row_id, tuesday, text="好")
    assert (approved.state, approved.row.approved_on) == ("approved", tuesday)
    assert approved.row.decided_by.code == "CH"
    closed = world.does("cadre", LEAVE, "close", row_id, LAST)
    assert (closed.state, closed.row.closed_on) == ("closed", LAST)
    standing = look(world.session, LEAVE, row_id, world.actor("cadre"), LAST)
    steps = timeline(LEAVE, standing.row, standing.events)
    assert [each.event and each.event.verb for each in steps] == ["request", "approve", "close"]
    assert [each.event and each.event.capacity for each in steps] == [
        "requester", "superior", "requester",
    ]  # fmt: skip
    trail = world.session.scalars(
        select(AuditEntry.verb).where(AuditEntry.object_kind == "leave").order_by(AuditEntry.id)
    )
    assert list(trail) == ["create", "approve", "close"]


def test_the_trail_keeps_what_changed_and_never_the_text(lite: World) -> None:
    row_id = lite.leave().id
    lite.does("chair", LEAVE, "reject", row_id, text="人手不足")
    entry = lite.session.scalars(select(AuditEntry).where(AuditEntry.verb == "reject")).one()
    assert entry.details["changed"] == {
        "rejected_on": [None, MONDAY.isoformat()],
        "decided_by": [None, "CH"],
    }
    assert "人手不足" not in str(entry.details)
    event = lite.session.scalars(select(CourseEvent)).one()
    assert (event.text, event.from_state, event.to_state) == ("人手不足", "requested", "rejected")


@pytest.mark.parametrize(
    ("who", "cadre", "error"),
    [
        ("cadre", "A1", Refused),
        ("chair", "A1", None),
        ("super", "A1", None),
        ("both", "A1", None),
        ("both", "A2", Refused),
        ("super_off", "A1", NotThere),
        ("district", "A1", None),
        ("chair_d", "A1", NotThere),
        ("chair_d", "CH", None),
        ("chair", "CH", Refused),
        ("chair", "B1", NotThere),
        ("chair_e", "B1", None),
        ("chair", "CE", None),
        ("other", "A1", NotThere),
        ("committee", "A1", NotThere),
        ("elsewhere", "A1", NotThere),
        ("admin", "A1", Refused),
        ("nobody", "A1", NotThere),
    ],
)
def test_superiors_decide_and_nobody_else(
    who: str, cadre: str, error: type[CourseError] | None, lite: World
) -> None:
    row_id = lite.leave(cadre=cadre).id
    if error is None:
        assert lite.does(who, LEAVE, "approve", row_id).state == "approved"
        return
    with pytest.raises(error):
        lite.does(who, LEAVE, "approve", row_id)
    assert state(lite, row_id) == "requested"


def test_days_between_which_it_may_be_withdrawn_and_closed(lite: World) -> None:
    day_before = FIRST - timedelta(days=1)
    row_id = lite.leave(approved_on=MONDAY).id
    with pytest.raises(Refused, match=r"first day|第一天"):
        lite.does("cadre", LEAVE, "close", row_id, day_before)
    with pytest.raises(Wrong) as missing:
        lite.does("cadre", LEAVE, "withdraw", row_id, day_before)
    assert missing.value.field == "text"
    with pytest.raises(Refused) as late:
        lite.does("cadre", LEAVE, "withdraw", row_id, FIRST, text="不去了")
    assert late.value.clause
    assert lite.does("cadre", LEAVE, "withdraw", row_id, day_before, text="不去了").state == (
        "withdrawn"
    )
    other = lite.leave("L2", first_day=FIRST, last_day=LAST, approved_on=MONDAY).id
    assert lite.does("cadre", LEAVE, "close", other, FIRST).state == "closed"


def test_a_superior_closes_it_with_a_text_and_says_so(lite: World) -> None:
    row_id = lite.leave(approved_on=MONDAY).id
    with pytest.raises(Wrong):
        lite.does("super", LEAVE, "close", row_id, LAST)
    done = lite.does("super", LEAVE, "close", row_id, LAST, text="代销假")
    assert done.event.capacity == "superior"


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        ({"requested_on": None}, "recorded"),
        ({}, "requested"),
        ({"approved_on": MONDAY}, "approved"),
        ({"rejected_on": MONDAY}, "rejected"),
        ({"rejected_on": MONDAY, "approved_on": MONDAY}, "approved"),
        ({"approved_on": MONDAY, "closed_on": MONDAY}, "closed"),
        ({"closed_on": MONDAY, "withdrawn_on": MONDAY}, "withdrawn"),
    ],
)
def test_rows_from_files_have_a_state(dates: dict[str, Any], read: str, lite: World) -> None:
    row = lite.leave(**dates)
    assert state(lite, row.id) == read
    steps = timeline(LEAVE, row, ())
    assert len(steps) == len({"requested_on": MONDAY, **dates}) - (dates == {"requested_on": None})
    assert all(step.event is None for step in steps)


@pytest.mark.parametrize(
    ("mine", "theirs", "meets"),
    [
        ({}, {}, True),
        ({"first_day": LAST, "first_half": "pm"}, {"last_half": "am"}, False),
        ({"first_day": LAST, "first_half": "pm"}, {}, True),
        ({"first_day": LAST}, {"last_half": "am"}, True),
        ({}, {"withdrawn_on": MONDAY}, False),
        ({}, {"rejected_on": MONDAY}, False),
        ({}, {"rejected_on": MONDAY, "approved_on": MONDAY}, True),
        ({"first_day": LAST + timedelta(days=1)}, {}, False),
    ],
)
def test_no_half_day_is_asked_for_twice(
    mine: dict[str, Any], theirs: dict[str, Any], *, meets: bool, lite: World
) -> None:
    lite.leave(**theirs)
    first = mine.get("first_day", FIRST)
    assert isinstance(first, date)
    asked = {
        "kind": "annual",
        "first_day": first.isoformat(),
        "first_half": str(mine.get("first_half", "")),
        "last_day": max(first, LAST).isoformat(),
    }
    if not meets:
        assert lite.does("cadre", LEAVE, "request", None, **asked).state == "requested"
        return
    with pytest.raises(Refused, match="L1") as refused:
        lite.does("cadre", LEAVE, "request", None, **asked)
    assert refused.value.clause
    assert lite.session.scalar(select(func.count()).select_from(Leave)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "holiday"}, "kind"),
        ({"first_day": "明天"}, "first_day"),
        ({"last_day": "2026-03-09"}, "last_day"),
        ({"kind": "sick"}, "reason"),
        ({"kind": "official", "reason": "开会"}, "place"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_is_wrong_names_its_field(changed: dict[str, str], field: str, lite: World) -> None:
    with pytest.raises(Wrong) as wrong:
        lite.does("cadre", LEAVE, "request", None, **(ASKED | changed))
    assert wrong.value.field == field
    assert lite.session.scalar(select(func.count()).select_from(Leave)) == 0


def test_who_stands_for_no_cadre_asks_for_nothing(lite: World) -> None:
    with pytest.raises(Refused):
        lite.does("super", LEAVE, "request", None, **ASKED)


def test_what_was_seen_must_be_said_and_be_so_still(lite: World) -> None:
    row_id = lite.leave().id
    for name in ("seen_state", "seen_version", "seen_events"):
        with pytest.raises(Wrong) as wrong:
            lite.does("chair", LEAVE, "approve", row_id, **{name: ""})
        assert wrong.value.field == name
        with pytest.raises((Changed, Wrong)):
            lite.does("chair", LEAVE, "approve", row_id, **{name: "7"})
    # The refusal by state comes before both.
    lite.does("chair", LEAVE, "approve", row_id)
    with pytest.raises(Refused):
        lite.does("chair", LEAVE, "reject", row_id, text="", seen_state="")


def test_a_voided_row_takes_no_verb(lite: World) -> None:
    row = lite.leave()
    row.voided_at, row.void_reason = row.recorded_at, "录错"
    lite.session.commit()
    with pytest.raises(Refused):
        lite.does("chair", LEAVE, "approve", row.id)


def test_what_is_open_is_what_is_not_refused(lite: World) -> None:
    """Every verb, every person, every state: pages cannot offer what is refused."""
    rows = [
        lite.leave("L1"),
        lite.leave("L2", approved_on=MONDAY),
        lite.leave("L3", rejected_on=MONDAY),
        lite.leave("L4", approved_on=MONDAY, closed_on=LAST),
        lite.leave("L5", withdrawn_on=MONDAY),
        lite.leave("L6", requested_on=None),
    ]
    ids = [row.id for row in rows]
    for row_id in ids:
        for who in ("cadre", "chair", "both", "super_off", "admin", "committee"):
            for day in (MONDAY, FIRST):
                open_now = _open(lite, row_id, who, day)
                for verb in LEAVE.verbs[1:]:
                    done = _tried(lite, row_id, who, verb.name, day)
                    assert (verb.name in open_now) is done, (row_id, who, verb.name, day)


def _open(world: World, row_id: int, who: str, day: date) -> set[str]:
    actor = world.actor(who)
    try:
        standing = look(world.session, LEAVE, row_id, actor, day)
    except NotThere:
        return set()
    return {verb.name for verb, _case in verbs_open_to(world.session, LEAVE, standing, actor, day)}


def _tried(world: World, row_id: int, who: str, verb: str, day: date) -> bool:
    """Whether a verb with everything given is carried out; nothing of it stays."""
    seen = world.seen(LEAVE, row_id, "admin", day)
    try:
        done = carry_out(
            world.session, LEAVE, verb, row_id, world.attempt(who, seen | {"text": "x"}, day=day)
        )
    except CourseError:
        return False
    finally:
        world.session.rollback()
    to = LEAVE.verb(verb).to
    assert done.state == to
    return True
