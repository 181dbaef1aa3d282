"""From the page of a flag, and from an answer of why there is none, to a test in the editor."""

import html
import re
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select

from tests.web.home import writing
from tests.web.test_rule_book import seen
from tests.web.test_why import DAY, LATE, NEXT, SECRET, clocked
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import Flag
from tiesan.flags.versions import RuleVersion
from tiesan.people.models import Cadre
from tiesan.rulebook.checking import failed_tests, read
from tiesan.rulebook.texts import shipped_text
from tiesan.rules import decide_plainly
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

_TEXT = re.compile(r'<textarea[^>]* id="yaml"[^>]*>(.*?)</textarea>', re.DOTALL)
MAKE = "以此生成规则测试用例"


def text_in(page: str) -> str:
    """The text in the editor of a page."""
    found = _TEXT.search(page)
    assert found is not None, page
    return html.unescape(found[1]).lstrip("\n")


def of_late(somebody: Person, day: date) -> str:
    address = f"/rule-versions/test?rule={LATE}&cadre=CO&day={day.isoformat()}"
    answer = somebody.get(address)
    assert answer.status_code == 200, answer.headers
    return text_in(answer.text)


@pytest.fixture
def late(lite_app: Flask, lite_world: World) -> int:
    """Somebody late on one day, and in time on the next; gives the flag of the first."""
    clocked(lite_app, lite_world, DAY, time(8, 31))
    clocked(lite_app, lite_world, NEXT, time(8, 30))
    flag_id = lite_world.flags["cO"]
    with writing(lite_app) as session:
        for other in session.scalars(select(Flag).where(Flag.key == DAY.isoformat())):
            other.key = "other"
        flag = session.get_one(Flag, flag_id)
        flag.rule, flag.key, flag.occurred_on = LATE, DAY.isoformat(), DAY
    return flag_id


def test_a_flag_becomes_a_test_that_passes_and_names_nobody(
    lite_app: Flask, lite_world: World, late: int
) -> None:
    admin, supervisor = person(lite_app, "admin"), person(lite_app, "supervisor")
    assert MAKE in admin.get(f"/flags/{late}").text
    assert MAKE not in supervisor.get(f"/flags/{late}").text
    assert supervisor.get(f"/rule-versions/test?flag={late}").status_code == 403
    text, catalog = text_in(admin.get(f"/rule-versions/test?flag={late}").text), installed_catalog()
    added = text.removeprefix((shipped_text(catalog, LATE) or "").rstrip("\n"))
    assert "clock_in: 08:31" in added
    assert "subject: C1" in added
    assert "CO" not in added
    with lite_app.app_context():
        assert db.session.get_one(Cadre, lite_world.cadres["CO"]).name not in added
        # Nothing is stored until it is saved.
        assert db.session.scalars(select(RuleVersion)).all() == []
    found = read(catalog, LATE, text)
    assert found.file is not None
    assert failed_tests(catalog, found.file, decide_plainly) == []


@pytest.mark.usefixtures("late")
def test_that_there_is_none_becomes_one_too_in_the_draft_that_is_open(lite_app: Flask) -> None:
    admin, new = person(lite_app, "admin"), "/rule-versions/new"
    text = of_late(admin, DAY)
    answer = admin.send(new, {"rule": LATE, "yaml": text}, form=f"{new}?rule={LATE}")
    assert MAKE in admin.get(f"/why?rule={LATE}&cadre=CO&day={NEXT.isoformat()}").text
    more = of_late(admin, NEXT)
    assert more.startswith(text.rstrip("\n"))
    assert "08:30" in more.removeprefix(text)
    assert "flags: []" in more.removeprefix(text)
    address = f"/rule-versions/test?rule={LATE}&cadre=CO&day={NEXT.isoformat()}"
    given = {**seen(admin.get(address).text), "yaml": more}
    saved = admin.send(f"{answer.location}/edit", given, form=f"{answer.location}/text")
    assert saved.status_code == 303, messages(saved)


def test_of_what_is_confidential_and_of_what_is_gone_no_test_is_made(
    lite_app: Flask, lite_world: World
) -> None:
    admin, flag_id = person(lite_app, "admin"), lite_world.flags["cO"]
    with writing(lite_app) as session:
        session.get_one(Flag, flag_id).rule = LATE
    asked = {f"flag={flag_id}": "已不再产生此预警标记", f"rule={SECRET}&organization=F1": "保密"}
    for address, said in asked.items():
        answer = admin.get(f"/rule-versions/test?{address}")
        assert answer.status_code == 303
        assert said in messages(admin.get(answer.location))[0]
    for address in ("flag=99999", "rule=no.such&cadre=CO", f"rule={LATE}&cadre=NO", f"rule={LATE}"):
        assert admin.get(f"/rule-versions/test?{address}").status_code == 404
