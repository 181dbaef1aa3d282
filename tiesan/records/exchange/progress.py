"""How far a long exchange has come, for whoever wants to show it."""

from typing import Protocol


class Progress(Protocol):
    """Told of each stage and of each step in it."""

    def begin(self, stage: str, total: int) -> None:
        """A stage of ``total`` steps begins; the one before is over."""

    def advance(self, number: int) -> None:
        """So many steps of the stage are done."""


class Silent:
    """Shows nothing."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, number: int) -> None:
        """Ignore the steps."""
