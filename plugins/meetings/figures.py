"""The figures of meetings: those that were held, and who was represented."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(
        name="chairs",
        title=_l("Meetings of federation chairs held"),
        kind="meeting",
        date="held_on",
        where={"kind": "chairs"},
    ),
    Figure(
        name="office",
        title=_l("Office meetings held"),
        kind="meeting",
        date="held_on",
        where={"kind": "office"},
    ),
    Figure(
        name="enterprise_chairs",
        title=_l("Meetings of enterprise union chairs held"),
        kind="meeting",
        date="held_on",
        where={"kind": "enterprise_chairs"},
    ),
    Figure(
        name="represented",
        title=_l("Represented at a meeting"),
        kind="meeting_attendance",
        date="meeting.held_on",
        where={"status": "present"},
    ),
)
