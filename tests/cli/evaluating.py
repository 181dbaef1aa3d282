"""What the tests of commands ask of an evaluation, and of what it stored."""

import json
from collections import Counter
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.people.models import Organization
from tiesan.scheduler.models import JobRun, State
from tiesan.testing.command import Tiesan

UNAPPROVED = "discipline.expense_unapproved"


def evaluated(tiesan: Tiesan, url: str, as_of: str, status: int = 0) -> Any:
    """What an evaluation prints as JSON."""
    words = ("evaluate", "--as-of", as_of, "--format", "json")
    return json.loads(tiesan(*words, database=url, status=status).stdout)


def keys(answer: Any, rule: str = UNAPPROVED) -> list[str]:
    """The keys of a rule's flags."""
    return [flag["key"] for flag in answer["flags"] if flag["rule"] == rule]


def spoil_threshold(url: str) -> None:
    """Store a value of the threshold that no import would take: the rule cannot be evaluated."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO rule_parameter (rule, name, valid_from, value) "
                "VALUES (:rule, 'threshold', '2026-01-01', 'viel')"
            ),
            {"rule": UNAPPROVED},
        )
    engine.dispose()


STORED = """
SELECT rule, coalesce(cadre.code, organization.code), key, active FROM flag
LEFT JOIN cadre ON cadre.id = flag.cadre_id
LEFT JOIN organization ON organization.id = flag.organization_id
"""


def flag_rows(url: str) -> Counter[tuple[str, str, str, bool]]:
    """Rule, subject, key and whether active, of every stored flag."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(sa.text(STORED)).all()
    engine.dispose()
    return Counter((rule, subject, key, bool(active)) for rule, subject, key, active in rows)


def plan_run(url: str, day: date) -> None:
    """Store a nightly run of the first district that a clock has left for a day."""
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        district = session.scalars(sa.select(Organization.id).filter_by(code="D1")).one()
        session.add(
            JobRun(
                job="evaluate",
                district_id=district,
                day=day,
                covers_from=day,
                actor_name="clock",
                state=State.DONE.value,
                due_at=now(),
                ended_at=now(),
            )
        )
        session.commit()
    engine.dispose()


def run_days(url: str) -> list[date]:
    """The days of the timetable's runs."""
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        days = list(session.scalars(sa.select(JobRun.day).order_by(JobRun.day)))
    engine.dispose()
    return days
