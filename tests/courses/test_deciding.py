"""Nobody decides about themself, whatever their roles: every deciding verb of every course."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.courses.world import AT, MONDAY
from tiesan.audit import Actor
from tiesan.config import read_database_url
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.courses.errors import Refused
from tiesan.courses.installed import load_courses
from tiesan.courses.seeing import SEEN_EVENTS, SEEN_STATE
from tiesan.courses.standing import read_standings
from tiesan.courses.values import Course, Verb
from tiesan.database import open_session
from tiesan.discovery import load_plugins
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind
from tiesan.testing.world import World

COURSES = load_courses(load_plugins())
DECIDING = [
    pytest.param(course, verb, id=f"{course.name}.{verb.name}")
    for course in COURSES.values()
    for verb in course.verbs
    if verb.decides
]


@dataclass
class Stage:
    """A session on the small world."""

    session: Session
    world: World

    def account_with_every_role(self, cadre: Cadre) -> Account:
        """An account of a cadre who may do everything everywhere, and chairs every place."""
        statement = select(Account).where(Account.cadre_id == cadre.id)
        account = self.session.scalars(statement).one_or_none()
        if account is None:
            account = Account(username="all", cadre=cadre, fs_uniquifier="all", created_at=AT)
            self.session.add(account)
            self.session.flush()
        held = {(grant.role_id, grant.organization_id) for grant in account.grants}
        for role in self.session.scalars(select(Role)):
            for place in self.session.scalars(select(Organization)):
                if (role.id, place.id) not in held:
                    account.grants.append(Grant(role=role, organization=place))
                place.chair = cadre
            if role.name == RoleName.ADMINISTRATOR:
                account.grants.append(Grant(role=role, organization=None))
        self.session.commit()
        return account


@pytest.fixture
def stage(filled_database: World, database_url: str) -> Iterator[Stage]:
    """The small world in a database of each kind."""
    with open_session(read_database_url(database_url)) as session:
        yield Stage(session, filled_database)


def concerned(row: Record) -> list[Cadre]:
    """The cadres whom a row concerns."""
    return [each for each in row.concerned_rows() if isinstance(each, Cadre)]


def test_the_verbs_that_decide_are_marked() -> None:
    found = {(course.name, verb.name) for course in COURSES.values() for verb in course.verbs
             if verb.decides}  # fmt: skip
    assert found >= {
        ("leave", "approve"),
        ("leave", "reject"),
        ("expense", "approve"),
        ("expense", "reject"),
        ("expense", "reimburse"),
    }


@pytest.mark.parametrize("place", ["O", "P"])
@pytest.mark.parametrize(("course", "verb"), DECIDING)
def test_whoever_is_concerned_cannot_decide(
    course: Course, verb: Verb, place: str, stage: Stage
) -> None:
    assert issubclass(course.of, Record)
    session, kind = stage.session, record_kind(course.of).name
    row = session.get_one(course.of, stage.world.records[kind][place])
    subjects = concerned(row)
    assert subjects, "a course that concerns no cadre needs a test of its own"
    for cadre in subjects:
        account = stage.account_with_every_role(cadre)
        actor = Actor(account.id, account.username)
        standing = read_standings(session, course, [row.id], account.id, MONDAY)[row.id]
        assert standing.visible
        assert not standing.holds & {who.name for who in verb.who if who.name != "requester"}
        seen = standing.seen(course)
        form = {
            SEEN_STATE: seen.state,
            course.seen_version: seen.version,
            SEEN_EVENTS: str(seen.events),
        }
        session.rollback()
        with pytest.raises(Refused):
            carry_out(session, course, verb.name, row.id, Attempt(actor, MONDAY, lambda: AT, form))
        session.rollback()
