"""The child process of one run: ``python -m tiesan.scheduler.child``.

It gets ready, which takes its time, and then reads from its standard input what to do: a line with
the run, the word of the claim, and the job. It works gently (``nice``), says on its output what
went wrong and last how much memory it took (`tiesan.scheduler.memory`), and ends when its parent
does, which holds the other end of its input. Exit status 0 is done, 1 failed.
"""

import atexit
import os
import resource
import sys
import threading
from collections.abc import Callable
from pkgutil import resolve_name

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.scheduler.claims import Claim, claimed_run, note_outcome, note_progress
from tiesan.scheduler.jobs import jobs_of
from tiesan.scheduler.memory import say_peak
from tiesan.scheduler.work import FAILED, Outcome, Work

_GENTLY = 10


def main() -> int:
    """Get ready, do the work of one claimed run, and return the exit status."""
    atexit.register(say_peak)
    os.nice(_GENTLY)
    jobs = jobs_of()
    does = {name: resolve_name(job.does) for name, job in jobs.items() if not job.apart}
    installed_catalog()
    run_id, token, name = sys.stdin.readline().split() or (None, "", "")
    if run_id is None:
        # The parent has ended without any work.
        return 0
    _end_with_parent()
    database = make_engine(database_url())
    try:
        function = does.get(name) or resolve_name(jobs[name].does)
        _limit(jobs[name].most_memory)
        return _do(database, Claim(int(run_id), token, name), function)
    except UserError as error:
        print(*error.lines, sep="\n", flush=True)  # noqa: T201 - the parent keeps what is said
        return 1
    finally:
        database.dispose()


def _limit(most_memory: int | None) -> None:
    if most_memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (most_memory, resource.RLIM_INFINITY))


def _do(database: Engine, claim: Claim, does: Callable[[Work], Outcome]) -> int:
    work = _work(database, claim)
    if work is None:
        # Somebody else has taken the run over; there is nothing to do here.
        return 1
    outcome = does(work)
    with Session(database) as session:
        noted = note_outcome(session, claim, outcome)
        session.commit()
    return 0 if noted and FAILED not in outcome else 1


def _work(database: Engine, claim: Claim) -> Work | None:
    def progress(step: int, steps: int) -> None:
        with Session(database) as session:
            note_progress(session, claim, step, steps)
            session.commit()

    with Session(database) as session:
        run = claimed_run(session, claim)
        if run is None:
            return None
        return Work(
            database=database,
            district_id=run.district_id,
            day=run.day,
            given=run.given,
            actor=Actor(run.actor_id, run.actor_name),
            now=now(),
            progress=progress,
        )


def _end_with_parent() -> None:
    def wait() -> None:
        # The stream itself would hold a lock when the process ends.
        os.read(sys.stdin.fileno(), 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
