"""The page of a version's trial: of which days, in numbers, by organization, with links."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.flags.published import LOCAL
from tests.web.test_effect import spend
from tests.web.test_rule_book import written
from tests.web.test_why import SECRET
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.versions import RuleVersion
from tiesan.rulebook.texts import shipped_text
from tiesan.scheduler.jobs import REPLAY_RULE
from tiesan.scheduler.models import JobRun
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World


def tries(admin: Person, address: str, **given: str) -> str:
    """Ask for a trial; gives the page afterwards."""
    answer = admin.send(f"{address}/trial", given, form=address)
    assert answer.status_code == 303, answer.text
    return admin.get(answer.location).text


def test_a_trial_of_chosen_days_is_shown_by_month_and_organization_with_its_records(
    lite_app: Flask, lite_world: World
) -> None:
    with lite_app.app_context():
        spend(250_00)
        spend(150_00)
    admin = person(lite_app, "admin")
    address = written(admin)
    page = tries(admin, address, first="2026-02-10", last="2026-03-10")
    assert "或试算不足一年" in page
    assert re.search(r"<strong>1</strong>新增", page)
    assert re.findall(r'<th scope="row">(2026-\d\d)</th>', page) == ["2026-02", "2026-03"]
    assert re.search(r'<th scope="row"><a href="[^"]+details/\?id=\d+">[^<]+ · F\w+</a>', page)
    assert page.count('class="side-raised" x="0.00"') == 2
    assert re.search(r'href="[^"]+details/\?id=\d+">陈欧 · CO</a>', page)
    assert re.search(r'href="[^"]+details/\?id=\d+">[^<]+ S25000</a>', page)
    assert "S15000" not in page
    assert "style=" not in page
    # The form has the days that were tried last; one tap tries a year.
    assert 'name="first" value="2026-02-10"' in page
    assert "或试算不足一年" not in tries(admin, address)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "x", ["开始日期：日期无效。", "结束日期：日期无效。"]),
        ("2026-03-02", "2026-03-01", ["起始日晚于截止日。"]),
        ("2026-03-02", "today", ["结束日期须早于今天，当天尚未结束。"]),
        ("0001-01-01", "2026-03-01", ["开始日期：日期无效。"]),
    ],
)
def test_days_that_cannot_be_tried_are_told_and_kept(
    lite_app: Flask, first: str, last: str, said: list[str]
) -> None:
    admin = person(lite_app, "admin")
    address, last = written(admin), last.replace("today", today().isoformat())
    answer = admin.send(f"{address}/trial", {"first": first, "last": last}, form=address)
    shown = admin.get(answer.location)
    assert messages(shown) == said
    assert f'name="first" value="{first}"' in shown.text
    assert f'name="last" value="{last}"' in shown.text
    with lite_app.app_context():
        assert db.session.scalars(select(RuleVersion.tried)).one() is None


def test_of_what_is_confidential_there_are_numbers_in_all_alone(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    admin = person(lite_app, "admin")
    text = (shipped_text(installed_catalog(), SECRET) or "").replace(SECRET, LOCAL)
    page = tries(admin, written(admin, text), first="2026-03-01", last=yesterday())
    assert "涉密，不列明细" in page
    assert "<summary>按组织" not in page
    assert "flag-lines" not in page
    with lite_app.app_context():
        found = db.session.scalars(select(RuleVersion.tried)).one()
    assert found is not None
    assert found["raised"] > 0
    assert "organizations" not in found
    assert found["samples"] == {"raised": [], "gone": []}


def test_a_replay_is_shown_by_day_with_its_records(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        spend(250_00)
    admin = person(lite_app, "admin")
    address = written(admin)
    page = tries(admin, address, replay="1", first="2026-03-04", last="2026-03-06")
    assert re.search(r"<strong>1</strong>产生预警", page)
    assert re.search(r"<summary>2026年3月5日 · 产生预警 1</summary>", page)
    assert re.search(r'href="[^"]+details/\?id=\d+">[^<]+ S25000</a>', page)
    # It is no trial to publish by, and has days of its own.
    assert "新增涉及" not in page
    assert page.count('name="first" value="2026-03-04"') == 1
    too_many = {"replay": "1", "first": "2026-01-01", "last": "2026-04-03"}
    answer = admin.send(f"{address}/trial", too_many, form=address)
    shown = admin.get(answer.location)
    assert messages(shown) == ["逐日推演最多92天。"]
    assert shown.text.count('name="first" value="2026-01-01"') == 1
    # What ran and came to nothing is told.
    with lite_app.app_context():
        run = db.session.scalars(select(JobRun).where(JobRun.job == REPLAY_RULE.name)).one()
        run.state, row = "failed", db.session.scalars(select(RuleVersion)).one()
        row.try_token = run.asked
        db.session.commit()
    assert "未能得出结果" in admin.get(address).text


def yesterday() -> str:
    return (today() - timedelta(days=1)).isoformat()
