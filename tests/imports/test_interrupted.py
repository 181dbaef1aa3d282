"""Whoever is killed on the way has stored nothing; one import at a time in a district."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.clocks.bringing import run_here
from tests.imports.bringing import everything, exported
from tests.imports.test_everything import PEOPLE
from tests.scheduler.conftest import TESTER
from tiesan.clock import now
from tiesan.database import begin_writing
from tiesan.extensions import db
from tiesan.imports.asking import ask_reading, begin_import
from tiesan.records.imports.models import EVERYTHING, ImportRow
from tiesan.scheduler.claims import claim_next
from tiesan.scheduler.models import JobRun, State
from tiesan.testing.world import World

PROGRAM = Path(__file__).with_name("killed.py")


def killed(place: str, url: str, run_id: int) -> None:
    """Have a run killed at a place."""
    command = [sys.executable, str(PROGRAM), place, url, str(run_id)]
    assert subprocess.run(command, check=False, timeout=300).returncode == -9


def test_a_kill_in_any_step_leaves_nothing(
    app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    before, one = exported(app), everything(app, "admin")
    one.write(tmp_path / "in", **PEOPLE)
    run_now = app.extensions["runner"].call_for
    asked: list[int] = []
    app.extensions["runner"].call_for = lambda run_id, _seconds: asked.append(run_id)
    one.go_on("effect")
    killed("tried", database_url, asked[-1])
    # What was killed is run once more.
    run_here(app, asked[-1])
    assert exported(app) == before
    one.go_on("confirm", reason="补录")
    for place in ("rows", "kept", "entry"):
        killed(place, database_url, asked[-1])
        assert exported(app) == before
        with app.app_context():
            assert db.session.scalars(select(ImportRow)).first() is None
    run_now(asked[-1], 0)
    after = exported(app)
    assert one.state == "stored"
    assert after != before
    one.go_on("undo", reason="有误")
    killed("back", database_url, asked[-1])
    assert exported(app) == after
    run_now(asked[-1], 0)
    assert one.state == "undone"
    assert exported(app) == before


def test_child_processes_do_it(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    one = everything(lite_app, "admin", in_children=True)
    one.write(tmp_path / "in", **PEOPLE)
    one.go_on("confirm", reason="补录")
    lite_app.extensions["runner"].join()
    assert one.state == "stored"
    one.go_on("undo", reason="有误")
    lite_app.extensions["runner"].join()
    assert one.state == "undone"
    with lite_app.app_context():
        runs = db.session.scalars(select(JobRun).where(JobRun.job.endswith("_import"))).all()
        assert [(run.job, run.state) for run in runs] == [
            (name, State.DONE)
            for name in ("read_import", "try_import", "store_import", "undo_import")
        ]


def test_one_import_at_a_time_in_a_district(app: Flask, world: World) -> None:
    at = now()
    places = world.organizations["D1"], world.organizations["D1"], world.organizations["D2"], None
    with app.app_context():
        session = db.session()
        begin_writing(session)
        asked = []
        for place in places:
            row = begin_import(TESTER, session, EVERYTHING, [], at)
            row.district_id = place
            asked.append(ask_reading(TESTER, session, row, "", at))
        session.commit()
        is_postgres = db.engine.dialect.name == "postgresql"
        claims = [claim_next(session, at + timedelta(seconds=1), "one") for _each in places]
    got = [claim.run_id for claim in claims if claim is not None]
    # SQLite has one writer, and does nothing else meanwhile.
    assert got == ([asked[0], asked[2]] if is_postgres else [asked[0]])
