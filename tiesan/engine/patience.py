"""How long somebody is ready to wait for a child that gives no answer."""

import time


class Patience:
    """So many seconds for all waiting in vain together; a child that answers costs none of it.

    Whoever waits for an answer to a save has little; the daily run has as much as it takes.
    """

    def __init__(self, seconds: float | None = None) -> None:
        """Take the seconds; None for as long as it takes."""
        self._left = seconds
        self._began = time.monotonic()

    @property
    def left(self) -> float | None:
        """How many seconds are left of it; None without a limit."""
        return self._left

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be waited for any more."""
        return self._left is not None and self._left <= 0

    def begin(self) -> None:
        """Begin to wait, or go on after an answer."""
        self._began = time.monotonic()

    def lose(self) -> None:
        """Count what was waited in vain since the last answer."""
        if self._left is not None:
            self._left -= time.monotonic() - self._began
        self.begin()
