"""Who writes rules: administrators of the whole installation, for which rules hold."""

from tiesan.access.viewer import current_viewer
from tiesan.records.policy import ADMINISTRATORS


def administers_all() -> bool:
    """Whether the viewer administers the whole installation."""
    return current_viewer().acting_reach(ADMINISTRATORS).everywhere
