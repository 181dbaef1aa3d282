"""Requests that run for too long: they are named in the log, with where they stand.

A thread cannot be ended from outside. Where several processes serve, the one that is stuck ends and
is replaced; what else it had begun is finished first, for a few seconds.
"""

import logging
import os
import signal
import sys
import threading
import traceback
from types import TracebackType
from typing import Self

from tiesan.admin.shell.request_log import RequestLog, UnderWay

_LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


class OverdueWatch:
    """Looks, as long as it is entered, for requests that have run longer than a limit."""

    def __init__(self, requests: RequestLog, limit_seconds: float, *, ends_process: bool) -> None:
        """Take the requests, the limit, and whether to end a process that has one beyond it."""
        self._requests = requests
        self._limit = limit_seconds
        self._ends_process = ends_process
        self._named: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            found = [each for each in self._requests.under_way() if each.seconds > self._limit]
            for each in found:
                self._name(each)
            if found and self._ends_process:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _name(self, overdue: UnderWay) -> None:
        if overdue.id in self._named:
            return
        self._named.add(overdue.id)
        frame = sys._current_frames().get(overdue.thread)  # noqa: SLF001 - documented, no other way
        stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
        log.error(
            "request %s has been running for %d s: %s %s\n%s",
            overdue.id, overdue.seconds, overdue.method, overdue.path, stack,
        )  # fmt: skip
