"""The course of a receipt: each chair signs for the bulletin (签收), once.

Source: the page on what leaves the house, "Bulletins".
"""

from typing import Any

from sqlalchemy import true

from tiesan.access.bulletins import receives, sees_receipt
from tiesan.audit import Subject
from tiesan.bulletins.models import RECEIPT, BulletinReceipt
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.queue import state_is
from tiesan.courses.settings import the_day
from tiesan.courses.values import Case, Course, State, Verb, Waits, Who
from tiesan.i18n import _l

RECEIVER = Who(
    "chair",
    _l("chair"),
    receives,
    _l("Only the chair of the organization may sign for it."),
)


def actor(case: Case) -> int | None:
    """The account that signs for it."""
    return case.actor.account_id


def version_of_receipt(receipt: Any) -> str:
    """Whether it was signed for."""
    return "-" if receipt.received_on is None else f"{receipt.received_on:%Y%m%d}"


def subject_of_receipt(receipt: Any) -> Subject:
    """What an audit entry says it is about: the bulletin, and for whom."""
    label = f"{receipt.bulletin.reference} {receipt.organization.code}"
    return Subject(RECEIPT, receipt.id, label, receipt.bulletin.district_id)


RECEIPT_COURSE = Course(
    RECEIPT,
    _l("Receipt of a bulletin"),
    of=BulletinReceipt,
    states=(
        State("received", _l("Signed for"), BulletinReceipt.received_on.is_not(None)),
        State("waiting", _l("Not signed for"), true()),
    ),
    verbs=(
        Verb("receive", _l("Sign for it"), _l("Signed for"), frozenset({"waiting"}), "received",
             (RECEIVER,), (), {"received_on": the_day, "received_by_id": actor}, one_tap=True),
    ),
    visible=sees_receipt,
    version=version_of_receipt,
    history=COURSE_EVENTS,
    subject=subject_of_receipt,
    waits=(
        Waits("receive", _l("To be signed for"), "receive", state_is("waiting"),
              (BulletinReceipt.bulletin_id,)),
    ),
)  # fmt: skip
