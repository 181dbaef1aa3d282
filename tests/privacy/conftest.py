"""The office of the tests of reviews, and what is kept on its people as they are given it."""

from tests.reviews.conftest import clock
from tests.reviews.conftest import world as office_world

__all__ = ["clock", "office_world"]
