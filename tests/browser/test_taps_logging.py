"""How often somebody touches a phone to log: a report with a file, a task, what is wrong."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from plugins.efficiency.models import Task
from plugins.harmony.models import Conflict
from tests.attachments.files import photo
from tests.browser.serving import served_copy
from tests.browser.taps import Taps
from tests.browser.test_smoke import NARROW, Visit
from tiesan.people.models import Cadre
from tiesan.testing.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def served_world(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[tuple[str, World]]:
    """A small world, in which the cadre owns a task, and its address."""
    with served_copy(flagged, tmp_path, _own_a_task) as (_app, address):
        yield address, flagged[1]


def _own_a_task(session: Session, world: World) -> None:
    task = session.get_one(Task, world.records["task"]["O"])
    task.owner, task.due_on = session.get_one(Cadre, world.cadres["CO"]), date(2026, 12, 31)


@pytest.fixture
def phone(browser: Browser, served_world: tuple[str, World]) -> Iterator[Visit]:
    """A telephone, on which the cadre has signed in."""
    site, _world = served_world
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    yield visit
    assert visit.complaints == []
    context.close()


def test_a_report_with_a_file(phone: Visit, tmp_path: Path) -> None:
    file = tmp_path / "现场.jpg"
    file.write_bytes(photo())
    phone.page.goto(f"{phone.site}/records/info_report/new/")
    taps = Taps(phone.page)
    # The place of logs in the bar, and the kind in it.
    taps.number += 2
    taps.write(phone.page.get_by_label("标题"), "东城联合会走访困难职工")
    taps.give(phone.page.get_by_label("附件"), file)
    expect(phone.page.get_by_role("checkbox", name="现场.jpg")).to_be_checked()
    phone.fits()
    taps.tap(phone.page.get_by_role("button", name="保存"))
    expect(phone.page.get_by_text("现场.jpg")).to_be_visible()
    phone.fits()
    assert taps.number <= 5


def test_a_task_is_started_and_completed(phone: Visit, served_world: tuple[str, World]) -> None:
    task = served_world[1].records["task"]["O"]
    phone.page.goto(f"{phone.site}/records/task/details/?id={task}")
    for word, state in (("开始任务", "已开始"), ("完成任务", "已完成")):
        taps = Taps(phone.page)
        taps.tap(phone.page.get_by_role("button", name=word))
        expect(phone.page.locator(".course h2 .review")).to_have_text(state)
        phone.fits()
        assert taps.number <= 1


def test_a_conflict_is_mediated_by_one_touch(
    browser: Browser, served_world: tuple[str, World]
) -> None:
    site, world = served_world
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    chair = Visit(context.new_page(), site)
    chair.sign_in("chair")
    kind = Conflict.record_kind.name
    chair.page.goto(f"{site}/records/{kind}/details/?id={world.records[kind]['O']}")
    taps = Taps(chair.page)
    taps.tap(chair.page.get_by_role("button", name="已调解，登记").first)
    expect(chair.page.locator(".course h2 .review")).to_have_text("已调解")
    chair.fits()
    assert taps.number <= 1
    assert chair.complaints == []
    context.close()


def test_what_is_wrong_is_said_on_a_phone(phone: Visit, served_world: tuple[str, World]) -> None:
    row = served_world[1].records["post_check"]["O"]
    phone.page.goto(f"{phone.site}/records/post_check/details/?id={row}")
    taps = Taps(phone.page)
    taps.tap(phone.page.get_by_role("link", name="申请更正"))
    phone.fits()
    taps.pick(phone.page.get_by_label("在岗"), "no")
    taps.write(phone.page.get_by_label("有误之处"), "当日外出办事，已报备")
    taps.tap(phone.page.get_by_role("button", name="提交更正申请"))
    expect(phone.page.locator(".course h2 .review")).to_have_text("已申请")
    phone.fits()
    assert taps.number <= 5
