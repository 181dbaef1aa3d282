"""A server that is killed while many flags are decided leaves each one before or after."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from tests.web.entering import rows
from tests.web.test_killed import Server, left
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.testing.browsing import _TOKEN, person
from tiesan.testing.world import World

CONFIRM = "/flags/bulk/confirm"
# In which place the server is killed, of how many flags, and how many are confirmed then.
KILLED = (("begun", 9, 2), ("within", 9, 4), ("unlocked", 6, 6))


def form_of(page: str, ids: list[int]) -> dict[str, object]:
    """What confirms flags as nobody has touched them; sent again it says the same of them."""
    token = _TOKEN.search(page)
    assert token is not None
    seen = [f"{flag_id}:open:1:1" for flag_id in ids]
    return {"csrf_token": token.group(1), "text": "属实", "ids": seen}


def confirmed(app: Flask, ids: list[int]) -> list[int]:
    """Which of these flags are confirmed, each of them once and with all that belongs to it."""
    with app.app_context():
        flags = select(Flag.id).where(Flag.id.in_(ids), Flag.review == "confirmed")
        found = sorted(db.session.scalars(flags))
    events = Counter(each.flag_id for each in rows(app, FlagEvent) if each.verb == "confirm")
    entries = Counter(each.object_id for each in rows(app, AuditEntry) if each.verb == "confirm")
    assert events == entries == Counter(found)
    return found


def test_each_flag_is_before_or_after_and_the_next_try_does_the_rest(
    app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    ids = sorted(world.flags[f"{sort}{place}"] for sort in "com" for place in "OBS")
    before = 0
    for place, number, after in KILLED:
        server = Server(app, database_url, tmp_path, place)
        try:
            form = form_of(server.ask("GET", "/"), ids[:number])
            # What the server before it has left is evaluated with the first request.
            assert left(app) == (0, 0)
            server.dies_over(CONFIRM, urlencode(form, doseq=True))
        finally:
            server.end()
        assert confirmed(app, ids) == ids[:after]
        assert left(app) == (after - before, after - before)
        before = after
    district = person(app, "district")
    form = form_of(district.get("/").text, ids)
    answer = district.client.post(CONFIRM, data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    told = answer.get_json()
    assert [each["flag"] for each in told["done"]] == ids[before:]
    assert [each["flag"] for each in told["refused"]] == ids[:before]
    assert {"属实" in each["error"] for each in told["refused"]} == {True}
    assert confirmed(app, ids) == ids
    assert left(app) == (0, 0)
