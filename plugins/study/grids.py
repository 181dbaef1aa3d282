"""A study session and who was there, in one form."""

from plugins.study.models import StudyAttendance, StudySession
from tiesan.records.grids import Among, Column, Grid, Rows

SESSION = Grid(
    record=StudySession,
    rows=Rows(StudyAttendance, each="cadre", among=Among.CADRES_BELOW, head="session"),
    columns=(Column("status", rest="present", on_leave="leave"),),
    day="held_on",
    asked=("topic", "main_speaker"),
)
