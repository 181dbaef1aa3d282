"""In a real browser: what is printed has its title, organization and day, and numbered pages."""

import io

import pypdfium2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_reviews import People
from tests.browser.test_smoke import NARROW, WIDE

pytestmark = pytest.mark.browser

SHEETS = {
    "/flags/1/sheet": "谈话情况单",
    "/records/expense/sheet/?id=1": "报销审批单",
    "/records/leave/sheet/?id=1": "请假审批单",
    "/records/meeting/print/": "会议及纪要清单",
}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
def test_sheets(browser: Browser, still_site: str, size: object) -> None:
    people = People(browser, still_site, size, "", "", [], 0)  # type: ignore[arg-type] # a size
    for address, title in SHEETS.items():
        page = people.open("district", address)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator(".form-sheet-of")).to_contain_text("会")
        expect(page.locator(".form-sheet-of")).to_contain_text("年")
        people.suits("district")
        printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        said = [each.get_textpage().get_text_range() for each in printed]
        for number, each in enumerate(said, start=1):
            assert f"{number} / {len(said)}" in each
            assert "打印" not in each
        printed.close()
    page = people.open("district", "/records/work_log/print/")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("清单")
    for context, visit in people.contexts.values():
        context.close()
        assert [each for each in visit.complaints if "404" not in each] == []
