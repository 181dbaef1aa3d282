"""Lists of who reads whole districts: complete, and found by an index."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from plugins.discipline.models import Expense
from tests.web.test_lists import shown
from tiesan.extensions import db
from tiesan.people.models import Account, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, AT, World


def test_who_reads_a_district_finds_their_own_rows_elsewhere(app: Flask, world: World) -> None:
    elsewhere = world.records["expense"]["X"]
    with app.app_context():
        account = db.session.get(Account, world.accounts["district"])
        assert account is not None
        at = db.session.get(Organization, world.organizations["D1"])
        grant_role(ACTOR, db.session(), account, RoleName.CADRE, at, at=AT)
        db.session.commit()
    district = person(app, "district")
    assert shown(district.get("/records/expense/"), "expense", world) == "OBSP"

    def change(**values: object) -> None:
        with app.app_context():
            db.session.execute(update(Expense).where(Expense.id == elsewhere).values(values))
            db.session.commit()

    change(cadre_id=world.cadres["CP"])
    assert shown(district.get("/records/expense/"), "expense", world) == "OBSPX"
    change(voided_at=AT, void_reason="twice")
    assert shown(district.get("/records/expense/"), "expense", world) == "OBSP"
    voided = district.get("/records/expense/?flt_voided=yes")
    assert f"expense/details/?id={elsewhere}" in voided.text


@pytest.mark.parametrize("kind", ["attendance", "work_log"])
def test_a_page_of_a_district_is_found_by_an_index(
    kind: str, lite_app: Flask, lite_world: World
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        if f"FROM discipline_{kind}" in text:
            asked.append((text, values))

    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["district"])
        assert account is not None
        at = db.session.get(Organization, lite_world.organizations["D1"])
        grant_role(ACTOR, db.session(), account, RoleName.CADRE, at, at=AT)
        db.session.commit()
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    person(lite_app, "district").get(f"/records/{kind}/")
    event.remove(engine, "before_cursor_execute", note)
    assert asked
    with engine.connect() as connection:
        for text, values in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            steps = " / ".join(row[3] for row in rows)
            assert f"SCAN discipline_{kind}" not in steps, steps
            if f" ORDER BY discipline_{kind}." in text:
                assert f"ix_discipline_{kind}_listed" in steps
                assert "TEMP B-TREE" not in steps, steps
