"""The phrases that a rule's plain words are put together from."""

from collections.abc import Mapping
from enum import Enum, auto

from tiesan.calendar.periods import Every
from tiesan.i18n import _, _l
from tiesan.rules.choices import Edge, Excused, Missing
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.tree import Op, Unit


class Anchor(Enum):
    """What the first record of a rule is there for."""

    RECORD = auto()
    CLOCK = auto()
    OWNER = auto()
    MEMBER = auto()
    JUDGED = auto()


# By purpose, and whether conditions follow.
ANCHORS: Mapping[tuple[Anchor, bool], str] = {
    (Anchor.RECORD, False): _l("Looked at is every record “%(kind)s”."),
    (Anchor.RECORD, True): _l(
        "Looked at is every record “%(kind)s” that meets all of the following:"
    ),
    (Anchor.CLOCK, False): _l("A deadline runs for every record “%(kind)s”."),
    (Anchor.CLOCK, True): _l(
        "A deadline runs for every record “%(kind)s” that meets all of the following:"
    ),
    (Anchor.OWNER, False): _l("It is owed by every “%(kind)s”."),
    (Anchor.OWNER, True): _l("It is owed by every “%(kind)s” that meets all of the following:"),
    (Anchor.MEMBER, False): _l("Added up are all records “%(kind)s”."),
    (Anchor.MEMBER, True): _l(
        "Added up are the records “%(kind)s” that meet all of the following:"
    ),
    (Anchor.JUDGED, False): _l(
        "Every “%(kind)s” is judged %(each)s; without records it counts as 0."
    ),
    (Anchor.JUDGED, True): _l(
        "Every “%(kind)s” that meets all of the following is judged %(each)s; without records it"
        " counts as 0:"
    ),
}


class Relation(Enum):
    """Whether a related record may be the one that is looked at."""

    DIFFERENT_KIND = auto()
    ANOTHER = auto()
    THIS_TOO = auto()


# By whether there must be none, and whether the record itself may be meant.
RELATED: Mapping[tuple[bool, Relation], str] = {
    (False, Relation.DIFFERENT_KIND): _l("there is a record “%s” that meets all of the following:"),
    (True, Relation.DIFFERENT_KIND): _l("there is no record “%s” that meets all of the following:"),
    (False, Relation.ANOTHER): _l("there is another “%s” that meets all of the following:"),
    (True, Relation.ANOTHER): _l("there is no other “%s” that meets all of the following:"),
    (False, Relation.THIS_TOO): _l(
        "there is another “%s”, or this one itself, that meets all of the following:"
    ),
    (True, Relation.THIS_TOO): _l(
        "neither another “%s” nor this one itself meets all of the following:"
    ),
}
DONE_BY: Mapping[Relation, str] = {
    Relation.DIFFERENT_KIND: _l(
        "Done by a record “%(kind)s” that meets all of the following (date: %(date)s):"
    ),
    Relation.ANOTHER: _l(
        "Done by another “%(kind)s” that meets all of the following (date: %(date)s):"
    ),
    Relation.THIS_TOO: _l(
        "Done by another “%(kind)s”, or this one itself, that meets all of the following"
        " (date: %(date)s):"
    ),
}
COMPARED: Mapping[Op, str] = {
    Op.EQ: _l("%(left)s is %(right)s"),
    Op.NE: _l("%(left)s is given and is not %(right)s"),
    Op.LT: _l("%(left)s is below %(right)s"),
    Op.LTE: _l("%(left)s is at most %(right)s"),
    Op.GT: _l("%(left)s is above %(right)s"),
    Op.GTE: _l("%(left)s is at least %(right)s"),
    Op.IN: _l("%(left)s is one of %(right)s"),
    Op.NOT_IN: _l("%(left)s is given and is none of %(right)s"),
    Op.CONTAINS: _l("%(left)s contains %(right)s"),
    Op.STARTS_WITH: _l("%(left)s begins with %(right)s"),
    Op.MATCHES_TEXT: _l("%(left)s is the same as %(right)s (regardless of case, width and blanks)"),
    Op.WITHIN_DAYS: _l("%(left)s lies within %(days)s days of %(right)s"),
    Op.PRESENT: _l("%(left)s is given"),
    Op.ABSENT: _l("%(left)s is not given"),
}
DATED: Mapping[Op, str] = {
    Op.LT: _l("%(left)s is before %(right)s"),
    Op.LTE: _l("%(left)s is on or before %(right)s"),
    Op.GT: _l("%(left)s is after %(right)s"),
    Op.GTE: _l("%(left)s is on or after %(right)s"),
}
TIMED: Mapping[Op, str] = {
    Op.LT: _l("%(left)s is earlier than %(right)s"),
    Op.LTE: _l("%(left)s is not later than %(right)s"),
    Op.GT: _l("%(left)s is later than %(right)s"),
    Op.GTE: _l("%(left)s is not earlier than %(right)s"),
}
PARTS: Mapping[Part, str] = {
    DatePart.YEAR: _l("the year of %s"),
    DatePart.HALF_YEAR: _l("the half-year of %s"),
    DatePart.QUARTER: _l("the quarter of %s"),
    DatePart.MONTH: _l("the month of %s"),
    DatePart.WEEK: _l("the week of %s"),
    DatePart.WEEKDAY: _l("the weekday of %s"),
    DatePart.WORKING_DAY: _l("whether %s is a working day"),
    TextPart.LENGTH: _l("the number of characters of %s"),
    TextPart.FOLDED: _l("%s (regardless of case, width and blanks)"),
}
# By whether it counts working days only, and whether half days are taken off.
LENGTHS: Mapping[tuple[bool, bool], str] = {
    (False, False): _l("the number of days from %(start)s to %(end)s (both ends counted)"),
    (False, True): _l(
        "the number of days from %(start)s to %(end)s (both ends counted, half days as 0.5)"
    ),
    (True, False): _l("the number of working days from %(start)s to %(end)s (both ends counted)"),
    (True, True): _l(
        "the number of working days from %(start)s to %(end)s (both ends counted, half days as 0.5)"
    ),
}
EVERY: Mapping[Every, str] = {
    Every.WORKING_DAY: _l("every working day"),
    Every.WEEK: _l("every week with a working day"),
    Every.MONTH: _l("every month"),
    Every.QUARTER: _l("every quarter"),
    Every.HALF_YEAR: _l("every half-year"),
    Every.YEAR: _l("every year"),
}
EACH: Mapping[Every | None, str] = {
    Every.WORKING_DAY: _l("each working day"),
    Every.WEEK: _l("each week with a working day"),
    Every.MONTH: _l("each month"),
    Every.QUARTER: _l("each quarter"),
    Every.HALF_YEAR: _l("each half-year"),
    Every.YEAR: _l("each year"),
}
# By whether the counted records must be dated within the period, and whether that is a single day.
DUTY_OWED: Mapping[tuple[bool, bool], str] = {
    (True, True): _l("Owed, %(every)s: at least %(number)s “%(kind)s” for that day%(note)s."),
    (True, False): _l("Owed, %(every)s: at least %(number)s “%(kind)s” dated within it%(note)s."),
    (False, True): _l("Owed, %(every)s: at least %(number)s “%(kind)s”%(note)s."),
    (False, False): _l("Owed, %(every)s: at least %(number)s “%(kind)s”%(note)s."),
}
# By whether the period is a single day.
EDGES: Mapping[tuple[bool, Edge], str] = {
    (True, Edge.FIRST_DAY): _l("that day"),
    (True, Edge.LAST_DAY): _l("that day"),
    (True, Edge.DUE_ON): _l("the due date"),
    (False, Edge.FIRST_DAY): _l("the first day of the period"),
    (False, Edge.LAST_DAY): _l("the last day of the period"),
    (False, Edge.DUE_ON): _l("the due date"),
}
# By who owes, and whether it is enough to be there on a single day.
STANDING: Mapping[tuple[str, bool], str] = {
    ("cadre", True): _l("Only cadres in post on that day owe it."),
    ("cadre", False): _l(
        "Only cadres in post both on the first day of the period and on %(edge)s owe it."
    ),
    ("organization", True): _l("Only organizations that exist on that day owe it."),
    ("organization", False): _l(
        "Only organizations that exist from the first day of the period to %(edge)s owe it."
    ),
}
# By what excuses, and whether the period is a single day.
EXCUSED: Mapping[tuple[Excused, bool], str] = {
    (Excused.LEAVE, True): _l(
        "Who is on approved leave for the whole day owes nothing; official outings do not count."
    ),
    (Excused.LEAVE, False): _l(
        "Who is on approved leave on every working day of that time owes nothing;"
        " official outings do not count."
    ),
    (Excused.LEAVE_OR_OUTING, True): _l(
        "Who is on approved leave or on an official outing for the whole day owes nothing."
    ),
    (Excused.LEAVE_OR_OUTING, False): _l(
        "Who is on approved leave or on official outings on every working day of that time"
        " owes nothing."
    ),
}
MISSING: Mapping[Missing, str] = {
    Missing.BOTH: _l(
        "Flagged as suspected when it is not done by the deadline, and also when it is done later."
    ),
    Missing.MISSING: _l(
        "Flagged as suspected while it is not done although the deadline has passed."
    ),
    Missing.LATE: _l("Flagged as suspected when it is done after the deadline."),
}


def in_units(unit: Unit, number: str) -> str:
    """The phrase for a span of time, with ``number``, ``start`` and ``note`` to be filled in."""
    one = number == "1"
    if unit is Unit.WORKING_DAYS:
        if one:
            return _("%(number)s working day after %(start)s%(note)s")
        return _("%(number)s working days after %(start)s%(note)s")
    if unit is Unit.MONTHS:
        if one:
            return _("%(number)s month after %(start)s%(note)s")
        return _("%(number)s months after %(start)s%(note)s")
    if one:
        return _("%(number)s day after %(start)s%(note)s")
    return _("%(number)s days after %(start)s%(note)s")
