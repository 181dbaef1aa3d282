"""In a real browser: the overview on a desk and on a phone, with forty federations."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tiesan.flags.duty_balance import DutyBalance
from tiesan.flags.models import Flag
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.models import Organization
from tiesan.testing.world import PASSWORD, World

pytestmark = pytest.mark.browser

WIDTHS = [1280, 390]
FEDERATIONS = 40
YEAR = "/overview/?span=2026"
_SEVERE = frozenset({"serious", "critical"})
_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _many_federations(session: Session, world: World) -> None:
    """Forty federations with a duty each, and flags of many rules on the first."""
    district = session.get_one(Organization, world.organizations["D1"])
    for number in range(FEDERATIONS):
        # Stored as it is: a service would have the district evaluated, which counts duties anew.
        place = Organization(
            code=f"M{number:02d}",
            name=f"第{number}产业园区工会联合会",
            kind="federation",
            parent_id=district.id,
            district_id=district.id,
            founded_on=date(2000, 1, 1),
        )
        session.add(place)
        session.flush()
        session.add(_duty(district.id, place.id, number))
    refresh_ancestry(session)
    rules = ("harmony.conflict_unmediated", "meetings.minutes_late", "efficiency.task_overdue")
    template = session.scalars(select(Flag).where(Flag.organization_id.is_not(None))).first()
    assert template is not None
    for rule in rules:
        session.add(_flag_of(template, rule, world.organizations["F2"]))


def _duty(district_id: int, place_id: int, number: int) -> DutyBalance:
    return DutyBalance(
        district_id=district_id,
        organization_id=place_id,
        rule="study.session_missed",
        owner_kind="organization",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 31),
        due_on=date(2026, 3, 31),
        owed=1,
        done=number % 2,
    )


def _flag_of(template: Flag, rule: str, place: int) -> Flag:
    columns = [each.name for each in Flag.__table__.columns if each.name != "id"]
    values = {name: getattr(template, name) for name in columns}
    of_it = {"rule": rule, "organization_id": place, "cadre_id": None, "confidential": False}
    return Flag(**(values | of_it | {"key": rule}))


@pytest.fixture
def site(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of an application with forty federations."""
    with served_copy(flagged, tmp_path, _many_federations) as (_app, address):
        yield address


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """The supervisor of the district at a screen; a word on the console is a failure."""
    size = {"width": request.param, "height": 844}
    context = browser.new_context(locale="zh-CN", base_url=site, viewport=size)  # type: ignore[arg-type]
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/login")
    page.fill("[name=identity]", "district")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/inbox")
    yield page
    context.close()
    assert said == []


def test_it_fits_its_screen_and_shuts_nobody_out(page: Page) -> None:
    page.goto(YEAR)
    expect(page.locator("#trend canvas")).to_be_visible()
    expect(page.locator("#ages canvas")).to_be_visible()
    assert page.evaluate(_SIDEWAYS) is False
    assert page.locator("#duties tbody tr").count() > FEDERATIONS
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in _SEVERE] == []
    # A tip is drawn on the canvas, under the policy of the page.
    page.locator("#trend canvas").hover()
    page.goto("/persons/CO/year/2026")
    assert page.evaluate(_SIDEWAYS) is False
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in _SEVERE] == []


def test_the_first_column_stays_in_sight_while_the_others_are_pushed(page: Page) -> None:
    page.goto(YEAR)
    box = page.locator("#duties .wide-table")
    first = box.locator("tbody th").first
    before = first.bounding_box()
    box.evaluate("(it) => it.scrollTo(200, 0)")
    after = first.bounding_box()
    assert before is not None
    assert after is not None
    assert before["x"] == after["x"]


def test_arrows_move_from_number_to_number_and_enter_opens_its_rows(page: Page) -> None:
    page.goto(YEAR)
    links = page.locator("#flags td a")
    assert links.count() > len(WIDTHS)
    stops = page.locator("#flags td a[tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    before = page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("ArrowRight")
    right = page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.ariaLabel") == before != right
    page.keyboard.press("Enter")
    expect(page.locator("main a[href^='/flags/']").first).to_be_visible()
