"""The parent's side of the child process: requests out, answers in, and a deadline for each.

The engine is C that may crash, hang or answer nonsense, so that it runs in a process of its own.
Whatever goes wrong ends that process and is a `ChildError`; the next request starts a new one. A
process belongs to one thread at a time and to the operating system's process that started it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

import orjson

from tiesan.engine.frames import FACTS, LOAD, READY, request
from tiesan.engine.patience import Patience
from tiesan.engine.pipes import Pipes
from tiesan.engine.ruleset import Ruleset
from tiesan.i18n import _, _l

CHILD = (sys.executable, "-P", "-m", "tiesan.engine.child")

START_SECONDS = 30.0
LOAD_SECONDS = 10.0
CHUNK_SECONDS = 2.0
FACT_SECONDS = 0.005
# Each ruleset that is loaded leaves about 2.5 MB behind, even when it is deleted.
MOST_LOADS = 50
MOST_MEMORY_MB = 300

_ERROR_TEXT = 2_000
_NO_ANSWER = _l("it answered something that is no answer")


class Stage(StrEnum):
    """What the child was doing when it failed."""

    START = "start"
    LOAD = "load"
    FACTS = "facts"


class ChildError(Exception):
    """The child did not answer as it should; it is gone. The text is for a person to read."""

    def __init__(self, stage: Stage, text: str) -> None:
        """Take what the child was doing, and what became of it."""
        self.stage, self.text = stage, text
        super().__init__(f"{stage}: {text}")


@dataclass
class _Request:
    stage: Stage
    seconds: float
    sent: float


class EngineProcess:
    """A child process that is started when it is needed and started anew when it failed."""

    def __init__(self, command: Sequence[str] = CHILD) -> None:
        """Take the command that runs the child."""
        self._command = list(command)
        self._child: _Child | None = None
        self._requests: deque[_Request] = deque()
        self._loaded: dict[str, int] = {}
        self._memory = 0
        self.starts = 0
        # Of whoever it works for now.
        self.patience = Patience()
        _remember(self)

    @property
    def pid(self) -> int | None:
        """The process id of the running child."""
        return self._child.process.pid if self._child else None

    @property
    def is_worn(self) -> bool:
        """Whether the child is to be replaced as soon as all chunks are answered."""
        return len(self._loaded) >= MOST_LOADS or self._memory >= MOST_MEMORY_MB

    @property
    def in_flight(self) -> int:
        """How many chunks are not answered yet."""
        return sum(each.stage is Stage.FACTS for each in self._requests)

    def is_started(self) -> bool:
        """Whether the child runs; it is started when it does not."""
        if self._child is not None and self._child.process.poll() is not None:
            self.close()
        if self._child is not None:
            return True
        try:
            self._start()
        except ChildError:
            return False
        return True

    def submit(self, ruleset: Ruleset, payload: bytes, count: int) -> None:
        """Send a chunk of ``count`` facts; the ruleset is sent before when the child lacks it."""
        if not self._requests and self.is_worn:
            self.close()
        if self._child is None:
            self._start()
        if ruleset.digest not in self._loaded:
            number = self._loaded[ruleset.digest] = len(self._loaded)
            self._send(Stage.LOAD, LOAD, number, ruleset.text, LOAD_SECONDS)
        seconds = CHUNK_SECONDS + FACT_SECONDS * count
        self._send(Stage.FACTS, FACTS, self._loaded[ruleset.digest], payload, seconds)

    def receive(self) -> Mapping[str, list[int]]:
        """The hits of the oldest chunk that is not answered yet: the ids by rule.

        Raises `ChildError` when the child fails; then none of the chunks will be answered.
        """
        while self._requests:
            stage = self._requests[0].stage
            answer = self._answer(self._requests[0])
            self._requests.popleft()
            if self._requests:
                # The child turns to the next request only now.
                self._requests[0].sent = max(self._requests[0].sent, time.monotonic())
            self._memory = _whole_number(answer.get("memory"))
            if stage is Stage.FACTS:
                return self._hits(answer.get("hits"))
        raise IndexError("no chunk is under way")

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._requests.clear()
        self._loaded.clear()
        self._memory = 0
        if self._child is not None:
            self._child.end()
            self._child = None

    def disown(self) -> None:
        """Forget the child in a forked process: it belongs to the process that started it."""
        if self._child is not None:
            self._child.disown()
            self._child = None
        self.close()

    def _start(self) -> None:
        self.starts += 1
        try:
            self._child = _Child(self._command)
        except OSError as error:
            raise ChildError(Stage.START, str(error)) from error
        start = _Request(Stage.START, START_SECONDS, time.monotonic())
        if self._answer(start) != READY:
            raise self._failed(Stage.START, str(_NO_ANSWER))

    def _send(self, stage: Stage, kind: bytes, number: int, payload: bytes, seconds: float) -> None:
        if self._child is None:
            raise ValueError("the child is not running")
        self._requests.append(_Request(stage, seconds, time.monotonic()))
        self._child.pipes.send(request(kind, number, payload))

    def _answer(self, awaited: _Request) -> dict[str, object]:
        if self._child is None:
            raise ValueError("the child is not running")
        seconds = awaited.seconds
        if self.patience.left is not None:
            seconds = max(min(seconds, self.patience.left), 0.0)
        try:
            answer = orjson.loads(self._child.pipes.receive(awaited.sent + seconds))
        except TimeoutError as error:
            text = _("it gave no answer within %(seconds).1f seconds", seconds=seconds)
            raise self._failed(awaited.stage, text) from error
        except EOFError as error:
            raise self._failed(awaited.stage, self._child.death()) from error
        except ValueError as error:
            raise self._failed(awaited.stage, str(_NO_ANSWER)) from error
        if not isinstance(answer, dict):
            raise self._failed(awaited.stage, str(_NO_ANSWER))
        return answer

    def _hits(self, hits: object) -> dict[str, list[int]]:
        if not isinstance(hits, dict) or not all(map(_is_ids, hits.values())):
            raise self._failed(Stage.FACTS, str(_NO_ANSWER))
        return hits

    def _failed(self, stage: Stage, text: str) -> ChildError:
        """The error of a child that is of no use any more; it is ended."""
        self.close()
        return ChildError(stage, text)


def _is_ids(value: object) -> bool:
    return isinstance(value, list) and set(map(type, value)) <= {int}


def _whole_number(value: object) -> int:
    return value if isinstance(value, int) else 0


class _Child:
    """A running child, its pipes, and a file for what it says on standard error."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives with the child.
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
            )
        except OSError:
            self._errors.close()
            raise
        self.pipes = Pipes(self.process.stdin, self.process.stdout)
        # Also at the interpreter's exit, so that no child and no warning is left behind.
        self._finalizer = weakref.finalize(
            self, _end, self.process, self.pipes, self._errors, os.getpid()
        )

    def end(self) -> None:
        """Kill the process and wait for its end."""
        self._finalizer()

    def disown(self) -> None:
        """Close the copies of the pipes here, so that the child ends when its parent does."""
        self._finalizer.detach()
        self.pipes.close()
        self._errors.close()
        # Nobody waits for it here.
        self.process.returncode = 0

    def death(self) -> str:
        """How the process ended, and the last line that it said."""
        try:
            code = self.process.wait(1)
        except subprocess.TimeoutExpired:
            return _("it closed its connection")
        self._errors.seek(0)
        said = self._errors.read()[-_ERROR_TEXT:].decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "")
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return _("it was ended by signal %(signal)s", signal=name)
        return _("it ended with status %(code)d: %(text)s", code=code, text=last)


def _end(process: subprocess.Popen[bytes], pipes: Pipes, errors: IO[bytes], owner: int) -> None:
    pipes.close()
    errors.close()
    if os.getpid() == owner:
        process.kill()
        process.wait()


_living: weakref.WeakSet[EngineProcess] = weakref.WeakSet()
_watched: list[bool] = []


def _remember(process: EngineProcess) -> None:
    """See to it that a forked process keeps no end of this child's pipes open."""
    _living.add(process)
    if not _watched:
        _watched.append(True)
        os.register_at_fork(after_in_child=_disown_all)


def _disown_all() -> None:
    for process in list(_living):
        process.disown()
