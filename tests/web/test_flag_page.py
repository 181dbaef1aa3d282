"""The page of a flag speaks as of its revision; what no rule reads stands as it is now."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask, get_flashed_messages
from sqlalchemy import select

from tests.web.test_record_history import said
from tests.web.test_scope import looking
from tiesan.admin.shell.consequences import tell
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import LiveResult
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.reconcile import Changes
from tiesan.i18n import CHINESE, use_language
from tiesan.people.models import Organization
from tiesan.records.settings import RuleParameterValue
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import AT, World
from tiesan.words.flags import what_clears

EVIDENCE: list[dict[str, Any]] = [
    {"fact": "expense", "code": "expense-O", "cadre": "CO", "amount": "300.00", "item": None},
    {"fact": "parameter", "name": "threshold", "value": "200.00"},
]


def page_of(somebody: Person, flag_id: int) -> str:
    """The page of a flag."""
    return somebody.get(f"/flags/{flag_id}").text


@pytest.fixture
def flag_id(lite_app: Flask, lite_world: World) -> int:
    """A flag on an expense over a threshold that was raised since."""
    with lite_app.app_context():
        flag = db.session.get(Flag, lite_world.flags["mO"])
        assert flag is not None
        flag.revisions[0].evidence = EVIDENCE
        flag.revisions[0].rule_digest = installed_catalog().rules[flag.rule].digest
        db.session.add(
            RuleParameterValue(
                rule=flag.rule, name="threshold", valid_from=date(2026, 3, 28), value="500"
            )
        )
        db.session.commit()
        return flag.id


def test_the_rule_is_explained_with_the_parameter_of_then(lite_app: Flask, flag_id: int) -> None:
    page = page_of(person(lite_app, "supervisor"), flag_id)
    assert "200.00" in page
    assert "500.00" not in page
    assert "规则已作修改" not in page


def test_what_offends_is_marked_and_stands_before_the_clause(lite_app: Flask, flag_id: int) -> None:
    page = page_of(person(lite_app, "supervisor"), flag_id)
    assert "<mark>300.00</mark>" in page
    assert page.count("<mark>") == 1
    assert page.index("<mark>") < page.index('class="clause"')


def test_a_value_that_the_rule_accepts_no_more_is_no_error(lite_app: Flask, flag_id: int) -> None:
    with lite_app.app_context():
        flag = db.session.get(Flag, flag_id)
        assert flag is not None
        flag.revisions[0].evidence = [EVIDENCE[0], dict(EVIDENCE[1], value="viel")]
        flag.revisions[0].rule_digest = "earlier"
        db.session.commit()
    page = page_of(person(lite_app, "supervisor"), flag_id)
    assert "viel" in page
    assert "依据留存之后，规则已作修改" in page


def test_a_field_that_no_rule_reads_stands_as_it_is_now(lite_app: Flask, flag_id: int) -> None:
    with lite_app.app_context():
        flag = db.session.get(Flag, flag_id)
        assert flag is not None
        flag.revisions[0].shown = [dict(EVIDENCE[0], item="办公用品"), EVIDENCE[1]]
        db.session.commit()
    assert "办公用品" in said(
        person(lite_app, "supervisor").get(f"/flags/{flag_id}"), "<h2>依据</h2>"
    )


@pytest.mark.parametrize(
    ("verb", "reason", "text"),
    [
        ("cleared", "condition", "情形已消除"),
        ("cleared", "rule_edited", "制度规则已修改"),
        ("moved", "F1", "随干部调动转移"),
    ],
)
def test_the_history_says_in_words_what_happened(
    verb: str, reason: str, text: str, lite_app: Flask, flag_id: int
) -> None:
    with lite_app.app_context():
        flag = db.session.get(Flag, flag_id)
        assert flag is not None
        step = {"at": AT, "on": date(2026, 3, 31), "actor_name": "command line"}
        flag.events.append(FlagEvent(verb=verb, reason=reason, **step))
        db.session.commit()
        name = db.session.scalar(select(Organization.name).where(Organization.code == "F1"))
    history = said(person(lite_app, "supervisor").get(f"/flags/{flag_id}"), "<h2>历史记录</h2>")
    assert text in history
    assert reason not in history.replace(str(name), "")
    assert (f"原所属组织：{name}" in history) is (verb == "moved")


@pytest.mark.parametrize(("name", "number"), [("cadre", 1), ("district", 2), ("nobody", 0)])
def test_only_flags_that_one_may_see_are_counted_as_cleared(
    name: str, number: int, lite_app: Flask, lite_world: World
) -> None:
    """Also a confidential one, which the district's supervisor answers for."""
    cleared = [lite_world.flags["cO"], lite_world.flags["kO"]]
    with looking(lite_app, lite_world.accounts[name]):
        tell(LiveResult(Changes(cleared=cleared)))
        said_so = get_flashed_messages()
    assert [text for text in said_so if "预警" in text] == (
        [f"{number}个预警标记已消除。"] if number else []
    )


def test_what_clears_a_flag_names_the_records_of_its_rule() -> None:
    catalog = installed_catalog()
    with use_language(CHINESE):
        said = {rule.id: what_clears(rule, catalog.kinds) for rule in catalog.rules.values()}
    assert said["discipline.log_missing"].startswith("补录当期的工作日志后，本标记消除")
    assert said["discipline.expense_unapproved"].startswith("开支记录更正后")
    assert said["harmony.conflict_unmediated"].startswith("逾期完成仍属逾期：矛盾纠纷记录有误")
    assert said["discipline.frequent_late"].startswith("所累计的预警标记消除后")


@pytest.mark.parametrize(
    ("who", "flag", "form"),
    [
        ("chair", "oO", "/records/study_session/new/?organization=F1&held_on={day}&own=1"),
        ("supervisor", "oO", "/records/study_session/new/?organization=F1&held_on={day}&own=0"),
        # Who configures enters no records, and nothing new clears a bill that nobody has approved.
        ("keeper", "oO", None),
        ("supervisor", "mO", None),
    ],
)
def test_what_would_clear_it_is_entered_from_there(
    who: str, flag: str, form: str | None, lite_app: Flask, lite_world: World
) -> None:
    page = page_of(person(lite_app, who), lite_world.flags[flag])
    section = page.partition("如何消除")[2].partition("</section>")[0]
    assert "<p>" in section
    known = [] if form is None else [form.format(day=today())]
    assert [unescape(each) for each in re.findall(r'href="([^"]+)"', section)] == known
