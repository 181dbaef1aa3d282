"""Deputies: who decides beside a superior, against Python sets written apart; naming and ending."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from plugins.discipline.courses import EXPENSE, LEAVE
from plugins.discipline.models import Leave
from tests.courses.test_policies import Oracle, by_check, by_queue, shuffled
from tests.courses.world import AT, MONDAY, World
from tiesan.access.deputies import may_name, name_deputy, nameable
from tiesan.access.viewer import Viewer, read_viewer
from tiesan.audit import AuditEntry
from tiesan.courses.errors import NotThere, Refused
from tiesan.courses.models import CourseEvent
from tiesan.courses.queue import persons_who_may
from tiesan.courses.standing import read_standings
from tiesan.errors import UserError
from tiesan.people.deputies import Deputy, end_deputy
from tiesan.people.models import Account
from tiesan.people.notifications import Notification

FRIDAY = MONDAY + timedelta(days=4)


def viewer(world: World, name: str) -> Viewer:
    return read_viewer(world.session, world.accounts[name], MONDAY)


def named(world: World, giver: str, who: str, first: date = MONDAY, last: date = FRIDAY) -> Deputy:
    """Somebody named by their superior, committed."""
    found = name_deputy(viewer(world, giver), world.session, who, (first, last), day=MONDAY, at=AT)
    world.session.commit()
    return found


# --- who may decide, against an oracle ------------------------------------------------------------


def dealt(world: World, dice: random.Random) -> None:
    """Deputies at random: of whoever it is, some over, some to come, some ended."""
    session = world.session
    session.execute(delete(Deputy))
    names = list(world.accounts)
    for _each in range(12):
        giver, who = dice.sample(names, 2)
        first = MONDAY + timedelta(days=dice.randrange(-6, 4))
        days = dice.randrange(1, 9)
        session.add(
            Deputy(
                giver_id=world.accounts[giver].id,
                account_id=world.accounts[who].id,
                first_day=first,
                last_day=first + timedelta(days=days - 1),
                days=days,
                named_at=AT,
                ended_on=dice.choice([None, None, None, MONDAY]),
            )
        )
    session.commit()


def expected_deputies(world: World, oracle: Oracle, superiors: set[str], own: set[str]) -> set[str]:
    """Whom one of these superiors has named for Monday, but for whose request it is."""
    names = {account.id: account for account in oracle.accounts}
    found = set()
    for row in world.session.scalars(select(Deputy)):
        giver, who = names[row.giver_id], names[row.account_id]
        runs = row.ended_on is None and row.first_day <= MONDAY <= row.last_day
        left = giver.cadre is not None and (giver.cadre.left_on or date.max) <= MONDAY
        if runs and giver.active and not left and giver.username in superiors and who.active:
            found.add(who.username)
    return found - own


@pytest.mark.parametrize("seed", range(6))
def test_check_queue_and_persons_know_the_same_deputies(seed: int, world: World) -> None:
    dice = random.Random(seed)
    leaves = [world.leave(f"L{code}", code) for code in world.cadres]
    expenses = [
        world.expense(f"E{code}", code, amount=dice.choice((50_00, 200_00)))
        for code in world.cadres
    ]
    shuffled(world, dice)
    dealt(world, dice)
    oracle = Oracle(world)
    names = {account.id: account.username for account in oracle.accounts}
    for course, rows in ((LEAVE, leaves), (EXPENSE, expenses)):
        ids = [row.id for row in rows]
        waiting = by_queue(world, course, ids, names)
        checked = by_check(world, course, ids, names)
        for row in rows:
            superiors = oracle.superiors(row.cadre)
            deputies = expected_deputies(world, oracle, superiors, oracle.account_of(row.cadre))
            wanted = superiors | deputies
            if course is EXPENSE:
                # For the committee nobody decides: it is elected, and any member does.
                small = row.id in {each.id for each in expenses if each.amount < 200_00}
                wanted = oracle.committee(row.cadre) | (wanted if small else set())
            persons = persons_who_may(world.session, course, "approve", row.id, MONDAY)
            found = {names[each] for each in persons}
            assert found == wanted, (seed, course.name, row.cadre.code)
            assert (checked[row.id], waiting[row.id]) == (wanted, wanted), (seed, course.name)


@pytest.mark.parametrize("seed", range(4))
def test_a_deputy_sees_what_waits_and_a_list_asks_the_same(seed: int, world: World) -> None:
    """Besides what they see anyway: not a row that was decided, nor one of other places."""
    dice = random.Random(seed)
    rows = [
        world.leave(f"L{number}{code}", code, approved_on=dice.choice([None, MONDAY]),
                    first_day=MONDAY + timedelta(days=10 * number),
                    last_day=MONDAY + timedelta(days=10 * number))
        for code in world.cadres for number in (1, 2)
    ]  # fmt: skip
    shuffled(world, dice)
    without = seen(world, rows)
    dealt(world, dice)
    oracle = Oracle(world)
    for account in oracle.accounts:
        if not account.active:
            continue
        expected = {
            row.id
            for row in rows
            if row.approved_on is None
            and account.username
            in expected_deputies(
                world, oracle, oracle.superiors(row.cadre), oracle.account_of(row.cadre)
            )
        }
        here = seen(world, rows)[account.id]
        assert here == without[account.id] | expected, (seed, account.username)


def seen(world: World, rows: list[Leave]) -> dict[int, set[int]]:
    """Which rows each account sees, as the check of single rows has it."""
    ids = [row.id for row in rows]
    return {
        account.id: {
            row_id
            for row_id, each in read_standings(
                world.session, LEAVE, ids, account.id, MONDAY
            ).items()
            if each.visible
        }
        for account in world.session.scalars(select(Account))
    }


# --- deciding -------------------------------------------------------------------------------------


def test_both_decide_and_the_entry_names_both(world: World) -> None:
    row_id, other = world.leave().id, world.leave("L2", "A2").id
    named(world, "chair", "other")
    done = world.does("other", LEAVE, "approve", row_id)
    assert (done.event.capacity, done.event.for_id) == ("deputy", world.accounts["chair"].id)
    event = world.session.scalars(select(CourseEvent)).one()
    assert (event.account_id, event.for_id) == (
        world.accounts["other"].id, world.accounts["chair"].id,
    )  # fmt: skip
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.verb == "approve")).one()
    assert (entry.details["capacity"], entry.details["for_whom"]) == ("deputy", "CH")
    # They see what names them as who decided; what the superior decides, not any more.
    assert world.does("chair", LEAVE, "approve", other).event.for_id is None
    with pytest.raises(NotThere):
        world.does("other", LEAVE, "close", other, date(2026, 3, 12), text="x")


def test_neither_decides_their_own_and_nothing_is_passed_on(world: World) -> None:
    own, of_chair = world.leave("L1", "A1").id, world.leave("L2", "CH").id
    named(world, "chair", "cadre")
    with pytest.raises(Refused):
        world.does("cadre", LEAVE, "approve", own)
    # The chair's own request is for the one above, and not for whom the chair has named.
    with pytest.raises(NotThere):
        world.does("cadre", LEAVE, "approve", of_chair)
    # A deputy is no superior, and so names nobody.
    assert not may_name(viewer(world, "cadre"))
    with pytest.raises(UserError):
        named(world, "cadre", "other")
    # Written by hand it holds for nobody either.
    world.session.add(
        Deputy(giver_id=world.accounts["cadre"].id, account_id=world.accounts["other"].id,
               first_day=MONDAY, last_day=MONDAY, days=1, named_at=AT)
    )  # fmt: skip
    world.session.commit()
    with pytest.raises(NotThere):
        world.does("other", LEAVE, "approve", own)


def test_a_deputy_decides_small_expenses_and_pays_nothing_back(world: World) -> None:
    small, large = world.expense().id, world.expense("E2", amount=200_00).id
    named(world, "super", "other")
    with pytest.raises(NotThere):
        world.does("other", EXPENSE, "approve", large)
    done = world.does("other", EXPENSE, "approve", small)
    assert (done.state, done.event.capacity) == ("approved", "deputy")
    spent = world.expense("E3", spent_on=MONDAY).id
    with pytest.raises(Refused):
        world.does("other", EXPENSE, "reimburse", spent, receipt="1")


def test_it_ends_with_its_days_with_its_giver_and_when_it_is_ended(world: World) -> None:
    row_id = world.leave().id
    found = named(world, "chair", "other", MONDAY + timedelta(days=1))
    for day in (MONDAY, FRIDAY + timedelta(days=1)):
        with pytest.raises(NotThere):
            world.does("other", LEAVE, "approve", row_id, day)
    chair = world.accounts["chair"]
    chair.active = False
    world.session.commit()
    with pytest.raises(NotThere):
        world.does("other", LEAVE, "approve", row_id, FRIDAY)
    chair.active = True
    end_deputy(chair.actor, world.session, found.id, day=MONDAY, at=AT)
    world.session.commit()
    with pytest.raises(NotThere):
        world.does("other", LEAVE, "approve", row_id, FRIDAY)
    told = world.session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert told == ["name deputy", "end deputy"]


# --- naming ---------------------------------------------------------------------------------------


def test_superiors_name_accounts_of_their_district(lite: World) -> None:
    whom = [name for name, _words in nameable(lite.session, viewer(lite, "chair"), MONDAY)]
    assert "chair" not in whom
    assert {"cadre", "below", "committee", "district"} <= set(whom)
    assert not {"elsewhere", "nobody", "admin", "super_off"} & set(whom)
    assert [may_name(viewer(lite, name)) for name in ("chair", "super", "committee", "admin")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("whom", "first", "last"),
    [
        ("elsewhere", 0, 4),
        ("chair", 0, 4),
        ("super_off", 0, 4),
        ("unknown", 0, 4),
        ("other", -1, 4),
        ("other", 2, 1),
        ("other", 0, 92),
    ],
)
def test_what_is_refused(whom: str, first: int, last: int, lite: World) -> None:
    days = (MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    with pytest.raises(UserError):
        named(lite, "chair", whom, *days)
    lite.session.rollback()
    assert lite.session.scalars(select(Deputy)).all() == []


def test_for_92_days_and_not_twice_at_once(lite: World) -> None:
    last = MONDAY + timedelta(days=91)
    assert named(lite, "chair", "other", MONDAY, last).days == 92
    with pytest.raises(UserError):
        named(lite, "chair", "other", last, last)
    day = last + timedelta(days=1)
    assert named(lite, "chair", "other", day, day).days == 1


def test_the_database_holds_it_to_that(world: World) -> None:
    giver, who = world.accounts["chair"].id, world.accounts["other"].id
    for changed in (
        {"account_id": giver},
        {"days": 93},
        {"days": 0},
        {"last_day": MONDAY - timedelta(days=1)},
    ):
        values = {"giver_id": giver, "account_id": who, "first_day": MONDAY, "last_day": MONDAY,
                  "days": 1, "named_at": AT}  # fmt: skip
        world.session.add(Deputy(**values | changed))
        with pytest.raises(IntegrityError):
            world.session.commit()
        world.session.rollback()


def test_only_the_giver_ends_it(lite: World) -> None:
    found = named(lite, "chair", "other")
    for who in ("super", "other", "admin"):
        with pytest.raises(UserError):
            end_deputy(lite.actor(who), lite.session, found.id, day=MONDAY, at=AT)
