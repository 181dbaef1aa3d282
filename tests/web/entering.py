"""What is sent to enter records, and what the answer says."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense, Leave, WorkLog
from tiesan.extensions import db
from tiesan.testing.world import World

LATE = {"requested_on": "2026-03-10", "late_reason": "补录纸质单据"}


def rows(app: Flask, model: Any) -> list[Any]:
    """Every row of a class, the newest first."""
    with app.app_context():
        found = db.session.scalars(select(model).order_by(model.id.desc())).all()
        for row in found:
            if isinstance(row, Expense | WorkLog | Leave):
                assert row.cadre is not None
        return list(found)


def expense(world: World, place: str, **changed: object) -> dict[str, object]:
    """What the form of an expense sends for the cadre at a place; H is one without any yet."""
    return {
        "code": "",
        "cadre": world.cadres[f"C{place}"],
        "payee": "红旗饭店",
        "amount": "200.00",
        "spent_on": "2026-03-12",
        "reimbursed_on": "2026-03-25",
        "receipt": "yes",
        **LATE,
        **changed,
    }


def problems(answer: Any) -> list[str]:
    """What is said beside the inputs."""
    parts = answer.text.split('class="field-error" role="alert">')[1:]
    return [part.partition("<")[0] for part in parts]
