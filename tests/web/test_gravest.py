"""The first flags of a page that shows some: the gravest, and what can be read by itself."""

from flask import Flask

from tests.web.test_scope import looking
from tiesan.access.installation import installed
from tiesan.admin.flags.lines import gravest
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag
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
    with looking(app, world.accounts["supervisor"]):
        found = [line.flag.id for line in gravest(installed(), 50)]
    assert [each for each in found if each in {plain, counting, lesser}] == [
        plain,
        counting,
        lesser,
    ]
