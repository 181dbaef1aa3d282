"""In a real browser: an administrator writes the rules of the book from nothing, in a form.

Each is written, tested, tried on stored records, published and taken back without a word of YAML.
"""

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.rule_steps import RULES
from tiesan.clock import today
from tiesan.testing.world import PASSWORD

WIDTH = "() => document.documentElement.scrollWidth"
ON_A_PHONE = ("c", "g")
IMPACTS = ("serious", "critical")

pytestmark = pytest.mark.browser


def _address(words: str) -> list[str | int]:
    steps: list[str | int] = [int(each) if each.isdigit() else each for each in words.split()]
    return ["rules", 0, *steps]


class Editor:
    """The form of a rule, as somebody fills it in."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def does(self, verb: str, words: str, value: str) -> None:
        address = _address(words)
        if verb == "press":
            sent = json.dumps(address, ensure_ascii=False)
            self.page.locator(f"button[data-at='{sent}']", has_text=value).first.click()
        elif verb == "open":
            block = "-".join(map(str, address))
            self.page.locator(f"details[data-block^='{block}-'] > summary").first.click()
        else:
            name = "-".join(map(str, [verb, *address]))
            self._set(self.page.locator(f"[id='f-{name}']"), value)
        self.settled()

    def _set(self, control: Locator, value: str) -> None:
        if control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
            control.blur()

    def settled(self) -> None:
        """Wait until what was changed is in the text, and the form is drawn anew."""
        self.page.locator("[data-shapes]:not([aria-busy])").wait_for()

    @property
    def says(self) -> Locator:
        return self.page.locator("[data-reading]")


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", base_url=site)
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=identity]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    yield page
    context.close()


@pytest.mark.parametrize("letter", RULES)
def test_a_rule_is_written_from_nothing_published_and_taken_back(page: Page, letter: str) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": 390 if letter in ON_A_PHONE else 1280, "height": 844})
    form, steps = RULES[letter]
    page.goto(f"/rule-versions/new?form={form}")
    rule_id, editor = page.input_value("#rule"), Editor(page)
    for step in steps:
        editor.does(*step)
    expect(editor.says).to_contain_text("测试用例全部通过")
    expect(page.locator(".passes")).to_have_count(2)
    assert page.locator(".field-error").count() == 0
    _shuts_nobody_out(page)
    title = page.locator("[id='f-put-rules-0-title-zh']").input_value()
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url("**/rule-versions/*")
    _try_it(page)
    _carry_out(page, "check")
    page.locator("summary[data-verb=publish]").click()
    page.fill("#publish-since", today().isoformat())
    page.check("#publish-confirmed")
    page.locator("form[action$='/publish'] button").last.click()
    expect(page.locator("main")).to_contain_text("已发布")
    page.goto(f"/rules/{rule_id}/")
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("main")).to_contain_text("现行")
    _take_back(page)
    page.goto(f"/rules/{rule_id}/")
    expect(page.locator("main")).to_contain_text("该规则现已停用")
    assert said == []


def test_somebody_is_found_by_name_and_each_step_taken_back(page: Page) -> None:
    page.goto("/rule-versions/new?form=when")
    editor, began = Editor(page), page.input_value("#yaml")
    editor.does("field", "when where 0 field", "cadre")
    editor.does("op", "when where 0 op", "eq")
    page.locator("[id='f-put-rules-0-when-where-0-value']").press_sequentially("陈欧")
    page.locator(".lookup-list [role=option]").first.click()
    editor.settled()
    expect(page.locator("#yaml")).to_have_value(re.compile("field: cadre, op: eq, value: CO}"))
    expect(editor.says).to_contain_text("“工会干部”")
    for _step in range(3):
        page.locator("[data-undo]").click()
        editor.settled()
    assert page.input_value("#yaml") == began
    expect(page.locator("[data-undo]")).to_be_disabled()


def test_the_text_and_the_form_are_one_rule(page: Page) -> None:
    page.goto("/rule-versions/new?form=when")
    editor = Editor(page)
    page.locator("#tab-text").click()
    text = page.input_value("#yaml")
    page.fill("#yaml", text.replace("severity: minor", "severity: serious  # 说明"))
    page.locator("#tab-form").click()
    editor.settled()
    severity = page.locator("[id='f-put-rules-0-severity']")
    expect(severity).to_have_value("serious")
    editor.does("put", "severity", "major")
    assert "severity: major  # 说明" in page.input_value("#yaml")


def _shuts_nobody_out(page: Page) -> None:
    assert page.viewport_size is not None
    assert page.evaluate(WIDTH) <= page.viewport_size["width"]
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in IMPACTS] == []


def _try_it(page: Page) -> None:
    page.get_by_role("button", name="按近十二个月试算").click()
    # The page asks for itself until the trial is over.
    expect(page.locator("[data-run=over] .counts").first).to_be_visible(timeout=60_000)


def _carry_out(page: Page, verb: str) -> None:
    """Carry out a verb by its button, and by the one inside where it asks for something."""
    page.locator(f"[data-verb={verb}]").first.click()
    inside = page.locator(f"details[open] form[action$='/{verb}'] button")
    if inside.count():
        inside.last.click()
    page.wait_for_load_state()


def _take_back(page: Page) -> None:
    page.locator("a[href*='/rule-versions/']", has_text="第1版").first.click()
    page.locator("[data-verb=take_back]").click()
    page.locator("select[name=earlier]").select_option("nothing")
    page.locator("[name=text]").fill("试行结束")
    page.locator("main").get_by_role("button", name="收回").click()
    expect(page).to_have_url(re.compile(r"/rule-versions/\d+$"))
