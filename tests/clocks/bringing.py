"""Bringing a file in as somebody does: dropped, looked at, answered, stored, undone."""

import re
from contextvars import Context
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from pkgutil import resolve_name

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from plugins.discipline.models import Attendance
from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.imports.models import DataImport
from tiesan.scheduler.jobs import READ_IMPORT, STORE_IMPORT, TRY_IMPORT, UNDO_IMPORT
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Work
from tiesan.testing.browsing import Person, person

INDEX = "/imports/"
_JOBS = (READ_IMPORT, TRY_IMPORT, STORE_IMPORT, UNDO_IMPORT)
# Nobody waits for a child process on a page: the tests do.
PATIENCE = 60


@dataclass
class Bringing:
    """Somebody who brings files in."""

    app: Flask
    who: Person
    address: str = ""

    def drop(self, *paths: Path) -> TestResponse:
        """Drop files, and show what becomes of them."""
        files = [(path.open("rb"), path.name) for path in paths]
        given = self.who.filled(INDEX, {"file": files})
        answer = self.who.client.post("/imports/new/attendance", data=given)
        assert answer.status_code == 303, answer.text
        self.address = answer.location
        return self.page()

    def page(self) -> TestResponse:
        """The page of the import."""
        return self.who.get(self.address)

    def go_on(self, verb: str, **given: object) -> TestResponse:
        """Press a button of it."""
        answer = self.who.send(f"{self.address}/{verb}", given, form=self.address)
        assert answer.status_code in {302, 303}, answer.text
        return self.who.get(answer.location)

    def bring(self, *paths: Path) -> str:
        """Drop files and store them."""
        page = self.drop(*paths).text
        assert "确认导入" in page, plain(page)
        return self.go_on("store").text

    @property
    def state(self) -> str:
        """Where the import stands."""
        with self.app.app_context():
            row = db.session.get(DataImport, int(self.address.rpartition("/")[2]))
            return "" if row is None else row.state


def bringing(app: Flask, name: str, *, in_children: bool = False) -> Bringing:
    """Somebody who is signed in; what they ask for is run here, or in child processes."""
    app.config["PATIENCE_SECONDS"] = PATIENCE
    if not in_children:
        app.extensions["runner"].call_for = lambda run_id, _seconds: run_here(app, run_id)
    return Bringing(app, person(app, name))


def run_here(app: Flask, run_id: int) -> bool:
    """Do in this process, outside of the request, what the run of an import does in a child."""
    does = {each.name: resolve_name(each.does) for each in _JOBS}
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        run = session.get_one(JobRun, run_id)
        work = Work(engine, None, run.day, run.given, Actor(run.actor_id, run.actor_name), now(),
                    lambda _step, _steps: None)  # fmt: skip
        job = run.job
    Context().run(does[job], work)
    with Session(engine) as session:
        asked = JobRun.id > run_id, JobRun.job.in_(does)
        # What that run has asked for itself is run as well, as whoever runs what is due does.
        follower = session.scalar(select(JobRun.id).where(*asked).limit(1))
    return follower is None or run_here(app, follower)


def plain(page: str) -> str:
    """The words of a page."""
    content = page[page.index('id="page-content"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def rows(app: Flask, since: date = date(2026, 10, 1)) -> dict[tuple[str, date], str]:
    """The live rows since a day, as ``08:55-18:02``."""
    with app.app_context():
        statement = (
            select(Attendance, Cadre.code)
            .join(Cadre)
            .where(Attendance.voided_at.is_(None), Attendance.day >= since)
        )
        return {(code, row.day): shown(row) for row, code in db.session.execute(statement)}


def shown(row: Attendance) -> str:
    """A row in short."""
    came = "" if row.clock_in is None else f"{row.clock_in:%H:%M}"
    went = "" if row.clock_out is None else f"{row.clock_out:%H:%M}"
    return f"{came}-{went}{'+' if row.clock_out_next_day else ''}"
