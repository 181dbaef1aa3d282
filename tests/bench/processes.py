"""The `tiesan` command measured from outside: time, and the memory of it and of its child."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

COMMAND = Path(sys.executable).with_name("tiesan")
_LOOK_EVERY = 0.02
_MEGABYTE = 2**20
# The unit of the kernel's ``ru_maxrss``.
_KILOBYTE = 2**10


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a command: seconds, processor seconds, and memory (resident) in MB.

    ``parent`` is the most that the process itself ever had, ``children`` the most that its
    children had together, ``together`` the most that all had at one time as far as was seen.
    """

    seconds: float
    cpu: float
    parent: float
    children: float
    together: float
    output: str

    @property
    def memory(self) -> float:
        """The most that parent and children may have had together."""
        return self.parent + self.children


def run(*words: str | Path, database: str, command: Path = COMMAND) -> Measured:
    """Run a command line to its end; raises RuntimeError when it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [command, *map(str, words)],
            env={**os.environ, "TIESAN_DATABASE_URL": database, "LANG": "en"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = _Watch(process.pid)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        raise RuntimeError(f"{command.name} {' '.join(map(str, words))} failed:\n{text}")
    return Measured(
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime + watch.children_cpu,
        parent=usage.ru_maxrss * _KILOBYTE / _MEGABYTE,
        children=watch.children / _MEGABYTE,
        together=watch.together / _MEGABYTE,
        output=text,
    )


class _Watch:
    """Looks again and again how much memory a process and its children have."""

    def __init__(self, pid: int) -> None:
        self.children = self.together = 0
        self.children_cpu = 0.0
        self._cpu: dict[int, float] = {}
        self._over = Event()
        self._process = psutil.Process(pid)
        self._thread = Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()
        self.children_cpu = sum(self._cpu.values())

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            with suppress(psutil.Error):
                self._look()

    def _look(self) -> None:
        own, theirs = self._process.memory_info().rss, 0
        for child in self._process.children(recursive=True):
            with suppress(psutil.Error):
                theirs += child.memory_info().rss
                times = child.cpu_times()
                self._cpu[child.pid] = times.user + times.system
        self.children = max(self.children, theirs)
        self.together = max(self.together, own + theirs)
