"""The course of a flag: heard, decided, appealed, remedied, closed.

Source: institutions.md, "What review adds". A flag is a suspicion until a person has judged it:
reviewers decide, whom it concerns is heard, and nobody judges what is about themself.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tiesan.access.criterion import SEES_FLAG
from tiesan.access.reviewers import (
    decides_appeal,
    is_concerned,
    is_reviewer,
    is_stand_in,
    may_reopen,
)
from tiesan.audit import Subject
from tiesan.courses.given import account, end_day, files, text
from tiesan.courses.values import (
    BEFORE,
    DAY,
    SAME,
    Case,
    Course,
    Gate,
    Lapse,
    State,
    Verb,
    Who,
)
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.flags.waiving import AFTER_THE_END, UNDECIDED, WAIVER_ENDED
from tiesan.i18n import _, _l
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.pending import await_subject
from tiesan.reviews import escalation
from tiesan.reviews.flag_history import FLAG_EVENTS
from tiesan.reviews.notice_leaving import leave_notice
from tiesan.reviews.waiting import WAITS
from tiesan.rules import FLAG, REVIEW_LABELS, Review

DAYS_TO_APPEAL = 30
FLAG_DECIDED = "flag decided"
UNFINISHED = UNDECIDED | {Review.APPEALED.value}
DECIDED = frozenset(each.value for each in Review) - UNFINISHED
_DECIDING = frozenset(
    {
        "acknowledge",
        "confirm",
        "dismiss",
        "waive",
        "uphold",
        "overturn",
        "remedy",
        "close",
        "reopen",
        "keep",
        "escalate",
    }
)
ESTABLISHED = frozenset({Review.CONFIRMED.value, Review.REMEDIED.value})

# --- persons --------------------------------------------------------------------------------------


def account_concerned(case: Case) -> int | None:
    """The account of whom it concerns, whoever speaks for them."""
    subject = case.row.cadre or (case.row.organization and case.row.organization.chair)
    return None if subject is None or subject.account is None else int(subject.account.id)


CONCERNED = Who(
    "concerned",
    _l("concerned"),
    is_concerned,
    _l("Only whom the flag concerns may do this."),
    though_left=True,
)
STAND_IN = Who(
    "stand_in",
    _l("entered on behalf"),
    is_stand_in,
    _l("Only whom the flag concerns may do this."),
    account_concerned,
)
REVIEWER = Who(
    "reviewer",
    _l("reviewer"),
    is_reviewer,
    _l("Only a reviewer may do this, and nobody what is about themself."),
)
DECIDER = Who(
    "decider",
    _l("reviewer of the appeal"),
    decides_appeal,
    _l("Only a reviewer may do this who neither confirmed the flag nor entered the appeal."),
)
REOPENER = Who(
    "reopener",
    _l("reviewer"),
    may_reopen,
    _l("Only a reviewer may do this; after an appeal was granted not the one who had confirmed."),
)

# --- gates ----------------------------------------------------------------------------------------


def is_active(case: Case) -> bool:
    """The condition of the rule still holds."""
    return bool(case.row.active)


def asks_for_none_yet(case: Case) -> bool:
    """No waiver has been asked for that waits for an answer."""
    return case.row.asked_until is None


def ends_on_a_day(case: Case) -> bool:
    """It is not waived by a standing waiver."""
    return case.state != Review.WAIVED or case.row.waived_until is not None


def may_still_appeal(case: Case) -> bool:
    """The time to appeal runs: it is the 30th day after the confirmation, or earlier."""
    return case.row.appeal_until is not None and bool(case.day <= case.row.appeal_until)


def appeal_is_over(case: Case) -> bool:
    """The time to appeal is over, or has been ended."""
    return not may_still_appeal(case)


def is_marked(case: Case) -> bool:
    """The evidence has changed since the decision."""
    return bool(case.row.changed_since_decision)


def is_unmarked(case: Case) -> bool:
    """The evidence has not changed since the decision."""
    return not case.row.changed_since_decision


def time_that_runs(case: Case) -> str:
    """Until when it can be appealed against."""
    return _("The time to appeal runs until %(day)s.", day=case.row.appeal_until.isoformat())


ACTIVE = Gate(
    is_active,
    _l("Its condition no longer holds: nothing is left to do but what ends it."),
    but=frozenset(
        {"dismiss", "appeal", "accept", "uphold", "overturn", "close", "reopen", "keep", "withdraw"}
    ),
)
ONE_REQUEST = Gate(asks_for_none_yet, _l("A waiver has been asked for already."), told=False)
SINGLE_WAIVER = Gate(
    ends_on_a_day, _l("It is covered by a standing waiver; its end is changed there.")
)
APPEAL_RUNS = Gate(may_still_appeal, _l("The time to appeal does not run (any more)."), told=False)
APPEAL_OVER = Gate(appeal_is_over, time_that_runs)
MARKED = Gate(is_marked, _l("Nothing has changed since the decision."), told=False)
UNMARKED = Gate(
    is_unmarked,
    _l("The evidence has changed since the decision: first keep it, or review it again."),
)

# --- what verbs set -------------------------------------------------------------------------------


def end_given(case: Case) -> date:
    """The end that was given."""
    found: date = case.given["until"]
    return found


def last_day_to_appeal(case: Case) -> date:
    """The 30th day from now."""
    return case.day + timedelta(days=DAYS_TO_APPEAL)


def last_day_if_established(case: Case) -> date | None:
    """The 30th day from now, of what is confirmed or remedied."""
    return last_day_to_appeal(case) if case.state in ESTABLISHED else None


def actor(case: Case) -> int | None:
    """The account that acts."""
    return case.actor.account_id


def actor_if_established(case: Case) -> int | None:
    """The account that acts, of what is confirmed or remedied; who it was before otherwise."""
    if case.state in ESTABLISHED:
        return case.actor.account_id
    before: int | None = case.row.confirmed_by_id
    return before


def actor_if_stand_in(case: Case) -> int | None:
    """The account that entered it on behalf of somebody, if one did."""
    return case.actor.account_id if case.capacity_is(STAND_IN) else None


def assigned_unless_appealed(case: Case) -> int | None:
    """To whom it was assigned; nobody once an appeal is withdrawn, which leaves it decided."""
    before: int | None = case.row.assigned_to_id
    return None if case.state == Review.APPEALED else before


def account_given(case: Case) -> int:
    """The account that was given."""
    found: int = case.given["to"]
    return found


def is_confirmed(case: Case) -> bool:
    """When it was confirmed and nothing has been remedied."""
    return case.state == Review.CONFIRMED


def day_after(flag: Any) -> date:
    """The day after the end of the waiver."""
    found: date = flag.waived_until + timedelta(days=1)
    return found


def entered_by_actor(case: Case) -> str | None:
    """Whether the actor entered a record on which the flag rests."""
    link = table_of(EvidenceLink)
    rests = select(link.c.kind, link.c.row_id).where(link.c.flag_id == case.row.id, link.c.present)
    by_kind: dict[str, list[int]] = {}
    for kind, row_id in case.session.execute(rests):
        by_kind.setdefault(kind, []).append(row_id)
    for mapper in Record.registry.mappers:
        model = mapper.class_
        if not issubclass(model, Record) or record_kind(model).name not in by_kind:
            continue
        table = table_of(model)
        own = select(table.c.id).where(
            table.c.id.in_(by_kind[record_kind(model).name]),
            table.c.recorded_by_id == case.actor.account_id,
        )
        if case.session.execute(own.limit(1)).first() is not None:
            return _("You entered a record yourself on which this flag rests.")
    return None


def await_rules_over_flags(case: Case) -> None:
    """Have the rules over flags judge whom it is about, with the state as it is now."""
    flag: Flag = case.row
    if flag.subject is not None:
        await_subject(case.actor, case.session, flag.subject, FLAG.name, flag.id, at=case.at)


def follow_state(case: Case) -> None:
    """Have the rules over flags judge whom it is about, and the notice that it is in let it go."""
    await_rules_over_flags(case)
    leave_notice(case)


def version_of_flag(flag: Any) -> str:
    """The number of the evidence."""
    return str(flag.revision)


def subject_of_flag(flag: Any) -> Subject:
    """What an audit entry says it is about; a confidential one tells no key."""
    name = flag.rule if flag.confidential else f"{flag.rule} {flag.key}"
    return Subject(FLAG.name, flag.id, name, flag.district_id)


# A decision answers what was asked, ends every assignment, and speaks of the evidence as it is.
_DECIDED = {
    "asked_until": None,
    "assigned_to_id": None,
    "remedy_reported": False,
    "changed_since_decision": False,
}
_BEGUN_ANEW = _DECIDED | {
    "waived_until": None,
    "waiver_id": None,
    "appeal_until": None,
    "confirmed_by_id": None,
    "appeal_entered_by_id": None,
}

VERBS = (
    Verb("acknowledge", _l("Acknowledge"), _l("Acknowledged"), frozenset({"open"}), "acknowledged",
         (REVIEWER,), (text(required=False),)),
    Verb("explain", _l("Explain"), _l("Explained"), UNDECIDED, "explained",
         (CONCERNED, STAND_IN), (text(), files())),
    Verb("ask_waiver", _l("Ask for a waiver"), _l("Asked for a waiver"), UNDECIDED, "explained",
         (CONCERNED,), (text(), end_day(_l("Wished end"))), {"asked_until": end_given},
         (ONE_REQUEST,)),
    Verb("confirm", _l("Confirm"), _l("Found true"), UNDECIDED, "confirmed", (REVIEWER,), (text(),),
         _BEGUN_ANEW | {"appeal_until": last_day_to_appeal, "confirmed_by_id": actor},
         remark=entered_by_actor),
    Verb("dismiss", _l("Dismiss"), _l("Found not true"), UNDECIDED, "dismissed", (REVIEWER,),
         (text(),), _BEGUN_ANEW, remark=entered_by_actor),
    Verb("waive", _l("Waive"), _l("Waiver granted"), UNDECIDED | {"waived"}, "waived", (REVIEWER,),
         (text(), end_day(_l("Waived until"))), _BEGUN_ANEW | {"waived_until": end_given},
         (SINGLE_WAIVER,), remark=entered_by_actor),
    Verb("appeal", _l("Appeal"), _l("Appealed"), ESTABLISHED, "appealed", (CONCERNED, STAND_IN),
         (text(),), {"appeal_until": None, "appeal_entered_by_id": actor_if_stand_in},
         (APPEAL_RUNS,)),
    Verb("uphold", _l("Uphold"), _l("Upheld"), frozenset({"appealed"}), BEFORE, (DECIDER,),
         (text(),),
         {"changed_since_decision": False, "appeal_entered_by_id": None, "assigned_to_id": None}),
    Verb("overturn", _l("Overturn"), _l("Overturned"), frozenset({"appealed"}), "dismissed",
         (DECIDER,), (text(),), _DECIDED | {"appeal_entered_by_id": None}),
    Verb("accept", _l("Accept"), _l("Accepted"), ESTABLISHED, SAME, (CONCERNED,),
         (text(required=False),), {"appeal_until": None}, (APPEAL_RUNS,)),
    Verb("report_remedy", _l("Report the remedy"), _l("Remedy reported"), frozenset({"confirmed"}),
         "confirmed", (CONCERNED, STAND_IN), (text(), files()), {"remedy_reported": True}),
    Verb("remedy", _l("Recognise the remedy"), _l("Remedy recognised"), frozenset({"confirmed"}),
         "remedied", (REVIEWER,), (text(),), {"remedy_reported": False}, (UNMARKED,)),
    Verb("close", _l("Close"), _l("Closed"), ESTABLISHED, "closed", (REVIEWER,),
         (text(is_confirmed),), {"remedy_reported": False, "appeal_until": None},
         (UNMARKED, APPEAL_OVER)),
    Verb("reopen", _l("Review again"), _l("Reopened"), DECIDED, "acknowledged", (REOPENER,),
         (text(),), _BEGUN_ANEW),
    Verb("keep", _l("Keep the decision"), _l("Decision kept"), DECIDED, SAME, (REVIEWER,),
         (text(),),
         {"changed_since_decision": False, "appeal_until": last_day_if_established,
          "confirmed_by_id": actor_if_established}, (MARKED,)),
    Verb("withdraw", _l("Withdraw"), _l("Withdrawn"), frozenset({"explained", "appealed"}), BEFORE,
         (CONCERNED, STAND_IN), (text(required=False),),
         {"asked_until": None, "appeal_entered_by_id": None,
          "assigned_to_id": assigned_unless_appealed}),
    Verb("assign", _l("Assign"), _l("Assigned"), UNFINISHED, SAME, (REVIEWER,),
         (account(is_reviewer, _l("Assign to")), text(required=False)),
         {"assigned_to_id": account_given}),
    Verb("escalate", _l("Make it a case"), _l("Made a case"), ESTABLISHED, SAME, (REVIEWER,),
         escalation.GIVEN, {}, (*escalation.GATES, UNMARKED), then=escalation.open_case),
)  # fmt: skip

FLAG_COURSE = Course(
    FLAG.name,
    _l("Review"),
    of=Flag,
    column="review",
    states=tuple(State(each.value, REVIEW_LABELS[each]) for each in Review),
    verbs=tuple(replace(each, decides=each.name in _DECIDING) for each in VERBS),
    visible=SEES_FLAG,
    version=version_of_flag,
    seen_version="seen_revision",
    history=FLAG_EVENTS,
    subject=subject_of_flag,
    gates=(ACTIVE,),
    lapses=(
        Lapse(
            WAIVER_ENDED,
            _l("Waiver ended"),
            "waived",
            "open",
            Flag.waived_until < DAY,
            day_after,
            AFTER_THE_END,
        ),
    ),
    waits=WAITS,
    after=follow_state,
    affects=(CONCERNED,),
    decided=FLAG_DECIDED,
    assigned="assigned_to_id",
)
