"""Which kinds of notifications there are: what they are called, and by which way they leave.

A kind is a row of this table. Its sentence for one reader is in ``tiesan.words``; here stand what a
digest says of several, the way by default, and whether a person may choose another one. Of what
was decided about one's own flag or request everybody is told at once.

Source: the page on what leaves the house, "Notices".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiesan.access.entering import NAMED_AS_DECIDER
from tiesan.courses.reminding import NOBODY_DECIDES, REMINDED_OF_REQUEST
from tiesan.courses.telling import REQUEST_DECIDED, REQUEST_SOON, REQUEST_WAITS
from tiesan.courses.values import Course
from tiesan.flags.telling import FLAG_CLEARED, FLAG_RAISED, MAJOR_RAISED
from tiesan.i18n import _l, ngettext
from tiesan.imports.reminding import ASK_FOR_LEAVE
from tiesan.people.codes import CODES_TAKEN_OFF
from tiesan.people.deputies import DEPUTY_ENDED, DEPUTY_NAMED
from tiesan.people.invitations import LINK_MADE
from tiesan.people.notifications import Leaves
from tiesan.people.reminders import REMINDED
from tiesan.people.services import NEW_DEVICE, PASSWORD_SET, ROLE_GRANTED, ROLE_REVOKED
from tiesan.reviews.correction_course import CORRECTION_GRANTED, CORRECTION_REFUSED
from tiesan.reviews.flag_course import FLAG_DECIDED
from tiesan.reviews.notice_course import NOTICE_ANSWERED, NOTICE_DECIDED, NOTICE_ISSUED
from tiesan.reviews.waiting import ANSWER_WAITS, APPEAL_WAITS
from tiesan.reviews.waiver_course import WAIVER_CHANGED
from tiesan.rulebook.course import RULE_DECIDED, RULE_WAITS
from tiesan.words.due_notifications import (
    BACKUP_OLD,
    BULLETIN_ISSUED,
    BULLETIN_UNSIGNED,
    DUTY_AHEAD,
    DUTY_TODAY,
    NOTICE_OVERDUE,
    NOTICE_YELLOW,
    RULES_HELD,
    RULES_UNKNOWN,
    RUN_FAILED,
    SENDING_FAILED,
    WAIVER_ENDED,
    WAIVER_ENDING,
)

NOW, DIGEST = Leaves.NOW, Leaves.DIGEST


class Sort(StrEnum):
    """Of what a kind tells: what is one's own, what is to be handled, how the installation runs."""

    OWN = "own"
    TO_DO = "to_do"
    RUNNING = "running"


SORTS: Mapping[Sort, str] = {
    Sort.OWN: _l("About me and my organization"),
    Sort.TO_DO: _l("For me to handle"),
    Sort.RUNNING: _l("Running the installation"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind: what a list of choices calls it, and what a text that leaves says of so many.

    Such a text names nobody and nothing. ``leaves`` is the way by default; with ``may_be_off`` a
    person may choose another one.
    """

    name: str
    sort: Sort
    leaves: Leaves
    title: str
    counted: Callable[[int], str]
    may_be_off: bool = True


_CORRECTIONS = {
    CORRECTION_GRANTED: _l("That what I said was wrong was corrected"),
    CORRECTION_REFUSED: _l("That what I said was wrong was not corrected"),
}


def _kinds() -> Iterable[Kind]:
    yield from _of_flags()
    yield from _of_requests()
    yield from _of_duties()
    yield from _of_notices()
    yield from _of_people()
    yield from _of_the_installation()


def _of_flags() -> Iterable[Kind]:
    yield Kind(
        MAJOR_RAISED, Sort.OWN, NOW, _l("New flags of the gravest kind"),
        lambda n: ngettext("%(num)d new flag of the gravest kind",
                           "%(num)d new flags of the gravest kind", n),
    )  # fmt: skip
    yield Kind(
        FLAG_RAISED, Sort.OWN, DIGEST, _l("Other new flags"),
        lambda n: ngettext("%(num)d new flag", "%(num)d new flags", n),
    )  # fmt: skip
    yield Kind(
        FLAG_CLEARED, Sort.OWN, DIGEST, _l("Flags that were cleared"),
        lambda n: ngettext("%(num)d flag cleared", "%(num)d flags cleared", n),
    )  # fmt: skip
    yield Kind(
        FLAG_DECIDED, Sort.OWN, NOW, _l("Decisions on my flags"),
        lambda n: ngettext("%(num)d decision on a flag", "%(num)d decisions on flags", n),
        may_be_off=False,
    )  # fmt: skip
    yield Kind(
        APPEAL_WAITS, Sort.TO_DO, NOW, _l("Appeals"),
        lambda n: ngettext("%(num)d appeal waits for you", "%(num)d appeals wait for you", n),
    )  # fmt: skip
    yield Kind(
        ANSWER_WAITS, Sort.TO_DO, DIGEST,
        _l("Explanations, requests for waivers, reports of remedies"),
        lambda n: ngettext("%(num)d answer to a flag waits for you",
                           "%(num)d answers to flags wait for you", n),
    )  # fmt: skip
    yield Kind(
        WAIVER_CHANGED, Sort.OWN, NOW, _l("Waivers that were granted or changed"),
        lambda n: ngettext("%(num)d waiver granted or changed",
                           "%(num)d waivers granted or changed", n),
        may_be_off=False,
    )  # fmt: skip
    yield Kind(
        WAIVER_ENDING, Sort.OWN, DIGEST, _l("Waivers that end in 7 days"),
        lambda n: ngettext("%(num)d waiver ends soon", "%(num)d waivers end soon", n),
    )  # fmt: skip
    yield Kind(
        WAIVER_ENDED, Sort.OWN, DIGEST, _l("Waivers that have ended"),
        lambda n: ngettext("%(num)d waiver has ended", "%(num)d waivers have ended", n),
    )  # fmt: skip


def _of_requests() -> Iterable[Kind]:
    yield Kind(
        REQUEST_DECIDED, Sort.OWN, NOW, _l("Decisions on my requests"),
        lambda n: ngettext("%(num)d request decided", "%(num)d requests decided", n),
        may_be_off=False,
    )  # fmt: skip
    for name in (CORRECTION_GRANTED, CORRECTION_REFUSED):
        title = _CORRECTIONS[name]
        yield Kind(
            name, Sort.OWN, NOW, title,
            lambda n: ngettext("%(num)d answer to what you said was wrong",
                               "%(num)d answers to what you said was wrong", n),
            may_be_off=False,
        )  # fmt: skip
    yield Kind(
        REQUEST_WAITS, Sort.TO_DO, DIGEST, _l("Requests that wait for me"),
        lambda n: ngettext("%(num)d request waits for you", "%(num)d requests wait for you", n),
    )  # fmt: skip
    yield Kind(
        REQUEST_SOON, Sort.TO_DO, NOW, _l("Requests for today or tomorrow"),
        lambda n: ngettext("%(num)d request for today or tomorrow waits for you",
                           "%(num)d requests for today or tomorrow wait for you", n),
    )  # fmt: skip
    yield Kind(
        REMINDED_OF_REQUEST, Sort.TO_DO, NOW, _l("Reminders of requests"),
        lambda n: ngettext("%(num)d reminder of a request", "%(num)d reminders of requests", n),
    )  # fmt: skip
    yield Kind(
        NOBODY_DECIDES, Sort.TO_DO, NOW, _l("Requests that nobody can decide"),
        lambda n: ngettext("%(num)d request that nobody can decide",
                           "%(num)d requests that nobody can decide", n),
    )  # fmt: skip
    yield Kind(
        NAMED_AS_DECIDER, Sort.OWN, DIGEST, _l("Late entries that name me as who decided"),
        lambda n: ngettext("%(num)d late entry names you", "%(num)d late entries name you", n),
    )  # fmt: skip


def _of_duties() -> Iterable[Kind]:
    yield Kind(
        DUTY_AHEAD, Sort.OWN, DIGEST, _l("Duties that are due soon"),
        lambda n: ngettext("%(num)d duty is due soon", "%(num)d duties are due soon", n),
    )  # fmt: skip
    yield Kind(
        DUTY_TODAY, Sort.OWN, DIGEST, _l("Duties that are due today"),
        lambda n: ngettext("%(num)d duty is due today", "%(num)d duties are due today", n),
    )  # fmt: skip
    yield Kind(
        REMINDED, Sort.OWN, NOW, _l("Reminders of duties"),
        lambda n: ngettext("%(num)d reminder of a duty", "%(num)d reminders of duties", n),
    )  # fmt: skip
    yield Kind(
        ASK_FOR_LEAVE, Sort.OWN, DIGEST, _l("Reminders to ask for leave"),
        lambda n: ngettext("%(num)d reminder to ask for leave",
                           "%(num)d reminders to ask for leave", n),
    )  # fmt: skip


def _of_notices() -> Iterable[Kind]:
    yield Kind(
        NOTICE_ISSUED, Sort.OWN, NOW, _l("New rectification notices"),
        lambda n: ngettext("%(num)d new rectification notice",
                           "%(num)d new rectification notices", n),
    )  # fmt: skip
    yield Kind(
        NOTICE_YELLOW, Sort.OWN, NOW, _l("Rectification notices that are due soon"),
        lambda n: ngettext("%(num)d rectification notice is due soon",
                           "%(num)d rectification notices are due soon", n),
    )  # fmt: skip
    yield Kind(
        NOTICE_OVERDUE, Sort.OWN, NOW, _l("Rectification notices that are overdue"),
        lambda n: ngettext("%(num)d rectification notice is overdue",
                           "%(num)d rectification notices are overdue", n),
    )  # fmt: skip
    yield Kind(
        NOTICE_DECIDED, Sort.OWN, NOW, _l("Decisions on answers to rectification notices"),
        lambda n: ngettext("%(num)d decision on a rectification notice",
                           "%(num)d decisions on rectification notices", n),
        may_be_off=False,
    )  # fmt: skip
    yield Kind(
        NOTICE_ANSWERED, Sort.TO_DO, NOW, _l("Answers to rectification notices"),
        lambda n: ngettext("%(num)d rectification notice answered",
                           "%(num)d rectification notices answered", n),
    )  # fmt: skip
    yield Kind(
        BULLETIN_ISSUED, Sort.OWN, NOW, _l("Bulletins to sign for"),
        lambda n: ngettext("%(num)d bulletin to sign for", "%(num)d bulletins to sign for", n),
    )  # fmt: skip
    yield Kind(
        BULLETIN_UNSIGNED, Sort.TO_DO, NOW, _l("Bulletins that were not signed for"),
        lambda n: ngettext("%(num)d bulletin not signed for", "%(num)d bulletins not signed for",
                           n),
    )  # fmt: skip


def _of_people() -> Iterable[Kind]:
    yield Kind(
        ROLE_GRANTED, Sort.OWN, NOW, _l("Roles that were given"),
        lambda n: ngettext("%(num)d role given", "%(num)d roles given", n),
    )  # fmt: skip
    yield Kind(
        ROLE_REVOKED, Sort.OWN, NOW, _l("Roles that were taken away"),
        lambda n: ngettext("%(num)d role taken away", "%(num)d roles taken away", n),
    )  # fmt: skip
    yield Kind(
        DEPUTY_NAMED, Sort.OWN, NOW, _l("That I am named deputy"),
        lambda n: ngettext("%(num)d deputyship given", "%(num)d deputyships given", n),
    )  # fmt: skip
    yield Kind(
        DEPUTY_ENDED, Sort.OWN, NOW, _l("That I am deputy no longer"),
        lambda n: ngettext("%(num)d deputyship ended", "%(num)d deputyships ended", n),
    )  # fmt: skip
    yield Kind(
        PASSWORD_SET, Sort.OWN, NOW, _l("Another password for my account"),
        lambda n: ngettext("%(num)d new password for your account",
                           "%(num)d new passwords for your account", n),
    )  # fmt: skip
    yield Kind(
        LINK_MADE, Sort.OWN, NOW, _l("A link to set a new password for my account"),
        lambda n: ngettext("%(num)d link to set a new password for your account",
                           "%(num)d links to set a new password for your account", n),
    )  # fmt: skip
    yield Kind(
        CODES_TAKEN_OFF, Sort.OWN, NOW, _l("One-time codes that an administrator took off"),
        lambda n: ngettext("one-time codes of %(num)d account taken off",
                           "one-time codes of %(num)d accounts taken off", n),
        may_be_off=False,
    )  # fmt: skip
    yield Kind(
        NEW_DEVICE, Sort.OWN, NOW, _l("Sign-in with a new device"),
        lambda n: ngettext("%(num)d sign-in with a new device",
                           "%(num)d sign-ins with new devices", n),
    )  # fmt: skip


def _of_the_installation() -> Iterable[Kind]:
    yield Kind(
        RULE_WAITS, Sort.RUNNING, DIGEST, _l("Versions of rules to be published"),
        lambda n: ngettext("%(num)d version of a rule to be published",
                           "%(num)d versions of rules to be published", n),
    )  # fmt: skip
    yield Kind(
        RULE_DECIDED, Sort.RUNNING, NOW, _l("Decisions on my versions of rules"),
        lambda n: ngettext("%(num)d decision on a version of a rule",
                           "%(num)d decisions on versions of rules", n),
        may_be_off=False,
    )  # fmt: skip
    yield Kind(
        RULES_UNKNOWN, Sort.RUNNING, DIGEST, _l("Rules that could not be evaluated"),
        lambda n: ngettext("%(num)d evaluation with rules that could not be evaluated",
                           "%(num)d evaluations with rules that could not be evaluated", n),
    )  # fmt: skip
    yield Kind(
        RULES_HELD, Sort.RUNNING, DIGEST, _l("Rules that are held"),
        lambda n: ngettext("%(num)d rule is held", "%(num)d rules are held", n),
    )  # fmt: skip
    yield Kind(
        RUN_FAILED, Sort.RUNNING, DIGEST, _l("Runs that have failed"),
        lambda n: ngettext("%(num)d run has failed", "%(num)d runs have failed", n),
    )  # fmt: skip
    yield Kind(
        SENDING_FAILED, Sort.RUNNING, DIGEST, _l("Notifications that could not be sent"),
        lambda n: ngettext("%(num)d sending has failed", "%(num)d sendings have failed", n),
    )  # fmt: skip
    yield Kind(
        BACKUP_OLD, Sort.RUNNING, DIGEST, _l("A backup older than 3 days"),
        lambda n: ngettext("%(num)d reminder of the backup", "%(num)d reminders of the backup", n),
    )  # fmt: skip


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _kinds()}


def unknown_kinds(courses: Iterable[Course]) -> list[str]:
    """Return the kinds that courses tell of and that are not in the table."""
    named = {wait.tells for course in courses for wait in course.waits}
    named |= {course.decided for course in courses}
    return sorted(each for each in named if each is not None and each not in KINDS)
