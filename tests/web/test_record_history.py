"""How a record came to say what it says: late entries, corrections, on its page and elsewhere."""

import html
import re
from typing import Any

from flask import Flask
from sqlalchemy import event

from plugins.discipline.models import Expense
from tests.web.entering import expense, rows
from tests.web.test_correcting import name_in_evidence, raised
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

_TAG = re.compile(r"<[^>]+>")


def said(answer: Any, start: str, end: str = "</section>") -> str:
    """The text of a page between two places, without markup."""
    part = answer.text.partition(start)[2].partition(end)[0]
    return " ".join(html.unescape(_TAG.sub(" ", part)).split())


def corrected(app: Flask, world: World) -> tuple[Person, int]:
    """Have a supervisor enter an expense late, then correct it; returns who, and the row."""
    supervisor = person(app, "supervisor")
    given = expense(world, "H", code="BX-2", amount="1200.00")
    assert supervisor.send("/records/expense/new/", given).status_code == 302
    row = rows(app, Expense)[0].id
    change = given | {"amount": "1300.50", "spent_on": "2026-03-13", "receipt": "no"}
    change |= {"cadre": world.cadres["CO"], "late_reason": "原单据看错"}
    edit = f"/records/expense/edit/?id={row}"
    assert supervisor.send(edit, change).status_code == 302
    return supervisor, row


CHANGES = (
    "更正 {day} supervisor 工会干部 周主席 → 陈欧 开支金额（元） 1,200.00 → 1,300.50 "
    "开支日期 2026年3月12日 → 2026年3月13日 有票据 是 → 否 理由 原单据看错"
)


def without_moment(text: str) -> str:
    """The text with the moments of today replaced."""
    return re.sub(r"\d{4}年\d+月\d+日 \d\d:\d\d ·", "{day}", text)


def test_the_page_of_a_record_says_that_it_was_late_and_what_was_corrected(
    app: Flask, world: World
) -> None:
    supervisor, row = corrected(app, world)
    address = f"/records/expense/details/?id={row}"
    page = supervisor.get(address)
    assert "补录 是，理由：补录纸质单据" in said(page, "<h2>记录来源</h2>")
    assert without_moment(said(page, "<h2>更正记录</h2>")) == CHANGES
    # Whoever may see the record, and nobody else; whose it is now is not told whose it was.
    own = without_moment(said(person(app, "cadre").get(address), "<h2>更正记录</h2>"))
    assert own == CHANGES.replace("周主席 →", "不显示 →")
    assert person(app, "nobody").get(address).status_code in {403, 404}
    supervisor.client.post("/language", data=supervisor.filled("/") | {"language": "en"})
    english = supervisor.get(address)
    assert "Late entry Yes; reason: 补录纸质单据" in said(english, "<h2>How it was recorded</h2>")
    assert "Amount (yuan) 1,200.00 → 1,300.50" in said(english, "<h2>Corrections</h2>")
    assert "Mar 12, 2026 → Mar 13, 2026" in said(english, "<h2>Corrections</h2>")


def test_the_evidence_says_it_beside_the_frozen_facts(app: Flask, world: World) -> None:
    supervisor, _row = corrected(app, world)
    flag = raised(app, "expense_unapproved")
    page = supervisor.get(f"/flags/{flag.id}")
    evidence = said(page, 'class="exhibit"')
    assert "补录 是，理由：补录纸质单据" in evidence
    assert without_moment(evidence.partition("更正记录 ")[2]).startswith(CHANGES)


def test_a_record_entered_in_time_and_left_alone_says_nothing(
    lite_app: Flask, lite_world: World
) -> None:
    supervisor = person(lite_app, "supervisor")
    given = expense(lite_world, "H", requested_on=f"{today():%Y-%m-%d}", late_reason="")
    page = supervisor.get(supervisor.send("/records/expense/new/", given).location)
    assert "<dt>补录</dt>" not in page.text
    assert "更正记录" not in page.text


def test_a_day_of_doing_that_is_added_late_is_called_so(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    row = lite_world.records["leave"]["O"]
    given = {"cadre": lite_world.cadres["CO"], "kind": "annual", "first_day": "2026-03-20"}
    given |= {"last_day": "2026-03-20", "approved_on": "2026-03-19", "late_reason": "电话批准"}
    supervisor.send(f"/records/leave/edit/?id={row}", given)
    page = supervisor.get(f"/records/leave/details/?id={row}")
    steps = without_moment(said(page, "<h2>更正记录</h2>"))
    assert steps.startswith("补录 {day} supervisor")
    assert "批准日期 — → 2026年3月19日" in steps
    assert steps.endswith("理由 电话批准")


def test_a_confidential_record_does_not_say_whom_it_was_about(
    lite_app: Flask, lite_world: World
) -> None:
    """Although whom it was about by mistake answers for it now."""
    row = lite_world.records["conduct_report"]["P"]
    given = {"cadre": lite_world.cadres["CO"], "kind": "conduct", "reported_on": "2026-03-20"}
    given |= {"late_reason": "被举报人录错"}
    edit = f"/records/conduct_report/edit/?id={row}"
    filled = person(lite_app, "committee").send(edit, given)
    assert filled.status_code == 302, filled.text
    page = person(lite_app, "district").get(f"/records/conduct_report/details/?id={row}")
    steps = said(page, "<h2>更正记录</h2>")
    assert "不显示 → 不显示" in steps
    assert "潘培" not in steps


def test_who_entered_what_was_theirs_by_mistake_is_not_named_to_whose_it_is(
    app: Flask, world: World
) -> None:
    """Neither as who recorded it nor in its course, on the page of the record or of a flag."""
    chair = person(app, "chair")
    new = "/records/expense/new/request"
    asked = chair.send(new, {"payee": "红旗饭店", "item": "餐费", "amount": "300.00"})
    assert asked.status_code == 303
    row = rows(app, Expense)[0].id
    given = {"cadre": world.cadres["CO"], "payee": "红旗饭店", "amount": "300.00"}
    given |= {"requested_on": today(), "spent_on": "2026-03-12", "reimbursed_on": "2026-03-25"}
    supervisor = person(app, "supervisor")
    edit = f"/records/expense/edit/?id={row}"
    assert supervisor.send(edit, given | {"late_reason": "挂错人员"}).status_code == 302
    flag = raised(app, "expense_unapproved")
    for address in (f"/records/expense/details/?id={row}", f"/flags/{flag.id}"):
        own, other = person(app, "cadre").get(address), supervisor.get(address)
        text = own.text.partition("<main")[2]
        assert "chair" not in text
        assert "周主席" not in text
        assert "不显示" in text
        assert "周主席" in other.text


def test_the_histories_of_many_records_are_read_at_once(lite_app: Flask, lite_world: World) -> None:
    """However many facts an evidence has."""
    flag = lite_world.flags["mO"]
    counts = []
    for number in (1, 3):
        facts = [{"fact": "expense", "code": f"expense-{place}"} for place in "OBS"[:number]]
        name_in_evidence(lite_app, flag, *facts)
        statements: list[str] = []

        def note(*arguments: Any, kept: list[str] = statements) -> None:
            kept.append(arguments[2])

        with lite_app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        person(lite_app, "district").get(f"/flags/{flag}")
        event.remove(engine, "before_cursor_execute", note)
        # Those of the histories; which entry is the last tells what may be remembered.
        read = (each for each in statements if "audit_entry" in each)
        counts.append(sum("max(audit_entry.id)" not in each for each in read))
    assert counts == [1, 1]
