"""In a real browser: flags are answered, decided, appealed against and followed up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tests.browser.test_smoke import NARROW, WIDE, Visit
from tests.web.world import flag_of
from tiesan.clock import today
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, Organization
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

RULE = "discipline.off_post"
MANY = 20
# Each width has flags of its own, so that one server and its world serve both.
SIZES = {"1280": (WIDE, "CO", "cadre"), "390": (NARROW, "CH", "chair")}
# Those of one cadre that are dealt with at once, and the one that is appealed against.
Flags: TypeAlias = tuple[list[int], int]
IMPACTS = frozenset({"serious", "critical"})


@dataclass
class People:
    """Windows of one size, one for each person who is there, and the flags of their story."""

    browser: Browser
    site: str
    size: ViewportSize
    cadre: str
    account: str
    flags: list[int]
    appealed: int
    contexts: dict[str, tuple[BrowserContext, Visit]] = field(default_factory=dict)

    def of(self, name: str) -> Page:
        """The page of somebody, who signs in with the first look at it."""
        return self.visit(name).page

    def visit(self, name: str) -> Visit:
        """The window of somebody."""
        if name not in self.contexts:
            context = self.browser.new_context(viewport=self.size, locale="zh-CN")
            visit = Visit(context.new_page(), self.site)
            self.contexts[name] = context, visit
            visit.sign_in(name)
        return self.contexts[name][1]

    def open(self, name: str, address: str) -> Page:
        """Open an address as somebody."""
        page = self.of(name)
        page.goto(f"{self.site}{address}")
        return page

    def suits(self, name: str) -> None:
        """The page that somebody has open fits its screen, and shuts nobody out."""
        visit = self.visit(name)
        visit.fits()
        found = Axe().run(visit.page).response["violations"]
        assert [
            (visit.page.url, each["id"], each["nodes"][0]["html"])
            for each in found
            if each["impact"] in IMPACTS
        ] == []


@pytest.fixture(scope="module")
def server(
    flagged: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, Flags]]]:
    """The address of the application, and the flags of each cadre."""
    flags: dict[str, Flags] = {}

    def add(session: Session, world: World) -> None:
        for _size, cadre, _name in SIZES.values():
            flags[cadre] = _flags(session, world, cadre)

    with served_copy(flagged, tmp_path_factory.mktemp("reviews"), add) as (_app, address):
        yield address, flags


def _flags(session: Session, world: World, cadre: str) -> Flags:
    """Flags on a cadre, no two of one day, so that they are no group; the last of another rule."""
    row = session.get_one(Cadre, world.cadres[cadre])
    place = session.get_one(Organization, row.organization_id)
    made: list[Flag] = []
    for number in range(MANY + 2):
        rule = RULE if number <= MANY else "discipline.left_early"
        flag = flag_of(place, row, rule, of_cadre=True)
        flag.key, flag.occurred_on = f"{cadre}{number}", date(2026, 2, 1) + timedelta(days=number)
        made.append(flag)
    session.add_all(made)
    session.commit()
    *flags, last = (flag.id for flag in made)
    return flags, last


@pytest.fixture(params=SIZES)
def people(
    browser: Browser, server: tuple[str, dict[str, Flags]], request: pytest.FixtureRequest
) -> Iterator[People]:
    """Who is there; at the end nobody's window must have complained."""
    size, cadre, account = SIZES[request.param]
    site, flags = server
    found = People(browser, site, size, cadre, account, *flags[cadre])
    yield found
    complaints = []
    for context, visit in found.contexts.values():
        context.close()
        complaints += visit.complaints
    assert complaints == []


def does(page: Page, verb: str, text: str = "", until: date | None = None) -> None:
    """Press the button of a verb on the page of a flag, and give what it asks for."""
    page.locator("summary[data-verb]", has_text=verb).locator("visible=true").first.click()
    asked = page.locator("details[open] form")
    if text:
        asked.locator("textarea").fill(text)
    if until is not None:
        asked.locator("input[type=date]").fill(until.isoformat())
    asked.get_by_role("button", name=verb, exact=True).click()


def test_a_supervisor_confirms_twenty_waives_one_and_follows_up(people: People) -> None:
    page = people.open("supervisor", f"/inbox?rule={RULE}&cadre={people.cadre}")
    lines = page.locator(".inbox-lines .waiting")
    expect(lines).to_have_count(MANY + 1)
    people.suits("supervisor")
    for each in lines.get_by_role("checkbox").all()[:MANY]:
        each.check()
    page.locator("#many").get_by_role("button", name="认定属实", exact=True).click()
    expect(page.locator("main .plain-list input:checked")).to_have_count(MANY)
    page.locator("#many-text").fill("经核实，情况属实")
    people.suits("supervisor")
    page.get_by_role("button", name="认定属实").click()
    expect(page.get_by_role("heading", name=f"已办理{MANY}条")).to_be_visible()
    expect(page.locator("main .plain-list li")).to_have_count(MANY)
    people.suits("supervisor")

    page = people.open("supervisor", f"/inbox?rule={RULE}&cadre={people.cadre}")
    expect(lines).to_have_count(1)
    lines.locator("a").click()
    does(page, "豁免至某日", "设备故障", today() + timedelta(days=7))
    expect(page.locator(".message-success")).to_contain_text("已豁免")
    expect(lines).to_have_count(0)

    _follow_up(people, people.flags[0])


def _follow_up(people: People, confirmed: int) -> None:
    """Make a confirmed flag a case, and issue a notice about it."""
    page = people.open("supervisor", f"/flags/{confirmed}")
    people.suits("supervisor")
    page.get_by_role("link", name="立案追究").click()
    page.get_by_label("措施").fill("约谈并限期改正")
    page.get_by_label("完成期限").fill((today() + timedelta(days=30)).isoformat())
    people.visit("supervisor").fits()
    page.get_by_role("button", name="立案追究").click()
    expect(page.locator("#follow-up")).to_contain_text("约谈并限期改正")
    page.get_by_role("link", name="下达督办单").click()
    page.get_by_label("整改要求").fill("十日内整改")
    page.get_by_label("时限").fill((today() + timedelta(days=10)).isoformat())
    people.suits("supervisor")
    page.get_by_role("button", name="下达督办单").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("督〔")
    people.suits("supervisor")


def test_a_standing_waiver_is_seen_before_it_is_granted(people: People) -> None:
    page = people.open("supervisor", "/waivers/new")
    page.get_by_label("一条规则").select_option("discipline.late")
    page.get_by_label("一名干部").fill(people.cadre)
    page.locator(".lookup-list [role=option]").first.click()
    page.locator("[name=from]").fill((today() - timedelta(days=1)).isoformat())
    page.locator("[name=until]").fill((today() + timedelta(days=30)).isoformat())
    page.locator("[name=text]").fill("考勤机检修")
    page.get_by_role("button", name="查看覆盖对象").click()
    expect(page.get_by_role("heading", name="覆盖对象")).to_be_visible()
    people.suits("supervisor")
    page.get_by_role("button", name="批准豁免").click()
    expect(page.locator(".message-success")).to_be_visible()
    expect(page.locator("main")).to_contain_text("考勤机检修")
    people.suits("supervisor")


def test_a_cadre_answers_another_decides_and_of_two_the_slower_is_told(people: People) -> None:
    flag = people.appealed
    own = people.open(people.account, "/my/flags")
    people.suits(people.account)
    own = people.open(people.account, f"/flags/{flag}")
    does(own, "说明情况", "当时外出走访企业")
    expect(own.locator(".message-success")).to_contain_text("已说明")
    # Two supervisors look at it at once.
    first, second = (people.open(name, f"/flags/{flag}") for name in ("supervisor", "district"))
    expect(second.locator("main")).to_contain_text("当时外出走访企业")
    does(first, "认定属实", "外出未登记")
    expect(first.locator(".message-success")).to_contain_text("已认定属实")
    does(second, "认定不成立", "有走访记录")
    refusal = second.get_by_role("alert")
    expect(refusal).to_contain_text("未办理")
    expect(refusal).to_contain_text("属实")
    # What was written stands there still.
    expect(second.locator("textarea:visible")).to_have_value("有走访记录")
    # The browser itself says that it was refused.
    [said] = people.visit("district").complaints
    assert "409" in said
    people.visit("district").complaints.clear()
    second.get_by_role("button", name="重新打开本页").click()
    expect(second.locator("main")).to_contain_text("外出未登记")
    _appeal(people, flag)


def _appeal(people: People, flag: int) -> None:
    """Appeal as whom it concerns, and have the other supervisor uphold it."""
    own = people.open(people.account, f"/flags/{flag}")
    does(own, "申诉", "有企业盖章的走访单")
    expect(own.locator(".message-success")).to_contain_text("已申诉")
    # Who has confirmed it does not decide, and is offered nothing.
    first = people.open("supervisor", f"/flags/{flag}")
    expect(first.locator("[data-verb=uphold]")).to_have_count(0)
    second = people.open("district", f"/inbox?flag={flag}")
    expect(second.locator(".inbox-flag")).to_contain_text("有企业盖章的走访单")
    people.suits("district")
    does(second, "维持认定", "走访单日期不符")
    expect(second.locator(".message-success")).to_contain_text("已维持认定")
    people.visit("district").fits()
    own = people.open(people.account, f"/flags/{flag}")
    expect(own.locator("main")).to_contain_text("走访单日期不符")
    expect(own.locator("[data-verb=appeal]")).to_have_count(0)
    people.suits(people.account)
