"""Storing an import in a process that is killed at a place: `PLACE URL RUN`.

Places: ``rows``, when the rows are written and nothing else; ``kept``, when all is written that the
import keeps; ``entry``, when everything is written and not committed.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.imports import running
from tiesan.records.imports import storing
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Work


def dying(does: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is killed once it has done its work."""

    def do_and_die(*arguments: Any, **options: Any) -> None:
        does(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return do_and_die


PLACES: dict[str, tuple[Any, str]] = {
    "rows": (storing, "_insert"),
    "kept": (running, "store_plan"),
    "entry": (running, "ask_evaluation"),
}


def main(place: str, url: str, run_id: str) -> None:
    """Carry the run out, and die."""
    module, name = PLACES[place]
    setattr(module, name, dying(getattr(module, name)))
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        run = session.get_one(JobRun, int(run_id))
        actor = Actor(run.actor_id, run.actor_name)
        work = Work(engine, None, run.day, run.given, actor, now(), lambda _step, _steps: None)
    running.store_import(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
