"""Imports in words: where one stands, what it brought, and which are to be put aside."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from tiesan.audit import COMMAND_LINE
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.records.imports.models import UNFINISHED, DataImport, State
from tiesan.records.kinds import table_of
from tiesan.scheduler.jobs import IMPORTS
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.models import State as RunState
from tiesan.words.rows import who

STATES = {
    State.READING: _l("Being read"),
    State.ASKING: _l("Which column says what?"),
    State.REFUSED: _l("To be mended"),
    State.PREVIEWED: _l("To be confirmed"),
    State.TRYING: _l("The effect is being found"),
    State.STORING: _l("Being stored"),
    State.STORED: _l("Stored"),
    State.UNDOING: _l("Being undone"),
    State.UNDONE: _l("Undone"),
    State.DROPPED: _l("Put aside"),
}
COUNTS = {
    "new": _l("new rows"),
    "changed": _l("rows that change"),
    "withdrawn": _l("rows withdrawn"),
    "unchanged": _l("rows as before"),
    "left": _l("left as a person entered them"),
    "own": _l("of your own, left for somebody else"),
    "skipped_total": _l("rows of totals, skipped"),
    "skipped_group": _l("rows of people in no group, skipped"),
}

# While it stands so, a run is at it or is waited for.
OPEN = (State.READING, State.TRYING, State.STORING, State.UNDOING)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import as a line shows it; ``failed`` says why its run ended without a word.

    ``waits`` is whether another one is run first; ``part`` is how much of a run is done.
    """

    row: DataImport
    state: str
    files: str
    by: str
    counts: list[tuple[int, str]]
    skipped: list[str]
    failed: str = ""
    waits: bool = False
    part: float | None = None


def line_of(row: DataImport) -> ImportLine:
    """Return an import in words."""
    counts = row.result.get("counts", {})
    run = _run(row)
    return ImportLine(
        row,
        str(STATES[State(row.state)]),
        _named([each["name"] for each in row.files]),
        who(COMMAND_LINE.name if row.account is None else row.account.username, row.account_id),
        counted(counts),
        list(row.result.get("skipped", ())),
        _failed(run),
        run is not None and run.state == RunState.WAITING and _is_another_running(),
        run.step / run.steps if run is not None and run.steps else None,
    )


def _named(names: list[str]) -> str:
    """The names of files; of many the first ones, and how many they are."""
    if len(names) <= _MOST_NAMED:
        return "、".join(names)
    first = "、".join(names[:_MOST_NAMED])
    return _("%(names)s … (%(num)d files)", names=first, num=len(names))


def counted(counts: dict[str, int]) -> list[tuple[int, str]]:
    """Return the numbers of an import with their words, those of nothing left out."""
    return [(counts[name], str(word)) for name, word in COUNTS.items() if counts.get(name)]


def _run(row: DataImport) -> JobRun | None:
    """The run that an import waits for, if it does."""
    if row.state not in OPEN or row.run_id is None:
        return None
    return db.session.get(JobRun, row.run_id)


def _is_another_running() -> bool:
    """Whether an import is run now, whosever it is."""
    run = table_of(JobRun)
    running = run.c.job.in_(sorted(IMPORTS)), run.c.state == RunState.RUNNING.value
    return db.session.scalar(select(run.c.id).where(*running).limit(1)) is not None


def _failed(run: JobRun | None) -> str:
    """What went wrong with a run that ended without saying so; an empty text where nothing did."""
    if run is None or run.state != RunState.FAILED:
        return ""
    return _("It failed and was given up. Nothing was stored; bring the file in once more.")


def is_old(before: datetime) -> ColumnElement[bool]:
    """The imports, whoever brought them in, that were not stored since a moment."""
    table = table_of(DataImport)
    states = [each.value for each in UNFINISHED if each is not State.STORING]
    return and_(table.c.state.in_(states), table.c.at < before)
