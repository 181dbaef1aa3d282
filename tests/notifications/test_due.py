"""What falls due with the days is told once, to whoever can do it, however often that is asked."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plugins.discipline.courses import LEAVE
from tests.courses.world import AT, MONDAY, World
from tests.notifications.conftest import notes
from tiesan.audit import Actor
from tiesan.clock import SHANGHAI
from tiesan.courses.telling import REQUEST_SOON
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.halts import RuleHalt
from tiesan.flags.models import StoredEvaluation
from tiesan.notifications.daily import due_in, notify, send_digests
from tiesan.notifications.rule_days import set_days
from tiesan.people.notifications import Notification, tell_each
from tiesan.scheduler.backups import note_backup
from tiesan.scheduler.jobs import jobs_of
from tiesan.scheduler.models import JobRun, State
from tiesan.scheduler.work import Work
from tiesan.words.due_notifications import (
    BACKUP_OLD,
    DUTY_AHEAD,
    DUTY_TODAY,
    RULES_HELD,
    RULES_UNKNOWN,
    RUN_FAILED,
)

SESSION = "study.session_missed"
DUE = date(2026, 3, 31)
THURSDAY = date(2026, 3, 26)


def noon(day: date) -> datetime:
    """Noon of a day in Asia/Shanghai."""
    return datetime.combine(day, time(12), SHANGHAI)


def run(world: World, day: date) -> int:
    """Tell what is due in the first district on a day; gives how much is new."""
    catalog = installed_catalog()
    told = list(due_in(world.session, catalog, world.organizations["D1"].id, day))
    number = tell_each(world.session, told, at=noon(day))
    world.session.commit()
    return number


def told(world: World, rule: str = SESSION) -> set[tuple[str, str, str]]:
    """Who was told what about which day by a rule."""
    names = {account.id: name for name, account in world.accounts.items()}
    return {
        (names[each.account_id], each.kind, each.details["day"])
        for each in notes(world)
        if each.details.get("rule") == rule
    }


def test_a_duty_is_told_three_working_days_before_and_on_its_day(world: World) -> None:
    run(world, THURSDAY - timedelta(days=1))
    assert told(world) == set()
    assert run(world, THURSDAY) > 0
    ahead = {(who, DUTY_AHEAD, DUE.isoformat()) for who in ("chair", "district")}
    # F1 is chaired; nobody chairs F2, so that whoever supervises it sees to it.
    assert told(world) == ahead
    assert run(world, THURSDAY) == 0
    run(world, date(2026, 3, 30))
    assert told(world) == ahead
    run(world, DUE)
    assert told(world) - ahead == {(who, DUTY_TODAY, DUE.isoformat()) for who, *_ in ahead}
    assert run(world, DUE) == 0


def test_what_is_owed_every_working_day_is_told_only_where_that_is_set(lite: World) -> None:
    rule = "discipline.log_missing"
    lite.cadres["A1"].professional = True
    lite.session.commit()
    run(lite, MONDAY)
    assert told(lite, rule) == set()
    admin = lite.actor("admin")
    set_days(admin, lite.session, rule, 1, at=AT)
    run(lite, MONDAY)
    assert ("cadre", DUTY_AHEAD) in {(who, kind) for who, kind, _day in told(lite, rule)} or (
        "cadre", DUTY_TODAY,
    ) in {(who, kind) for who, kind, _day in told(lite, rule)}  # fmt: skip
    set_days(admin, lite.session, SESSION, 0, at=AT)
    run(lite, DUE)
    assert told(lite) == set()
    for wrong in (-1, 31):
        with pytest.raises(UserError):
            set_days(admin, lite.session, SESSION, wrong, at=AT)


def test_runs_in_order_tell_what_one_run_after_days_off_tells(lite: World) -> None:
    days = [THURSDAY - timedelta(days=2) + timedelta(days=number) for number in range(7)]
    lite.does("cadre", LEAVE, "request", None, kind="annual", first_day="2026-03-29",
              last_day="2026-03-29")  # fmt: skip
    lite.session.execute(delete(Notification))
    for day in days:
        run(lite, day)
    in_order = _still_of_account(lite, days[-1])
    lite.session.execute(delete(Notification))
    run(lite, days[-1])
    assert _still_of_account(lite, days[-1]) == in_order
    assert in_order


def _still_of_account(world: World, day: date) -> Counter[tuple[int, str, str | None]]:
    """What was told and is still to come on a day."""
    return Counter(
        (each.account_id, each.kind, each.once)
        for each in notes(world)
        if each.details.get("day", "") > day.isoformat()
    )


def test_a_request_for_tomorrow_is_told_once(world: World) -> None:
    world.leave(first_day=date(2026, 3, 10), last_day=date(2026, 3, 12))
    monday = date(2026, 3, 9)
    run(world, monday - timedelta(days=1))
    assert [each.kind for each in notes(world)].count(REQUEST_SOON) == 0
    run(world, monday)
    run(world, monday + timedelta(days=1))
    names = {account.id: name for name, account in world.accounts.items()}
    soon = [names[each.account_id] for each in notes(world) if each.kind == REQUEST_SOON]
    assert sorted(soon) == ["both", "chair", "district", "super"]


def test_administrators_are_told_once_of_what_is_amiss(world: World) -> None:
    district = world.organizations["D1"].id
    failing = [{"rule": "discipline.late", "scope": "", "error": "x"}]
    world.session.add_all(
        [
            evaluation(district, []),
            evaluation(district, failing),
            RuleHalt(district_id=district, rule="discipline.absent", kind="held",
                     fingerprint="0", since=AT, subjects=1, among=2),
            JobRun(job="evaluate", district_id=district, day=MONDAY, covers_from=MONDAY,
                   actor_name="", due_at=AT, state=State.FAILED.value, ended_at=AT, attempts=3),
        ]
    )  # fmt: skip
    world.session.commit()
    for _time in range(2):
        run(world, MONDAY)
    admin = world.accounts["admin"].id
    of_admin = [each.kind for each in notes(world) if each.account_id == admin]
    assert sorted(of_admin) == sorted([RULES_HELD, RULES_UNKNOWN, RUN_FAILED])
    # The same rule that fails again is known.
    world.session.add(evaluation(district, failing))
    run(world, MONDAY + timedelta(days=1))
    assert len([each for each in notes(world) if each.account_id == admin]) == 3


def test_administrators_are_told_every_week_that_nothing_was_backed_up(lite: World) -> None:
    def saved(day: date) -> None:
        note_backup(Actor(None, "x"), lite.session, {}, began_at=noon(day), at=noon(day))
        lite.session.commit()

    def of_backups(day: date) -> int:
        run(lite, day)
        return [each.kind for each in notes(lite)].count(BACKUP_OLD)

    saved(THURSDAY)
    days = [THURSDAY + timedelta(days=number) for number in range(13)]
    told_by = [of_backups(day) for day in days]
    once = told_by[4]
    assert once > 0
    assert told_by == [*[0] * 4, *[once] * 7, *[2 * once] * 2]
    saved(days[-1])
    assert of_backups(days[-1] + timedelta(days=3)) == 2 * once


def evaluation(district: int, not_evaluated: list[dict[str, str]]) -> StoredEvaluation:
    """A stored evaluation of a district."""
    return StoredEvaluation(
        district_id=district, at=AT, as_of=MONDAY, actor_name="", facts=0, rules=1, flags=0,
        added=0, cleared=0, not_evaluated=not_evaluated,
    )  # fmt: skip


# --- the jobs -------------------------------------------------------------------------------------


def work(world: World, day: date, now: datetime) -> Work:
    """A run of a job for the first district."""
    return Work(
        world.session.get_bind(),  # type: ignore[arg-type]
        world.organizations["D1"].id,
        day,
        {},
        Actor(None, ""),
        now,
        lambda _step, _steps: None,
    )


def test_the_job_tells_once_and_the_digest_is_of_its_day_or_none(world: World) -> None:
    first = notify(work(world, THURSDAY, noon(THURSDAY)))["told"]
    assert first > 0
    assert notify(work(world, THURSDAY, noon(THURSDAY)))["told"] == 0
    assert {each.leaves for each in notes(world)} <= {"now", "digest", "here"}
    late = noon(THURSDAY + timedelta(days=1))
    assert send_digests(work(world, THURSDAY, late))["digests"] == 0
    found = send_digests(work(world, THURSDAY, noon(THURSDAY)))["digests"]
    assert found > 0
    assert send_digests(work(world, THURSDAY, noon(THURSDAY)))["digests"] == 0


def test_a_run_that_is_killed_has_told_nothing(
    lite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a signal ends a process."""

    def killed(*_given: object, **_named: object) -> int:
        raise Killed

    monkeypatch.setattr("tiesan.notifications.daily.pass_on", killed)
    with pytest.raises(Killed):
        notify(work(lite, THURSDAY, noon(THURSDAY)))
    assert notes(lite) == []


def test_what_is_due_is_told_behind_the_evaluation_and_digests_on_working_days() -> None:
    jobs = jobs_of(time(1, 15))
    assert jobs["notify"].at == time(1, 30)
    assert jobs_of(time(23, 50))["notify"].at == time(23, 59)
    assert (jobs["digest"].at, jobs["digest"].working_days_only) == (time(8), True)


def test_the_database_takes_nothing_under_one_key_twice(world: World) -> None:
    run(world, THURSDAY)
    session: Session = world.session
    one = next(each for each in notes(world) if each.once)
    again = select(Notification).where(Notification.id == one.id)
    values = session.execute(again).scalar_one()
    twice = Notification(account_id=values.account_id, at=AT, kind=values.kind, details={},
                         once=values.once)  # fmt: skip
    session.add(twice)
    with pytest.raises(Exception, match=r"(?i)unique"):
        session.flush()
    session.rollback()
