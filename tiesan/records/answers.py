"""What a plugin says of an answer: the form or the verb by which what somebody owes is done.

A rule says what is owed; which form or verb fulfils it, only the plugin knows. ``tiesan.contract``
checks the answers when plugins are loaded; the verbs are checked where courses are.
"""

import dataclasses
from collections.abc import Mapping
from enum import StrEnum


class Filled(StrEnum):
    """What a field of a form is filled with that depends on who owes what, and when."""

    SUBJECT = "subject"
    TODAY = "today"
    PERIOD_DAY = "period day"


# Who owes it: the cadre, or the organization.
SUBJECT = Filled.SUBJECT
# The day of the reader.
TODAY = Filled.TODAY
# Today if it lies in the period of the duty, else the period's last day.
PERIOD_DAY = Filled.PERIOD_DAY


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """How what a rule asks for is done.

    ``kind`` alone is the kind of record that duties count, or that a deadline waits for: its form
    answers, with ``prefill`` by field: a constant, or one of ``SUBJECT``, ``TODAY`` and
    ``PERIOD_DAY``. What the rule's own condition says of a field (``kind = chairs``) is filled in
    without being named. With ``field`` it answers the deadlines that are done when that field of
    the record is filled: by the ``verb`` of the record's course, or, without one, by the form in
    which the record is corrected.
    """

    kind: str
    field: str | None = None
    verb: str | None = None
    prefill: Mapping[str, object] = dataclasses.field(default_factory=dict)
