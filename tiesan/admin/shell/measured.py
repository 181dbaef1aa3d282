"""What is measured of an installation: figures that every process reads from the one database.

Only requests are counted by each process for itself, and bear its number.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.admin.shell.request_log import RequestLog
from tiesan.audit import AuditEntry
from tiesan.flags.models import StoredEvaluation
from tiesan.notifications.sending.models import Sending
from tiesan.notifications.sending.models import State as SendingState
from tiesan.records.kinds import table_of
from tiesan.records.pending import PendingEvaluation
from tiesan.scheduler.backups import last_backup
from tiesan.scheduler.models import JobRun, State

_ENTRY, _EVALUATION = table_of(AuditEntry), table_of(StoredEvaluation)
_PENDING, _RUN, _SENDING = table_of(PendingEvaluation), table_of(JobRun), table_of(Sending)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, what it says, whether it only grows, and its value."""

    name: str
    says: str
    value: float
    grows: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


def figures(session: Session, requests: RequestLog, now: datetime) -> Iterator[Figure]:
    """Yield every figure; those of one name follow each other."""
    yield from _of_requests(requests)
    # Numbers of rows that are only ever added: to count a million of them would take its time.
    saves = session.scalar(select(func.max(_ENTRY.c.id))) or 0
    yield Figure("tiesan_saves", "Entries of the audit trail", saves, grows=True)
    evaluations = session.scalar(select(func.max(_EVALUATION.c.id))) or 0
    yield Figure("tiesan_evaluations", "Evaluations that were stored", evaluations, grows=True)
    yield from _of_waiting(session, now)
    yield from _of_ages(session, now)


def _of_requests(requests: RequestLog) -> Iterator[Figure]:
    process = {"process": str(os.getpid())}
    for status, number in sorted(requests.answered().items()):
        yield Figure(
            "tiesan_requests", "Requests that this process has answered", number,
            grows=True, labels={**process, "status": status},
        )  # fmt: skip
    yield Figure(
        "tiesan_request_seconds", "For how long this process has been answering in all",
        requests.seconds(), grows=True, labels=process,
    )  # fmt: skip
    under_way = len(requests.under_way())
    yield Figure("tiesan_requests_under_way", "Requests that run now", under_way, labels=process)


def _of_waiting(session: Session, now: datetime) -> Iterator[Figure]:
    counted = {
        "evaluations": select(func.count()).select_from(_PENDING),
        "runs": select(func.count())
        .select_from(_RUN)
        .where(_RUN.c.state == State.WAITING.value, _RUN.c.due_at <= now),
        "sendings": select(func.count())
        .select_from(_SENDING)
        .where(_SENDING.c.state == SendingState.WAITING.value, _SENDING.c.due_at <= now),
    }
    for what, statement in counted.items():
        number = session.scalar(statement) or 0
        yield Figure(
            "tiesan_waiting", "What is due and not done yet", number, labels={"what": what}
        )
    failed = select(func.count()).select_from(_RUN).where(_RUN.c.state == State.FAILED.value)
    says = "Runs that have failed and wait for a person"
    yield Figure("tiesan_failed_runs", says, session.scalar(failed) or 0)


def _of_ages(session: Session, now: datetime) -> Iterator[Figure]:
    """How long ago things were done; what was never done has no age."""
    of_districts = select(func.max(_EVALUATION.c.at)).group_by(_EVALUATION.c.district_id)
    evaluated = list(session.scalars(of_districts))
    done = select(func.max(_RUN.c.ended_at)).where(_RUN.c.state == State.DONE.value)
    found: Mapping[str, tuple[str, datetime | None]] = {
        "tiesan_evaluation_age_seconds": (
            "Since the district that was evaluated longest ago was",
            min(evaluated) if evaluated else None,
        ),
        "tiesan_run_age_seconds": ("Since a run was done last", session.scalar(done)),
        "tiesan_backup_age_seconds": ("Since the newest backup", last_backup(session)),
    }
    for name, (says, at) in found.items():
        if at is not None:
            yield Figure(name, says, round((now - at).total_seconds()))
