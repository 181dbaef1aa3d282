"""Operation: the runs of jobs, what is due next, and having it done now; for administrators."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from tiesan.access.criterion import readable_rows
from tiesan.access.viewer import current_viewer
from tiesan.admin.home.running import administered
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, DateFilter, Filter
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.language import local_path
from tiesan.admin.shell.pages import page
from tiesan.clock import SHANGHAI, now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.records.policy import ADMINISTRATORS
from tiesan.scheduler.asking import run_again, run_now, take_back
from tiesan.scheduler.jobs import Job, Scope
from tiesan.scheduler.models import JobRun, State
from tiesan.scheduler.planning import calendar_of, next_due
from tiesan.scheduler.runner import Runner
from tiesan.words.rows import Block, Entry, who
from tiesan.words.runs import (
    STATES,
    failed_runs,
    flags_line,
    job_titles,
    place_of,
    reason_of,
    result_of,
    run_messages,
    state_of,
    title_of,
)
from tiesan.words.values import day, moment

_KILOBYTES = 1024


@dataclass(frozen=True, slots=True)
class Planned:
    """A job of the timetable: when it is due next, and whether the viewer may have it done now."""

    job: Job
    title: str
    next_at: datetime
    may_run: bool


class OperationView(ListView):
    """The runs of an administrator's districts, and those that the viewer asked for."""

    model_class = JobRun
    roles = ADMINISTRATORS
    place = "operation"
    newest_first = ("day",)
    file_name = "runs"
    list_template = "operation/list.html"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Operation"), "operation", "/operation")

    # --- the list ---------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return (
            Column("day", _l("Day"), lambda row: day(row.day), lambda row: row.day, "day",
                   "date"),
            Column("job", _l("Job"), title_of, title_of, "job", "place"),
            Column("district", _l("District"), place_of, place_of, None, "place"),
            Column("state", _l("State"), state_of, state_of, "state", "state"),
            _moment_column("began_at", _l("Began")),
            _moment_column("ended_at", _l("Ended")),
            Column("result", _l("What it did"), result_of, result_of, None, "long"),
        )  # fmt: skip

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        states = {state.value: words for state, words in STATES.items()}
        return (
            ChoiceFilter("job", _l("Job"), job_titles, lambda name: JobRun.job == name),
            ChoiceFilter("state", _l("State"),
                         lambda: {each: str(words) for each, words in states.items()},
                         lambda state: JobRun.state == state),
            DateFilter("day_from", _l("From"), "date", lambda each: JobRun.day >= each),
            DateFilter("day_to", _l("Until"), "date", lambda each: JobRun.day <= each),
        )  # fmt: skip

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the runs that the viewer may see."""
        return readable_rows(JobRun)

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows the list shows."""
        return ("district",)

    def timetable(self) -> list[Planned]:
        """Return the jobs with a time of the day, in the order in which they are due next."""
        calendar = calendar_of(db.session())
        found = [
            Planned(job, str(job.title), due, bool(_places(job)))
            for job in _runner().jobs.values()
            if (due := next_due(job, now(), calendar)) is not None
        ]
        return sorted(found, key=lambda each: each.next_at)

    def failed(self) -> object:
        """Return the runs that wait for a person."""
        return failed_runs()

    def ahead(self) -> str:
        """Return the newest day to come that has a run; an empty text when there is none."""
        later = select(JobRun.day).where(JobRun.asked == "", JobRun.day > today())
        newest = db.session.scalars(later.order_by(JobRun.day.desc()).limit(1)).first()
        return "" if newest is None else day(newest)

    @property
    def may_take_back(self) -> bool:
        """Whether the viewer administers the whole installation."""
        return current_viewer().reach(ADMINISTRATORS).everywhere

    # --- a run ------------------------------------------------------------------------------------

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show a run; while it is not over, the page's script looks again and again."""
        run: JobRun = self.row_or_404()
        asked = run.asked != ""
        return self.render(
            "operation/run.html",
            run=run,
            heading=title_of(run),
            blocks=_blocks(run),
            state=state_of(run),
            reason=reason_of(run),
            told=list(run_messages(run)) if asked and run.is_over else [],
            then=local_path(request.args["then"]) if "then" in request.args else "",
            may_run_again=run.state == State.FAILED,
        )

    # --- having it done ---------------------------------------------------------------------------

    @page("/run/", methods=("POST",))
    def run_view(self) -> ResponseReturnValue:
        """Have a job of the timetable done now, in all districts of the viewer."""
        job = _runner().jobs.get(request.args.get("job", ""))
        places = _places(job) if job is not None else []
        if job is None or job.at is None or not places:
            abort(403)
        begin_storing(db.session())
        for district_id in places:
            try:
                run_now(current_viewer().actor, db.session(), job, district_id, now=now())
            except UserError as error:
                flash(" ".join(error.lines), "warning")
        return self._begin()

    @page("/again/", methods=("POST",))
    def again_view(self) -> ResponseReturnValue:
        """Have a run done again that waits for a person."""
        begin_storing(db.session())
        run: JobRun = self.row_or_404()
        try:
            run_again(current_viewer().actor, db.session(), run, now=now())
        except UserError as error:
            flash(" ".join(error.lines), "warning")
            return redirect(self.get_url(".index_view"))
        return self._begin()

    @page("/back/", methods=("POST",))
    def back_view(self) -> ResponseReturnValue:
        """Forget the runs of days to come, which a clock that was ahead has left."""
        if not self.may_take_back:
            abort(403)
        begin_storing(db.session())
        take_back(current_viewer().actor, db.session(), now=now())
        db.session.commit()
        flash(_("The runs of days to come were taken back."), "success")
        return redirect(self.get_url(".index_view"))

    def _begin(self) -> ResponseReturnValue:
        db.session.commit()
        _runner().call(asked_only=False)
        flash(_("It is being done now. This page shows how it ends."), "success")
        return redirect(self.get_url(".index_view"))


def _runner() -> Runner:
    runner: Runner = current_app.extensions["runner"]
    return runner


def _places(job: Job) -> list[int | None]:
    """Where the viewer may have a job done: whole districts, or the installation."""
    viewer = current_viewer()
    if job.scope is Scope.INSTALLATION:
        return [None] if viewer.reach(ADMINISTRATORS).everywhere else []
    return [*sorted(administered(viewer))]


def _moment_column(name: str, label: str) -> Column:
    def at(row: JobRun) -> datetime | None:
        value: datetime | None = getattr(row, name)
        return value

    def write(row: JobRun) -> datetime | None:
        value = at(row)
        return None if value is None else value.astimezone(SHANGHAI).replace(tzinfo=None)

    def show(row: JobRun) -> str:
        value = at(row)
        return "" if value is None else f"{value.astimezone(SHANGHAI):%m-%d %H:%M}"

    return Column(name, label, show, write, name, "date")


def _blocks(run: JobRun) -> list[Block]:
    entries = [
        Entry(_("Day"), day(run.day)),
        Entry(_("District"), place_of(run)),
        Entry(_("State"), state_of(run)),
        Entry(_("Asked for by"), who(run.actor_name, run.actor_id)),
        Entry(_("Began"), moment(run.began_at) if run.began_at else ""),
        Entry(_("Ended"), moment(run.ended_at) if run.ended_at else ""),
        Entry(_("Attempts"), str(run.attempts or "")),
        Entry(_("Process"), run.claimed_by or ""),
        Entry(_("Most memory"), _megabytes(run.peak_memory_kb)),
    ]
    did = [result_of(run), flags_line(run)] if run.state == State.DONE else []
    found = [Block("", [entry for entry in entries if entry.value])]
    if any(did):
        found.append(Block(_("What it did"), [Entry("", text, wide=True) for text in did if text]))
    if run.output:
        found.append(Block(_("What it said last"), [Entry("", run.output, wide=True)]))
    return found


def _megabytes(kilobytes: int | None) -> str:
    return "" if kilobytes is None else f"{kilobytes // _KILOBYTES} MB"
