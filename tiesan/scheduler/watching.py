"""The parent's side of a run: its process is started, its claim renewed, its end kept.

A child says little; what it said last is kept, also of one that was killed.
"""

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from sqlalchemy import URL

from tiesan.config import DATABASE_URL
from tiesan.scheduler.claims import Claim, Ended
from tiesan.scheduler.memory import own_peak, peak_of, without_peak

CHILD = (sys.executable, "-P", "-m", "tiesan.scheduler.child")

_LONGEST_OUTPUT = 4_000
_READ_AT_ONCE = 65_536


class Watch:
    """The process of one run: it is started, gets ready, and is told what to do."""

    def __init__(self, url: URL) -> None:
        """Start the process."""
        address = url.render_as_string(hide_password=False)
        self._said = b""
        self._peak_before = own_peak()
        self._process = subprocess.Popen(
            CHILD,
            env=os.environ | {DATABASE_URL: address},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # An interrupt of the keyboard is for the server, which ends the child itself.
            start_new_session=True,
        )
        # A number of a process may be given to another one; this stays with the child.
        self._handle = os.pidfd_open(self._process.pid)
        self._lock = threading.Lock()

    def begin(self, claim: Claim) -> None:
        """Tell the process what to do; raises OSError when it has ended before."""
        words = f"{claim.run_id} {claim.token} {claim.job}\n"
        os.write(self._input.fileno(), words.encode("ascii"))

    @property
    def pid(self) -> int:
        """The process id of the child."""
        return self._process.pid

    def end(self) -> None:
        """End the process, whatever it is doing; what it had begun to store is rolled back."""
        with self._lock, suppress(ProcessLookupError):
            if self._process.returncode is None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self) -> None:
        """End a process that was not told what to do, and let go of it."""
        self.end()
        self._collect()

    def until_ended(self, renew: Callable[[], bool], every: float, longest: float) -> Ended:
        """Read what the process says until it has ended, renewing the claim again and again.

        It is ended when the claim is lost, and when it has taken longer than ``longest``; both
        times are in seconds.
        """
        begun = time.monotonic()
        with selectors.DefaultSelector() as events:
            events.register(self._handle, selectors.EVENT_READ)
            events.register(self._output, selectors.EVENT_READ)
            while not self._has_ended(events, every):
                if not renew() or time.monotonic() - begun > longest:
                    self.end()
        return self._collect()

    @property
    def _input(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise ValueError("the child has no input")
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        if self._process.stdout is None:
            raise ValueError("the child has no output")
        return self._process.stdout

    def _has_ended(self, events: selectors.BaseSelector, seconds: float) -> bool:
        """Read what is said for so long; whether the process has ended by then."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready = [key.fileobj for key, _mask in events.select(left)]
            if self._output in ready:
                self._read(events)
            elif self._handle in ready:
                return True
        return False

    def _read(self, events: selectors.BaseSelector) -> None:
        said = os.read(self._output.fileno(), _READ_AT_ONCE)
        self._said = (self._said + said)[-_LONGEST_OUTPUT:]
        if not said:
            events.unregister(self._output)

    def _collect(self) -> Ended:
        with self._lock:
            _pid, status, usage = os.wait4(self._process.pid, 0)
            # The process was waited for here, for what was counted; nobody is to do so again.
            self._process.returncode = os.waitstatus_to_exitcode(status)
            os.close(self._handle)
        self._input.close()
        self._output.close()
        words = self._said.decode("utf-8", "replace").replace("\0", "")
        text, said = without_peak(words)
        peak = peak_of(said, usage.ru_maxrss, self._peak_before)
        return Ended(self._process.returncode == 0, text.strip(), peak)
