"""The course of a rectification notice (督办单): issued, received, answered, accepted or returned.

Source: institutions.md, "What review adds". It is made of confirmed flags; that it is answered
reports their remedy, that it is accepted recognises it, in the same transaction. A flag that is no
longer confirmed leaves it, and without any it is revoked (``notice_leaving``).
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from tiesan.access.criterion import SEES_NOTICE
from tiesan.access.notices import is_notified, reviews_notice, stands_in_for_notified
from tiesan.access.policies import Day, Id
from tiesan.audit import Subject
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.courses.given import TEXT, due_day, files, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.queue import state_is
from tiesan.courses.settings import the_day
from tiesan.courses.values import NEW, Case, Course, State, StateOf, Verb, Waits, Who
from tiesan.flags.follow_up import NOTICE, UNFINISHED_NOTICE, Notice, NoticeFinding, NoticeState
from tiesan.i18n import _l
from tiesan.records.codes import next_number
from tiesan.records.kinds import table_of
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.notice_issuing import FLAGS, findings, flags, lock_flags
from tiesan.reviews.notice_leaving import REVOKE
from tiesan.reviews.notice_series import prefix_of
from tiesan.rules import Review

DUE_ON = "due_on"
NOTICE_ISSUED, NOTICE_ANSWERED = "notice issued", "notice answered"
NOTICE_DECIDED = "notice decided"
INACTIVE = "inactive"
_FINDING = table_of(NoticeFinding)

# --- persons --------------------------------------------------------------------------------------


def nobody_at_all(notice: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Nobody: it happens by itself when no flag is left in it."""
    return false()


def account_notified(case: Case) -> int | None:
    """The account of whom it is addressed to, whoever speaks for them."""
    subject = case.row.cadre or (case.row.organization and case.row.organization.chair)
    return None if subject is None or subject.account is None else int(subject.account.id)


ISSUER = Who(
    "reviewer",
    _l("reviewer"),
    reviews_notice,
    _l("Only a reviewer may do this, and nobody what is about themself."),
)
NOTIFIED = Who(
    "concerned",
    _l("concerned"),
    is_notified,
    _l("Only whom the notice is addressed to may do this."),
    though_left=True,
)
STAND_IN = Who(
    "stand_in",
    _l("entered on behalf"),
    stands_in_for_notified,
    _l("Only whom the notice is addressed to may do this."),
    account_notified,
)
NOBODY = Who("nobody", _l("by itself"), nobody_at_all, _l("A notice is revoked by itself."))

# --- what verbs set and bring with them -----------------------------------------------------------


def cadre_of_flags(case: Case) -> int | None:
    """The cadre of the flags."""
    found: int | None = case.given[FLAGS][0].cadre_id
    return found


def organization_of_flags(case: Case) -> int | None:
    """The organization of the flags."""
    found: int | None = case.given[FLAGS][0].organization_id
    return found


def district_of_flags(case: Case) -> int:
    """The district of the flags."""
    return int(case.given[FLAGS][0].district_id)


def confidential_as_flags(case: Case) -> bool:
    """Whether the flags are confidential."""
    return bool(case.given[FLAGS][0].confidential)


def text_given(case: Case) -> str:
    """What is to be done."""
    return str(case.given[TEXT])


def deadline_given(case: Case) -> date:
    """The deadline that was given."""
    found: date = case.given[DUE_ON]
    return found


def issuer(case: Case) -> int | None:
    """The account that issues it."""
    return case.actor.account_id


def year_of_issue(case: Case) -> int:
    """The year in which it is issued."""
    return case.day.year


def prefix_of_district(case: Case) -> str:
    """What the numbers of the district begin with now."""
    return prefix_of(case.session, district_of_flags(case))


def next_of_district(case: Case) -> int:
    """The next number of the district in this year; who else wants one waits."""
    return next_number(case.session, NOTICE, district_of_flags(case), case.day.year)


def report_remedies(case: Case) -> None:
    """Report the remedy of each flag in it whose condition still holds, with the same text."""
    for finding in case.row.present:
        if finding.flag.active and finding.flag.review == Review.CONFIRMED:
            _carry_out_on(finding.flag_id, "report_remedy", case)


def recognise_remedies(case: Case) -> None:
    """Recognise the remedy of each flag in it whose condition still holds, with the same text.

    One that refuses it refuses the whole; what no longer holds is left as it is, and named so.
    """
    for finding in list(case.row.present):
        if finding.flag.active and finding.flag.review == Review.CONFIRMED:
            _carry_out_on(finding.flag_id, "remedy", case)
        else:
            finding.left_on, finding.left_as = case.day, INACTIVE
    case.session.flush()
    for finding in case.row.findings:
        case.session.expire(finding)


def _carry_out_on(flag_id: int, verb: str, case: Case) -> None:
    at = case.at
    form = {TEXT: case.given[TEXT]}
    attempt = Attempt(case.actor, case.day, lambda: at, form, inner=True, quiet=True)
    carry_out(case.session, FLAG_COURSE, verb, flag_id, attempt)


def lock_flags_of(session: Session, notice_id: int) -> None:
    """Lock the flags that are in a notice, before the notice itself."""
    present = (_FINDING.c.notice_id == notice_id, _FINDING.c.left_on.is_(None))
    lock_flags(session, session.scalars(select(_FINDING.c.flag_id).where(*present)).all())


def version_of_notice(notice: Any) -> str:
    """The deadline, and how many flags are in it."""
    return f"{notice.due_on:%Y%m%d}-{len(notice.present)}"


def subject_of_notice(notice: Any) -> Subject:
    """What an audit entry says it is about."""
    return Subject(NOTICE, notice.id, notice.reference, notice.district_id)


def waits_for_answer(state: StateOf) -> ColumnElement[bool]:
    """It was received or returned, and not answered since."""
    return state.in_([NoticeState.RECEIVED.value, NoticeState.RETURNED.value])


DEADLINE = due_day(DUE_ON, _l("Deadline"))
STATES = (
    State("issued", _l("Issued")),
    State("received", _l("Received")),
    State("answered", _l("Answered")),
    State("returned", _l("Returned")),
    State("accepted", _l("Settled")),
    State("revoked", _l("Revoked")),
)
VERBS = (
    Verb("issue", _l("Issue a rectification notice"), _l("Notice issued"), NEW, "issued",
         (ISSUER,), (flags(), text(label=_l("What is to be done")), DEADLINE),
         {"cadre_id": cadre_of_flags, "organization_id": organization_of_flags,
          "district_id": district_of_flags, "confidential": confidential_as_flags,
          "year": year_of_issue, "prefix": prefix_of_district, "number": next_of_district,
          "text": text_given, "issued_on": the_day,
          "first_due_on": deadline_given, "due_on": deadline_given, "issued_by_id": issuer,
          "findings": findings}, decides=True),
    Verb("receive", _l("Sign for it"), _l("Signed for"), frozenset({"issued"}), "received",
         (NOTIFIED, STAND_IN), (text(required=False),)),
    Verb("answer", _l("Answer"), _l("Answered"), frozenset({"received", "returned"}), "answered",
         (NOTIFIED, STAND_IN), (text(label=_l("What has been done")), files()),
         then=report_remedies),
    Verb("accept", _l("Settle"), _l("Settled"), frozenset({"answered"}), "accepted",
         (ISSUER,), (text(),), then=recognise_remedies, decides=True),
    Verb("return", _l("Return"), _l("Returned"),
         frozenset({"answered"}), "returned", (ISSUER,), (text(), DEADLINE),
         {"due_on": deadline_given}, decides=True),
    Verb(REVOKE, _l("Revoke"), _l("Revoked"), UNFINISHED_NOTICE, "revoked", (NOBODY,)),
)  # fmt: skip

_SOONEST = (Notice.due_on,)
NOTICE_COURSE = Course(
    NOTICE,
    _l("Rectification notice"),
    of=Notice,
    column="state",
    states=STATES,
    verbs=VERBS,
    visible=SEES_NOTICE,
    version=version_of_notice,
    history=COURSE_EVENTS,
    subject=subject_of_notice,
    locks=lock_flags_of,
    waits=(
        Waits(
            "receive",
            _l("To be signed for"),
            "receive",
            state_is("issued"),
            _SOONEST,
            tells=NOTICE_ISSUED,
        ),
        Waits("answer", _l("To be answered"), "answer", waits_for_answer, _SOONEST),
        Waits(
            "decide",
            _l("To be decided"),
            "accept",
            state_is("answered"),
            _SOONEST,
            tells=NOTICE_ANSWERED,
        ),
    ),
    affects=(NOTIFIED,),
    decided=NOTICE_DECIDED,
    assigned="issued_by_id",
)
