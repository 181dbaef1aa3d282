"""How far a run is, told to whoever looks; and whether somebody has put the import aside."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tiesan.imports.everything.run import Dropped

STEPS = 1_000
_EVERY_SECONDS = 0.5


@dataclass(slots=True)
class Told:
    """Tells of each stage: ``tell`` is given steps of so many, ``is_wanted`` is asked with it.

    A run has ``stages`` stages, each an equal part of it.
    """

    tell: Callable[[int, int], None]
    is_wanted: Callable[[], bool]
    stages: int = 3
    _stage: int = -1
    _total: int = 1
    _done: int = 0
    _told: float = 0.0

    def begin(self, stage: str, total: int) -> None:  # noqa: ARG002 - the page says it in its words
        """A stage of so many steps begins."""
        self._stage, self._total, self._done = self._stage + 1, max(total, 1), 0
        self._say()

    def advance(self, number: int) -> None:
        """So many steps are done; nobody is told more often than is looked."""
        self._done += number
        if time.monotonic() - self._told > _EVERY_SECONDS:
            self._say()

    def _say(self) -> None:
        if not self.is_wanted():
            raise Dropped
        self._told = time.monotonic()
        part = min(self._done / self._total, 1)
        step = int(STEPS * min((self._stage + part) / self.stages, 1))
        self.tell(step, STEPS)
