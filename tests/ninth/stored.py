"""What the tests of the ninth plugin read from a database, behind the application's back."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from tests.ninth.conftest import Command
from tiesan.config import read_database_url
from tiesan.database import make_engine

AS_OF = "2026-03-31"
# Rule, subject, key and date of the flags that the plugin's rules raise on its records.
FLAGS = [
    ("hardship.case_unvisited", "E1", "K2", "2026-02-05"),
    ("hardship.visitor_not_in_post", "C1", "K1/2026-03-10", "2026-03-10"),
    ("hardship.visits_missed", "E2", "2026-Q1", "2026-03-31"),
]
# Rules over any flags rest on those that nobody can judge.
UNKNOWN = {
    *(rule for rule, *_rest in FLAGS),
    "accountability.repeat_violations",
    "innovation.award_ineligible",
}


def evaluated(
    command: Command, database: str, unknown: Iterable[str] = ()
) -> list[tuple[str, str, str, str]]:
    """The plugin's flags that an evaluation as of ``AS_OF`` gives.

    ``unknown`` are the rules that cannot be evaluated.
    """
    words = ("evaluate", "--as-of", AS_OF, "--format", "json")
    status = 3 if unknown else 0
    answer = json.loads(command(*words, database=database, status=status).stdout)
    assert answer["stored"]
    assert {each["rule"] for each in answer["not_evaluated"]} == set(unknown)
    names = ("rule", "subject", "key", "occurred_on")
    found = (tuple(flag[name] for name in names) for flag in answer["flags"])
    return [each for each in found if each[0].startswith("hardship.")]


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    engine = make_engine(read_database_url(database))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]
    finally:
        engine.dispose()


def tables(database: str) -> set[str]:
    """The names of all tables that belong to the plugin."""
    engine = make_engine(read_database_url(database))
    try:
        return {name for name in sa.inspect(engine).get_table_names() if "hardship" in name}
    finally:
        engine.dispose()


def records(database: str) -> dict[str, Iterable[Any]]:
    """Every row of the plugin's tables."""
    return {
        name: rows(database, f"SELECT * FROM {name} ORDER BY id")
        for name in ("hardship_case", "hardship_visit")
    }


def flags(database: str) -> list[tuple[Any, ...]]:
    """The stored flags of the plugin: rule, key, whether active, why cleared, review."""
    return rows(
        database,
        "SELECT rule, key, active, cleared_reason, review FROM flag"
        " WHERE rule LIKE 'hardship.%' ORDER BY rule, key",
    )
