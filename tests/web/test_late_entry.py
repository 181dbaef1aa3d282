"""Dates of doing that are entered late."""

import pytest
from flask import Flask

from tests.web.entering import problems
from tiesan.clock import today
from tiesan.testing.browsing import person
from tiesan.testing.world import World


@pytest.mark.parametrize("name", ["requested_on", "approved_on", "closed_on"])
def test_a_day_of_doing_is_added_late_only_with_a_reason(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    """Approving and closing a leave is done by editing it."""
    page = f"/records/leave/edit/?id={lite_world.records['leave']['O']}"
    kept = {"cadre": lite_world.cadres["CO"], "kind": "annual"}
    kept |= {"first_day": "2026-03-20", "last_day": "2026-03-20"}
    supervisor = person(lite_app, "supervisor")
    late = kept | {name: "2026-03-19"}
    assert problems(supervisor.send(page, late)) == ["补录须填写理由。"]
    assert supervisor.send(page, kept | {name: f"{today():%Y-%m-%d}"}).status_code == 302
    assert supervisor.send(page, late | {"late_reason": "补录纸质单据"}).status_code == 302
    # A day that was accounted for needs no second reason.
    assert supervisor.send(page, late | {"kind": "sick"}).status_code == 302
