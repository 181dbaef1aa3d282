"""The jobs: what is done, for which places, at which time of the day.

A job is a value. What it does is named and not held, so that a server that only plans and watches
imports nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from tiesan.config import evaluation_time
from tiesan.i18n import _l

FIRST_HOURS = time(1, 15)
_MOST_OF_AN_IMPORT = 600 * 1024 * 1024


class Scope(StrEnum):
    """Whether a job is done once for each district, or once for the installation."""

    DISTRICT = "district"
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    ``does`` names its function as ``module:name``; it takes a ``Work`` and returns what came of it
    as plain JSON. It is empty for what a command does, whose runs are only noted. ``at`` is the
    time of the day in Asia/Shanghai, None for what is only done when somebody asks for it. A run
    that takes longer than ``longest`` is ended and counts as failed, and so does one that needs
    more than ``most_memory`` (bytes). What stands ``apart`` is loaded when it is run, so that no
    evaluation loads it. A job that is ``wanted`` has no time of the day: the function of that name
    (``module:name``) takes a session and the moment and says whether there is something to do,
    whenever what is due is planned.
    """

    name: str
    title: str
    scope: Scope
    does: str
    at: time | None = None
    working_days_only: bool = False
    longest: timedelta = timedelta(hours=2)
    apart: bool = False
    most_memory: int | None = None
    wanted: str = ""


# Done when somebody asks for it: the districts that are named with the run.
EVALUATE_NOW = Job(
    "evaluate_now",
    _l("Evaluation asked for"),
    Scope.INSTALLATION,
    "tiesan.scheduler.evaluating:evaluate_now",
)
# Imports in the browser, done when somebody asks for it.
READ_IMPORT = Job(
    "read_import",
    _l("Import: reading"),
    Scope.INSTALLATION,
    "tiesan.imports.running:read_import",
    longest=timedelta(seconds=300),
    apart=True,
    most_memory=_MOST_OF_AN_IMPORT,
)
STORE_IMPORT = Job(
    "store_import",
    _l("Import: storing"),
    Scope.INSTALLATION,
    "tiesan.imports.running:store_import",
    longest=timedelta(seconds=600),
    apart=True,
    most_memory=_MOST_OF_AN_IMPORT,
)
UNDO_IMPORT = Job(
    "undo_import",
    _l("Import: undoing"),
    Scope.INSTALLATION,
    "tiesan.imports.running:undo_import",
    longest=timedelta(seconds=600),
    apart=True,
    most_memory=_MOST_OF_AN_IMPORT,
)
TRY_IMPORT = Job(
    "try_import",
    _l("Import: effect"),
    Scope.INSTALLATION,
    "tiesan.imports.running:try_import",
    longest=timedelta(minutes=30),
    apart=True,
)
# Of these one is run at a time in a district; others wait for it.
IMPORTS = frozenset(each.name for each in (READ_IMPORT, TRY_IMPORT, STORE_IMPORT, UNDO_IMPORT))
# What a version of a rule would have flagged, told to who wrote it.
TRY_RULE = Job(
    "try_rule",
    _l("Trial of a rule"),
    Scope.INSTALLATION,
    "tiesan.rulebook.trying:try_rule",
    longest=timedelta(minutes=30),
    apart=True,
)
# What it would have raised and cleared on which day.
REPLAY_RULE = Job(
    "replay_rule",
    _l("Replay of a rule day by day"),
    Scope.INSTALLATION,
    "tiesan.rulebook.replaying:replay_rule",
    longest=timedelta(hours=1),
    apart=True,
)
# What a value of a parameter would change, told to who thinks of setting it.
FIND_EFFECT = Job(
    "find_effect",
    _l("Effect of a parameter's value"),
    Scope.INSTALLATION,
    "tiesan.rulebook.effects:find_effect",
    longest=timedelta(minutes=30),
    apart=True,
)
# What leaves the house: whatever is due, and the one code or test that somebody waits for.
SEND = Job(
    "send",
    _l("Sending of messages"),
    Scope.INSTALLATION,
    "tiesan.notifications.sending.working:send_due",
    longest=timedelta(minutes=15),
    apart=True,
    wanted="tiesan.notifications.sending.taking:is_wanted",
)
SEND_ASKED = Job(
    "send_asked",
    _l("Sending of a code or a test"),
    Scope.INSTALLATION,
    "tiesan.notifications.sending.working:send_asked",
    longest=timedelta(minutes=2),
    apart=True,
)
# Everything that is kept on a person, for them to fetch.
GATHER_OWN = Job(
    "gather_own",
    _l("A person's own data"),
    Scope.INSTALLATION,
    "tiesan.privacy.own.gathering:gather",
    longest=timedelta(minutes=30),
    apart=True,
    most_memory=_MOST_OF_AN_IMPORT,
)
# Made by a command, which notes it here so that everybody knows when it was.
BACKUP = Job("backup", _l("Backup"), Scope.INSTALLATION, does="", apart=True)
_ASKED_FOR = (
    GATHER_OWN,
    *(EVALUATE_NOW, TRY_RULE, REPLAY_RULE, FIND_EFFECT),
    *(SEND, SEND_ASKED),
    *(READ_IMPORT, TRY_IMPORT, STORE_IMPORT, UNDO_IMPORT),
    BACKUP,
)
# Files that were sent and not used; it is looked for them, too, whenever another one is sent.
REMOVE_UNUSED_FILES = Job(
    "remove_unused_files",
    _l("Removal of files that were not used"),
    Scope.INSTALLATION,
    "tiesan.scheduler.tidying:remove_unused_files",
    at=time(3, 30),
    longest=timedelta(minutes=15),
)
# What is older than the months that are set for it.
RETAIN = Job(
    "retention",
    _l("Removal by retention"),
    Scope.INSTALLATION,
    "tiesan.privacy.retention.running:remove_what_is_old",
    at=time(3, 45),
    longest=timedelta(hours=1),
    apart=True,
)

# Where each chain of the audit trail ends, written down where the database does not reach.
KEEP_HEADS = Job(
    "keep_heads",
    _l("Heads of the audit trail written down"),
    Scope.INSTALLATION,
    "tiesan.scheduler.heads:keep_heads",
    at=time(4),
    longest=timedelta(minutes=5),
)

# One text for each person of a district, with what did not leave at once.
SEND_DIGESTS = Job(
    "digest",
    _l("Digests of notifications"),
    Scope.DISTRICT,
    "tiesan.notifications.daily:send_digests",
    at=time(8),
    working_days_only=True,
    longest=timedelta(minutes=30),
    apart=True,
)
# What is due is told behind the evaluation: of two runs the earlier is claimed first.
_AFTER_EVALUATION = 15


def jobs_of(evaluate_at: time = FIRST_HOURS) -> Mapping[str, Job]:
    """Return all jobs by name; ``evaluate_at`` is when the districts are evaluated."""
    nightly = Job(
        "evaluate",
        _l("Evaluation as of yesterday"),
        Scope.DISTRICT,
        "tiesan.scheduler.evaluating:evaluate_yesterday",
        at=evaluate_at,
    )
    telling = Job(
        "notify",
        _l("Telling what is due"),
        Scope.DISTRICT,
        "tiesan.notifications.daily:notify",
        at=_behind(evaluate_at),
        longest=timedelta(minutes=30),
        apart=True,
    )
    daily = (SEND_DIGESTS, REMOVE_UNUSED_FILES, RETAIN, KEEP_HEADS)
    every = (nightly, telling, *daily, *_ASKED_FOR)
    return {job.name: job for job in every}


def _behind(evaluate_at: time) -> time:
    """A quarter of an hour after the evaluation, on the same day."""
    minutes = evaluate_at.hour * 60 + evaluate_at.minute + _AFTER_EVALUATION
    hour, minute = divmod(min(minutes, 24 * 60 - 1), 60)
    return time(hour, minute)


def installed_jobs() -> Mapping[str, Job]:
    """Return all jobs by name, at the times that this installation has set.

    Raises UserError for a setting that is none.
    """
    return jobs_of(evaluation_time(FIRST_HOURS))
