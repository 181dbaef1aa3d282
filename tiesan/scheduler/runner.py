"""The runner: claims what is due, one run after the other, and has each run in a child process.

A process that serves pages has one, in which a thread works while there is something to do. What a
person asked for has a thread of its own, so that it does not wait for the timetable.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tiesan.database import make_engine
from tiesan.scheduler.claims import (
    RENEWED_EVERY,
    Claim,
    Ended,
    claim_next,
    give_back,
    renew,
    settle,
)
from tiesan.scheduler.jobs import Job
from tiesan.scheduler.planning import plan
from tiesan.scheduler.watching import Watch

log = logging.getLogger(__name__)

T = TypeVar("T")
# Is told of each run that begins here, and with how it ended once more when it has.
Told = Callable[[Claim, Ended | None], None]


class Runner:
    """Runs what is due on one database; may be used by several threads."""

    def __init__(
        self,
        url: URL,
        jobs: Mapping[str, Job],
        clock: Callable[[], datetime],
        renewed_every: timedelta = RENEWED_EVERY,
    ) -> None:
        """Take the database, the jobs by name, and the clock; nothing is opened yet."""
        self.jobs, self.clock = jobs, clock
        self.told: Told = lambda _claim, _ended: None
        self._renewed_every = renewed_every.total_seconds()
        self._url = url
        self._lock = threading.Condition()
        self._threads: dict[bool, threading.Thread] = {}
        self._called: set[bool] = set()
        self._watched: set[Watch] = set()
        self._at_work = 0
        self._spare: Watch | None = None
        self._closing = False
        self._ended: set[int] = set()
        self._awaited: set[int] = set()

    @cached_property
    def _database(self) -> Engine:
        return make_engine(self._url)

    @property
    def claimant(self) -> str:
        """Who claims: this process."""
        return f"{socket.gethostname()} {os.getpid()}"

    def plan(self) -> list[int]:
        """Write what is due by now; returns the ids of the new runs."""
        return self._stored(lambda session: plan(session, self.jobs.values(), self.clock()))

    def run_due(self, *, asked_only: bool = False) -> list[tuple[Claim, Ended]]:
        """Run what is due until nothing is; returns what was run here and how it ended."""
        done = []
        with self._working():
            while not self._closing and (claim := self._claim(asked_only)) is not None:
                done.append((claim, self.run(claim)))
        return done

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Say that somebody uses the database, so that it is not let go of before."""
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                self._lock.notify_all()

    def _claim(self, asked_only: bool) -> Claim | None:  # noqa: FBT001 - as it was given
        return self._stored(
            lambda session: claim_next(session, self.clock(), self.claimant, asked_only=asked_only)
        )

    def run(self, claim: Claim) -> Ended:
        """Run what was claimed in a process of its own, to its end, and keep how it ended."""
        watch = self._begun(claim)
        self.told(claim, None)
        longest = self.jobs[claim.job].longest.total_seconds()
        try:
            ended = watch.until_ended(lambda: self._renew(claim), self._renewed_every, longest)
        except KeyboardInterrupt:
            # It reaches the main thread only: that of a command which runs what is due itself.
            watch.close()
            self._stored(lambda session: give_back(session, claim, self.clock()))
            raise
        finally:
            with self._lock:
                self._watched.discard(watch)
        self._stored(lambda session: self._settle(session, claim, ended))
        self.told(claim, ended)
        with self._lock:
            self._ended |= {claim.run_id} & self._awaited
            self._lock.notify_all()
        return ended

    def _begun(self, claim: Claim) -> Watch:
        """A process that has been told what to do: the one that is ready, if somebody waits."""
        watch = None
        if self.jobs[claim.job].at is None:
            with self._lock:
                watch, self._spare = self._spare, None
        watch = watch or Watch(self._url)
        try:
            watch.begin(claim)
        except OSError:
            watch.close()
            watch = Watch(self._url)
            watch.begin(claim)
        with self._lock:
            self._watched.add(watch)
            if self._closing:
                watch.end()
        return watch

    def get_ready(self) -> None:
        """Have a process ready for the next run that somebody waits for."""
        with self._lock:
            if self._spare is None and not self._closing:
                self._spare = Watch(self._url)

    def _renew(self, claim: Claim) -> bool:
        """Renew a claim; a database that does not answer now is asked again in a minute."""
        try:
            return self._stored(lambda session: renew(session, claim, self.clock()))
        except SQLAlchemyError as error:
            log.warning("a claim was not renewed", exc_info=error)
            return True

    def _settle(self, session: Session, claim: Claim, ended: Ended) -> bool:
        if self._closing and not ended.well:
            return give_back(session, claim, self.clock())
        return settle(session, claim, ended, self.clock())

    def _stored(self, does: Callable[[Session], T]) -> T:
        with Session(self._database) as session:
            result = does(session)
            session.commit()
            return result

    # --- threads ----------------------------------------------------------------------------------

    def call(self, *, asked_only: bool) -> None:
        """Have a thread run what is due, unless one is at it; it then looks once more."""
        with self._lock:
            self._called.add(asked_only)
            if self._closing or asked_only in self._threads:
                return
            thread = threading.Thread(target=self._work, args=(asked_only,), daemon=True)
            self._threads[asked_only] = thread
        thread.start()

    def _work(self, asked_only: bool) -> None:  # noqa: FBT001 - as it was given
        while self._goes_on(asked_only):
            try:
                self.run_due(asked_only=asked_only)
                if asked_only:
                    self.get_ready()
            except (SQLAlchemyError, OSError):
                log.exception("what is due was not run")

    def _goes_on(self, asked_only: bool) -> bool:  # noqa: FBT001 - as it was given
        with self._lock:
            goes_on = asked_only in self._called and not self._closing
            self._called.discard(asked_only)
            if not goes_on:
                del self._threads[asked_only]
                self._lock.notify_all()
            return goes_on

    def call_for(self, run_id: int, seconds: float) -> bool:
        """Have a run that somebody asked for run here; whether it has ended within so long."""
        with self._lock:
            self._awaited.add(run_id)
        self.call(asked_only=True)
        with self._lock:
            ended = self._lock.wait_for(lambda: run_id in self._ended, seconds)
            self._awaited.discard(run_id)
            self._ended.discard(run_id)
        return ended

    def join(self) -> None:
        """Wait until nobody here runs anything."""
        with self._lock:
            self._lock.wait_for(lambda: not self._threads and not self._at_work)

    def close(self) -> None:
        """End what is running, give its claims back, and let go of the database."""
        with self._lock:
            self._closing = True
            for watch in self._watched:
                watch.end()
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
        self.join()
        if "_database" in self.__dict__:
            self._database.dispose()
