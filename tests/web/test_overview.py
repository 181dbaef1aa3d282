"""The overview: whom it is for, that it tells no more than they may open, and where numbers lead.

That numbers are right is held in ``tests/reports``.
"""

import csv
import io
import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete, select

from plugins.discipline.models import ConductReport
from tiesan.extensions import db
from tiesan.flags.duty_balance import DutyBalance
from tiesan.flags.models import EvidenceLink, Flag, FlagEvent, FlagRevision
from tiesan.people.models import Organization
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

YEAR = "span=2026"
TABLES = ("flags", "trend", "ages", "reviews", "duties", "figures")
LOOKERS = ("chair", "supervisor", "district", "committee")
EVERYBODY = (*LOOKERS, "cadre", "nobody", "keeper", "admin")


def table_of(somebody: Person, name: str, query: str = YEAR) -> list[list[str]]:
    """A table as a file has it, without its marks."""
    text = somebody.get(f"/overview/{name}/csv/?{query}").text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def places(somebody: Person, name: str = "flags", query: str = YEAR) -> list[str]:
    """The organizations by which a table is told."""
    return [row[0] for row in table_of(somebody, name, query)[1:]]


def balance(app: Flask, world: World) -> None:
    """A duty of last March at each place: of the organization, and of its cadres."""
    with app.app_context():
        for at, code in enumerate(("D1", "F1", "E1", "F2", "D2"), start=1):
            place = db.session.get_one(Organization, world.organizations[code])
            for kind, rule in (
                ("organization", "study.session_missed"),
                ("cadre", "research.info_missed"),
            ):
                db.session.add(
                    DutyBalance(
                        district_id=place.district_id,
                        organization_id=place.id,
                        rule=rule,
                        owner_kind=kind,
                        first_day=date(2026, 3, 1),
                        last_day=date(2026, 3, 31),
                        due_on=date(2026, 3, 31),
                        owed=10 * at + (kind == "cadre"),
                        done=at,
                    )
                )
        db.session.commit()


def march(somebody: Person) -> dict[str, tuple[str, str]]:
    """Duties of March as they are told: done and owed, by organization."""
    head, *rows = table_of(somebody, "duties", "span=2026-06")
    at = head.index("2026-03")
    return {row[0]: (row[at], row[at + 1]) for row in rows if row[at + 1] != "0"}


def test_each_sees_the_organizations_that_they_answer_for(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.flags
    assert places(person(lite_app, "district")) == ["甲区总工会", "东城联合会", "西城联合会"]
    assert places(person(lite_app, "supervisor")) == ["东城联合会", "东城纺织工会"]
    assert places(person(lite_app, "chair")) == ["东城联合会"]
    below = places(person(lite_app, "district"), query=f"{YEAR}&organization=F1")
    assert below == ["东城联合会", "东城纺织工会"]
    # What one may not look over is as if it had not been asked for.
    assert places(person(lite_app, "supervisor"), query=f"{YEAR}&organization=D2") == [
        "东城联合会",
        "东城纺织工会",
    ]


@pytest.mark.parametrize("who", ["cadre", "nobody", "keeper", "admin"])
def test_others_are_refused(lite_app: Flask, who: str) -> None:
    for address in ("", "flags/csv/", "rows?table=ages&line=0&column=minor"):
        assert person(lite_app, who).get(f"/overview/{address}").status_code == 403


def test_without_what_is_confidential_all_tables_are_the_same_for_everybody(
    lite_app: Flask, lite_world: World
) -> None:
    assert any(name.startswith("k") for name in lite_world.flags)

    def told() -> dict[tuple[str, str, str], list[list[str]]]:
        spans = (YEAR, "span=2026-03")
        return {
            (who, name, span): table_of(person(lite_app, who), name, span)
            for who in LOOKERS
            for name in TABLES
            for span in spans
        }

    with_all = told()
    with lite_app.app_context():
        secret = select(Flag.id).where(Flag.confidential)
        for model in (FlagEvent, FlagRevision, EvidenceLink):
            db.session.execute(delete(model).where(model.flag_id.in_(secret)))
        db.session.execute(delete(Flag).where(Flag.confidential))
        db.session.execute(delete(ConductReport))
        db.session.commit()
    assert told() == with_all


def test_nobody_is_told_of_duties_whose_flags_they_may_not_open(
    lite_app: Flask, lite_world: World
) -> None:
    balance(lite_app, lite_world)
    assert march(person(lite_app, "district")) == {
        "甲区总工会": ("2", "21"),
        "东城联合会": ("10", "102"),
        "西城联合会": ("8", "81"),
    }
    assert march(person(lite_app, "supervisor")) == {
        "东城联合会": ("4", "41"),
        "东城纺织工会": ("6", "61"),
    }
    # A chair sees the flags of the organization, not those of its cadres; the committee those of
    # the district itself.
    assert march(person(lite_app, "chair")) == {"东城联合会": ("2", "20")}
    assert march(person(lite_app, "committee")) == {"甲区总工会": ("1", "10")}


@pytest.mark.parametrize("who", LOOKERS)
def test_each_number_leads_to_as_many_rows_as_it_says(
    lite_app: Flask, lite_world: World, who: str
) -> None:
    assert lite_world.flags
    somebody = person(lite_app, who)
    page = somebody.get(f"/overview/?{YEAR}").text
    links = [
        (unescape(address), int(number))
        for address, number in re.findall(
            r'<td class="shade-\d"><a href="([^"]+)" aria-label="[^"]+">(\d+)<', page
        )
        # Sums of money, and days, are not rows.
        if "column=discipline.paid" not in address and "column=discipline.leave" not in address
    ]
    assert links
    for address, number in links:
        found = somebody.get(address).text
        if address.startswith("/flags"):
            assert len(set(re.findall(r'/flags/(?:details/\?id=)?(\d+)"', found))) == number
        else:
            said = re.search(r"共(\d+)条", found)
            assert said is not None, address
            assert int(said[1]) == number, address
            assert len(re.findall(r"<li>\s*<(?:a|span class=\"severity)", found)) >= number


def test_what_an_address_cannot_mean_is_left_out_or_not_there(lite_app: Flask) -> None:
    somebody = person(lite_app, "district")
    for query in ("span=2026-13", "span=x", "institution=nothing", "organization=%00", "span="):
        assert somebody.get(f"/overview/?{query}").status_code == 200, query
    for query in (
        "table=people&line=1&column=x",
        "table=ages&line=5&column=minor",
        "table=ages&line=0&column=x",
        "table=trend&line=2026-13&column=raised",
        "table=duties&line=1&column=x",
        "table=figures&line=1&column=x.y",
        "table=flags&line=999&column=discipline.late",
        "",
    ):
        assert somebody.get(f"/overview/rows?{query}").status_code == 404, query


def test_an_institution_can_be_looked_at_alone(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    somebody = person(lite_app, "district")
    heads = table_of(somebody, "figures", f"{YEAR}&institution=study")[0]
    assert "召开学习会" in heads
    assert "报送信息" not in heads
    assert "报送信息" in table_of(somebody, "figures")[0]


def test_who_answers_for_others_finds_it_in_the_menu(lite_app: Flask) -> None:
    for who in EVERYBODY:
        page = person(lite_app, who).get("/").text
        assert ('href="/overview"' in page) is (who in LOOKERS), who


def test_in_english_it_is_english(lite_app: Flask) -> None:
    somebody = person(lite_app, "district")
    somebody.send("/language", {"language": "en", "next": "/overview/"}, form="/overview/")
    page = re.sub(r"<option.*?</option>|<th scope=\"row\">.*?</th>", "",
                  somebody.get(f"/overview/?{YEAR}").text)  # fmt: skip
    said = re.sub(r"<[^>]+>", " ", page[page.index("<main") :])
    assert "Flags by organization and rule" in said
    assert re.findall(r"[\u4e00-\u9fff]+", said.replace("甲区总工会", "")) == []
