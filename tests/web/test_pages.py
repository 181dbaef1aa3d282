"""The pages of flags and rules, the first page, and what both languages say."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import Flag, FlagEvent, FlagRevision, StoredEvaluation
from tiesan.migrate import downgrade
from tiesan.records.settings import PluginState, RuleParameterValue
from tiesan.schema import parts
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import AT, PEOPLE, World

EVIDENCE: list[dict[str, object]] = [
    {
        "fact": "expense",
        "code": "expense-O",
        "cadre": "CO",
        "amount": "1234.50",
        "spent_on": "2026-03-20",
        "receipt": False,
        "item": None,
    },
    {"fact": "flag", "rule": "discipline.late", "cadre": "CO", "organization": None, "key": "cO"},
    {"fact": "expense", "more": True},
    {"fact": "parameter", "name": "threshold", "value": "200.00"},
]


@pytest.fixture
def revised(app: Flask, world: World) -> int:
    """A flag about money with two revisions, a review and an earlier episode."""
    with app.app_context():
        flag = db.session.get(Flag, world.flags["mO"])
        assert flag is not None
        flag.revision, flag.previous_id = 2, world.flags["cO"]
        flag.review, flag.changed_since_decision = "confirmed", True
        flag.revisions.append(
            FlagRevision(
                number=2,
                at=AT + timedelta(days=1),
                as_of=flag.occurred_on,
                rule_digest="1",
                severity="serious",
                occurred_on=flag.occurred_on,
                message_zh="第二版",
                message_en="second",
                evidence=EVIDENCE,
            )
        )
        flag.events.append(
            FlagEvent(
                at=AT,
                on=flag.occurred_on,
                verb="confirm",
                actor_name="command line",
                from_state="open",
                to_state="confirmed",
                text="查证属实",
            )
        )
        db.session.commit()
        return flag.id


def test_the_page_of_a_flag_says_why(app: Flask, world: World, revised: int) -> None:
    page = person(app, "supervisor").get(f"/flags/{revised}").text
    for text in (
        "200元以上的开支必须先报区总工会经审委员会审批后，方可报销",
        "1,234.50",
        "2026年3月20日",
        "陈欧 · CO",
        "审批起点（元）",
        "迟到",
        "还有更多。",
        "此前的依据：第1版",
        "查证属实",
        "系统",
        "属实",
        "上一次预警",
        "核查结论作出后，依据又有变化。",
        "如何消除",
    ):
        assert text in page
    assert f'href="/records/expense/details/?id={world.records["expense"]["O"]}"' in page
    assert f'href="/flags/{world.flags["cO"]}"' in page
    assert "疑似</span>" not in page
    assert ">开支 expense-O<" in page
    assert ">预警标记 迟到<" in page


def test_evidence_links_only_to_what_may_be_opened(app: Flask, world: World, revised: int) -> None:
    with app.app_context():
        flag = db.session.get(Flag, revised)
        assert flag is not None
        flag.revisions[-1].evidence = [dict(EVIDENCE[0], code="expense-S")]
        db.session.commit()
    page = person(app, "supervisor").get(f"/flags/{revised}").text
    assert "expense-S" in page
    assert "/records/expense/details/" not in page


def test_until_it_is_confirmed_a_flag_is_suspected(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    assert "疑似" in cadre.get(f"/flags/{lite_world.flags['cO']}").text
    assert "疑似" in cadre.get("/flags/").text
    assert "疑似" in cadre.get("/").text


def test_a_flag_whose_rule_is_gone_still_has_a_page(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        flag = db.session.get(Flag, lite_world.flags["cO"])
        assert flag is not None
        flag.rule = "gone.rule"
        db.session.commit()
    page = person(lite_app, "cadre").get(f"/flags/{lite_world.flags['cO']}")
    assert "产生本标记的规则已不存在。" in page.text


def test_every_rule_has_a_page(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    listed = cadre.get("/rules/").text
    for rule in installed_catalog().rules.values():
        assert f'href="/rules/{rule.id}/"' in listed
        page = cadre.get(f"/rules/{rule.id}/").text
        assert rule.title.zh in page
        assert f"- id: {rule.id}" in page
        assert "设定参数值" not in page
    assert cadre.get("/rules/no.such/").status_code == 404


def test_a_rule_of_a_plugin_that_is_off_is_not_shown(app: Flask, world: World) -> None:
    with app.app_context():
        db.session.add(PluginState(name="study", enabled=False, changed_at=AT))
        db.session.commit()
    admin = person(app, "admin")
    page = admin.get("/rules/").text
    assert "自觉学习制度" not in page
    assert "/records/study_session/" not in page
    assert "工作纪律制度" in page
    assert admin.get("/rules/study.absent/").status_code == 404


def test_a_stored_value_without_effect_is_named_on_the_page_of_its_rule(
    app: Flask, world: World
) -> None:
    with app.app_context():
        for rule in ("discipline.late", "discipline.gone"):
            stored = {"name": "work_end", "valid_from": date(2026, 3, 2), "value": "17:00"}
            db.session.add(RuleParameterValue(rule=rule, **stored))
        db.session.commit()
    admin = person(app, "admin")
    said = "discipline.late：数据库中的参数值work_end = 17:00（自2026-03-02起）不起作用："
    page = admin.get("/rules/discipline.late/").text
    assert f"{said}该规则没有这个参数" in " ".join(page.split())
    assert "不起作用" not in admin.get("/rules/discipline.left_early/").text


RULE = "/rules/discipline.expense_unapproved/"
VALUE = {"name": "threshold", "value": "300", "valid_from": "2026-03-01", "reason": "会议决定"}


def test_an_administrator_of_everything_sets_parameters(app: Flask, world: World) -> None:
    admin = person(app, "admin")
    answer = admin.send(f"{RULE}parameter", VALUE, form=RULE)
    assert answer.location == RULE
    page = admin.get(RULE)
    assert messages(page)[0] == "参数值已设定。"
    for text in ("300", "自2026年3月1日起", "会议决定", "默认值"):
        assert text in page.text
    with app.app_context():
        stored = db.session.scalars(select(RuleParameterValue)).one()
        assert (stored.value, stored.reason) == ("300", "会议决定")


def test_a_value_that_the_rule_does_not_accept_is_refused(
    lite_app: Flask, lite_world: World
) -> None:
    admin = person(lite_app, "admin")
    answer = admin.send(f"{RULE}parameter", VALUE | {"value": "many"}, form=RULE)
    assert answer.status_code == 200
    assert "many" in answer.text.split("field-error")[1]
    with lite_app.app_context():
        assert db.session.scalars(select(RuleParameterValue)).all() == []


@pytest.mark.parametrize("name", [name for name in PEOPLE[1:] if name != "admin"])
def test_nobody_else_sets_parameters(name: str, lite_app: Flask, lite_world: World) -> None:
    somebody = person(lite_app, name)
    assert somebody.send(f"{RULE}parameter", VALUE, form="/").status_code == 403
    assert somebody.send("/evaluate", form="/").status_code == 403


def test_what_was_not_evaluated_is_in_sight(app: Flask, world: World) -> None:
    with app.app_context():
        for code in ("D1", "D2"):
            unknown = {"rule": "discipline.late", "scope": "全部", "error": f"坏了{code}"}
            evaluation = StoredEvaluation(
                district_id=world.organizations[code],
                at=AT,
                as_of=AT.date(),
                actor_name="x",
                facts=1,
                rules=1,
                flags=0,
                added=0,
                cleared=0,
                not_evaluated=[unknown],
            )
            db.session.add(evaluation)
        db.session.commit()
    district = person(app, "district")
    for address in ("/", "/rules/discipline.late/"):
        page = district.get(address).text
        assert "坏了D1" in page
        assert "坏了D2" not in page
    assert "未评估" in district.get("/rules/").text
    assert "坏了D2" in person(app, "admin").get("/").text


def test_evaluating_now_raises_flags(app: Flask, world: World) -> None:
    admin = person(app, "admin")
    admin.send("/evaluate", form="/")
    page = admin.get("/")
    assert messages(page)[0].startswith("已评估到当前时刻：新产生预警标记")
    assert "甲区总工会" in page.text
    with app.app_context():
        rules = set(db.session.scalars(select(Flag.rule).where(Flag.active)))
        assert "discipline.expense_unrequested" in rules


@pytest.mark.parametrize("name", PEOPLE[1:])
def test_every_page_of_the_navigation_opens_in_both_languages(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    somebody = person(lite_app, name)
    for spoken, chinese in (("zh_Hans_CN", True), ("en", False)):
        somebody.send("/language", {"language": spoken, "next": "/"}, form="/")
        home = somebody.get("/").text
        side = home[home.index('id="page-side"') : home.index("</nav>")]
        links = [part.partition('"')[0] for part in side.split('href="')[1:]]
        assert links[0] == "/"
        for link in links:
            # One's own year leads on to one's own page, which is headed by a name.
            page = somebody.client.get(link, follow_redirects=True)
            assert page.status_code == 200
            head = page.text[page.text.index("<h1>") : page.text.index("</h1>")]
            if link not in ("/", "/persons/"):
                assert any("\u4e00" <= letter <= "\u9fff" for letter in head) is chinese


def test_pages_carry_no_inline_script_or_style(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    for address in ("/", "/flags/", "/records/expense/", "/records/expense/new/", RULE, "/login"):
        text = admin.get(address).text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "javascript:" not in text
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text


def test_a_database_that_was_not_migrated_is_no_busy_one(app: Flask) -> None:
    """A WSGI server starts without looking; what is missing is met by the first page."""
    admin = person(app, "admin")
    assert admin.get("/records/study_session/").status_code == 200
    with app.app_context():
        plugins = app.extensions["catalog"].plugins
        study = next(part for part in parts(plugins) if part.name == "study")
        downgrade(db.engine, study)
    answer = admin.get("/records/study_session/")
    assert answer.status_code == 503
    assert "数据库尚未升级" in answer.text
    assert "tiesan init-db" in answer.text
    assert admin.get("/records/expense/").status_code == 200


def test_a_database_that_is_newer_asks_for_a_newer_program(app: Flask) -> None:
    """What a newer program has renamed is missed by this one."""
    admin = person(app, "admin")
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version_study SET version_num = '9001'"))
        db.session.execute(sa.text("ALTER TABLE study_session RENAME TO study_meeting"))
        db.session.commit()
    answer = admin.get("/records/study_session/")
    assert answer.status_code == 503
    assert "数据库比程序新" in answer.text
    assert "init-db" not in answer.text
    assert 'id="page-side"' in answer.text
    ready = person(app).get("/readyz")
    assert (ready.status_code, ready.text) == (503, "schema\n")
