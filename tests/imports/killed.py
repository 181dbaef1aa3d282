"""An import in a process that is killed at a place: `PLACE URL RUN`.

Places: ``rows``, when the rows are written and nothing else; ``kept``, when it is kept which;
``entry``, when everything is written and not committed; ``back``, when an import is undone but for
the entry; ``tried``, when it is written to see its effect.
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
from tiesan.imports.everything import effect, storing
from tiesan.records.exchange.keeping import Keeping
from tiesan.records.exchange.undoing import Undoing
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Work


def dying(does: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is killed once it has done its work."""

    def do_and_die(*arguments: Any, **options: Any) -> None:
        does(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return do_and_die


PLACES: dict[str, tuple[Any, str]] = {
    "rows": (Keeping, "store"),
    "kept": (Keeping, "keep"),
    "entry": (storing, "ask_evaluation"),
    "back": (Undoing, "undo"),
    "tried": (effect, "_summary"),
}
DOES = {
    "store_import": running.store_import,
    "try_import": running.try_import,
    "undo_import": running.undo_import,
}


def main(place: str, url: str, run_id: str) -> None:
    """Carry the run out, and die."""
    module, name = PLACES[place]
    setattr(module, name, dying(getattr(module, name)))
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        run = session.get_one(JobRun, int(run_id))
        actor, job = Actor(run.actor_id, run.actor_name), run.job
        work = Work(engine, None, run.day, run.given, actor, now(), lambda _step, _steps: None)
    DOES[job](work)


if __name__ == "__main__":
    main(*sys.argv[1:])
