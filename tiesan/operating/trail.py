"""The one place at which backups ask for the proof of the audit trail."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session


def heads_of(_session: Session) -> Mapping[str, Any]:
    """Return the heads of the trail's chains, as plain JSON; none while there is no chain."""
    return {}


def faults_of_trail(_session: Session, _heads: Mapping[str, Any]) -> list[str]:
    """Return in words what is wrong with a restored trail, held against the heads of a backup."""
    return []
