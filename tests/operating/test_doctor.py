"""The doctor finds what was prepared, and nothing where nothing ails."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from tests.operating.places import Place
from tiesan.audit import SIGN_IN
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.demo.accounts import PASSWORD, VERB
from tiesan.engine.deciding import Engine
from tiesan.operating.doctor import CHECKS, examine
from tiesan.operating.findings import Finding, Level, Patient
from tiesan.operating.of_machine import of_disk
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account
from tiesan.records.attachments.store import FileStore
from tiesan.secret_key import stored_key

# In the morning of a Monday, on days that the calendar knows.
NOW = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
JOB = (
    "INSERT INTO job_run (job, day, asked, covers_from, given, actor_name, state, due_at, attempts,"
    " began_at, ended_at, step, steps, outcome, output) VALUES ('{job}', '2026-03-08', '{asked}',"
    " '2026-03-08', '{{}}', 'x', '{state}', '{at}', 3, '{at}', '{at}', 0, 0, '{{}}', '')"
)
FAILED = JOB.format(job="evaluate", asked="", state="failed", at="2026-03-08 20:00:00")
SAVED = JOB.format(job="backup", asked="x", state="done", at="2026-03-01 00:00:00")


def seen(place: Place, engine: Engine, now: datetime = NOW) -> list[Finding]:
    """What is found that is not well."""
    patient = Patient(place.what, place.further, engine, now)
    return [each for each in examine(patient) if each.level is not Level.WELL]


@pytest.fixture
def well(sqlite_url: str, tmp_path: Path) -> Place:
    """An installation that nothing ails."""
    place = Place(sqlite_url, tmp_path)
    stored_key(place.folder)
    FileStore(place.folder).keep(b"what somebody sent")
    (tmp_path / "tiesan.sqlite3").chmod(0o600)
    return place


def test_nothing_is_found_where_nothing_ails(well: Place, engine: Engine) -> None:
    patient = Patient(well.what, {}, engine, NOW)
    found = list(examine(patient))
    assert [each for each in found if each.level is not Level.WELL] == []
    assert [each.check for each in found] == ["database", "schema", *(each.name for each in CHECKS)]


def _broken_file(place: Place) -> None:
    file = place.root / "tiesan.sqlite3"
    content = bytearray(file.read_bytes())
    content[8192:40960] = os.urandom(32768)
    file.write_bytes(content)


# What is prepared, by what it is found as.
FAULTS: dict[str, tuple[str, Level, Callable[[Place], object]]] = {
    "a database that is none": (
        "database", Level.FAULT, lambda p: (p.root / "tiesan.sqlite3").write_text("none"),
    ),
    "a damaged database": ("database", Level.FAULT, _broken_file),
    "an older schema": (
        "schema", Level.FAULT, lambda p: p.write("DELETE FROM alembic_version_study"),
    ),
    "an entry to come": (
        "clock", Level.FAULT, lambda p: p.enter("x", NOW + timedelta(days=1)),
    ),
    "a run that has failed": (
        "runs", Level.WARNING,
        lambda p: p.write(FAILED),
    ),
    "an old backup": (
        "backup", Level.WARNING,
        lambda p: p.write(SAVED),
    ),
    "no backup at all": (
        "backup", Level.WARNING, lambda p: p.enter("x", LONG_AGO),
    ),
    "a file that others may read": (
        "files", Level.FAULT, lambda p: (p.root / "tiesan.sqlite3").chmod(0o644),
    ),
    "a folder that others may write to": (
        "files", Level.FAULT, lambda p: p.folder.chmod(0o777),
    ),
    "a key that others may write": (
        "key", Level.FAULT, lambda p: (p.folder / "secret_key").chmod(0o620),
    ),
    "a key that is too short": (
        "key", Level.FAULT, lambda p: (p.folder / "secret_key").write_text("short"),
    ),
    "no key": ("key", Level.WARNING, lambda p: (p.folder / "secret_key").unlink()),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_prepared_fault_is_found(fault: str, well: Place, engine: Engine) -> None:
    check, level, prepare = FAULTS[fault]
    prepare(well)
    found = seen(well, engine)
    assert (check, level) in {(each.check, each.level) for each in found}


@pytest.mark.parametrize(
    ("environment", "check", "level"),
    [
        ({"TIESAN_PROXIES": "many"}, "settings", Level.FAULT),
        ({"TIESAN_HOSTS": "https://x"}, "settings", Level.FAULT),
        ({"TIESAN_METRICS_TOKEN": "short"}, "settings", Level.FAULT),
        ({"TIESAN_PROXIES": "1"}, "settings", Level.WARNING),
        ({"TIESAN_ADDRESS": "https://tiesan.example.cn"}, "settings", Level.WARNING),
    ],
)
def test_settings_that_are_none_or_contradict_each_other_are_found(
    environment: dict[str, str], check: str, level: Level, well: Place, engine: Engine
) -> None:
    found = seen(Place(well.url, well.root, environment), engine)
    assert [(each.check, each.level) for each in found] == [(check, level)]


def test_accounts_of_the_demo_are_graver_where_others_come(well: Place, engine: Engine) -> None:
    well.enter(VERB, NOW)
    with open_session(read_database_url(well.url)) as session:
        create_account(SIGN_IN, session, username="admin", password=hash_password(PASSWORD), at=NOW)
        session.commit()
    (found,) = seen(well, engine)
    assert (found.check, found.level) == ("accounts", Level.WARNING)
    public = {"TIESAN_PROXIES": "1", "TIESAN_HOSTS": "tiesan.example.cn"}
    (found,) = seen(Place(well.url, well.root, public), engine)
    assert (found.check, found.level) == ("accounts", Level.FAULT)
    assert "admin" in found.text


def test_an_engine_that_does_not_start_is_found(well: Place) -> None:
    engine = Engine((shutil.which("false") or "",))
    assert [each.check for each in seen(well, engine)] == ["engine"]
    engine.close()


def test_working_days_that_nobody_knows_are_found(well: Place, engine: Engine) -> None:
    later = seen(well, engine, datetime(2048, 3, 2, tzinfo=UTC))
    assert ("calendar", Level.FAULT) in {(each.check, each.level) for each in later}


def test_a_disk_with_little_room_is_found(well: Place, engine: Engine) -> None:
    patient = Patient(well.what, {}, engine, NOW)
    most = 1 << 62
    assert {level for level, _text in of_disk(patient, little=most)} == {Level.WARNING}
    assert {level for level, _text in of_disk(patient, little=most, none=most)} == {Level.FAULT}


def test_a_district_that_is_not_judged_is_found(place: Place, engine: Engine) -> None:
    """It was judged until the end of July."""
    at = datetime(2026, 8, 2, 0, 30, tzinfo=UTC)
    place.backup("--with-key")
    assert "runs" not in {each.check for each in seen(place, engine, at)}
    found = {each.check: each for each in seen(place, engine, at + timedelta(days=5))}
    assert found["runs"].level is Level.FAULT
    assert "2026-08-01" in found["runs"].text


def test_it_says_so_by_its_exit_status_and_to_programs(well: Place) -> None:
    well.write("DELETE FROM alembic_version_study")
    said = orjson.loads(well.run("doctor", "--format", "json", status=1).stdout)
    assert said["state"] == "fault"
    (schema,) = (each for each in said["findings"] if each["check"] == "schema")
    assert "study" in schema["text"]
    shown = well.run("doctor", status=1).stdout
    assert f"[fault] Schema: {schema['text']}" in shown.splitlines()
