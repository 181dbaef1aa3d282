"""A replay is a series of stored daily evaluations, and stores no flag."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from plugins.discipline.models import Attendance, WorkLog
from tests.courses.world import AT, TESTER, World
from tests.flags.published import publish
from tests.rulebook.test_trying import draft, task, work_of
from tiesan.audit import COMMAND_LINE
from tiesan.clock import SHANGHAI
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import Flag, FlagEvent
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.rulebook.replaying import ask_replay, replay, replay_rule
from tiesan.rulebook.texts import shipped_text
from tiesan.rulebook.trying import as_if_published, stop_trial
from tiesan.rules import decide_plainly

FIRST, LAST = date(2026, 3, 4), date(2026, 3, 13)
NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
LATE, MISSING, OFTEN_LATE = "discipline.late", "discipline.log_missing", "discipline.frequent_late"
# By rule what its text says and is to say: of a record, what was not done, flags of another rule.
CHANGES = {
    LATE: ("value: 08:30", "value: 08:20"),
    MISSING: ("value: 1", "value: 2"),
    OFTEN_LATE: ("value: 3", "value: 2"),
}
Event = tuple[str, date, str, str]


def text_of(rule: str) -> str:
    """The text of a rule, changed."""
    said, to_be = CHANGES[rule]
    return (shipped_text(installed_catalog(), rule) or "").replace(said, to_be, 1)


def written(world: World, seed: int) -> None:
    """Days at work of some cadres, late or not, with logs that were written late or never."""
    random = Random(seed)
    for code in ("A1", "B1", "CH"):
        for at in range(20):
            day = date(2026, 3, 1) + at * ONE_DAY
            of_day = {"cadre": world.cadres[code], "day": day}
            clock_in = time(8, random.choice([10, 25, 35]))
            clocked = {**of_day, "clock_in": clock_in, "clock_out": time(17, 30)}
            create_record(TESTER, world.session, Attendance, clocked, at=AT)
            if random.random() < 0.8:
                later = random.choice([0, 1, 3, 5])
                log = {**of_day, "written_on": day + later * ONE_DAY, "content": f"日志{at}"}
                create_record(TESTER, world.session, WorkLog, log, at=AT)
    world.session.commit()


def replayed(world: World, rule: str) -> list[Event]:
    asked = task(world)
    rules = as_if_published(asked.catalog, rule, text_of(rule))
    found = replay(world.session, asked, rules, (FIRST, LAST))
    assert found.not_evaluated == []
    world.session.rollback()
    return sorted(
        (rule, each.day, verb, f"{hit.subject} {hit.key}")
        for each in found.days
        for verb, hits in (("raised", each.raised), ("cleared", each.cleared))
        for hit in hits
    )


def stored(world: World) -> list[Event]:
    """What evaluations store that are done after each day, from the day before the first on."""
    for at in range((LAST - FIRST).days + 2):
        day = FIRST + (at - 1) * ONE_DAY
        over = datetime.combine(day + ONE_DAY, time(1, 15), SHANGHAI)
        catalog = read_catalog(world.session, day)
        world.session.rollback()
        daily = Task(COMMAND_LINE, catalog, decide_plainly, day, day, over)
        evaluate_installation(world.session, daily)
    events = world.session.execute(
        select(Flag.rule, FlagEvent.on, FlagEvent.verb, Cadre.code, Flag.key)
        .join(Flag, FlagEvent.flag_id == Flag.id)
        .join(Cadre, Flag.cadre_id == Cadre.id)
        .where(FlagEvent.on >= FIRST, FlagEvent.verb.in_(["raised", "raised_again", "cleared"]))
    )
    return sorted(
        (rule, on, verb.partition("_")[0], f"{code} {key}") for rule, on, verb, code, key in events
    )


@pytest.mark.parametrize(
    ("seed", "rules"), [(0, (LATE, MISSING)), (1, (LATE, MISSING)), (2, (OFTEN_LATE,))]
)
def test_a_replay_is_a_series_of_stored_daily_evaluations(
    lite: World, seed: int, rules: tuple[str, ...]
) -> None:
    written(lite, seed)
    found = sorted(event for rule in rules for event in replayed(lite, rule))
    assert lite.session.scalar(select(func.count(Flag.id))) == 0
    lite.session.rollback()
    for rule in rules:
        publish(lite.session, text_of(rule), date(2000, 1, 1))
    assert [event for event in stored(lite) if event[0] in rules] == found
    assert {(rule, "raised") for rule in rules} <= {(rule, verb) for rule, _on, verb, _key in found}
    assert (MISSING in rules) == any(verb == "cleared" for _rule, _on, verb, _key in found)


def test_what_came_of_a_replay_is_kept_and_it_can_be_stopped(lite: World) -> None:
    written(lite, 0)
    row = draft(lite, LATE, text_of(LATE))
    steps: list[tuple[int, int]] = []
    run = ask_replay(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)
    work = work_of(lite, run, lambda *each: steps.append(each))
    answer = replay_rule(work)
    lite.session.expire_all()
    kept = row.replayed
    assert kept is not None
    assert (kept["raised"], kept["cleared"]) == (answer["raised"], answer["cleared"])
    assert kept["raised"] == sum(each["raised"] for each in kept["days"]) > 0
    assert kept["digest"] == row.digest
    assert steps[-1] == (2 * 11 - 1, 2 * 11)
    assert all(
        each["occurred_on"] == of_day["day"]
        for of_day in kept["days"]
        for each in of_day["samples"]["raised"]
    )
    # It is no trial to publish by.
    assert (row.tried, row.tried_digest) == (None, None)
    again = ask_replay(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)

    def stop(done: int, _steps: int) -> None:
        if done == 3:
            stop_trial(lite.session, row)
            lite.session.commit()

    assert replay_rule(replace(work_of(lite, again), progress=stop)) == {"stopped": True}


def test_a_replay_has_no_more_than_a_quarter(lite: World) -> None:
    row = draft(lite)
    for days, refused in ((91, False), (92, True)):
        span = (LAST - days * ONE_DAY, LAST)
        if refused:
            with pytest.raises(UserError, match="92"):
                ask_replay(COMMAND_LINE, lite.session, row, span, now=NOW)
        else:
            ask_replay(COMMAND_LINE, lite.session, row, span, now=NOW)
