"""The application holds to the description of the institutions, on districts nobody has seen.

Random districts are imported and evaluated, and judged again by the plain reference; both must
find the same flags. What differs is printed by seed: `random_districts(seed, SMALL)` makes it anew.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from tests.oracle.districts import SMALL, random_districts, write
from tests.oracle.flags import Flag
from tests.oracle.reference import evaluate
from tests.oracle.tables import Tables, read
from tiesan.audit import COMMAND_LINE
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Outcome, Task, evaluate_installation
from tiesan.flags.models import Flag as StoredFlag
from tiesan.flags.parameter_check import parameter_check
from tiesan.records.exchange.exporting import ExportScope, export_path
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.exchange.report import ImportReport
from tiesan.rules import RuleFile
from tiesan.testing.command import Tiesan

SHIPPED = installed_catalog()
OFF = frozenset(rule.id for rule in SHIPPED.rules.values() if not rule.enabled)


def switched_on(file: RuleFile) -> RuleFile:
    """A file of rules all of which are on, as somebody who wants them has them."""
    return replace(file, rules=tuple(replace(rule, enabled=True) for rule in file.rules))


CATALOG = replace(SHIPPED, files=tuple(map(switched_on, SHIPPED.files)))
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The engine with its child process."""
    engine = Engine(processes=1)
    yield engine
    engine.close()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a fresh database."""
    database = make_engine(make_url(database_url))
    with Session(database) as session:
        yield session
    database.dispose()


def district(seed: int, folder: Path) -> tuple[Tables, list[date], Path]:
    """A random district as it lies in a folder, and three days as of which to evaluate it."""
    tables, days = random_districts(seed, SMALL)
    place = write(tables, folder / "records")
    return read(place), [days[1], days[len(days) // 2], days[-1]], place


def bring(session: Session, folder: Path) -> ImportReport:
    """Import a folder."""
    options = ImportOptions(CATALOG.plugins.records, parameter_check(CATALOG), NOW)
    report = import_path(session, COMMAND_LINE, folder, options)
    session.commit()
    return report


def judged(session: Session, engine: Engine, as_of: date) -> Outcome:
    """Evaluate everything as of a day, as `tiesan evaluate` does."""
    task = Task(COMMAND_LINE, CATALOG, engine.decide, as_of, as_of, NOW, ahead=True)
    outcome = evaluate_installation(session, task)
    assert outcome.not_evaluated == []
    return outcome


def flags(outcome: Outcome) -> set[Flag]:
    """The flags that an evaluation found."""
    return {
        Flag(hit.rule, str(hit.severity), hit.subject_kind, hit.subject, hit.key, hit.occurred_on)
        for hit in outcome.hits
    }


def stored(session: Session) -> set[Flag]:
    """The flags that are stored as active."""
    found = session.scalars(select(StoredFlag).where(StoredFlag.active))
    return {
        Flag(
            each.rule,
            each.severity,
            each.subject_kind,
            each.subject.code if each.subject else "",
            each.key,
            each.occurred_on,
        )
        for each in found
    }


def compare(seed: int, as_of: date, expected: set[Flag], found: set[Flag]) -> None:
    """Fail with what is missing and what is too much."""
    missing, extra = sorted(expected - found), sorted(found - expected)
    assert (missing, extra) == ([], []), f"random_districts({seed}, SMALL) as of {as_of}"


def check(session: Session, engine: Engine, seed: int, folder: Path) -> None:
    """Evaluate a random district as of one day after the other, and hold it to the reference."""
    tables, days, place = district(seed, folder)
    bring(session, place)
    for as_of in days:
        expected = set(evaluate(tables, as_of))
        outcome = judged(session, engine, as_of)
        compare(seed, as_of, expected, flags(outcome))
        compare(seed, as_of, expected, stored(session))
        session.rollback()


@ON_SQLITE
@pytest.mark.parametrize("seed", range(15))
def test_a_random_district_has_the_flags_of_the_reference(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    check(session, engine, seed, tmp_path)


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize("seed", [100, 101])
def test_so_it_has_on_postgresql(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    check(session, engine, seed, tmp_path)


@ON_SQLITE
def test_looking_back_answers_and_changes_nothing(
    session: Session, engine: Engine, tmp_path: Path
) -> None:
    tables, days, place = district(200, tmp_path)
    bring(session, place)
    judged(session, engine, days[-1])
    before = stored(session)
    session.rollback()
    outcome = judged(session, engine, days[1])
    assert not outcome.stored
    compare(200, days[1], set(evaluate(tables, days[1])), flags(outcome))
    assert stored(session) == before


@ON_SQLITE
def test_what_was_exported_changes_nothing_and_is_flagged_alike(
    session: Session, engine: Engine, tmp_path: Path
) -> None:
    tables, days, place = district(201, tmp_path)
    bring(session, place)
    assert not bring(session, place).changes
    exported = tmp_path / "exported"
    scope = ExportScope(rules=frozenset(CATALOG.rules))
    export_path(session, exported, CATALOG.plugins.records, scope=scope)
    session.rollback()
    assert not bring(session, exported).changes
    compare(201, days[-1], set(evaluate(tables, days[-1])), set(evaluate(read(exported), days[-1])))


def test_the_command_prints_the_flags_of_the_reference(tiesan: Tiesan, tmp_path: Path) -> None:
    tables, days, place = district(202, tmp_path)
    tiesan("init-db")
    tiesan("import", place)
    printed = tiesan("evaluate", "--as-of", str(days[-1]), "--format", "json").stdout
    found = {
        Flag(**{name: each[name] for name in Flag._fields[:-1]}, occurred_on=_day(each))
        for each in json.loads(printed)["flags"]
    }
    compare(202, days[-1], set(evaluate(tables, days[-1], off=OFF)), found)


def _day(flag: dict[str, str]) -> date:
    return date.fromisoformat(flag["occurred_on"])
