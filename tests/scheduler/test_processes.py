"""Two servers and a scheduler on one database, as processes: each job once, and no claim lost."""

import selectors
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.scheduler.conftest import Timetable
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.flags.models import StoredEvaluation
from tiesan.scheduler.claims import LEASE
from tiesan.scheduler.jobs import jobs_of
from tiesan.scheduler.runner import Runner
from tiesan.testing.command import COMMAND, Tiesan


def start(folder: Path, url: str, *words: str, **further: str) -> subprocess.Popen[bytes]:
    """A command that goes on, and has said its first line."""
    process = subprocess.Popen(
        [COMMAND, *words],
        cwd=folder,
        env=Tiesan(folder)._environment(url, "en") | {"TIESAN_INSTANCE": str(folder), **further},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # What is not read stays in the pipe, so that one can wait for it.
        bufsize=0,
    )
    assert line(process)
    return process


def line(process: subprocess.Popen[bytes]) -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    return process.stdout.readline().decode()


def lines(*processes: subprocess.Popen[bytes]) -> Iterator[str]:
    """What processes say, line by line, whichever says something next."""
    with selectors.DefaultSelector() as events:
        for process in processes:
            assert process.stdout is not None
            events.register(process.stdout, selectors.EVENT_READ, process)
        while True:
            for key, _mask in events.select():
                yield line(key.data)


def stop(process: subprocess.Popen[bytes]) -> str:
    """End a process and return what it has said since."""
    process.terminate()
    rest, _errors = process.communicate(timeout=120)
    assert process.returncode == 0, rest
    return rest.decode()


def begun(said: str) -> bool:
    """Whether a line tells of a run that has begun."""
    return " has begun: " in said


def evaluates(said: str) -> bool:
    """Whether a line tells of an evaluation that has begun; at night others are due first."""
    return begun(said) and "evaluat" in said.lower()


def done(said: str) -> bool:
    """Whether a line tells of a run that is done."""
    return " is done: " in said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the servers keep their key."""
    return tmp_path


def test_two_servers_and_a_scheduler_run_each_job_once(
    folder: Path, database_url: str, timetable: Timetable
) -> None:
    processes = [
        start(folder, database_url, "serve", "--port", "0"),
        start(folder, database_url, "serve", "--port", "0"),
        start(folder, database_url, "scheduler"),
    ]
    # Evaluation, what is due and the digest of each district, what tidies up, and heads.
    assert len(list(islice(filter(done, lines(*processes)), 8))) == 8
    for process in processes:
        assert stop(process).splitlines()[-1] == "Stopped."
    runs = timetable.runs()
    assert [(run.state, run.attempts, run.output) for run in runs] == [("done", 1, "")] * 2
    pids = {str(process.pid) for process in processes}
    assert {run.claimed_by.split()[-1] for run in runs if run.claimed_by} <= pids
    with Session(timetable.database) as session:
        assert session.scalar(select(func.count()).select_from(StoredEvaluation)) == 2


def test_a_job_whose_scheduler_is_killed_is_taken_over_after_its_lease(
    folder: Path, database_url: str, timetable: Timetable
) -> None:
    scheduler = start(folder, database_url, "scheduler")
    assert next(filter(evaluates, lines(scheduler)))
    scheduler.kill()
    scheduler.communicate()
    [left] = [run.id for run in timetable.runs() if run.state == "running"]
    for later, well in ((LEASE - timedelta(minutes=1), False), (LEASE, True)):
        moment = now() + later
        runner = Runner(
            read_database_url(database_url), jobs_of(), partial(datetime.astimezone, moment)
        )
        ended = {claim.run_id: ended.well for claim, ended in runner.run_due()}
        runner.close()
        assert ended.get(left, False) is well
    assert [run.state for run in timetable.runs()] == ["done", "done"]
    assert {run.attempts for run in timetable.runs() if run.id == left} == {2}


@pytest.fixture
def quiet(folder: Path) -> Tiesan:
    """The command in the folder."""
    return Tiesan(folder)


def test_cron_runs_what_is_due_once(quiet: Tiesan, database_url: str, timetable: Timetable) -> None:
    first = quiet("run-due", database=database_url)
    assert first.stdout.count("Evaluation as of yesterday: D") == 2
    assert first.stdout.count("Telling what is due: D") == 2
    assert first.stdout.count("Digests of notifications: D") == 2
    assert first.stdout.count(": done\n") == 9
    assert "Removal of files that were not used: installation: done" in first.stdout
    assert quiet("run-due", database=database_url).stdout == ""
    assert [run.state for run in timetable.runs()] == ["done", "done"]


def test_cron_hears_of_what_was_not_evaluated(
    quiet: Tiesan, database_url: str, timetable: Timetable
) -> None:
    with timetable.database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO rule_parameter (rule, name, valid_from, value) "
            "VALUES ('discipline.expense_unapproved', 'threshold', '2026-01-01', 'viel')"
        )
    done = quiet("run-due", "--quiet", database=database_url, status=3)
    assert done.stdout == ""
    assert done.stderr.count("not evaluated") == 2


def test_a_server_whose_scheduler_is_off_leaves_it_to_cron(
    folder: Path, database_url: str, timetable: Timetable, quiet: Tiesan
) -> None:
    server = start(folder, database_url, "serve", "--port", "0", TIESAN_SCHEDULER="off")
    assert "has begun" not in stop(server)
    assert timetable.runs() == []
    assert quiet("run-due", database=database_url).stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TIESAN_SCHEDULER", "no", "allowed: on, off"),
        ("TIESAN_EVALUATE_AT", "1:15", "such as 01:15"),
        ("TIESAN_EVALUATE_AT", "24:00", "such as 01:15"),
    ],
)
def test_a_setting_that_is_none_is_refused(
    name: str, value: str, said: str, quiet: Tiesan, sqlite_url: str
) -> None:
    refused = quiet("serve", "--port", "0", database=sqlite_url, env={name: value}, status=1)
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
