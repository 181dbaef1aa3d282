"""Nobody's verb clears a flag of their own: what it would clear is found before it is stored."""

from dataclasses import replace

from sqlalchemy.orm import Session

from tiesan.admin.shell.consequences import refuse_own, watch_own_flags
from tiesan.courses.carrying import Attempt
from tiesan.courses.values import Done


def watched_over(attempt: Attempt) -> Attempt:
    """Return an attempt that is refused where it clears a flag of the actor's own."""
    watched = watch_own_flags()

    def refuse_cleared(_session: Session, _done: Done) -> None:
        refuse_own(watched)

    return replace(attempt, listeners=(*attempt.listeners, refuse_cleared))
