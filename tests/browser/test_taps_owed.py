"""The touches from what one owes to its form, on a phone, and what the form says then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tests.browser.taps import Taps
from tests.browser.test_smoke import NARROW, Visit
from tiesan.clock import today
from tiesan.flags.models import DistrictState
from tiesan.testing.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(flagged: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application; all days before today were judged."""
    with served_copy(flagged, tmp_path_factory.mktemp("owed"), _judge) as (_app, address):
        yield address


def _judge(session: Session, world: World) -> None:
    judged = today() - timedelta(days=1)
    district_id = world.organizations["D1"]
    session.merge(DistrictState(district_id=district_id, evaluated_as_of=judged))


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """What the chair has before them on a phone."""
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("chair")
    yield visit.page
    context.close()


def test_from_what_is_owed_to_its_form_it_is_one_touch(page: Page) -> None:
    taps = Taps(page)
    button = page.locator("#owed a[data-owed]").first
    form = button.get_attribute("href")
    taps.tap(button)
    page.wait_for_url(f"**{form}**")
    assert taps.number == 1


def test_the_list_fits_a_phone(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"]
    button = page.locator("[data-owed]").first.bounding_box()
    assert button is not None
    assert button["height"] >= 44
