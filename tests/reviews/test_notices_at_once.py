"""Several at once, on both databases: numbers without gaps, and nobody waits in a circle."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.reviews.conftest import Clock
from tests.reviews.following import DUE, Office
from tests.reviews.test_sequences import JSON, seen
from tests.reviews.world import World
from tiesan.testing.browsing import person

_NUMBER = re.compile(r"〕(\d+)号")


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    return Office(world, clock)


def sender(office: Office, who: str, address: str, form: dict[str, Any]) -> Callable[[], Any]:
    """Somebody with a browser of their own, who has the form ready."""
    somebody = person(office.world.app, who)
    token = somebody.filled("/")["csrf_token"]
    sent = {**form, "csrf_token": token}
    return lambda: somebody.client.post(address, data=sent, headers=JSON)


def all_at_once(senders: Sequence[Callable[[], Any]]) -> list[Any]:
    """Let everybody send when all are ready; gives the answers."""
    barrier = Barrier(len(senders))

    def send(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(senders)) as pool:
        return list(pool.map(send, senders))


def test_numbers_run_without_gaps_whoever_comes_first(office: Office) -> None:
    """Also where some are refused when they have a number already, or want the same flag."""
    first = office.notice(office.issued(office.confirmed()))["number"]
    flags = [office.confirmed() for _each in range(4)]
    same = office.confirmed()
    theirs = office.world.flag(cadre="A4")
    assert office.does("sup1", theirs, "confirm") == 200
    wanted = [("sup1", flags[0]), ("sup1b", flags[1]), ("supd", flags[2]), ("supd2", flags[3]),
              ("sup1", same), ("sup1b", same), ("multi", theirs)]  # fmt: skip
    senders = [
        sender(office, who, "/notices/new", {"flags": str(flag), "text": "整改", "due_on": DUE})
        for who, flag in wanted
    ]
    answers = all_at_once(senders)
    statuses = [each.status_code for each in answers]
    assert statuses[:4] == [200] * 4
    assert sorted(statuses[4:6]) == [200, 409]
    assert statuses[6] == 409
    made = [each.json["notice"] for each in answers if each.status_code == 200]
    begun = int(_NUMBER.findall(first)[0])
    numbers = [int(_NUMBER.findall(office.notice(each)["number"])[0]) for each in made]
    assert sorted(numbers) == list(range(begun + 1, begun + 6))


def test_a_notice_and_its_flag_are_dealt_with_at_once(office: Office) -> None:
    """Whoever is second is refused or finds what the first has done; both are answered."""
    for _round in range(3):
        one, other = office.confirmed(), office.confirmed()
        notice = office.issued(one, other)
        for verb in ("receive", "answer"):
            assert office.acts("cadre1", notice, verb) == 200
        accept = {"text": "已办", **office.as_seen(notice)}
        reopen = {"text": "重查", **seen(office.world, other, office.clock)}
        answers = all_at_once(
            [
                sender(office, "sup1", f"/notices/{notice}/accept", accept),
                sender(office, "sup1b", f"/flags/{other}/reopen", reopen),
            ]
        )
        statuses = sorted(each.status_code for each in answers)
        found = office.notice(notice)
        states = (found["state"], office.review(one), office.review(other))
        # Who was late had seen less than there was then.
        assert statuses == [200, 409]
        assert states in {
            ("accepted", "remedied", "remedied"),
            ("answered", "confirmed", "acknowledged"),
        }
