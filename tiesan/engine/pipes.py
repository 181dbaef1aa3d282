"""Bytes through the child's pipes, without blocking while there is still room or nothing to read.

Requests are larger than a pipe by default, and the child may be writing an answer while the next
request is on its way: both directions are served in turn, so that neither side waits for the other.
"""

import fcntl
import os
import selectors
import time
from contextlib import suppress
from typing import IO

from tiesan.engine.frames import take_answer

# A whole chunk fits in, so that the child is never short of work while the parent checks answers.
_PIPE_SIZE = 2**20
_READ = 2**18


class Pipes:
    """The parent's ends of the child's standard input and output."""

    def __init__(self, requests: IO[bytes] | None, answers: IO[bytes] | None) -> None:
        """Take the ends; raises ValueError when one is missing."""
        if requests is None or answers is None:
            raise ValueError("the child needs both pipes")
        self._requests, self._answers = requests, answers
        self._outgoing: list[memoryview] = []
        self._incoming = bytearray()
        for end in (requests, answers):
            os.set_blocking(end.fileno(), False)
            if hasattr(fcntl, "F_SETPIPE_SZ"):
                # More than the system allows an ordinary user: the pipe stays as it is.
                with suppress(OSError):
                    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)

    def send(self, frame: bytes) -> None:
        """Write what the pipe takes now; the rest follows while answers are awaited."""
        self._outgoing.append(memoryview(frame))
        self._write()

    def receive(self, until: float) -> bytes:
        """The next answer.

        Raises TimeoutError when there is none at ``until`` (of the monotonic clock), EOFError when
        the other side is gone, and ValueError when it sends what is no answer.
        """
        while (answer := take_answer(self._incoming)) is None:
            self._wait(until)
        return answer

    def close(self) -> None:
        """Close both ends; may be called again."""
        for end in (self._requests, self._answers):
            with suppress(OSError):
                end.close()

    def _wait(self, until: float) -> None:
        """Wait until something can be written or read, and do so."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            if self._outgoing:
                selector.register(self._requests, selectors.EVENT_WRITE)
            ready = selector.select(max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        for key, _events in ready:
            if key.fileobj is self._answers:
                self._read()
            else:
                self._write()

    def _read(self) -> None:
        received = os.read(self._answers.fileno(), _READ)
        if not received:
            raise EOFError
        self._incoming += received

    def _write(self) -> None:
        try:
            while self._outgoing:
                frame = self._outgoing[0]
                written = os.write(self._requests.fileno(), frame)
                if written < len(frame):
                    self._outgoing[0] = frame[written:]
                    return
                self._outgoing.pop(0)
        except BlockingIOError:
            return
        except BrokenPipeError:
            # The answers' end says so as well, and after what the child had still answered.
            self._outgoing.clear()
