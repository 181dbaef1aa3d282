"""Three uses of a policy agree with Python sets, written apart, on random worlds.

May this person act on this row, which rows wait for this person, who may act on this row: each is
one condition with the account as a parameter or as a column.
"""

import random

import pytest
from sqlalchemy import delete, literal, select

from plugins.discipline.courses import EXPENSE, LEAVE
from plugins.discipline.models import Leave
from tests.courses.world import AT, MONDAY, World
from tiesan.access.policies import ReaderOrSuperior, nobody
from tiesan.courses.queue import persons_who_may, queue
from tiesan.courses.standing import read_standings
from tiesan.courses.values import DAY, Course
from tiesan.discovery import load_plugins
from tiesan.people.models import Account, Cadre, Grant, Organization, Role
from tiesan.records.organizations import update_organization

ROLES = ("cadre", "supervisor", "audit_committee", "administrator")


class Oracle:
    """Who is what, from the objects alone."""

    def __init__(self, world: World) -> None:
        self.accounts = list(world.session.scalars(select(Account)))
        self.organizations = list(world.session.scalars(select(Organization)))

    def chair_of(self, organization: Organization | None) -> Cadre | None:
        return None if organization is None else organization.chair

    def above(self, organization: Organization) -> list[Organization]:
        found = [organization]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return found

    def holders(self, role: str, organization: Organization) -> set[str]:
        places: list[Organization | None] = [None, *self.above(organization)]
        return {
            account.username
            for account in self.accounts
            if account.active
            for grant in account.grants
            if grant.role.name == role and grant.organization in places
        }

    def account_of(self, cadre: Cadre | None) -> set[str]:
        return {
            account.username
            for account in self.accounts
            if account.active and cadre is not None and account.cadre is cadre
        }

    def superiors(self, cadre: Cadre) -> set[str]:
        own = cadre.organization
        answering = own.parent if own.chair is cadre else own
        found = self.account_of(self.chair_of(answering)) | self.holders("supervisor", own)
        return found - self.account_of(cadre)

    def supervisors(self, cadre: Cadre) -> set[str]:
        return self.holders("supervisor", cadre.organization) - self.account_of(cadre)

    def committee(self, cadre: Cadre) -> set[str]:
        return self.holders("audit_committee", cadre.organization) - self.account_of(cadre)


def shuffled(world: World, dice: random.Random) -> None:
    """Move chairs, organizations and cadres; switch accounts; give and take roles."""
    session = world.session
    cadres = list(world.cadres.values())
    for organization in world.organizations.values():
        organization.chair = dice.choice([*cadres, None])
    for cadre in cadres:
        cadre.organization = dice.choice(list(world.organizations.values()))
    for account in world.accounts.values():
        account.active = dice.random() < 0.8
    session.execute(delete(Grant))
    session.flush()
    session.expire_all()
    for account in world.accounts.values():
        taken = set()
        for _each in range(dice.choice((0, 1, 1, 2, 3))):
            role = dice.choice(ROLES)
            place = dice.choice(list(world.organizations))
            if (role, place) not in taken:
                taken.add((role, place))
                _grant(world, account, role, place)
    session.commit()


def _grant(world: World, account: Account, role: str, place: str) -> None:
    row = world.session.scalars(select(Role).where(Role.name == role)).one()
    account.grants.append(Grant(role=row, organization=world.organizations[place]))


@pytest.mark.parametrize("seed", range(4))
def test_check_queue_and_persons_are_one(seed: int, world: World) -> None:
    dice = random.Random(seed)
    leaves = [world.leave(f"L{code}", code) for code in world.cadres]
    expenses = [
        world.expense(f"E{code}", code, amount=dice.choice((50_00, 200_00)))
        for code in world.cadres
    ]
    shuffled(world, dice)
    oracle = Oracle(world)
    expected: dict[tuple[str, int], set[str]] = {}
    for leave in leaves:
        expected["leave", leave.id] = oracle.superiors(leave.cadre)
    for row in expenses:
        small = oracle.superiors(row.cadre) if row.amount < 200_00 else set()
        expected["expense", row.id] = oracle.committee(row.cadre) | small
    names = {account.id: account.username for account in oracle.accounts}
    for course, rows in ((LEAVE, leaves), (EXPENSE, expenses)):
        ids = [row.id for row in rows]
        waiting = by_queue(world, course, ids, names)
        checked = by_check(world, course, ids, names)
        for row_id in ids:
            persons = persons_who_may(world.session, course, "approve", row_id, MONDAY)
            found = {names[each] for each in persons}
            wanted = expected[course.name, row_id]
            assert found == wanted, (seed, course.name, row_id)
            assert (checked[row_id], waiting[row_id]) == (wanted, wanted)


def by_queue(
    world: World, course: Course, ids: list[int], names: dict[int, str]
) -> dict[int, set[str]]:
    """For whom each row waits, as their queues have it."""
    result: dict[int, set[str]] = {row_id: set() for row_id in ids}
    for account_id, name in names.items():
        for found in queue(world.session, course, account_id, MONDAY, 100):
            result[found.id].add(name)
    return result


def by_check(
    world: World, course: Course, ids: list[int], names: dict[int, str]
) -> dict[int, set[str]]:
    """Who may decide on each row, as the check of one row has it."""
    capacities = {who.name for who in course.verb("approve").who}
    result: dict[int, set[str]] = {row_id: set() for row_id in ids}
    for account_id, name in names.items():
        standings = read_standings(world.session, course, ids, account_id, MONDAY)
        for row_id, standing in standings.items():
            if standing.holds & capacities:
                result[row_id].add(name)
    return result


@pytest.mark.parametrize("seed", range(4))
def test_subordinates_are_those_whose_superior_one_is(seed: int, world: World) -> None:
    """What a list asks at once, from the account's side, is what is asked of each row."""
    rows = {code: world.leave(f"L{code}", code) for code in world.cadres}
    shuffled(world, random.Random(seed))
    oracle, visible = Oracle(world), LEAVE.visible
    assert isinstance(visible, ReaderOrSuperior)
    for account in oracle.accounts:
        found = world.session.scalars(
            select(Leave.id).where(visible.besides(Leave, literal(account.id)))
        )
        expected = {
            row.id for row in rows.values() if account.username in oracle.superiors(row.cadre)
        }
        # Whether an account is active is asked around every policy, never inside.
        assert not account.active or set(found) == expected, (seed, account.username)


@pytest.mark.parametrize("seed", range(2))
def test_whether_there_is_nobody(seed: int, world: World) -> None:
    """Two levels deep, a condition still speaks of the row of the statement around it."""
    rows = [world.leave(f"L{code}", code) for code in world.cadres]
    shuffled(world, random.Random(seed))
    oracle = Oracle(world)
    policy = LEAVE.verb("approve").who[0].holds
    without = select(Leave.id).where(nobody(lambda who: policy(Leave, who, DAY)))
    found = set(world.session.scalars(without, {"day": MONDAY}))
    assert found == {row.id for row in rows if not oracle.superiors(row.cadre)}


def test_the_tree_is_followed_as_it_is_moved(world: World) -> None:
    plugins = load_plugins()
    actor = world.actor("admin")
    rows = {code: world.leave(f"L{code}", code) for code in ("B1", "A3")}
    world.session.commit()
    enterprise, federation = world.organizations["E1"], world.organizations["F3"]
    assert "super" in Oracle(world).superiors(world.cadres["B1"])
    update_organization(
        actor, world.session, enterprise, {"parent": federation}, records=plugins.records, at=AT
    )
    world.session.commit()
    for row in rows.values():
        oracle = Oracle(world)
        persons = persons_who_may(world.session, LEAVE, "approve", row.id, MONDAY)
        names = {account.id: account.username for account in oracle.accounts}
        assert {names[each] for each in persons} == oracle.superiors(row.cadre)
    assert "super" not in Oracle(world).superiors(world.cadres["B1"])
