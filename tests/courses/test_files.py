"""What a file brings in: who stands above whom, payees folded, a state for every row."""

from pathlib import Path

import pytest
from sqlalchemy import select

from plugins.discipline.courses import EXPENSE
from plugins.discipline.models import Expense
from tests.courses.world import AT, MONDAY, TESTER, World
from tests.exchange.importing import bring, write
from tiesan.courses.carrying import look
from tiesan.facts.folding import folded
from tiesan.people.models import Organization, OrganizationAbove
from tiesan.records.services import update_record

ORGANIZATIONS = """code,name,kind,parent,founded_on,tracked_from
D1,D1,district,,2000-01-01,2026-01-01
F1,F1,federation,D1,2000-01-01,
F2,F2,federation,D1,2000-01-01,
E1,E1,enterprise,F2,2000-01-01,
E9,E9,enterprise,F1,2000-01-01,
"""
EXPENSES = """code,cadre,payee,amount,spent_on,requested_on,withdrawn_on
X1,A1,Ａ 店,50,,2026-03-02,
X2,A1,a店,50,2026-03-01,,
X3,A1,甲店,50,,2026-03-02,2026-03-02
"""


def pairs(world: World) -> set[tuple[str, str]]:
    """Which organization stands below which, by code."""
    below, above = Organization.__table__.alias(), Organization.__table__.alias()
    found = select(below.c.code, above.c.code).join_from(
        OrganizationAbove, below, below.c.id == OrganizationAbove.organization_id
    )
    rows = world.session.execute(found.join(above, above.c.id == OrganizationAbove.above_id))
    return {(low, high) for low, high in rows}


def test_an_import_moves_organizations_and_keeps_who_stands_above_whom(
    world: World, tmp_path: Path
) -> None:
    assert ("E1", "F1") in pairs(world)
    world.session.rollback()
    bring(world.session, write(tmp_path, organizations=ORGANIZATIONS))
    expected: set[tuple[str, str]] = set()
    for organization in world.session.scalars(select(Organization)):
        at: Organization | None = organization
        while at is not None:
            expected.add((organization.code, at.code))
            at = at.parent
    assert pairs(world) == expected
    assert ("E1", "F2") in expected
    assert ("E1", "F1") not in expected


def test_imported_rows_have_a_state_and_a_folded_payee(world: World, tmp_path: Path) -> None:
    world.session.rollback()
    folder = write(tmp_path, expenses=EXPENSES)
    bring(world.session, folder)
    rows = {row.code: row for row in world.session.scalars(select(Expense))}
    assert {code: row.payee_folded for code, row in rows.items()} == {
        "X1": "a店", "X2": "a店", "X3": "甲店",
    }  # fmt: skip
    states = {
        code: look(world.session, EXPENSE, row.id, world.actor("admin"), MONDAY).state
        for code, row in rows.items()
    }
    assert states == {"X1": "requested", "X2": "spent", "X3": "withdrawn"}
    update_record(TESTER, world.session, rows["X1"], {"payee": "Ｂ店"}, at=AT)
    world.session.commit()
    assert rows["X1"].payee_folded == "b店"
    bring(world.session, folder)
    world.session.expire_all()
    assert rows["X1"].payee_folded == "a店"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲店", "甲店"),
        ("甲 店", "甲店"),
        ("Ａ\u3000ｂ", "ab"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\u200b-b\ufe0f", "a-b"),
        ("\u3164 \u2800", None),
    ],
)
def test_texts_that_look_alike_fold_to_one(text: str, expected: str | None) -> None:
    assert folded(text) == expected
