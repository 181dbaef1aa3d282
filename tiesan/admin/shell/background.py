"""What a request begins and does not wait for longer than it may."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from tiesan.i18n import current_language, use_language

T = TypeVar("T")

# More than so many that are waiting for something would only wait for each other.
_MOST = 8

log = logging.getLogger(__name__)


class Background:
    """Threads that do what may take longer than the request that asks for it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._threads = ThreadPoolExecutor(_MOST, thread_name_prefix="background")
        self._at_work: set[Future[Any]] = set()

    @property
    def is_at_work(self) -> bool:
        """Whether something is going on for which nobody waits any more."""
        return bool(self._at_work)

    def wait_for(self, work: Callable[[], T], seconds: float) -> T | None:
        """Return what comes of work, or raise what it raises; None when that takes longer.

        Then it goes on, and what it raises is logged; or it is left, if it was not begun because
        too much is at work already.
        """
        language = current_language()

        def do() -> T:
            with use_language(language):
                return work()

        future = self._threads.submit(do)
        try:
            return future.result(seconds)
        except TimeoutError:
            if future.done():
                raise
        if not future.cancel():
            self._at_work.add(future)
            future.add_done_callback(self._end)
        return None

    def close(self) -> None:
        """Wait until what was begun has ended."""
        self._threads.shutdown(cancel_futures=True)

    def _end(self, future: Future[Any]) -> None:
        self._at_work.discard(future)
        error = future.exception()
        if error is not None:
            log.error("what went on in the background failed", exc_info=error)
