"""In a real browser: sign in, enter an expense of 200.00 without approval, see the flag."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, ViewportSize, expect

from tests.attachments.files import picture
from tests.browser.serving import served_copy
from tiesan.testing.world import PASSWORD, World

pytestmark = pytest.mark.browser

WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=390, height=844)
# What is pressed on a page and lower than a finger needs; links within a text are not meant.
_TOO_LOW = """
  ["button", "input", "select", "textarea", "summary", ".btn", ".pages a", ".chips a", "thead a"]
    .flatMap((each) => [...document.querySelectorAll(each)])
    .map((each) => (each.type === "checkbox" && each.closest("label")) || each)
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 40)
    .map((each) => each.outerHTML)
"""


@pytest.fixture
def site(filled: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of the application, served by the production server in a thread."""
    with served_copy(filled, tmp_path) as (_app, address):
        yield address


@dataclass
class Visit:
    """A page in a browser, and what it complained of."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to the console, to errors of scripts, and to requests that leave the site."""
        # As long as `expect` waits: the first page of all may come late on a busy machine.
        self.page.set_default_timeout(60_000)
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._leaves(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _leaves(self, url: str) -> None:
        if not url.startswith((self.site, "data:")):
            self.complaints.append(f"a request to {url}")

    def sign_in(self, name: str) -> None:
        """Sign in by the form."""
        self.page.goto(self.site)
        self.page.get_by_label("用户名或电子邮箱").fill(name)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("button", name="退出")).to_be_visible()

    def fits(self) -> None:
        """The page, with its style sheets, is not wider than the screen."""
        self.page.wait_for_load_state("load")
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(script) <= 0, self.page.url


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def visit(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A browser window of either width; at the end it must not have complained."""
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.complaints == []


def test_an_expense_without_approval_is_flagged(visit: Visit) -> None:
    visit.sign_in("supervisor")
    page = visit.page
    visit.fits()
    page.goto(f"{visit.site}/records/expense/")
    visit.fits()
    page.get_by_role("link", name="补录").click()
    _choose(page, "工会干部", "周", "周主席 · 东城联合会 · CH")
    page.get_by_label("收款单位").fill("红旗饭店")
    page.get_by_label("开支金额（元）").fill("200.00")
    page.get_by_label("申请日期").fill("2026-03-10")
    page.get_by_label("开支日期").fill("2026-03-12")
    page.get_by_label("报销日期").fill("2026-03-25")
    page.get_by_label("有票据").select_option("yes")
    page.get_by_label("补录理由").fill("补录纸质单据")
    visit.fits()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".message-flag")).to_contain_text("新产生1个疑似预警标记")
    page.locator(".message-flag a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("未经经审委员会事前全额审批")
    expect(page.locator("blockquote")).to_contain_text("200元以上的开支")
    expect(page.locator(".severity").first).to_have_text("较重")
    visit.fits()


def test_a_name_that_was_not_chosen_is_not_sent(visit: Visit) -> None:
    visit.sign_in("supervisor")
    page = visit.page
    page.goto(f"{visit.site}/records/expense/")
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("工会干部").fill("谁也不是")
    expect(page.locator(".lookup-list .none")).to_have_text("没有找到")
    page.get_by_role("button", name="确定").click()
    expect(page.locator("input:invalid")).to_have_count(1)
    page.get_by_label("工会干部").fill("")
    _choose(page, "工会干部", "co", "陈欧 · 东城联合会 · CO")
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".chips")).to_contain_text("陈欧")
    assert "flt_payee" not in page.url
    visit.fits()


def test_what_is_typed_before_the_script_arrives_is_looked_up(visit: Visit) -> None:
    visit.sign_in("supervisor")
    page = visit.page
    held: list[Route] = []
    page.route("**/shell/main.js*", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
    with page.expect_request("**/shell/main.js*"):
        page.goto(f"{visit.site}/records/expense/new/", wait_until="commit")
    page.get_by_label("工会干部").press_sequentially("周")
    held[0].continue_()
    page.get_by_role("option", name="周主席 · 东城联合会 · CH").click()
    expect(page.get_by_label("工会干部")).to_have_value("周主席 · 东城联合会 · CH")


def test_a_form_with_a_name_that_was_not_chosen_stays(visit: Visit) -> None:
    """A reference that may be left blank would be stored as none."""
    visit.sign_in("district")
    page = visit.page
    page.goto(f"{visit.site}/records/study_session/new/")
    page.get_by_label("召开日期").fill("2026-03-12")
    _choose(page, "组织", "f1", "东城联合会 · F1")
    # A save that is pressed while the rows are drawn waits for nobody.
    expect(page.locator(".grid-table")).to_be_visible()
    page.get_by_label("主讲人").fill("谁也不是")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("主讲人")).to_be_focused()
    assert "/new/" in page.url
    page.get_by_label("主讲人").fill("")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".message-success").first).to_contain_text("已保存")


def test_going_back_and_saving_again_stores_no_second_record(visit: Visit) -> None:
    """The page is fetched anew then, since nobody keeps it, and has the same number."""
    visit.sign_in("cadre")
    page = visit.page
    page.goto(f"{visit.site}/records/info_report/new/")
    for words in ("已保存", "已经保存过"):
        page.get_by_label("标题").fill("走访三家企业")
        page.get_by_label("内容").fill("了解职工诉求若干")
        page.get_by_role("button", name="保存").click()
        expect(page.locator(".message").first).to_contain_text(words)
        stored = page.url
        page.go_back()
    page.go_forward()
    assert page.url == stored
    page.goto(f"{visit.site}/records/info_report/?search=走访三家企业")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_main_pages_fit_in_both_languages(visit: Visit) -> None:
    visit.sign_in("admin")
    for _language in range(2):
        for address in ("/", "/flags/", "/rules/", "/rules/discipline.late/", "/records/leave/",
                        "/people/organizations/", "/people/cadres/",
                        "/people/accounts/", "/audit/", "/calendar/", "/operation/"):  # fmt: skip
            visit.page.goto(f"{visit.site}{address}")
            visit.fits()
        visit.page.locator("button[name=language]").click()


def test_an_evaluation_of_everything_shows_how_it_ends(visit: Visit) -> None:
    """At once, or on a page that looks again by itself until it is over."""
    visit.sign_in("admin")
    page = visit.page
    page.get_by_role("button", name="立即评估").click()
    expect(page.locator(".message-success")).to_contain_text("已评估到当前时刻")
    visit.fits()
    page.goto(f"{visit.site}/operation/")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("人工发起的评估")
    expect(page.locator("[data-run=over]")).to_be_visible()
    visit.fits()


def test_rows_are_chosen_in_a_list_and_dealt_with_together(visit: Visit) -> None:
    visit.sign_in("supervisor")
    page = visit.page
    page.goto(f"{visit.site}/records/expense/")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批准")
    # The one that was chosen is named, as done or with the reason why not, and no other.
    expect(page.locator("main .plain-list li")).to_have_count(1)
    visit.fits()
    page.goto(f"{visit.site}/records/leave/new/")
    visit.fits()


@pytest.mark.parametrize("visit", [NARROW], ids=["390"], indirect=True)
def test_on_a_phone_there_is_room_for_fingers(visit: Visit) -> None:
    visit.sign_in("district")
    page = visit.page
    for address in ("/", "/records/expense/?flt_receipt=no", "/records/expense/new/", "/rules/",
                    "/records/expense/?page=9", "/flags/"):  # fmt: skip
        page.goto(f"{visit.site}{address}")
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate(_TOO_LOW) == [], address
    page.goto(f"{visit.site}/records/expense/")
    page.get_by_role("link", name="开支日期").click()
    expect(page.get_by_role("link", name="开支日期 ↑")).to_be_visible()
    page.locator("tbody tr").first.click(position={"x": 300, "y": 60})
    expect(page.get_by_role("heading", level=1)).to_contain_text("开支 expense-")


def test_what_is_wrong_in_a_form_is_named_and_led_to(visit: Visit) -> None:
    visit.sign_in("district")
    page = visit.page
    page.goto(f"{visit.site}/records/expense/new/")
    page.get_by_label("收款单位").fill("红旗饭店")
    page.get_by_label("开支金额（元）").fill("两百")
    page.get_by_role("button", name="保存").click()
    problems = page.locator(".problems")
    expect(problems).to_have_text(re.compile(r"^\s*工会干部\s*开支金额（元）\s*$"))
    problems.get_by_role("link", name="开支金额（元）").click()
    amount = page.get_by_label("开支金额（元）")
    expect(amount).to_be_focused()
    expect(amount).to_have_value("两百")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_accessible_description(re.compile("不是有效的金额"))
    expect(page.get_by_label("工会干部")).to_have_accessible_description("此项必填。")
    expect(page.get_by_label("收款单位")).to_have_value("红旗饭店")
    visit.fits()


def test_files_are_sent_when_they_are_picked(visit: Visit) -> None:
    """Without a connection they wait for another try; the form waits for what is on its way."""
    visit.sign_in("cadre")
    page, held = visit.page, list[Route]()
    page.goto(f"{visit.site}/records/expense/new/request")
    page.get_by_label("收款单位").fill("甲店")
    page.get_by_label("开支金额（元）").fill("50")
    button = page.get_by_role("button", name="开支申请")
    listed = page.locator(".file-list")
    page.route("**/attachments/new", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
    with page.expect_request("**/attachments/new"):
        page.get_by_label("附件").set_input_files(_sent("现场.png", picture("PNG")))
    expect(page.get_by_role("progressbar")).to_have_count(1)
    expect(button).to_be_disabled()
    held[0].abort()
    expect(listed).to_contain_text("网络未连接")
    page.unroute("**/attachments/new")
    page.get_by_role("button", name="重试").click()
    expect(listed.get_by_role("checkbox")).to_be_checked()
    page.get_by_label("附件").set_input_files(_sent("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
    expect(listed.get_by_role("alert")).to_contain_text("另存为")
    # The browser itself says of both that they were not answered well.
    assert len(visit.complaints) == 2
    visit.complaints.clear()
    visit.fits()
    button.click()
    link = page.get_by_role("link", name="现场.png")
    expect(link.locator("img")).to_have_js_property("naturalWidth", 60)
    visit.fits()


def _sent(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def _choose(page: Page, label: str, typed: str, row: str) -> None:
    page.get_by_label(label).press_sequentially(typed)
    page.get_by_role("option", name=row).click()
    expect(page.get_by_label(label)).to_have_value(row)
