"""Several processes that serve on one socket, and the one above them that starts them anew.

The processes are forked before anything is opened, so that they share nothing but the socket.
"""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from tiesan.errors import UserError
from tiesan.i18n import _

_SOON_SECONDS = 10.0
_MOST_SOON = 3
_PATIENCE_SECONDS = 30.0

log = logging.getLogger(__name__)


class Processes:
    """So many processes that do the same work; one that ends unasked is replaced."""

    def __init__(self, number: int, work: Callable[[int], None]) -> None:
        """Take how many, and what each does; it is told which of them it is, from 0 on."""
        self._number = number
        self._work = work
        self._began: dict[int, tuple[int, float]] = {}
        self._ended_soon = 0
        # It is never written to: its end tells the processes that the one above them is gone.
        self._read_end, self._write_end = os.pipe()

    def run(self) -> None:
        """Keep the processes at work until an interrupt; then end them in order.

        Raises UserError when they end again and again as soon as they have begun.
        """
        try:
            for place in range(self._number):
                self._start(place)
            while True:
                self._replace(*os.wait())
        except KeyboardInterrupt:
            return
        finally:
            self._end()

    def _start(self, place: int) -> None:
        # What is buffered would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._live(place)
        self._began[pid] = (place, time.monotonic())

    def _live(self, place: int) -> NoReturn:
        """Do the work in a new process, and end with it."""
        status = 1
        try:
            os.close(self._write_end)
            # An interrupt of the keyboard reaches all; the one above passes it on.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            threading.Thread(target=_end_with, args=(self._read_end,), daemon=True).start()
            self._work(place)
            status = 0
        except KeyboardInterrupt:
            # It was told to stop before it had begun.
            status = 0
        except UserError as error:
            sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        finally:
            if status and not isinstance(sys.exception(), UserError | None):
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _replace(self, pid: int, status: int) -> None:
        place, began = self._began.pop(pid)
        log.error("process %d ended with status %d", pid, os.waitstatus_to_exitcode(status))
        soon = time.monotonic() - began < _SOON_SECONDS
        self._ended_soon = self._ended_soon + 1 if soon else 0
        if self._ended_soon >= _MOST_SOON:
            raise UserError(_("The processes end as soon as they have begun."))
        self._start(place)

    def _end(self) -> None:
        """Tell every process to stop; kill those that do not, after a while."""
        for pid in self._began:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE_SECONDS
        for pid in self._began:
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.05)
        self._began.clear()
        os.close(self._read_end)
        os.close(self._write_end)


def _end_with(read_end: int) -> None:
    """Stop this process when the one above it is gone."""
    os.read(read_end, 1)
    os.kill(os.getpid(), signal.SIGTERM)
