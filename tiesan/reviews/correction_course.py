"""The course of a request to correct a record about oneself (申请更正): asked, granted or refused.

Granting it is the edit of the supervisor, with the wished values and the reason filled in: by the
service of the record, in the same transaction, so that what follows is evaluated as after any edit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, true

from tiesan.access.corrections import asks_correction, may_correct, sees_correction
from tiesan.audit import Subject
from tiesan.courses.errors import Refused, Wrong
from tiesan.courses.given import check, fields, files, text, words
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.queue import state_is
from tiesan.courses.settings import the_day
from tiesan.courses.values import NEW, Case, Course, Gate, Given, Input, State, Verb, Waits, Who
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.people.notifications import name_of_account, tell
from tiesan.records.base import REASON_LENGTH, Record
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.districts import district_id_of
from tiesan.records.kinds import record_kind
from tiesan.records.services import subject_of, update_record, void_record
from tiesan.reviews.correcting import (
    correctable,
    is_about,
    owner_of,
    record_named,
    record_of,
    typed,
    version_asked,
    wished_of,
    wishes,
)

CORRECTION_GRANTED = "correction granted"
CORRECTION_REFUSED = "correction refused"
# In what is given: the record itself, once it is read.
RECORD, KIND, WISHED, VOIDS, VALUES, REASON = "row", "kind", "wished", "voids", "values", "reason"


# --- what is given --------------------------------------------------------------------------------


def _record() -> Given:
    """The record that is wrong, by its kind and id."""

    def reads(value: Any, case: Case) -> Record:
        written = str(value)
        number = int(written) if written.isdecimal() and len(written) < len("1000000000") else 0
        found = record_named(case.session, str(case.given.get(KIND) or ""), number)
        if found is None:
            raise Wrong(RECORD, _("There is no such record."))
        return found

    return Given(RECORD, _l("Record"), Input.CHOICE, reads)


def _wished() -> Given:
    """The fields that should say something else, each with its plain value."""

    def reads(value: Any, case: Case) -> dict[str, list[Any]] | None:
        if not isinstance(value, Mapping):
            raise Wrong(WISHED, _("The wished values are given by field."))
        return wishes(case.given[RECORD], value) or None

    def required(case: Case) -> bool:
        """Unless the record should not be there at all."""
        return not case.given.get(VOIDS)

    return Given(WISHED, _l("What it should say"), Input.ROWS, reads, required)


def _values() -> Given:
    """The values that the supervisor gives, by field as a form sends them; else those wished."""

    def reads(value: Any, case: Case) -> dict[str, Any]:
        record = record_of(case.row)
        if not isinstance(value, Mapping) or record is None:
            raise Wrong(VALUES, _("The wished values are given by field."))
        for name, each in value.items():
            if isinstance(each, UserError):
                raise Wrong(name, each.lines[0])
        known = {field.name for field in correctable(type(record))}
        asked = fields(type(record), *(name for name in value if name in known))
        return {each.name: each.read(value, case) for each in asked}

    return Given(VALUES, _l("What it should say"), Input.ROWS, reads, required=False)


def _said(label: str, name: str = "text", *, required: bool) -> Given:
    """A text that becomes the reason of an edit, and is no longer than one."""
    plain = words(name, label)

    def reads(value: Any, case: Case) -> Any:
        if len(value) > REASON_LENGTH:
            most = _("A reason of at most %(most)d characters must be given.", most=REASON_LENGTH)
            raise Wrong(name, most)
        return plain.reads(value, case)

    return Given(name, label, Input.TEXT, reads, required=required)


# --- persons --------------------------------------------------------------------------------------

ASKER = Who("asker", _l("requester"), asks_correction, _l("Only who asked for it may do this."))
SUPERVISOR = Who(
    "supervisor",
    _l("supervisor"),
    may_correct,
    _l("Only a supervisor of the organization whom the record is not about may do this."),
)


# --- gates ----------------------------------------------------------------------------------------


def is_about_asker(case: Case) -> bool:
    """The record is about who asks, or about an organization that they chair."""
    return is_about(case.given[RECORD], case.cadre_id)


def is_not_voided(case: Case) -> bool:
    """The record counts still."""
    record = case.given.get(RECORD) or record_of(case.row)
    return record is not None and record.voided_at is None


def asks_once(case: Case) -> bool:
    """Who asks has no other open request about it."""
    record: Record = case.given[RECORD]
    other = select(CorrectionRequest.id).where(
        CorrectionRequest.kind == record_kind(type(record)).name,
        CorrectionRequest.row_id == record.id,
        CorrectionRequest.account_id == case.actor.account_id,
        CorrectionRequest.granted_on.is_(None),
        CorrectionRequest.refused_on.is_(None),
        CorrectionRequest.withdrawn_on.is_(None),
        CorrectionRequest.id != case.row.id,
    )
    return case.session.scalar(other.limit(1)) is None


def is_not_about_actor(case: Case) -> bool:
    """The record is about neither the actor nor an organization that they chair."""
    record = record_of(case.row)
    return record is not None and not is_about(record, case.cadre_id)


ABOUT = Gate(is_about_asker, _l("Only a record about oneself can be said to be wrong here."),
             needs_given=True)  # fmt: skip
LIVE = Gate(is_not_voided, _l("This record was voided and cannot be changed."), needs_given=True)
ONCE = Gate(asks_once, _l("You have asked for this already; it waits for a supervisor."),
            needs_given=True)  # fmt: skip
STILL_LIVE = Gate(is_not_voided, _l("This record was voided and cannot be changed."))
NOT_OWN = Gate(is_not_about_actor, _l("Nobody makes a record one about themself."))


# --- what verbs set and do ------------------------------------------------------------------------


def kind_of_record(case: Case) -> str:
    """The kind of the record."""
    return record_kind(type(case.given[RECORD])).name


def id_of_record(case: Case) -> int:
    """The id of the record."""
    found: int = case.given[RECORD].id
    return found


def cadre_of_record(case: Case) -> int | None:
    """The cadre that the record belongs to, if it belongs to one."""
    owner = owner_of(case.given[RECORD])
    return owner.id if isinstance(owner, Cadre) else None


def organization_of_record(case: Case) -> int | None:
    """The organization that the record belongs to, if it belongs to one."""
    owner = owner_of(case.given[RECORD])
    return owner.id if isinstance(owner, Organization) else None


def district_of_record(case: Case) -> int | None:
    """The district of the record."""
    return district_id_of(case.given[RECORD])


def actor_of(case: Case) -> int | None:
    """The account that asks."""
    return case.actor.account_id


def text_said(case: Case) -> str:
    """The text that was given."""
    return str(case.given["text"])


def wished_values(case: Case) -> dict[str, list[Any]]:
    """The wished values, beside those of now; none where the record should not be there."""
    return {} if case.given[VOIDS] else case.given[WISHED]


def should_be_voided(case: Case) -> bool:
    """Whether the record should not be there at all."""
    return bool(case.given[VOIDS])


def this_moment(case: Case) -> datetime:
    """The time of asking."""
    return case.at


def correct(case: Case) -> None:
    """Edit the record, or void it, as the supervisor; the audit entry names who asked as well."""
    request: CorrectionRequest = case.row
    record = record_of(request)
    if record is None:
        raise Refused(_("There is no such record."))
    reason = case.given.get(REASON) or request.text
    further = {
        "correction": request.id,
        "requested_by": name_of_account(case.session, request.account_id),
    }
    try:
        if request.voids:
            void_record(
                case.actor, case.session, record, reason=reason, at=case.at, further=further
            )
            return
        values = case.given.get(VALUES) or typed(type(record), wished_of(request))
        update_record(
            case.actor, case.session, record, values, at=case.at, reason=reason, further=further
        )
    except UserError as error:
        raise Refused(" ".join(error.lines)) from error


def tell_asker(case: Case) -> None:
    """Tell who asked what became of it."""
    verb = {"grant": CORRECTION_GRANTED, "refuse": CORRECTION_REFUSED}.get(case.verb.name)
    record = None if verb is None else record_of(case.row)
    if verb is None or record is None:
        return
    subject = subject_of(record)
    details = {
        "by": name_of_account(case.session, case.actor.account_id),
        "kind": subject.kind,
        "row": record.id,
        "code": subject.code,
        "text": case.given.get("text"),
    }
    tell(case.session, [case.row.account_id], verb, details, at=case.at)


def subject_of_request(request: Any) -> Subject:
    """What an audit entry about a request is about."""
    record = record_of(request)
    name = str(request) if record is None else f"{request} {subject_of(record).code}"
    return Subject(CORRECTION, request.id, name[:100], request.district_id)


_OPEN = frozenset({"requested"})

CORRECTION_COURSE = Course(
    CORRECTION,
    _l("Correction asked for"),
    of=CorrectionRequest,
    visible=sees_correction,
    version=version_asked,
    history=COURSE_EVENTS,
    subject=subject_of_request,
    states=(
        State("withdrawn", _l("Withdrawn"), CorrectionRequest.withdrawn_on.is_not(None)),
        State("granted", _l("Corrected"), CorrectionRequest.granted_on.is_not(None)),
        State("refused", _l("Not corrected"), CorrectionRequest.refused_on.is_not(None)),
        State("requested", _l("Requested"), true()),
    ),
    verbs=(
        Verb(
            "request",
            _l("This is wrong"),
            _l("Said to be wrong"),
            NEW,
            "requested",
            (ASKER,),
            (
                words(KIND, _l("Kind of record")),
                _record(),
                check(VOIDS, _l("This record should not be there at all")),
                _wished(),
                _said(_l("What is wrong"), required=True),
                files(),
            ),
            {
                "account_id": actor_of,
                "kind": kind_of_record,
                "row_id": id_of_record,
                "cadre_id": cadre_of_record,
                "organization_id": organization_of_record,
                "district_id": district_of_record,
                "text": text_said,
                "wished": wished_values,
                "voids": should_be_voided,
                "asked_on": the_day,
                "asked_at": this_moment,
            },
            (ABOUT, LIVE, ONCE),
        ),
        Verb(
            "grant",
            _l("Correct it"),
            _l("Corrected"),
            _OPEN,
            "granted",
            (SUPERVISOR,),
            (
                _values(),
                _said(_l("Reason for the change"), REASON, required=False),
                text(required=False, label=_l("Remark")),
            ),
            {"granted_on": the_day},
            (STILL_LIVE, NOT_OWN),
            correct,
            decides=True,
        ),
        Verb(
            "refuse",
            _l("Do not correct it"),
            _l("Not corrected"),
            _OPEN,
            "refused",
            (SUPERVISOR,),
            (text(label=_l("Reason")),),
            {"refused_on": the_day},
            (NOT_OWN,),
            decides=True,
        ),
        Verb(
            "withdraw",
            _l("Withdraw"),
            _l("Withdrawn"),
            _OPEN,
            "withdrawn",
            (ASKER,),
            sets={"withdrawn_on": the_day},
        ),
    ),
    waits=(
        Waits(
            "decide",
            _l("to be decided"),
            "grant",
            state_is("requested"),
            (CorrectionRequest.asked_on,),
        ),
    ),
    after=tell_asker,
    is_request=True,
)
