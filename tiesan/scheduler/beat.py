"""The beat: once a minute a thread plans what is due and has it run."""

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from tiesan.scheduler.runner import Runner

EVERY_SECONDS = 60.0
_SILENT_SECONDS = 5 * EVERY_SECONDS

log = logging.getLogger(__name__)


class Beat:
    """Asks every minute what is due, from ``start`` to ``stop``."""

    def __init__(self, runner: Runner) -> None:
        """Take who runs what is due."""
        self._runner = runner
        self._stopping = threading.Event()
        self._last = time.monotonic()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        """Begin, with a first look at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is running is the runner's to end."""
        self._stopping.set()
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is there and has looked lately."""
        return self._thread.is_alive() and time.monotonic() - self._last < _SILENT_SECONDS

    def _beat(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._last = time.monotonic()
            self._stopping.wait(EVERY_SECONDS)

    def look(self) -> None:
        """Plan what is due and have it run; a database that fails is asked again next time."""
        try:
            self._runner.plan()
        except SQLAlchemyError:
            log.exception("what is due was not planned")
        self._runner.call(asked_only=False)
