"""The two districts in which flags are reviewed, and the clock that stands where it is set."""

from tests.reviews.conftest import clock, world

__all__ = ["clock", "world"]
