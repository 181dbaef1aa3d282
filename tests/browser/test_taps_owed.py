"""The touches from what one owes to its form, on a phone, and what the form says then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.browser.serving import served
from tests.browser.taps import Taps
from tests.browser.test_smoke import NARROW, Visit
from tests.web.world import fill
from tiesan.clock import today
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import DistrictState

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application; all days before today were judged."""
    folder = tmp_path_factory.mktemp("owed")
    file = folder / "owed.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    url = read_database_url(f"sqlite:///{file}")
    engine = make_engine(url)
    with Session(engine) as session:
        world = fill(session, installed_catalog())
        judged = today() - timedelta(days=1)
        district_id = world.organizations["D1"]
        session.merge(DistrictState(district_id=district_id, evaluated_as_of=judged))
        session.commit()
    engine.dispose()
    with served(url, folder) as (_app, address):
        yield address


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """What the chair has before them on a phone."""
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("chair")
    visit.page.goto(f"{site}/owed/")
    yield visit.page
    context.close()


def test_from_what_is_owed_to_its_form_it_is_one_touch(page: Page) -> None:
    taps = Taps(page)
    taps.tap(page.locator('[data-owed="study.session_missed"]').first)
    page.wait_for_url("**/records/study_session/new/**")
    assert taps.number == 1


def test_the_list_fits_a_phone(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"]
    button = page.locator("[data-owed]").first.bounding_box()
    assert button is not None
    assert button["height"] >= 44
