"""Imports in words: where one stands, what it brought, and which are to be put aside."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.records.imports.models import UNFINISHED, DataImport, State
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.models import State as RunState

STATES = {
    State.READING: _l("Being read"),
    State.ASKING: _l("Which column says what?"),
    State.REFUSED: _l("Refused"),
    State.PREVIEWED: _l("To be confirmed"),
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


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import as a line shows it; ``failed`` says why its run ended without a word."""

    row: DataImport
    state: str
    files: str
    counts: list[tuple[int, str]]
    skipped: list[str]
    failed: str


def line_of(row: DataImport) -> ImportLine:
    """Return an import in words."""
    counts = row.result.get("counts", {})
    return ImportLine(
        row,
        str(STATES[State(row.state)]),
        "、".join(each["name"] for each in row.files),
        counted(counts),
        list(row.result.get("skipped", ())),
        _failed(row),
    )


def counted(counts: dict[str, int]) -> list[tuple[int, str]]:
    """Return the numbers of an import with their words, those of nothing left out."""
    return [(counts[name], str(word)) for name, word in COUNTS.items() if counts.get(name)]


def _failed(row: DataImport) -> str:
    """What went wrong with a run that ended without saying so; an empty text where nothing did."""
    if row.state not in (State.READING, State.STORING, State.UNDOING) or row.run_id is None:
        return ""
    run = db.session.get(JobRun, row.run_id)
    if run is None or run.state != RunState.FAILED:
        return ""
    return _("It failed and was given up. Nothing was stored; bring the file in once more.")


def removable(before: datetime) -> Select[DataImport]:
    """The imports that were not stored since a moment, whoever asks."""
    states = [each.value for each in UNFINISHED if each is not State.STORING]
    return select(DataImport).where(DataImport.state.in_(states), DataImport.at < before)
