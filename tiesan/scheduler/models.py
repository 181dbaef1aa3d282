"""The runs of jobs: what was due or asked for, who runs it, and what came of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.audit import NAME_LENGTH
from tiesan.extensions import Base
from tiesan.people.models import Organization

CLAIMANT_LENGTH = 200
TOKEN_LENGTH = 32


class State(StrEnum):
    """Where a run stands.

    ``failed`` waits for a person; ``covered`` was never run, because a later run did its work.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    COVERED = "covered"


OVER = (State.DONE, State.FAILED, State.COVERED)


def _listed(states: tuple[State, ...]) -> str:
    return "state IN ({})".format(", ".join(f"'{state.value}'" for state in states))


def _once(of_district: str, *columns: str, name: str) -> Index:
    """One row per job, place and day; ``of_district`` tells districts from the installation."""
    condition = text(f"district_id {of_district}")
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


class JobRun(Base):
    """A run (运行) of a job for a district, or for the installation where there is none.

    ``day`` is the day that it is due on in Asia/Shanghai, ``covers_from`` the first of the days
    whose runs it makes up for (``day`` itself when none was missed). ``asked`` is blank for what
    the timetable asks for, and a word of its own for what a person asks for. ``claim`` is the word
    of the process that runs it now, good until ``lease_until``.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        _once("IS NOT NULL", "job", "district_id", "day", "asked", name="uq_job_run_district"),
        _once("IS NULL", "job", "day", "asked", name="uq_job_run_installation"),
        CheckConstraint(_listed(tuple(State)), name="state_choice"),
        CheckConstraint("(state = 'running') = (claim IS NOT NULL)", name="claimed_while_running"),
        CheckConstraint("(claim IS NULL) = (lease_until IS NULL)", name="claim_with_lease"),
        CheckConstraint(f"({_listed(OVER)}) = (ended_at IS NOT NULL)", name="ended_when_over"),
        CheckConstraint("covers_from <= day", name="covers_until_its_day"),
        CheckConstraint("attempts >= 0", name="attempts_from_zero"),
        CheckConstraint("step >= 0 AND step <= steps", name="step_within_steps"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    day: Mapped[date]
    asked: Mapped[str] = mapped_column(String(TOKEN_LENGTH), default="")
    covers_from: Mapped[date]
    given: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))

    state: Mapped[str] = mapped_column(String(20), default=State.WAITING.value)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(TOKEN_LENGTH))
    claimed_by: Mapped[str | None] = mapped_column(String(CLAIMANT_LENGTH))
    lease_until: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    step: Mapped[int] = mapped_column(default=0)
    steps: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    output: Mapped[str] = mapped_column(Text, default="")
    peak_memory_kb: Mapped[int | None]

    district: Mapped[Organization | None] = relationship()

    @property
    def is_over(self) -> bool:
        """Whether it will not be run any more, unless a person has it run again."""
        return self.state in OVER
