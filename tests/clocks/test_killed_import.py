"""Whoever is killed while storing has stored nothing; and what is run in children comes out."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.clocks.bringing import bringing, plain, rows, run_here
from tests.clocks.files import Day, book, dingtalk_days
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.records.imports.models import DataImport, ImportRow, ImportSaid
from tiesan.scheduler.models import JobRun, State
from tiesan.testing.world import World

PROGRAM = Path(__file__).with_name("killed_storing.py")
MONDAY = date(2026, 10, 12)
GIVEN = (Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY), Day("周主席", "", MONDAY))


def numbers(app: Flask) -> list[int]:
    """How many rows, written rows, said ones and entries of imports there are."""
    with app.app_context():
        entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "import")
        counted = [select(func.count()).select_from(each) for each in (ImportRow, ImportSaid)]
        found = [db.session.scalar(each) or 0 for each in (*counted, entries)]
    return [len(rows(app)), *found]


@pytest.mark.parametrize("place", ["rows", "kept", "entry"])
def test_a_kill_in_the_middle_leaves_nothing(
    place: str, app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    one = bringing(app, "supervisor")
    one.drop(book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(GIVEN))))
    asked: list[int] = []
    app.extensions["runner"].call_for = lambda run_id, _seconds: asked.append(run_id)
    assert "正在保存" in plain(one.go_on("store").text)
    killed = subprocess.run(
        [sys.executable, PROGRAM, place, database_url, str(asked[0])], check=False, timeout=300
    )
    assert killed.returncode == -9
    assert numbers(app) == [0, 0, 0, 0]
    # The claim of the run has not ended well: it is run once more, and stores all.
    run_here(app, asked[0])
    assert numbers(app) == [3, 3, 3, 1]
    assert one.state == "stored"
    run_here(app, asked[0])
    assert numbers(app) == [3, 3, 3, 1]


def test_a_child_process_does_it_and_its_memory_is_measured(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor", in_children=True)
    one.bring(book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(GIVEN))))
    assert one.state == "stored"
    assert len(rows(lite_app)) == len(GIVEN)
    with lite_app.app_context():
        runs = db.session.scalars(select(JobRun).where(JobRun.job.endswith("_import"))).all()
        assert [(run.job, run.state) for run in runs] == [
            ("read_import", State.DONE),
            ("store_import", State.DONE),
        ]
        assert all(0 < (run.peak_memory_kb or 0) < 600 * 1024 for run in runs)
        asked = select(JobRun).where(JobRun.job == "evaluate_now")
        assert len(db.session.scalars(asked).all()) == 1
        assert db.session.get_one(DataImport, 1).district_id == lite_world.organizations["D1"]
    lite_app.extensions["runner"].join()
