"""The lower layer of scoping alone: a page that forgets every condition shows nothing more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload

from plugins.discipline.models import ConductReport, Expense, ExpenseApproval
from tiesan.access.criterion import readable_rows
from tiesan.access.of_flags import flags_about
from tiesan.access.viewer import STRANGER, read_viewer
from tiesan.audit import AuditEntry, Subject, record_entry
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.testing.world import ACTOR, AT, PLACES, World


def _entities(model: Any) -> set[int]:
    return {row.id for row in db.session.scalars(select(model))}


def _columns(model: Any) -> set[int]:
    return set(db.session.scalars(select(model.id)))


def _legacy(model: Any) -> set[int]:
    return {row.id for row in db.session.query(model)}


def _aliases(model: Any) -> set[int]:
    other = aliased(model)
    return {row.id for row in db.session.scalars(select(other))}


def _subquery(model: Any) -> set[int]:
    inner = select(model.id).subquery()
    return set(db.session.scalars(select(inner.c.id)))


def _common_table(model: Any) -> set[int]:
    inner = select(model.id).cte()
    return set(db.session.scalars(select(inner.c.id)))


def _united(model: Any) -> set[int]:
    return set(db.session.scalars(union_all(select(model.id), select(model.id))))


def _one_by_one(model: Any) -> set[int]:
    found = (db.session.get(model, row_id) for row_id in range(1, 40))
    return {row.id for row in found if row is not None}


def _counted(model: Any) -> set[int]:
    """The ids that counting admits, one by one: a count is an oracle too."""
    count = select(func.count()).select_from(model)
    return {row for row in range(1, 40) if db.session.scalar(count.where(model.id == row))}


def _existing(model: Any) -> set[int]:
    return {
        row for row in range(1, 40) if db.session.scalar(select(select(model.id == row).exists()))
    } & _columns(model)


SHAPES = (
    _entities,
    _columns,
    _legacy,
    _aliases,
    _subquery,
    _common_table,
    _united,
    _one_by_one,
    _counted,
    _existing,
)


@contextmanager
def looking(app: Flask, account_id: int | None) -> Iterator[None]:
    """A request in which an account looks, or a stranger."""
    with app.test_request_context("/"):
        account = None if account_id is None else db.session.get(Account, account_id)
        viewer = STRANGER if account is None else read_viewer(db.session(), account, today())
        about = flags_about(db.session(), viewer.cadre_code, viewer.answering_districts)
        g.viewer = replace(viewer, hidden_flags=about) if viewer.cadre_code else viewer
        db.session.remove()
        yield


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_statement_reads_more(
    shape: Callable[[Any], set[int]], lite_app: Flask, lite_world: World
) -> None:
    expenses = lite_world.records["expense"]
    with looking(lite_app, lite_world.accounts["cadre"]):
        assert shape(Expense) == {expenses["O"]}
    with looking(lite_app, lite_world.accounts["supervisor"]):
        assert shape(Expense) == {expenses["O"], expenses["B"]}
    with looking(lite_app, lite_world.accounts["district"]):
        assert shape(Expense) == {expenses[place] for place in "OBSP"}
    with looking(lite_app, lite_world.accounts["admin"]):
        assert shape(Expense) == set(expenses.values())
    with looking(lite_app, None):
        assert shape(Expense) == set()


@pytest.mark.parametrize("shape", SHAPES)
def test_confidential_rows_reach_few(
    shape: Callable[[Any], set[int]], lite_app: Flask, lite_world: World
) -> None:
    reports = lite_world.records["conduct_report"]
    for name in ("cadre", "chair", "supervisor", "keeper", "admin"):
        with looking(lite_app, lite_world.accounts[name]):
            assert shape(ConductReport) == set()
    with looking(lite_app, lite_world.accounts["district"]):
        # Not the one about themself.
        assert shape(ConductReport) == {reports[place] for place in "OBS"}
    with looking(lite_app, lite_world.accounts["committee"]):
        assert shape(ConductReport) == {reports[place] for place in "OBSP"}


def test_who_chairs_the_organization_answers_for_no_report_on_it(
    lite_app: Flask, lite_world: World
) -> None:
    """Although the person sits on the audit committee."""
    with lite_app.app_context():
        federation = db.session.get(Organization, lite_world.organizations["F1"])
        assert federation is not None
        federation.chair_id = lite_world.cadres["CA"]
        db.session.commit()
    reports, flags = lite_world.records["conduct_report"], lite_world.flags
    with looking(lite_app, lite_world.accounts["committee"]):
        assert _entities(ConductReport) == {reports[place] for place in "BSP"}
        confidential = {flags[f"k{place}"] for place in PLACES}
        assert _entities(Flag) & confidential == {flags[f"k{place}"] for place in "BSP"}


def test_the_audit_trail_does_not_tell_what_is_confidential(
    lite_app: Flask, lite_world: World
) -> None:
    with looking(lite_app, lite_world.accounts["admin"]):
        kinds = set(db.session.scalars(select(AuditEntry.object_kind)))
    assert "expense" in kinds
    assert "conduct_report" not in kinds


def test_the_audit_trail_tells_nobody_of_reports_about_them(
    lite_app: Flask, lite_world: World
) -> None:
    """Nor of looks at flags that rest on them, although the person is an administrator too."""
    with lite_app.app_context():
        for name in ("district", "committee"):
            account = db.session.get(Account, lite_world.accounts[name])
            place = db.session.get(Organization, lite_world.organizations["D1"])
            assert account is not None
            grant_role(ACTOR, db.session(), account, RoleName.ADMINISTRATOR, place, at=AT)
        for place_, flag in ((each, lite_world.flags[f"k{each}"]) for each in "OP"):
            subject = Subject("flag", flag, f"k{place_}", lite_world.organizations["D1"])
            record_entry(db.session(), ACTOR, "look", subject, at=AT)
        db.session.commit()
    reports, flags = lite_world.records["conduct_report"], lite_world.flags
    statement = select(AuditEntry.object_kind, AuditEntry.object_id).where(
        AuditEntry.object_kind.in_(["conduct_report", "flag"])
    )
    seen: dict[str, set[tuple[str, int | None]]] = {}
    for name in ("district", "committee", "admin"):
        with looking(lite_app, lite_world.accounts[name]):
            seen[name] = {(kind, row) for kind, row in db.session.execute(statement)}
    others = {("conduct_report", reports[place]) for place in "OBS"}
    own = {("conduct_report", reports["P"]), ("flag", flags["kP"])}
    assert seen["committee"] == others | own | {("flag", flags["kO"])}
    assert seen["district"] == others | {("flag", flags["kO"])}
    assert seen["admin"] == set()


def test_a_stranger_can_read_accounts_only(lite_app: Flask, lite_world: World) -> None:
    with looking(lite_app, None):
        assert _entities(Cadre) == set()
        assert _entities(Flag) == set()
        assert _entities(Account) == set(lite_world.accounts.values())


def test_a_visible_row_names_whom_it_refers_to(lite_app: Flask, lite_world: World) -> None:
    approval = lite_world.records["expense_approval"]["O"]
    with looking(lite_app, lite_world.accounts["cadre"]):
        row = db.session.get(ExpenseApproval, approval)
        assert row is not None
        assert row.expense.cadre.organization.district is not None


def test_a_join_does_not_widen(lite_app: Flask, lite_world: World) -> None:
    with looking(lite_app, lite_world.accounts["cadre"]):
        statement = select(Cadre).join(Expense, Expense.cadre_id == Cadre.id)
        rows = db.session.scalars(statement.options(joinedload(Cadre.organization))).all()
        assert {row.id for row in rows} == {lite_world.cadres["CO"]}


def test_outside_of_a_request_nothing_is_narrowed(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        assert _entities(Expense) == set(lite_world.records["expense"].values())


def test_a_row_names_whom_it_is_about_in_lists_too(lite_app: Flask, lite_world: World) -> None:
    """Whoever decides about somebody of an organization that they do not chair sees the name."""
    with lite_app.app_context():
        enterprise = db.session.get(Organization, lite_world.organizations["E1"])
        assert enterprise is not None
        enterprise.chair_id = lite_world.cadres["CB"]
        db.session.commit()
    with looking(lite_app, lite_world.accounts["chair"]):
        assert lite_world.cadres["CB"] not in _entities(Cadre)
        # As a list says it, whose condition asks about cadres.
        shown = select(Expense).where(readable_rows(Expense))
        shown = shown.options(selectinload(Expense.cadre))
        found = {row.id: row.cadre for row in db.session.scalars(shown)}
        assert found[lite_world.records["expense"]["B"]].name == "白贝"
