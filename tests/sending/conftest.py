"""A database of either kind with a district, persons and ways, and false servers on loopback."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from tests.sending.robots import Robots, false_robots
from tiesan.audit import Actor
from tiesan.clock import SHANGHAI
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.flags.catalog import installed_catalog
from tiesan.notifications.installed import courses_of, seeing_of
from tiesan.notifications.sending.models import Sending, SendingAttempt, State, Way, WayAddress
from tiesan.notifications.sending.queue import queue
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.speaking import Speaker
from tiesan.notifications.sending.telling_persons import Teller
from tiesan.notifications.sending.ways import Entered, Keeping, create_way
from tiesan.notifications.sending.working import Post, work_off
from tiesan.people.models import Account, RoleName
from tiesan.people.notifications import Leaves, Notification, tell
from tiesan.people.services import NEW_DEVICE, grant_role
from tiesan.records.organizations import create_organization

BEGUN = datetime(2026, 4, 1, 9, tzinfo=SHANGHAI)
TESTER = Actor(None, "tester", "web")
SECRET_KEY = "the secret key of the tests, long enough"
ROBOT_KEY = "0e1d2c3b4a5968778695"
DEVICE_KEY = "devicekey4711abcdef"
TITLE = "网格工作群"
ADDRESS = "https://tiesan.example.cn"


@cache
def teller() -> Teller:
    """Who says what a sending tells, by the rules of the installed files."""
    catalog = installed_catalog()
    return Teller(seeing_of(catalog, courses_of(catalog).values()), ADDRESS)


@dataclass
class House:
    """What sends in a test: a database, a clock that is set, and who is spoken to instead."""

    database: Engine
    robots: Robots
    now: datetime = BEGUN
    seal: Seal = field(default_factory=lambda: Seal(SECRET_KEY))
    seconds: float = 5.0
    ids: dict[str, int] = field(default_factory=dict)

    def post(self) -> Post:
        """What sends."""
        reach = Reach(instead=self.robots.instead(), seconds=self.seconds)
        keep = Keeping(self.seal, None)
        return Post(self.database, keep, Speaker(reach), lambda: self.now, teller())

    def work(self) -> Mapping[str, int]:
        """Send what is due."""
        return work_off(self.post())

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def told(self, name: str = "person", number: int = 1) -> list[int]:
        """Tell a person something, and queue its sending."""
        with Session(self.database) as session:
            for _each in range(number):
                tell(session, [self.ids[name]], NEW_DEVICE, {}, at=self.now)
            known = select(Notification.id).where(Notification.account_id == self.ids[name])
            chosen = session.scalars(known.order_by(Notification.id.desc()).limit(number)).all()
            made = queue(
                session,
                account_id=self.ids[name],
                notification_ids=chosen,
                due_at=self.now,
                urgent=True,
                at=self.now,
            )
            # It is queued here, so that nobody is to settle any more how it leaves.
            session.execute(update(Notification).values(leaves=Leaves.NOW, left_at=self.now))
            session.commit()
            return made

    def rows(self) -> Sequence[Sending]:
        """All sendings."""
        with Session(self.database, expire_on_commit=False) as session:
            return session.scalars(select(Sending).order_by(Sending.id)).all()

    def row(self) -> Sending:
        """The only sending."""
        [found] = self.rows()
        return found

    def attempts(self) -> list[tuple[int, str | None]]:
        """The attempts and what came of them."""
        with Session(self.database) as session:
            rows = session.scalars(select(SendingAttempt).order_by(SendingAttempt.id))
            return [(each.number, each.result) for each in rows]

    def states(self) -> list[State]:
        """The states of all sendings."""
        return [State(each.state) for each in self.rows()]

    def way(self, session: Session, scheme: str, fields: Mapping[str, str], title: str) -> Way:
        """Set up a way."""
        entered = Entered(title, fields)
        keep = Keeping(self.seal, None)
        return create_way(TESTER, session, SCHEMES[scheme], entered, keep, at=self.now)

    def confirmed(self, session: Session, name: str, way: Way, address: str) -> None:
        """Give a person an address that counts."""
        session.add(
            WayAddress(
                account_id=self.ids[name],
                way_id=way.id,
                sealed=self.seal.seal({"address": address}),
                masked=f"…{address[-4:]}",
                entered_at=self.now,
                confirmed_at=self.now,
            )
        )
        session.flush()


@pytest.fixture
def robots() -> Iterator[Robots]:
    with false_robots() as found:
        yield found


@pytest.fixture
def house(database_url: str, robots: Robots) -> Iterator[House]:
    """A person with a device, an administrator, and the way Bark."""
    engine = make_engine(read_database_url(database_url))
    house = House(engine, robots)
    with Session(engine) as session:
        district = create_organization(TESTER, session, _DISTRICT, at=BEGUN)
        house.ids["district"] = district.id
        for name in ("person", "admin"):
            account = Account(username=name, fs_uniquifier=name, active=True, created_at=BEGUN)
            session.add(account)
            session.flush()
            house.ids[name] = account.id
        admin = session.get_one(Account, house.ids["admin"])
        grant_role(TESTER, session, admin, RoleName.ADMINISTRATOR, None, at=BEGUN)
        bark = house.way(session, "bark", {"host": "api.day.app"}, "Bark")
        house.ids["bark"] = bark.id
        house.confirmed(session, "person", bark, DEVICE_KEY)
        # What was set up is no news to anybody.
        session.execute(update(Notification).values(leaves=Leaves.HERE))
        session.commit()
    yield house
    engine.dispose()


_DISTRICT = {
    "code": "D1",
    "name": "甲区总工会",
    "kind": "district",
    "parent": None,
    "founded_on": date(2000, 1, 1),
    "tracked_from": date(2026, 3, 2),
}
