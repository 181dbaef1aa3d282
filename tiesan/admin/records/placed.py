"""Placed: where entering a kind of record is found, and by which page it is entered."""

from collections.abc import Mapping
from typing import ClassVar

from tiesan.admin.shell.places import ENTER, LOG, RECORDS
from tiesan.records.policy import CADRE, Policy


class Placed:
    """The place of a kind of record.

    ``place`` is where entering one is found (``log``, ``request``, ``enter``, or ``records``
    alone), where the policy does not say it.
    """

    place: ClassVar[str] = ""
    # What a day is called in the calendar of a cadre's year, in a word: under "" one of which there
    # is such a row, and by rule one that is flagged.
    day_words: ClassVar[Mapping[str, str]] = {}
    # The fields that the table of a cadre's year shows of a row of a day, in a column of its own.
    year_fields: ClassVar[tuple[str, ...]] = ()
    # Of the view: what it has as one of records.
    policy: Policy

    @property
    def entering_words(self) -> str:
        """What entering such a record is called."""
        raise NotImplementedError

    @property
    def at(self) -> str:
        """The place of entering such a record: the one named, or what cadres enter is logged."""
        if self.place:
            return self.place
        create = self.policy.access.create
        if create & CADRE:
            return LOG
        return ENTER if create else RECORDS

    @property
    def fills(self) -> bool:
        """Whether the viewer may open an empty grid of such rows, where there is one."""
        return False

    @property
    def filling_words(self) -> str:
        """What filling in such a grid is called."""
        return self.entering_words
