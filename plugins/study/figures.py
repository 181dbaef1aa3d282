"""The figures of study: sessions that were held, and who was there."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(name="sessions", title=_l("Study sessions held"), kind="study_session", date="held_on"),
    Figure(
        name="attended",
        title=_l("Attended a study session"),
        kind="study_attendance",
        date="session.held_on",
        where={"status": "present"},
    ),
    Figure(
        name="absent",
        title=_l("Absent from a study session"),
        kind="study_attendance",
        date="session.held_on",
        where={"status": "absent"},
    ),
)
