"""Flags that are confirmed, notices about them, and the forms that are sent, by HTTP."""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.reviews.conftest import Clock
from tests.reviews.test_sequences import JSON, seen
from tests.reviews.world import World

DUE = "2026-03-20"
_ONCE = itertools.count()


class Office:
    """What people do with flags and notices in a world, at the time of a clock."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        # What the test before has looked at is not what this one sees.
        world.session.rollback()

    def post(self, who: str, address: str, form: Mapping[str, Any], **options: Any) -> Any:
        """Send a form as somebody, with their token and a number of its own."""
        client, token = self.world.by(who)
        sent = {"csrf_token": token, "once": f"following-{next(_ONCE)}", **form}
        return client.post(address, data=sent, **{"headers": JSON, **options})

    def get(self, who: str, address: str, *, page: bool = False) -> Any:
        """Open an address as somebody, by default as JSON."""
        return self.world.by(who)[0].get(address, headers={} if page else JSON)

    # --- flags ------------------------------------------------------------------------------------

    def does(self, who: str, flag_id: int, verb: str, **given: Any) -> int:
        """Carry a verb out on a flag as it stands; gives the status."""
        form = {"text": "理由", **seen(self.world, flag_id, self.clock), **given}
        return int(self.post(who, f"/flags/{flag_id}/{verb}", form).status_code)

    def confirmed(self, by: str = "sup1", **flag: Any) -> int:
        """A new flag that somebody has confirmed."""
        flag_id = self.world.flag(**flag)
        assert self.does(by, flag_id, "confirm") == 200
        return flag_id

    def review(self, flag_id: int) -> str:
        """The state of a flag."""
        return seen(self.world, flag_id, self.clock)["seen_state"]

    # --- notices ----------------------------------------------------------------------------------

    def issues(self, who: str, *flags: int, **given: Any) -> Any:
        """Issue a notice; gives the answer."""
        form = {"flags": [str(each) for each in flags], "text": "立即整改", "due_on": DUE, **given}
        return self.post(who, "/notices/new", form)

    def issued(self, *flags: int, who: str = "sup1", **given: Any) -> int:
        """A notice that was issued."""
        answer = self.issues(who, *flags, **given)
        assert answer.status_code == 200, answer.text
        assert answer.json["state"] == "issued"
        return int(answer.json["notice"])

    def notice(self, notice_id: int, who: str = "sup1") -> Any:
        """A notice as somebody sees it."""
        answer = self.get(who, f"/notices/{notice_id}")
        return answer.json if answer.status_code == 200 else None

    def as_seen(self, notice_id: int, who: str = "sup1") -> dict[str, str]:
        """What the forms of a notice send of what was seen."""
        found = self.notice(notice_id, who)
        return {
            "seen_state": found["state"],
            "seen_version": found["version"],
            "seen_events": str(len(found["events"])),
        }

    def acts(self, who: str, notice_id: int, verb: str, **given: Any) -> int:
        """Carry a verb out on a notice as it stands; gives the status."""
        witness = given.pop("witness", "sup1")
        form = {"text": "已办", **self.as_seen(notice_id, witness), **given}
        return int(self.post(who, f"/notices/{notice_id}/{verb}", form).status_code)
