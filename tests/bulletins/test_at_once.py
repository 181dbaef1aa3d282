"""Two sign at once, on both databases: one number each, and none missing."""

import pytest

from tests.bulletins.desk import Desk
from tests.reviews.conftest import Clock
from tests.reviews.test_notices_at_once import all_at_once
from tests.reviews.test_sequences import JSON
from tests.reviews.world import World
from tiesan.testing.browsing import person


@pytest.fixture
def desk(world: World, clock: Clock) -> Desk:
    return Desk(world, clock)


def test_two_sign_at_once(desk: Desk) -> None:
    """Two sign one each, and two the same one: who is second there is refused."""
    first = desk.row(desk.issued()).number or 0
    drafts = [desk.drafted("supd") for _each in range(3)]
    for each in drafts:
        assert desk.acts("supd", each, "submit") == 200
    wanted = [("chair_d", drafts[0]), ("supd2", drafts[1]), ("chair_d", drafts[2]),
              ("supd2", drafts[2])]  # fmt: skip
    senders = []
    for at, (who, bulletin) in enumerate(wanted):
        somebody = person(desk.world.app, who)
        token = somebody.filled("/")["csrf_token"]
        form = {**desk.as_seen(bulletin), "csrf_token": token, "once": f"at-once-{at}"}
        senders.append(
            lambda somebody=somebody, bulletin=bulletin, form=form: somebody.client.post(
                f"/bulletins/{bulletin}/sign", data=form, headers=JSON
            )
        )
    desk.world.session.rollback()
    answers = [each.status_code for each in all_at_once(senders)]
    assert answers[:2] == [200, 200]
    assert sorted(answers[2:]) == [200, 409]
    numbers = sorted(desk.row(each).number or 0 for each in drafts)
    assert numbers == [first + 1, first + 2, first + 3]
    for each in drafts:
        assert len(desk.files("supd", each)) == 2
