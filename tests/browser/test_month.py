"""A month of requests, played through in a real browser on a phone and at a desk.

Studying with thirty cadres is in ``test_taps_grids``, the days' logs are in ``test_taps_logging``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from plugins.discipline.models import Expense, Leave
from tests.attachments.files import photo
from tests.browser.serving import served_copy
from tests.browser.taps import PHONE
from tests.browser.test_taps_requests import People
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.testing.world import ACTOR, World

pytestmark = pytest.mark.browser

DESK: ViewportSize = {"width": 1280, "height": 900}
QUEUE = "/requests/queue"
# Who asks, and who approves their leave.
ASKING = ((PHONE, "cadre", "chair"), (DESK, "chair", "district"))


@pytest.fixture
def world(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[tuple[Flask, str, World]]:
    """The application, its address, and what is in it."""
    with served_copy(flagged, tmp_path) as (app, address):
        yield app, address, flagged[1]


@contextmanager
def screens(browser: Browser, site: str, size: ViewportSize) -> Iterator[People]:
    found = People(browser, site, size)
    yield found
    found.close()


def test_a_month_of_requests(
    browser: Browser, world: tuple[Flask, str, World], tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.jpg"
    receipt.write_bytes(photo())
    for size, who, superior in ASKING:
        with screens(browser, world[1], size) as people:
            log(people, who)
            leave(people, who, superior)
            expense(people, who, receipt)
            not_paid_back(people, who, world[0])
            if size is DESK:
                printed(people.at_home("district").page, world[2], people.site)


def done(page: Page) -> None:
    expect(page.locator(".message-success").first).to_be_visible()


def log(people: People, who: str) -> None:
    page = people.at_home(who).page
    page.goto(f"{people.site}/records/work_log/new/?own=1")
    page.locator("[name=content]").fill("上午走访两家企业，下午整理台账")
    page.locator("main form .btn-primary").click()
    done(page)


def ask_for_leave(people: People, who: str, day: str) -> None:
    page = people.at_home(who).page
    page.goto(f"{people.site}/records/leave/new/request")
    page.locator(".chip", has_text="事假").click()
    page.get_by_role("button", name=day).click()
    page.locator("[name=reason]").fill("家中有事")
    page.locator("form.asking .form-buttons .btn-primary").click()
    done(page)


def leave(people: People, who: str, superior: str) -> None:
    """One of today that is approved and closed, one of tomorrow that is approved and withdrawn."""
    for day, step in (("今天", "销假"), ("明天", "撤回")):
        ask_for_leave(people, who, day)
        decide(people, superior, "approve", "事假")
        page = people.at_home(who).page
        own = page.locator("#my-requests details", has=page.get_by_text(step, exact=True)).last
        own.locator("summary").click()
        if own.locator("textarea").count():
            own.locator("textarea").fill("情况有变")
        own.locator("form > button").click()
        done(page)


def decide(people: People, name: str, verb: str, said: str) -> None:
    page = people.at_home(name).page
    page.goto(f"{people.site}{QUEUE}")
    card = page.locator(".request-card").filter(has_text=said)
    card = card.filter(has=page.locator(f'[data-verb="{verb}"]')).first
    if verb == "reimburse":
        card.locator("[name=receipt]").check()
    card.locator(f'[data-verb="{verb}"]').click()
    done(page)


def ask_for_money(people: People, who: str, payee: str, amount: str) -> str:
    """The address of an expense that was asked for."""
    page = people.at_home(who).page
    page.goto(f"{people.site}/records/expense/new/request")
    for name, text in (("payee", payee), ("item", "纸张"), ("amount", amount)):
        page.locator(f"form.asking [name={name}]").fill(text)
    page.locator("form.asking .form-buttons .btn-primary").click()
    done(page)
    return page.url


def spend(page: Page, address: str, receipt: Path | None = None) -> None:
    page.goto(address)
    page.get_by_role("link", name="登记支出").click()
    if receipt is not None:
        page.locator("input[type=file]").set_input_files(receipt)
        expect(page.locator(".file-list input:checked")).to_have_count(1)
    page.locator("main form .form-buttons .btn-primary").click()
    done(page)


def expense(people: People, who: str, receipt: Path) -> None:
    """Asked for, approved by the committee, spent with a photo, paid back."""
    payee = f"{who}文具店"
    address = ask_for_money(people, who, payee, "260")
    decide(people, "committee", "approve", payee)
    spend(people.at_home(who).page, address, receipt)
    decide(people, "supervisor", "reimburse", payee)
    page = people.at_home(who).page
    page.goto(address)
    expect(page.locator(".course h2")).to_contain_text("已报销")
    expect(page.locator(".file-list a, a.file").first).to_be_visible()


def not_paid_back(people: People, who: str, app: Flask) -> None:
    """At 200.00 without approval, and the second 150 of one day at one payee: with the clause."""
    at_once = ask_for_money(people, who, f"{who}甲店", "200")
    spend(people.pages[who], at_once)
    first, second = (ask_for_money(people, who, f"{who}乙店", "150") for _part in range(2))
    for address in (first, second):
        spend(people.pages[who], address)
    with app.app_context():
        part = db.session.get_one(Expense, int(first.rpartition("=")[2]))
        part.reimbursed_on = today()
        db.session.commit()
    page = people.at_home("supervisor").page
    for address in (at_once, second):
        page.goto(address)
        expect(page.locator('[data-verb="reimburse"]')).to_have_count(0)
        expect(page.locator(".held-back", has_text="报销").locator(".clause")).to_be_visible()


# What can be pressed, or leads somewhere else, has no place on paper.
_PRESSED = """
  () => [...document.querySelectorAll("nav, button, .btn, .thumb-bar, input[type=checkbox]")]
    .filter((each) => each.checkVisibility()).map((each) => each.outerHTML.slice(0, 90))
"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAPER: ViewportSize = {"width": 718, "height": 1000}


def printed(page: Page, world: World, site: str) -> None:
    """A record, a list, a person, requests and a flag as they come out on paper."""
    page.set_viewport_size(PAPER)
    for address in (
        f"/records/leave/details/?id={world.records['leave']['O']}",
        "/records/leave/",
        "/persons/CO",
        QUEUE,
        f"/flags/{world.flags['cO']}",
    ):
        page.goto(f"{site}{address}")
        page.emulate_media(media="print")
        assert page.evaluate(_PRESSED) == [], address
        assert page.evaluate(_WIDER) <= 0, address
        expect(page.locator("h1")).to_be_visible()
        page.emulate_media(media="screen")


# --- the queue ------------------------------------------------------------------------------------


def waiting(app: Flask, world: World, number: int) -> None:
    """Have so many leaves of the cadre wait, of a day each."""
    with app.app_context():
        cadre = db.session.get_one(Cadre, world.cadres["CO"])
        for position in range(number):
            day = today() + timedelta(days=10 + position)
            values = {"code": f"W{position}", "cadre": cadre, "kind": "annual", "first_day": day,
                      "last_day": day, "requested_on": today()}  # fmt: skip
            create_record(ACTOR, db.session(), Leave, values, at=now())
        db.session.commit()


def test_a_queue_is_decided_by_many(browser: Browser, world: tuple[Flask, str, World]) -> None:
    """Two at once, one of them is told; twenty by four touches; one more by a deputy."""
    app, site, found = world
    waiting(app, found, 22)
    with screens(browser, site, PHONE) as people:
        chair, supervisor = (people.at_home(name) for name in ("chair", "supervisor"))
        for each in (chair, supervisor):
            each.page.goto(f"{site}{QUEUE}")
        card = "#leave-" + chair.page.locator(".request-card").first.get_attribute(
            "id"
        ).removeprefix("leave-")  # type: ignore[union-attr] # it has one
        chair.page.locator(f"{card} textarea").fill("人手不足")
        chair.page.locator(f'{card} [data-verb="reject"]').click()
        done(chair.page)
        supervisor.page.locator(f'{card} [data-verb="approve"]').click()
        told = supervisor.page.locator("main .message-error, main .message-warning").first
        expect(told).to_be_visible()
        expect(supervisor.page.locator(".message-success")).to_have_count(0)

        taps = people.at_home("chair")
        page = taps.page
        taps.tap(page.locator("#queue h2 a"))
        taps.tap(page.locator("[data-choose-all]"))
        taps.tap(page.locator("#many").get_by_role("button", name="批准", exact=True))
        expect(page.locator(".is-done")).to_have_count(20)
        assert taps.number <= 4

        page.goto(f"{site}/requests/deputies")
        page.locator("[name=to]").select_option("keeper")
        page.locator("main form .btn-primary").first.click()
        done(page)
        deputy = people.at_home("keeper").page
        deputy.goto(f"{site}{QUEUE}")
        deputy.locator('.request-card [data-verb="approve"]').first.click()
        done(deputy)
        expect(deputy.locator(".request-card")).to_have_count(0)
