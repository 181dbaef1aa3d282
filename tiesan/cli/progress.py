"""Progress bars on standard error, only where a person sees them."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from tiesan.records.exchange.progress import Progress, Silent


class ProgressBars:
    """One bar per stage, one below the other."""

    def __init__(self, stack: ExitStack) -> None:
        """Take the stack that closes the last bar."""
        self._stack = stack
        self._bar: Any = None

    def begin(self, stage: str, total: int) -> None:
        """Show the bar of a new stage."""
        self._stack.close()
        bar = click.progressbar(length=total, label=stage, file=sys.stderr)
        self._bar = self._stack.enter_context(bar)

    def advance(self, number: int) -> None:
        """Move the bar on."""
        self._bar.update(number)


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """Give what shows progress: bars on a terminal, otherwise nothing."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    with ExitStack() as stack:
        yield ProgressBars(stack)
