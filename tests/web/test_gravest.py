"""The first flags of the first page: the gravest, and of these what can be read by itself."""

from flask import Flask

from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.testing.browsing import person
from tiesan.testing.world import World


def test_what_counts_other_flags_comes_behind_what_rests_on_records(
    app: Flask, world: World
) -> None:
    """Although it is the newest; but before what is less grave."""
    counting, plain, lesser = (world.flags[each] for each in ("cB", "cO", "oO"))
    with app.app_context():
        flag = db.session.get_one(Flag, counting)
        flag.rule, flag.occurred_on = "accountability.repeat_violations", today()
        flag.severity = db.session.get_one(Flag, plain).severity
        db.session.commit()
    page = person(app, "supervisor").get("/").text
    order = [page.index(f'/flags/{each}"') for each in (plain, counting, lesser)]
    assert order == sorted(order)
