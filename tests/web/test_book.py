"""The book of rules: flags by month, who changed a rule last, and what was not evaluated."""

import re
from datetime import date

from flask import Flask

from tests.flags.published import UNAPPROVED, publish, text_of
from tests.web.home import writing
from tests.web.test_why import LATE
from tiesan.admin.rules.book import months_until
from tiesan.audit import Subject, record_entry
from tiesan.clock import now, today
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import Flag, StoredEvaluation
from tiesan.flags.services import set_parameter
from tiesan.people.models import Organization
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, World

CHANGED = 'data-label="最近改动">参数'


def line_of(somebody: Person, rule: str) -> str:
    """The row of a rule in the book."""
    rows: list[str] = re.findall(r"<tr>.*?</tr>", somebody.get("/rules/").text, re.DOTALL)
    return next(each for each in rows if f"/rules/{rule}/" in each)


def numbers(row: str) -> list[int]:
    """The numbers that the small line says."""
    said = re.search(r"<title>(.*?)</title>", row)
    assert said is not None
    assert said[1] in row.replace(said[0], "")
    return [int(each) for each in re.findall(r"\d{4}-\d\d: (\d+)", said[1])]


def test_months_end_with_that_of_the_day() -> None:
    assert months_until(date(2026, 2, 28))[:2] == [(2025, 3), (2025, 4)]
    assert months_until(date(2026, 12, 1))[0::11] == [(2026, 1), (2026, 12)]


def test_flags_by_month_are_those_that_the_viewer_sees(app: Flask, world: World) -> None:
    day = today()
    with writing(app) as session:
        for code in ("cO", "cX"):
            flag = session.get_one(Flag, world.flags[code])
            flag.rule, flag.occurred_on = LATE, day.replace(day=1)
            stands = {"active": True, "cleared_at": None, "cleared_reason": None}
            for name, value in stands.items():
                setattr(flag, name, value)
    admin, supervisor, cadre = (person(app, each) for each in ("admin", "supervisor", "cadre"))
    of_all, of_some = numbers(line_of(admin, LATE)), numbers(line_of(supervisor, LATE))
    assert (len(of_all), len(of_some)) == (12, 12)
    assert of_all[-1] == of_some[-1] + 1
    assert numbers(line_of(cadre, LATE))[-1] <= of_some[-1]
    # What was found is kept until something is written.
    with writing(app) as session:
        session.get_one(Flag, world.flags["cX"]).occurred_on = date(2001, 1, 1)
        record_entry(session, ACTOR, "evaluate", Subject("evaluation"), at=now())
    assert numbers(line_of(admin, LATE))[-1] == of_all[-1] - 1


def test_who_changed_a_rule_last_is_told_to_who_writes_rules(
    lite_app: Flask, lite_world: World
) -> None:
    admin, supervisor = person(lite_app, "admin"), person(lite_app, "supervisor")
    assert lite_world.flags
    assert "系统自带版本" in line_of(admin, UNAPPROVED)
    with writing(lite_app) as session:
        publish(session, text_of(UNAPPROVED), date(2026, 3, 5))
    assert "第1版" in line_of(admin, UNAPPROVED)
    assert '<span class="under">甲</span>' in line_of(admin, UNAPPROVED)
    with writing(lite_app) as session:
        given = {"rule": LATE, "name": "work_start", "value": "08:40", "valid_from": today()}
        set_parameter(ACTOR, session, installed_catalog(), now=now(), **given)  # type: ignore[arg-type]
    assert CHANGED in line_of(admin, LATE)
    assert CHANGED not in line_of(supervisor, LATE)


def test_what_was_not_evaluated_is_told_with_its_district(
    lite_app: Flask, lite_world: World
) -> None:
    unknown = [{"rule": LATE, "scope": "all", "error": "broken"}]
    with writing(lite_app) as session:
        name = session.get_one(Organization, lite_world.organizations["D1"]).name
        numbers_of = {"facts": 1, "rules": 1, "flags": 0, "added": 0, "cleared": 0}
        session.add(
            StoredEvaluation(
                district_id=lite_world.organizations["D1"],
                at=now(),
                as_of=today(),
                actor_name="x",
                not_evaluated=unknown,
                **numbers_of,
            )
        )
    row = line_of(person(lite_app, "admin"), LATE)
    assert "未评估" in row
    assert name in row
