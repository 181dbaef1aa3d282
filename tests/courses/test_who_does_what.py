"""Leave and expense: verb × state × role × own or another's, against a table.

`who_does_what.csv` has a row for each verb in each state, and two columns for each person: whether
it is open to them on their own row (where they have one) and on another's. That is what pages
offer; nothing is carried out here. `WRITE_VERBS=1 pytest` writes the table.
"""

import csv
import io
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from plugins.discipline.courses import EXPENSE, LEAVE
from plugins.discipline.models import ExpenseApproval
from tests.courses.world import AT, MONDAY, TESTER, World
from tiesan.access.deputies import name_deputy
from tiesan.access.viewer import read_viewer
from tiesan.courses.carrying import look, verbs_open_to
from tiesan.courses.errors import NotThere
from tiesan.courses.values import NEW, Course
from tiesan.records.services import create_record

TABLE = Path(__file__).with_name("who_does_what.csv")
# Beside A1's, whose chair is CH, supervisors *super* and *district*; *other* is CH's deputy.
PEOPLE = ("cadre", "chair", "chair_d", "both", "other", "committee", "super", "district", "below",
          "elsewhere", "admin")  # fmt: skip
TODAY = date(2026, 3, 11)
LEAVES = {
    "requested": {},
    "approved": {"approved_on": MONDAY},
    "rejected": {"rejected_on": MONDAY},
    "closed": {"approved_on": MONDAY, "closed_on": TODAY},
    "withdrawn": {"withdrawn_on": MONDAY},
    "recorded": {"requested_on": None, "approved_on": None},
    "requested, to come": {"first_day": TODAY + timedelta(days=5),
                           "last_day": TODAY + timedelta(days=6)},
    "approved, to come": {"approved_on": MONDAY, "first_day": TODAY + timedelta(days=5),
                          "last_day": TODAY + timedelta(days=6)},
}  # fmt: skip
SPENT: dict[str, Any] = {"spent_on": MONDAY}
EXPENSES: dict[str, tuple[dict[str, Any], tuple[tuple[str, str], ...]]] = {
    "requested": ({}, ()),
    "requested, 200.00": ({"amount": 200_00}, ()),
    "approved by the chair": ({}, (("chair", "approved"),)),
    "rejected": ({}, (("chair", "rejected"),)),
    "spent": (SPENT, ()),
    "spent, approved by the chair": (SPENT, (("chair", "approved"),)),
    "spent, rejected": (SPENT, (("chair", "rejected"),)),
    "spent, 200.00": (SPENT | {"amount": 200_00}, ()),
    "spent, 200.00, approved by the committee": (
        SPENT | {"amount": 200_00}, (("audit_committee", "approved"),)
    ),
    "reimbursed": (SPENT | {"reimbursed_on": TODAY}, ()),
    "withdrawn": ({"withdrawn_on": MONDAY}, ()),
}  # fmt: skip


def test_who_does_what(lite: World) -> None:
    found = written(lite)
    if os.environ.get("WRITE_VERBS"):
        TABLE.write_text(found, encoding="utf-8")
    assert found == TABLE.read_text(encoding="utf-8")


def test_nobody_decides_their_own() -> None:
    with TABLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["verb"] in {"approve", "reject", "reimburse"}:
                own = [cell for name, cell in row.items() if name.endswith(" own")]
                assert set(own) <= {"-", ""}, row


def written(world: World) -> str:
    """The table as it has to be."""
    giver = read_viewer(world.session, world.accounts["chair"], TODAY)
    name_deputy(giver, world.session, "other", (TODAY, TODAY), day=TODAY, at=AT)
    world.session.commit()
    columns = [f"{name} {whose}" for name in PEOPLE for whose in ("own", "other's")]
    rows = [*of_course(world, LEAVE, LEAVES), *of_course(world, EXPENSE, EXPENSES)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["course", "state", "verb", *columns])
    writer.writerows(rows)
    return text.getvalue()


def of_course(world: World, course: Course, states: Any) -> Iterator[list[str]]:
    verbs = [verb.name for verb in course.verbs if verb.from_ is not NEW]
    for number, (state, values) in enumerate(states.items()):
        others = stored(world, course, f"{number}", "A1", values)
        cells = {
            (name, whose): opened(world, course, name, row_id)
            for name in PEOPLE
            for whose, row_id in (
                ("own", own_of(world, course, number, name, values)),
                ("other's", others if name != "cadre" else None),
            )
        }
        for verb in verbs:
            yield [course.name, state, verb, *(cell(verb, each) for each in cells.values())]


def cell(verb: str, open_verbs: set[str] | None) -> str:
    """What the table says: nothing where there is no such row."""
    if open_verbs is None:
        return ""
    return "yes" if verb in open_verbs else "-"


def own_of(world: World, course: Course, number: int, name: str, values: Any) -> int | None:
    """A row of that person's own in the same state; None for who stands for no cadre."""
    cadre = world.accounts[name].cadre
    if cadre is None:
        return None
    return stored(world, course, f"{number}{cadre.code}", cadre.code, values)


def stored(world: World, course: Course, code: str, cadre: str, values: Any) -> int:
    """A row in a state, the decisions on it included."""
    if course is LEAVE:
        row_id: int = world.leave(f"L{code}", cadre, **values).id
        return row_id
    changed, decisions = values
    row = world.expense(f"E{code}", cadre, payee=f"店{code}", **changed)
    for place, (body, decision) in enumerate(decisions):
        create_record(
            TESTER,
            world.session,
            ExpenseApproval,
            {"code": f"P{code}{place}", "expense": row, "body": body, "decision": decision,
             "approver": world.cadres["CZ"], "decided_on": MONDAY},
            at=AT,
        )  # fmt: skip
    world.session.commit()
    return int(row.id)


def opened(world: World, course: Course, name: str, row_id: int | None) -> set[str] | None:
    """The verbs that are open to somebody on a row, by the questions that carrying out asks."""
    if row_id is None:
        return None
    actor = world.actor(name)
    try:
        standing = look(world.session, course, row_id, actor, TODAY)
    except NotThere:
        return set()
    found = verbs_open_to(world.session, course, standing, actor, TODAY)
    return {verb.name for verb, _case in found}
