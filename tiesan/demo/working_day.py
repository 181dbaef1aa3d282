"""What the people of the fictitious district ask for, so that every state of a request is there.

The stories stand in ``working_day.toml`` and go through the courses like anything that a person
does. They are told when the stories of flags are over, before the last days are judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.deputies import name_deputy
from tiesan.access.viewer import read_viewer
from tiesan.audit import Actor
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.courses.errors import Refused
from tiesan.courses.installed import Courses
from tiesan.database import begin_writing
from tiesan.demo.history import at_work
from tiesan.demo.sample_files import sample_file
from tiesan.demo.words import words_beside
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Organization
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.services import hang_on, keep_file
from tiesan.records.attachments.store import FileStore
from tiesan.records.base import Record
from tiesan.records.kinds import table_of
from tiesan.rules import Review

_PUNCHES = "attendance"
_ON_TIME = time(17, 32)
# So many days on a story that is movable looks for free ones.
_FURTHER = 40
_DEPUTY = ("chair", "staff", 0, 6)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that somebody does so many days before the running one.

    ``days`` are days that the form gives, counted from the running one; ``files`` the names of
    samples that are sent with it.
    """

    day: int
    who: str
    verb: str
    form: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    files: Sequence[str] = ()


@dataclass(eq=False)
class RequestStory:
    """A request and what becomes of it; ``row`` is None before it is asked for, or was untold.

    One that is ``movable`` looks for days that are free; one about a ``punch`` is about a day on
    which the person has not clocked out.
    """

    course: str
    steps: Sequence[Asked]
    movable: bool = False
    punch: bool = False
    row: int | None = None


def request_stories() -> list[RequestStory]:
    """The stories of the file, none of them begun."""
    return [
        RequestStory(**{**each, "steps": [Asked(**step) for step in each["steps"]]})
        for each in words_beside(__file__, "working_day.toml")["stories"]
    ]


@dataclass
class WorkingDay:
    """The stories of one district; ``today`` is the running day, ``now`` the present moment.

    ``records`` are the kinds of records by name. A step that a course refuses raises what the
    course raises, but for days that are taken.
    """

    session: Session
    today: date
    now: datetime
    courses: Courses
    store: FileStore
    records: Mapping[str, type[Record]]
    stories: Sequence[RequestStory] = field(default_factory=request_stories)
    _taken: set[int] = field(default_factory=set)

    def unfold(self) -> None:
        """Tell all stories day by day, name the deputy, and hang the papers on their records."""
        told = [each for each in self.stories if each.course in self.courses]
        steps = [(step, story) for story in told for step in story.steps]
        for step, story in sorted(steps, key=lambda each: -each[0].day):
            if step is story.steps[0]:
                self._begin(story, step)
            elif story.row is not None:
                self._do(story, step, self._form(step, 0))
        self._name_deputy()
        for each in words_beside(__file__, "working_day.toml")["papers"]:
            self._hang(each["who"], each["kind"], each["file"])

    def _begin(self, story: RequestStory, step: Asked) -> None:
        """Ask for it, on the first days that are free."""
        about = self._punch(step.who) if story.punch else {}
        if about is None:
            return
        for later in range(_FURTHER if story.movable else 1):
            try:
                self._do(story, step, {**self._form(step, later), **about})
            except Refused:
                self.session.rollback()
            else:
                return

    def _do(self, story: RequestStory, step: Asked, form: Mapping[str, Any]) -> None:
        day, at = self.today - timedelta(days=step.day), self._at(step.day)
        self.session.rollback()
        actor = self._actor(step.who)
        self.session.rollback()
        begin_writing(self.session)
        sent = [self._sent(actor, name, at) for name in step.files]
        attempt = Attempt(actor, day, lambda: at, {**form, "files": sent}, inner=True)
        done = carry_out(self.session, self.courses[story.course], step.verb, story.row, attempt)
        story.row = done.row.id
        self.session.commit()

    def _form(self, step: Asked, later: int) -> Mapping[str, Any]:
        """What a form would give, its days ``later`` days later than told."""
        days = {
            name: (self.today + timedelta(days=number + later)).isoformat()
            for name, number in step.days.items()
        }
        return {**step.form, **days}

    def _at(self, day: int) -> datetime:
        """The moment at which something is done; nothing is done later than now."""
        return min(at_work(self.today - timedelta(days=day)), self.now)

    def _sent(self, actor: Actor, name: str, at: datetime) -> int:
        fit = fit_to_keep(sample_file(name))
        return keep_file(actor, self.session, self.store, fit, name, at=at).id

    def _punch(self, who: str) -> Mapping[str, Any] | None:
        """The latest missing punch of somebody about which nothing was said and decided yet."""
        model = self.records.get(_PUNCHES)
        if model is None:
            return None
        table, cadre = table_of(model), self._account(who).cadre_id
        decided = select(Flag.occurred_on).where(
            Flag.cadre_id == cadre, Flag.review != Review.OPEN.value
        )
        statement = (
            select(table.c.id)
            .where(
                table.c.cadre_id == cadre,
                table.c.clock_out.is_(None),
                table.c.day.not_in(decided),
                table.c.id.not_in(self._taken),
            )
            .order_by(table.c.day.desc())
        )
        found = self.session.scalar(statement.limit(1))
        if found is None:
            return None
        self._taken.add(found)
        return {
            "kind": _PUNCHES,
            "row": str(found),
            "wished": {"clock_out": _ON_TIME.isoformat()},
        }

    def _name_deputy(self) -> None:
        """The chair names somebody to decide beside them this week."""
        giver, named, first, last = _DEPUTY
        viewer = read_viewer(self.session, self._account(giver), self.today)
        days = (self.today + timedelta(days=first), self.today + timedelta(days=last))
        self.session.rollback()
        begin_writing(self.session)
        name_deputy(viewer, self.session, named, days, day=self.today, at=self._at(0))
        self.session.commit()

    def _hang(self, who: str, kind: str, name: str) -> None:
        """Hang a paper on the latest record of a kind of somebody, or of what they chair."""
        model = self.records.get(kind)
        if model is None:
            return
        table, cadre = table_of(model), self._account(who).cadre_id
        chaired = select(Organization.id).where(Organization.chair_id == cadre)
        own = (
            table.c.cadre_id == cadre
            if "cadre_id" in table.c
            else table.c.organization_id.in_(chaired)
        )
        found = self.session.scalar(select(table.c.id).where(own).order_by(table.c.id.desc()))
        actor = self._actor(who)
        self.session.rollback()
        begin_writing(self.session)
        if found is not None:
            hang_on(
                actor, self.session, [self._sent(actor, name, self._at(1))], kind, found,
                at=self._at(1),
            )  # fmt: skip
        self.session.commit()

    def _actor(self, username: str) -> Actor:
        account = self._account(username)
        return Actor(account.id, account.username)

    def _account(self, username: str) -> Account:
        return self.session.scalars(select(Account).where(Account.username == username)).one()
