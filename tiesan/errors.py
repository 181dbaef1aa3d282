"""Errors that are shown to the person who caused them."""

from collections.abc import Iterable


class UserError(Exception):
    """Input that was refused, with the lines that say why.

    The lines are already in the person's language. A command prints them on standard
    error, one below the other, and exits with status 1; a page shows them as messages.
    """

    lines: list[str]

    def __init__(self, lines: str | Iterable[str]) -> None:
        """Take one line, or several in the order in which they are to be shown."""
        self.lines = [lines] if isinstance(lines, str) else list(lines)
        super().__init__("\n".join(self.lines))
