"""Dates of doing that are entered late."""

import re

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
    assert supervisor.send(page, late).status_code == 302


def test_what_rules_read_is_changed_only_with_a_reason(lite_app: Flask, lite_world: World) -> None:
    """The amount decides about flags; the title of a report is somebody else's word."""
    supervisor = person(lite_app, "supervisor")
    row = lite_world.records["expense"]["O"]
    page = f"/records/expense/edit/?id={row}"
    form = supervisor.get(page).text
    given: dict[str, object] = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', form))
    given |= {"receipt": "no", "amount": "199.99", "late_reason": ""}
    assert problems(supervisor.send(page, given)) == ["所改内容是规则判断的依据，请写明更正理由。"]
    assert supervisor.send(page, given | {"late_reason": "金额看错"}).status_code == 302
    report = f"/records/info_report/edit/?id={lite_world.records['info_report']['O']}"
    form = supervisor.get(report).text
    kept: dict[str, object] = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', form))
    given = kept | {"title": "改过的标题", "late_reason": ""}
    assert problems(supervisor.send(report, given)) == ["这不是您当日登记的记录，更正须写明理由。"]
    assert supervisor.send(report, given | {"late_reason": "标题有误"}).status_code == 302


def test_who_entered_it_today_mends_what_no_rule_reads_without_a_reason(
    lite_app: Flask, lite_world: World
) -> None:
    supervisor = person(lite_app, "supervisor")
    sent = {"cadre": lite_world.cadres["CO"], "title": "动态", "content": "本周工作动态"}
    answer = supervisor.send("/records/info_report/new/", sent | {"submitted_on": f"{today()}"})
    assert answer.status_code == 302, problems(answer)
    page = answer.location.replace("details", "edit")
    changed = sent | {"title": "改过的标题", "submitted_on": f"{today()}"}
    assert supervisor.send(page, changed).status_code == 302
