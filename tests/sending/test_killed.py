"""Senders that are killed at any moment: nothing is lost, nothing arrives twice, and it is said."""

import json
import random
import subprocess
import sys
from collections import Counter

from sqlalchemy.orm import Session

from tests.sending.conftest import BEGUN, House
from tiesan.notifications.sending.models import State, Way
from tiesan.notifications.sending.queue import queue
from tiesan.notifications.sending.taking import LEASE
from tiesan.paths import PACKAGE
from tiesan.people.models import Account
from tiesan.people.notifications import Leaves, Notification
from tiesan.people.services import NEW_DEVICE

PERSONS = 12


def start(house: House, url: str) -> subprocess.Popen[bytes]:
    words = ["-m", "tests.sending.sending_child", url, house.robots.url]
    return subprocess.Popen([sys.executable, *words, house.now.isoformat()], cwd=PACKAGE.parent)


def fill(house: House) -> dict[int, str]:
    """A sending to each of many persons; by its id the key of the device that it goes to."""
    found = {}
    with Session(house.database) as session:
        bark = session.get_one(Way, house.ids["bark"])
        for number in range(PERSONS):
            name = f"person{number:02}"
            account = Account(username=name, fs_uniquifier=name, active=True, created_at=BEGUN)
            session.add(account)
            session.flush()
            house.ids[name] = account.id
            house.confirmed(session, name, bark, f"device{number:014}")
            told = Notification(
                account_id=account.id, at=BEGUN, kind=NEW_DEVICE, details={}, leaves=Leaves.NOW
            )
            session.add(told)
            session.flush()
            [made] = queue(
                session,
                account_id=account.id,
                notification_ids=[told.id],
                due_at=BEGUN,
                urgent=number % 2 == 0,
                at=BEGUN,
            )
            found[made] = f"device{number:014}"
        session.commit()
    return found


def arrived(house: House) -> Counter[str]:
    return Counter(json.loads(body)["device_key"] for body in house.robots.sent())


def check(house: House, keys: dict[int, str], *, over: bool) -> None:
    """Whatever was killed when: what is said of each sending is what the robots know."""
    came = arrived(house)
    assert set(came.values()) <= {1}
    for row in house.rows():
        number = came[keys[row.id]]
        if row.state == State.SENT:
            assert number == 1
        elif row.state == State.WAITING:
            assert (number, over) == (0, False)
        else:
            assert row.state in (State.CLAIMED, State.UNKNOWN)
            assert not over or row.reason == "process_ended"


def kill_somewhere(house: House, process: subprocess.Popen[bytes], rolls: random.Random) -> None:
    """Kill a sender when a robot has heard from it, or some milliseconds later."""
    stop_at = len(house.robots.asked) + rolls.randrange(1, 4)
    before = rolls.random() < 0.5

    def comes() -> None:
        if before and len(house.robots.asked) == stop_at:
            process.kill()

    house.robots.comes = comes
    while process.poll() is None:
        try:
            process.wait(rolls.uniform(0.001, 0.02))
        except subprocess.TimeoutExpired:
            if not before and len(house.robots.asked) >= stop_at:
                process.kill()


def test_senders_killed_at_random_moments(house: House, database_url: str) -> None:
    keys, rolls = fill(house), random.Random(house.ids["bark"])
    for _each in range(5):
        kill_somewhere(house, start(house, database_url), rolls)
        house.now += LEASE
        check(house, keys, over=False)
    house.robots.comes = lambda: None
    house.work()
    house.now += LEASE
    house.work()
    check(house, keys, over=True)
    assert State.SENT in house.states()


def test_one_that_was_killed_with_the_answer_on_its_way_is_unknown(
    house: House, database_url: str
) -> None:
    keys = fill(house)
    process = start(house, database_url)
    house.robots.comes = process.kill
    assert process.wait() != 0
    house.robots.comes = lambda: None
    assert house.states().count(State.CLAIMED) == 1
    house.now += LEASE
    house.work()
    assert house.states().count(State.UNKNOWN) == 1
    assert house.states().count(State.SENT) == PERSONS - 1
    assert arrived(house) == Counter(keys.values())


def test_two_senders_at_once_send_each_once(house: House, database_url: str) -> None:
    keys = fill(house)
    processes = [start(house, database_url) for _each in range(2)]
    assert [each.wait() for each in processes] == [0, 0]
    assert arrived(house) == Counter(keys.values())
    assert set(house.states()) == {State.SENT}
