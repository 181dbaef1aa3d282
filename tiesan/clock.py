"""The clock of the edge: commands and requests ask here, everything below is told.

The district's day is that of Asia/Shanghai (institutions.md, "as of D").
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The running day in Asia/Shanghai."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which a moment lies; it asks no clock."""
    return moment.astimezone(SHANGHAI).date()
