"""What is kept of ways out: the ways, the addresses of persons, the sendings and their attempts."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.notifications.sending.schemes import OF_GROUPS, SCHEMES
from tiesan.people.models import Account, Organization

TITLE_LENGTH = 80
ANSWER_LENGTH = 500
TOKEN_LENGTH = 32
WORD_LENGTH = 40
MOST_TRIES = 5


class State(StrEnum):
    """Where a sending stands.

    ``unknown``: it has left or may have, and nobody knows whether it arrived; ``dropped``: when it
    was to leave, there was nothing to say any more, or nobody to say it to.
    """

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


OVER = (State.SENT, State.FAILED, State.UNKNOWN, State.DROPPED)


class Purpose(StrEnum):
    """What a sending is for: notifications, figures of a group, a code, or a test."""

    NOTIFICATIONS = "notifications"
    GROUP = "group"
    CODE = "code"
    TEST = "test"


class Trouble(StrEnum):
    """Why a way cannot be used although it is switched on."""

    KEY_CHANGED = "key_changed"
    HOST_REFUSED = "host_refused"


def _listed(column: str, values: Iterable[str]) -> str:
    named = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({named})"


class Way(Base):
    """A way out (渠道): a scheme with its fields, those that are secret sealed.

    A robot may be of one organization; every other way is of the whole installation. ``trouble`` is
    what was found when it was looked at last by whoever sends.
    """

    __tablename__ = "way"
    __table_args__ = (
        UniqueConstraint("title"),
        CheckConstraint(_listed("scheme", SCHEMES), name="scheme_choice"),
        CheckConstraint(
            f"organization_id IS NULL OR {_listed('scheme', OF_GROUPS)}", name="robots_of_places"
        ),
        CheckConstraint(f"trouble IS NULL OR {_listed('trouble', Trouble)}", name="trouble_choice"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    trouble: Mapped[str | None] = mapped_column(String(20))
    looked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    organization: Mapped[Organization | None] = relationship()


class WayAddress(Base):
    """How a person is reached by a way; ``masked`` is what may be shown of it.

    It counts from ``confirmed_at`` on: a code was sent there and came back. Of the code only its
    digest is kept. One that was taken away has no address any more.
    """

    __tablename__ = "way_address"
    __table_args__ = (
        UniqueConstraint("account_id", "way_id"),
        CheckConstraint("(sealed IS NULL) = (masked IS NULL)", name="masked_with_address"),
        CheckConstraint("confirmed_at IS NULL OR sealed IS NOT NULL", name="confirmed_address"),
        CheckConstraint("(code_digest IS NULL) = (code_until IS NULL)", name="code_with_end"),
        CheckConstraint(f"code_tries BETWEEN 0 AND {MOST_TRIES}", name="code_tries_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    way_id: Mapped[int] = mapped_column(ForeignKey("way.id"))
    masked: Mapped[str | None] = mapped_column(String(400))
    sealed: Mapped[str | None] = mapped_column(Text)
    entered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    code_digest: Mapped[str | None] = mapped_column(String(64))
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)

    way: Mapped[Way] = relationship()


class Sending(Base):
    """A sending (发送记录): what is to leave by which way to whom, and what came of it.

    What it says is made when it leaves; ``details`` is what a group's figures are made of, and
    ``sealed`` a code or the address of a test until it is over. ``claim`` is the word of the
    process that sends it now, good until ``lease_until``. ``round_from`` is how many attempts there
    had been when it was last begun anew.
    """

    __tablename__ = "sending"
    __table_args__ = (
        CheckConstraint(_listed("state", State), name="state_choice"),
        CheckConstraint(_listed("purpose", Purpose), name="purpose_choice"),
        CheckConstraint("(state = 'claimed') = (claim IS NOT NULL)", name="claim_while_claimed"),
        CheckConstraint("(claim IS NULL) = (lease_until IS NULL)", name="claim_with_lease"),
        CheckConstraint(
            f"({_listed('state', OVER)}) = (ended_at IS NOT NULL)", name="ended_when_over"
        ),
        CheckConstraint("attempts >= round_from AND round_from >= 0", name="attempts_of_round"),
        CheckConstraint("(account_id IS NULL) = (address_id IS NULL)", name="person_with_address"),
        CheckConstraint(
            "(purpose IN ('notifications', 'code')) = (account_id IS NOT NULL)", name="to_person"
        ),
        CheckConstraint("ended_at IS NULL OR sealed IS NULL", name="nothing_sealed_when_over"),
        Index(None, "state", "due_at"),
        Index(None, "account_id", "made_at"),
        Index(
            "ix_sending_claimed",
            "lease_until",
            sqlite_where=text("state = 'claimed'"),
            postgresql_where=text("state = 'claimed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    way_id: Mapped[int] = mapped_column(ForeignKey("way.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("way_address.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sealed: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(String(20), default=State.WAITING.value)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    round_from: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(TOKEN_LENGTH))
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    answer: Mapped[str] = mapped_column(String(ANSWER_LENGTH), default="")

    way: Mapped[Way] = relationship()
    account: Mapped[Account | None] = relationship()
    organization: Mapped[Organization | None] = relationship()
    tries: Mapped[list["SendingAttempt"]] = relationship(order_by="SendingAttempt.number")

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it, unless a person has it sent again."""
        return self.state in OVER


class SendingNotification(Base):
    """That a sending tells of a notification."""

    __tablename__ = "sending_notification"

    sending_id: Mapped[int] = mapped_column(ForeignKey("sending.id"), primary_key=True)
    notification_id: Mapped[int] = mapped_column(
        ForeignKey("notification.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SendingAttempt(Base):
    """One attempt of a sending: when it was made, and what came of it."""

    __tablename__ = "sending_attempt"
    __table_args__ = (
        UniqueConstraint("sending_id", "number"),
        CheckConstraint("result IS NULL OR " + _listed("result", OVER), name="result_choice"),
        CheckConstraint("(result IS NULL) = (ended_at IS NULL)", name="result_with_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sending_id: Mapped[int] = mapped_column(ForeignKey("sending.id"))
    number: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    answer: Mapped[str] = mapped_column(String(ANSWER_LENGTH), default="")
