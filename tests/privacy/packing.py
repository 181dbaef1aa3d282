"""What somebody is given of what is kept on them, packed as the job packs it."""

import json
import secrets
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.people.models import Account
from tiesan.privacy.own.gathering import gather
from tiesan.privacy.own.keeping import archive_path
from tiesan.privacy.own.models import OwnArchive
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import GATHER_OWN
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Work


def work_of(database: Engine, run: JobRun) -> Work:
    """What the child process is given for a run."""
    return Work(database, run.district_id, run.day, run.given, Actor(run.actor_id, run.actor_name),
                now(), lambda _step, _steps: None)  # fmt: skip


def made(database: Engine, place: Path, username: str) -> Path:
    """Have what is kept on somebody gathered, as the job does; gives the archive.

    That it was asked for would itself be kept: here nothing is entered of it, so that the next one
    can be compared.
    """
    with Session(database) as session:
        account = session.scalars(sa.select(Account).filter_by(username=username)).one()
        row = OwnArchive(account_id=account.id, asked_at=now(), token=secrets.token_hex(16))
        session.add(row)
        session.flush()
        given = {"archive": row.id, "folder": str(place), "language": "zh"}
        run = ask_run(account.actor, session, GATHER_OWN, given, now=now())
        path = archive_path(place, row)
        session.commit()
        work = work_of(database, run)
    assert gather(work)["rows"] > 0
    with Session(database) as session:
        session.execute(sa.delete(OwnArchive))
        session.commit()
    return path


def read(path: Path) -> dict[str, Any]:
    """The parts of an archive by name."""
    with ZipFile(path) as archive:
        names = [each for each in archive.namelist() if each.endswith(".json")]
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in names}
