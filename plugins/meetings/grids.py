"""A meeting and which organizations were represented, in one form."""

from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.records.grids import Among, Column, Grid, Rows

MEETING = Grid(
    record=Meeting,
    rows=Rows(
        MeetingAttendance, each="organization", among=Among.ORGANIZATIONS_BELOW, head="meeting"
    ),
    columns=(Column("status", rest="present"),),
    day="held_on",
    asked=("kind", "bulletin"),
)
