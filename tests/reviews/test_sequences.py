"""What a flag goes through, by HTTP: who, from where, to where, and what is refused with what."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.reviews.conftest import Clock
from tests.reviews.world import DAY_0, World, at
from tiesan.courses.standing import read_standings
from tiesan.reviews.flag_course import FLAG_COURSE

SEQUENCES = yaml.safe_load((Path(__file__).parent / "sequences.yaml").read_text("utf-8"))
JSON = {"Accept": "application/json"}
_ONCE = itertools.count()


def seen(world: World, flag_id: int, clock: Clock) -> dict[str, str]:
    """What somebody who sees everything sees of a flag now."""
    day = clock.moment.date()
    with world.app.app_context():
        standing = read_standings(world.session, FLAG_COURSE, [flag_id], None, day)[flag_id]
        found = standing.seen(FLAG_COURSE)
    world.session.rollback()
    return {
        "seen_state": found.state,
        "seen_revision": found.version,
        "seen_events": str(found.events),
    }


def sent(arguments: Mapping[str, Any], now: Mapping[str, str], clock: Clock) -> dict[str, str]:
    """What a form sends: what is right unless the arguments say otherwise."""
    form = {"text": "理由", "once": f"form-{next(_ONCE)}", **now}
    for name, value in arguments.items():
        match name, value:
            case "until", int():
                form["until"] = (clock.moment.date() + timedelta(days=value)).isoformat()
            case "text", int():
                form["text"] = "字" * value
            case "stale", "state":
                form["seen_state"] = "dismissed"
            case "stale", field:
                form[f"seen_{field}"] = str(int(form[f"seen_{field}"]) - 1)
            case "day", _:
                pass
            case _:
                form[name] = str(value)
    return form


class Play:
    """A sequence as it is played with one flag."""

    def __init__(self, world: World, clock: Clock, flag: Mapping[str, Any]) -> None:
        self.world, self.clock = world, clock
        self.flag_id = world.flag(**flag)

    def step(self, actor: str, verb: str, arguments: Mapping[str, Any]) -> int:
        """Do what a step says; gives the status."""
        if "day" in arguments:
            self.clock.moment = at(DAY_0 + timedelta(days=arguments["day"]))
        day = self.clock.moment.date()
        match verb:
            case "(evidence)":
                self.world.new_evidence(self.flag_id, day)
            case "(inactive)":
                self.world.no_longer_active(self.flag_id, day)
            case "(nothing)":
                pass
            case _:
                return self._send(actor, verb, arguments)
        return 200

    def _send(self, actor: str, verb: str, arguments: Mapping[str, Any]) -> int:
        client, token = self.world.by(actor)
        form = sent(arguments, seen(self.world, self.flag_id, self.clock), self.clock)
        form["csrf_token"] = token
        offered = self.offered(actor)
        answer: Any = client.post(f"/flags/{self.flag_id}/{verb}", data=form, headers=JSON)
        if answer.status_code == 200:
            assert answer.json["flag"] == self.flag_id
            assert answer.json["state"] == self.state()
        else:
            assert answer.json["error"]
        if answer.status_code in (200, 422):
            # What is carried out, or lacks only what must be given, was offered.
            assert verb in offered
        return int(answer.status_code)

    def offered(self, actor: str) -> list[str]:
        """The verbs that the pages offer somebody."""
        answer: Any = self.world.by(actor)[0].get(f"/flags/{self.flag_id}", headers=JSON)
        return list(answer.json["verbs"]) if answer.status_code == 200 else []

    def state(self) -> str:
        """Where the flag stands, for somebody who sees everything."""
        return seen(self.world, self.flag_id, self.clock)["seen_state"]


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda each: each["case"])
def test_a_sequence(world: World, clock: Clock, sequence: Mapping[str, Any]) -> None:
    play = Play(world, clock, sequence.get("flag", {}))
    for number, (actor, verb, arguments, outcome, state) in enumerate(sequence["steps"], 1):
        status = play.step(actor, verb, arguments)
        wanted = 200 if outcome == "done" else outcome
        assert (status, play.state()) == (wanted, state), f"step {number}: {actor} {verb}"
