"""The kinds of retention: a list of values, in the order in which pages show them."""

from collections.abc import Mapping

from tiesan.i18n import _l
from tiesan.privacy.retention.attached import (
    count_flag_files,
    count_private_files,
    remove_flag_files,
    remove_private_files,
    sweep_contents,
)
from tiesan.privacy.retention.entries import count_entries, remove_entries
from tiesan.privacy.retention.imported import count_imported, remove_imported, sweep_imported
from tiesan.privacy.retention.told import (
    count_sent,
    count_sessions,
    count_told,
    remove_sent,
    remove_sessions,
    remove_told,
)
from tiesan.privacy.retention.values import Kind

FLAG_FILES = Kind(
    name="flag_files",
    title=_l("Files of flags that were dismissed or closed"),
    about=_l("The content goes; the flag, its history and the name of the file stay."),
    who=_l("Whoever sees the flag"),
    count=count_flag_files,
    remove=remove_flag_files,
    sweep=sweep_contents,
    least=3,
)
PRIVATE_FILES = Kind(
    name="private_files",
    title=_l("Files that few may open, such as medical certificates"),
    about=_l("The content goes so long after it was sent; the record and the name of the file "
             "stay."),
    who=_l("Whose it is, and who decides on it; each opening is in the audit trail"),
    count=count_private_files,
    remove=remove_private_files,
    sweep=sweep_contents,
    least=12,
)  # fmt: skip
IMPORTED_FILES = Kind(
    name="imported_files",
    title=_l("Files that were brought in"),
    about=_l("The files go; the import stays, with their names and SHA-256."),
    who=_l("Who brought them in, and the administrators of that district"),
    count=count_imported,
    remove=remove_imported,
    sweep=sweep_imported,
    default=12,
)
NOTIFICATIONS = Kind(
    name="notifications",
    title=_l("Notifications"),
    about=_l("They go, read or not; what they tell of stays."),
    who=_l("The person who is told"),
    count=count_told,
    remove=remove_told,
    # What is due still is not told again because it was forgotten that it had been.
    least=6,
)
SENDINGS = Kind(
    name="sendings",
    title=_l("Sendings with their attempts"),
    about=_l("Those that are over go."),
    who=_l("The person, and the administrators of the installation"),
    count=count_sent,
    remove=remove_sent,
)
SESSIONS = Kind(
    name="sessions",
    title=_l("Sessions: from when to when somebody was signed in, from which address"),
    about=_l("Those that have ended go."),
    who=_l("The person"),
    count=count_sessions,
    remove=remove_sessions,
)
ENTRIES = Kind(
    name="audit_contents",
    title=_l("What entries of the audit trail say"),
    about=_l("Names, codes and values go; what was done and when stays, and that nothing was "
             "changed can still be proved."),
    who=_l("The administrators of the district"),
    count=count_entries,
    remove=remove_entries,
    least=12,
)  # fmt: skip


_KINDS = (FLAG_FILES, PRIVATE_FILES, IMPORTED_FILES, NOTIFICATIONS, SENDINGS, SESSIONS, ENTRIES)


def retention_kinds() -> Mapping[str, Kind]:
    """Return the kinds of this installation by name."""
    return {each.name: each for each in _KINDS}
