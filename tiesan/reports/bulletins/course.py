"""The course of a bulletin: drafted, submitted, issued; a correction is a new one.

Source: the page on what leaves the house, "Bulletins". It is issued by being signed, which gives it
its number and writes its files, all in one transaction; nobody signs what they have written.
"""

from datetime import date
from typing import Any

from sqlalchemy import select

from tiesan.access.bulletins import (
    chair_signs,
    other_supervisor_signs,
    sees_bulletin,
    supervises_district,
)
from tiesan.access.installation import installed
from tiesan.audit import Subject
from tiesan.bulletins.models import (
    BULLETIN,
    Bulletin,
    BulletinDemand,
    BulletinName,
    BulletinState,
    BulletinWriter,
)
from tiesan.courses.given import text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.queue import state_is
from tiesan.courses.settings import the_day
from tiesan.courses.values import NEW, SAME, Case, Course, Gate, State, Verb, Waits, Who
from tiesan.i18n import _, _l
from tiesan.records.codes import next_number
from tiesan.reports.bulletins.frozen import FrozenNumbers
from tiesan.reports.bulletins.given import AS_OF, CORRECTS, DISTRICT, PERIOD, as_of, corrected
from tiesan.reports.bulletins.given import district as district_given
from tiesan.reports.bulletins.given import period as period_given
from tiesan.reports.bulletins.issuing import hand_out, receiving_places
from tiesan.reports.bulletins.naming import fallen
from tiesan.reports.bulletins.series import BULLETIN_SERIES
from tiesan.reports.numbers import numbers_of
from tiesan.reports.spans import Span

_NUMBERS = "numbers"

# --- persons --------------------------------------------------------------------------------------

SUPERVISOR = Who(
    "supervisor",
    _l("supervisor"),
    supervises_district,
    _l("Only a supervisor at the district may do this."),
)
_APART = _l("A bulletin is signed by the district's chair or another supervisor at the district, "
            "never by who has written in it or is named in it.")  # fmt: skip
CHAIR = Who("chair", _l("chair"), chair_signs, _APART)
OTHER = Who("other_supervisor", _l("another supervisor"), other_supervisor_signs, _APART)

# --- gates ----------------------------------------------------------------------------------------


def names_stand(case: Case) -> bool:
    """Every cadre who is named for a flag is named for one that stands."""
    return not fallen(case.session, case.row, case.day)


def those_who_fell(case: Case) -> str:
    """Which flags do not stand any more."""
    named = [each.cadre.name for each in fallen(case.session, case.row, case.day)]
    return _("The flag for which %(names)s is named does not stand any more; take the name out.",
             names=_(", ").join(named))  # fmt: skip


def somebody_receives(case: Case) -> bool:
    """There is a federation or a direct enterprise union to which it goes."""
    return bool(receiving_places(case.session, case.row.district_id, case.day))


def says_something(case: Case) -> bool:
    """An introduction was written."""
    return bool(case.row.introduction)


STAND = Gate(names_stand, those_who_fell)
RECEIVERS = Gate(
    somebody_receives, _l("The district has no federations or enterprise unions to receive it.")
)
INTRODUCED = Gate(says_something, _l("Write an introduction first."))

# --- what verbs set -------------------------------------------------------------------------------


def _span(case: Case) -> Span:
    """The period that was given, or that of what is corrected or of the row."""
    if PERIOD in case.given:
        found: Span = case.given[PERIOD]
        return found
    return Span.named(_source(case).period)


def _source(case: Case) -> Bulletin:
    """The bulletin that is corrected, or else the one in hand."""
    found: Bulletin = case.given.get(CORRECTS) or case.row
    return found


def district(case: Case) -> int:
    """The district that was given, or that of the bulletin."""
    found: int = case.given.get(DISTRICT) or _source(case).district_id
    return found


def period(case: Case) -> str:
    """The label of the period."""
    return _span(case).label


def first_day(case: Case) -> date:
    """The first day of the period."""
    return _span(case).first_day


def last_day(case: Case) -> date:
    """The last day of the period."""
    return _span(case).last_day


def day_of_numbers(case: Case) -> date:
    """The day as of which the numbers are made."""
    found: date = case.given[AS_OF]
    return found


def numbers(case: Case) -> dict[str, Any]:
    """The numbers of the period as of the day, frozen."""
    if _NUMBERS not in case.given:
        made = numbers_of(
            case.session, installed(), district(case), _span(case), day_of_numbers(case)
        )
        case.given[_NUMBERS] = made.as_json()
    found: dict[str, Any] = case.given[_NUMBERS]
    return found


def blank_columns(case: Case) -> list[str]:
    """The columns in which there is nothing to tell are left out at first."""
    return FrozenNumbers(numbers(case)).blank_columns()


def actor(case: Case) -> int | None:
    """The account that acts."""
    return case.actor.account_id


def corrected_id(case: Case) -> int:
    """The bulletin that is corrected."""
    return int(case.given[CORRECTS].id)


def introduction_before(case: Case) -> str:
    """The introduction of the bulletin that is corrected."""
    return str(case.given[CORRECTS].introduction)


def comments_before(case: Case) -> dict[str, str]:
    """The comments of the bulletin that is corrected."""
    return dict(case.given[CORRECTS].comments)


def columns_before(case: Case) -> list[str]:
    """The columns that the bulletin that is corrected leaves out."""
    return list(case.given[CORRECTS].left_out)


def one_more_edit(case: Case) -> int:
    """One more than were written."""
    return int(case.row.edits) + 1


def prefix(case: Case) -> str:
    """What the numbers of the district begin with now."""
    return BULLETIN_SERIES.prefix_of(case.session, case.row.district_id)


def year(case: Case) -> int:
    """The year in which it is issued."""
    return case.day.year


def number(case: Case) -> int:
    """The next number of the district in this year; who else wants one waits."""
    return next_number(case.session, BULLETIN, case.row.district_id, case.day.year)


# --- what comes with a verb -----------------------------------------------------------------------


def note_writer(case: Case) -> None:
    """Note that the actor has written in it, and will not sign it."""
    key = (case.row.id, case.actor.account_id)
    if case.actor.account_id is not None and case.session.get(BulletinWriter, key) is None:
        writer = BulletinWriter(bulletin_id=case.row.id, account_id=case.actor.account_id)
        case.session.add(writer)


def take_over(case: Case) -> None:
    """Take over demands and names from the bulletin that is corrected; the actor writes it."""
    before: Bulletin = case.given[CORRECTS]
    for each in before.demands:
        demand = BulletinDemand(position=each.position, text=each.text, due_on=each.due_on)
        demand.organization_id = each.organization_id
        case.row.demands.append(demand)
    gone = {each.flag_id for each in fallen(case.session, before, case.day)}
    for name in before.names:
        if name.flag_id not in gone:
            case.row.names.append(
                BulletinName(cadre_id=name.cadre_id, flag_id=name.flag_id, praise=name.praise)
            )
    note_writer(case)


def who_signs(case: Case) -> str | None:
    """That who writes in it does not sign it any more."""
    writers = select(BulletinWriter.account_id).where(BulletinWriter.bulletin_id == case.row.id)
    if case.actor.account_id in set(case.session.scalars(writers)):
        return None
    return _("Who writes in a bulletin does not sign it any more.")


def version_of_bulletin(bulletin: Any) -> str:
    """How often it was written in."""
    return str(bulletin.edits)


def subject_of_bulletin(bulletin: Any) -> Subject:
    """What an audit entry says it is about."""
    return Subject(BULLETIN, bulletin.id, str(bulletin), bulletin.district_id)


_DRAFTED, _SUBMITTED = frozenset({"drafted"}), frozenset({"submitted"})
_BEGUN: dict[str, Any] = {
    "district_id": district, "period": period, "first_day": first_day, "last_day": last_day,
    "as_of": day_of_numbers, "drafted_on": the_day, "author_id": actor, "numbers": numbers,
}  # fmt: skip
_OPINION = text(required=False, label=_l("Remark"))

VERBS = (
    Verb("draft", _l("Draft a bulletin"), _l("Drafted"), NEW, "drafted", (SUPERVISOR,),
         (district_given(), period_given(), as_of()),
         {**_BEGUN, "introduction": "", "left_out": blank_columns}, then=note_writer),
    Verb("correct", _l("Correct it by a new one"), _l("Correction drafted"), NEW, "drafted",
         (SUPERVISOR,), (corrected(), as_of()),
         {**_BEGUN, "corrects_id": corrected_id, "introduction": introduction_before,
          "comments": comments_before, "left_out": columns_before}, then=take_over),
    Verb("refresh", _l("Make the numbers anew"), _l("Numbers made anew"), _DRAFTED, SAME,
         (SUPERVISOR,), (as_of(),),
         {"as_of": day_of_numbers, "numbers": numbers, "edits": one_more_edit}, then=note_writer,
         remark=who_signs),
    Verb("submit", _l("Submit for signature"), _l("Submitted for signature"), _DRAFTED,
         "submitted", (SUPERVISOR,), (_OPINION,), {}, (INTRODUCED, STAND, RECEIVERS)),
    Verb("sign", _l("Sign and issue"), _l("Signed and issued"), _SUBMITTED, "issued",
         (CHAIR, OTHER), (_OPINION,),
         {"prefix": prefix, "year": year, "number": number, "issued_on": the_day,
          "issued_by_id": actor}, (STAND, RECEIVERS), then=hand_out, decides=True),
    Verb("return", _l("Return"), _l("Returned"), _SUBMITTED, "drafted", (CHAIR, OTHER),
         (text(label=_l("What is to be changed")),), decides=True),
    Verb("recall", _l("Take back"), _l("Taken back"), _SUBMITTED, "drafted", (SUPERVISOR,)),
    Verb("discard", _l("Discard the draft"), _l("Draft discarded"), _DRAFTED, "discarded",
         (SUPERVISOR,), (text(label=_l("Reason")),)),
)  # fmt: skip

_LATEST = (Bulletin.last_day,)
BULLETIN_COURSE = Course(
    BULLETIN,
    _l("Bulletin"),
    of=Bulletin,
    column="state",
    states=(
        State("drafted", _l("Draft")),
        State("submitted", _l("To be signed")),
        State("issued", _l("Issued to the chairs")),
        State("discarded", _l("Discarded")),
    ),
    verbs=VERBS,
    visible=sees_bulletin,
    version=version_of_bulletin,
    history=COURSE_EVENTS,
    subject=subject_of_bulletin,
    waits=(
        Waits("sign", _l("To be signed"), "sign", None, _LATEST, (BulletinState.SUBMITTED.value,)),
        Waits("write", _l("To be finished"), "submit", state_is("drafted"), _LATEST),
    ),
)
