"""How much memory a child process took, as it says itself with its last words.

The kernel's count of a child that has ended (``ru_maxrss``) begins with what its parent had when
it was started: a child of a server of 700 MB never seems to take less. The high-water mark of a
process itself begins anew with its program, but is gone once it has ended.
"""

import re
from pathlib import Path

_STATUS = Path("/proc/self/status")
_MARK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_SAID = re.compile(r"(?:^|\n)peak memory: (\d+) kB\s*\Z")


def own_peak() -> int:
    """The most memory (resident) that this process has had so far, in kilobytes."""
    found = _MARK.search(_STATUS.read_text(encoding="ascii", errors="replace"))
    if found is None:
        raise OSError(f"{_STATUS} names no high-water mark")
    return int(found[1])


def say_peak() -> None:
    """Say it on the output, for whoever reads the last words of this process."""
    print(f"peak memory: {own_peak()} kB", flush=True)  # noqa: T201 - the parent reads it


def without_peak(words: str) -> tuple[str, int | None]:
    """The words of a process without the last ones, and its peak in kilobytes, if it said so."""
    found = _SAID.search(words)
    if found is None:
        return words, None
    return words[: found.start()], int(found[1])


def peak_of(said: int | None, counted: int, before: int) -> int | None:
    """The peak of a child in kilobytes: what it said, or else what the kernel counted.

    The count of one that was killed says something only when it is above what its parent had
    ``before``; otherwise nobody knows, and nothing is said.
    """
    if said is not None:
        return said
    return counted if counted > before else None
