"""Who writes in these tests, and when."""

from datetime import UTC, datetime

from tiesan.audit import Actor

ACTOR = Actor(None, "tester", "web")
AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 8, tzinfo=UTC)
