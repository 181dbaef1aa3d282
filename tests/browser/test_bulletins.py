"""In a real browser: a bulletin from its draft until three chairs have signed for it, corrected."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tests.browser.test_reviews import People
from tests.browser.test_smoke import NARROW, WIDE
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.testing.world import ACTOR, AT, World

pytestmark = pytest.mark.browser

# Who chairs which federation; the first is of the small world already.
CHAIRS = {"F1": "chair", "F2": "second_chair", "F5": "third_chair"}


def add_people(session: Session, world: World) -> None:
    """A third federation, the chairs of two, and another supervisor at the district."""
    district = session.get_one(Organization, world.organizations["D1"])
    values = {"code": "F5", "name": "北城联合会", "kind": "federation", "parent": district,
              "founded_on": date(2000, 1, 1), "tracked_from": None}  # fmt: skip
    third = create_organization(ACTOR, session, values, at=AT)
    second = session.get_one(Organization, world.organizations["F2"])
    for place, code in ((second, "CC"), (third, "CD")):
        cadre = {"code": code, "name": f"主席{code}", "organization": place,
                 "professional": True, "joined_on": date(2010, 1, 1)}  # fmt: skip
        place.chair = create_cadre(ACTOR, session, cadre, at=AT)
        session.flush()
    _account(session, "second_chair", second.chair, RoleName.CADRE, second)
    _account(session, "third_chair", third.chair, RoleName.CADRE, third)
    _account(session, "signer", None, RoleName.SUPERVISOR, district)
    session.commit()


def _account(
    session: Session, name: str, cadre: Cadre | None, role: RoleName, place: Organization
) -> None:
    known = session.query(Account).filter_by(username="nobody").one()
    account = Account(username=name, password=known.password, cadre=cadre, created_at=AT)
    account.fs_uniquifier = name
    session.add(account)
    session.flush()
    grant_role(ACTOR, session, account, role, place, at=AT)


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def people(
    browser: Browser,
    flagged: tuple[Path, World],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[People]:
    """Who is there; at the end nobody's window must have complained."""
    with served_copy(flagged, tmp_path, add_people) as (_app, address):
        found = People(browser, address, request.param, "", "", [], 0)
        yield found
        complaints = []
        for context, visit in found.contexts.values():
            context.close()
            complaints += visit.complaints
    assert complaints == []


def test_from_the_draft_to_the_correction(people: People) -> None:
    address = drafted(people)
    written(people, address)
    signed(people, address)
    for name in CHAIRS.values():
        signed_for(people, name, address)
    page = people.open("district", address)
    expect(page.locator("#receipts .count")).to_have_text("3/3")
    corrected(people, address)


def drafted(people: People) -> str:
    """Draft a bulletin; gives its address."""
    page = people.open("district", "/bulletins/")
    page.get_by_role("link", name="草拟通报").click()
    people.suits("district")
    page.get_by_label("通报时段").select_option("2026-03")
    page.get_by_role("button", name="草拟通报").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026年3月工会工作情况的通报")
    return page.url.removeprefix(people.site)


def written(people: People, address: str) -> None:
    """Write in it, and look at it as it will be."""
    page = people.open("district", f"{address}/write")
    people.suits("district")
    page.get_by_label("导语").fill("现将三月份工作情况通报如下。\n请认真对照。")
    page.get_by_label("东城联合会", exact=True).fill("会议制度落实较好。")
    page.get_by_label("要求对象").first.select_option(label="西城联合会")
    page.get_by_label("要求内容").first.fill("补开三月份学习会")
    page.get_by_label("完成时限").first.fill("2026-12-31")
    page.get_by_role("button", name="保存").click()
    sheet = page.locator(".official")
    expect(sheet).to_contain_text("补开三月份学习会，于2026年12月31日前完成")
    expect(sheet).to_contain_text("会议制度落实较好。")
    people.suits("district")
    people.open("district", f"{address}/numbers")
    people.suits("district")
    people.open("district", f"{address}/preview")
    people.suits("district")
    page = people.open("district", address)
    does(page, "送签")
    expect(page.locator(".bulletin-submitted")).to_be_visible()


def signed(people: People, address: str) -> None:
    """Another supervisor finds it on the first page and signs it, which its author cannot."""
    page = people.open("district", address)
    expect(page.locator("summary[data-verb=sign]")).to_have_count(0)
    page = people.open("signer", "/")
    page.locator("#bulletins a", has_text="工会工作情况的通报").click()
    does(page, "签发")
    expect(page.get_by_role("heading", level=1)).to_contain_text("号")
    expect(page.locator(".bulletin-files .file")).to_have_count(2)
    people.suits("signer")


def signed_for(people: People, name: str, address: str) -> None:
    """A chair finds it on the first page, reads it and signs for it."""
    page = people.open(name, "/")
    people.suits(name)
    page.locator("#bulletins a", has_text="工会工作情况的通报").click()
    people.suits(name)
    page.get_by_role("button", name="已阅，签收").click()
    expect(page.locator(".message-success")).to_be_visible()
    assert page.url == f"{people.site}{address}"
    people.open(name, "/")
    expect(page.locator("#bulletins")).to_have_count(0)


def corrected(people: People, address: str) -> None:
    """It is corrected by a new one, which the old one names; the old one stays."""
    page = people.open("district", address)
    number = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="更正", exact=True).click()
    people.suits("district")
    page.get_by_role("button", name="更正", exact=True).click()
    expect(page.locator(".official")).to_contain_text(f"本通报取代{number}")
    new = page.url.removeprefix(people.site)
    does(page, "送签")
    page = people.open("signer", new)
    does(page, "签发")
    page = people.open("district", address)
    expect(page.locator(".message-warning")).to_contain_text("已更正")
    expect(page.locator(".official")).to_contain_text("现将三月份工作情况通报如下。")


def does(page: Page, verb: str) -> None:
    """Press the button of a verb and send what it asks for."""
    page.locator("summary[data-verb]", has_text=verb).first.click()
    # The message of the verb before may still stand on the page: the answer is what is waited for.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("details[open] form button").last.click()
    expect(page.locator(".message-success")).to_be_visible()
