"""The installation as notifications look at it, with and without a web application around it."""

from collections.abc import Iterable

from tiesan.access.criterion import Scoping
from tiesan.access.of_notifications import Seeing
from tiesan.courses.installed import Courses, load_courses
from tiesan.courses.values import Course
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _
from tiesan.notifications.kinds import unknown_kinds
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE
from tiesan.reviews.correction_course import CORRECTION_COURSE
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.notice_course import NOTICE_COURSE
from tiesan.reviews.waiver_course import WAIVER_COURSE
from tiesan.rulebook.course import RULE_COURSE

# The courses of the core; those of plugins come behind them.
CORE_COURSES = (
    *(FLAG_COURSE, NOTICE_COURSE, WAIVER_COURSE, CORRECTION_COURSE, RULE_COURSE),
    *(BULLETIN_COURSE, RECEIPT_COURSE),
)


def courses_of(catalog: Catalog) -> Courses:
    """Return all courses of an installation; raises UserError for one that is broken.

    Broken is also one that tells of a kind of notification that there is not.
    """
    courses = load_courses(catalog.plugins, core=CORE_COURSES)
    unknown = unknown_kinds(courses.values())
    if unknown:
        raise UserError([_("there is no kind of notification “%(name)s”", name=each)
                         for each in unknown])  # fmt: skip
    return courses


def seeing_of(catalog: Catalog, courses: Iterable[Course]) -> Seeing:
    """Return what asks who may see what they were told of, by the rules of a catalogue."""
    visible = [(_row_kind(each), each.of, each.visible) for each in courses]
    return Seeing(catalog, Scoping(catalog, {}).committee_rules, visible)


def _row_kind(course: Course) -> str:
    """The kind that notifications about rows of a course have."""
    return record_kind(course.of).name if issubclass(course.of, Record) else course.name
