"""What has been done about the flags of the fictitious district, so that every state is to be seen.

The stories stand in ``history.toml``. They go through the course of a flag like anything that a
person does: whoever may not do something is refused here as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.demo.words import words_beside
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Organization
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.notice_course import NOTICE_COURSE
from tiesan.reviews.waiver_course import WAIVER_COURSE
from tiesan.rules import Review

# The district is judged on these days before the running one: what is done in between is done
# about flags that are there by then. The last day is yesterday, as every morning.
JUDGED = (60, 22, 1)
# When people work, by the clock of the world: ten in the morning in Shanghai.
_AT_WORK = time(2, tzinfo=UTC)
_OTHERS = "others"
_COURSES = {each.name: each for each in (FLAG_COURSE, NOTICE_COURSE, WAIVER_COURSE)}


def at_work(day: date) -> datetime:
    """The moment of a day at which something is done."""
    return datetime.combine(day, _AT_WORK)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody does about the flag of a story, so many days before the running one.

    ``course`` says with what: the flag itself, the notice made of it, or a standing waiver for its
    rule and cadre. The days that are given count from the running day: ``since`` and ``until`` of
    a waiver, ``due_on`` of what is to be done.
    """

    day: int
    who: str
    verb: str
    text: str = ""
    course: str = FLAG_COURSE.name
    since: int | None = None
    until: int | None = None
    due_on: int | None = None
    measure: str | None = None


@dataclass(eq=False)
class Story:
    """A flag of a severity about somebody, and what is done with it; chosen at the first step.

    ``rows`` are the rows of the story by their course: the flag, and the notice made of it.
    """

    of: str
    severity: str
    steps: Sequence[Step]
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def flag_id(self) -> int | None:
        """The flag; None before the first step, and where no flag fits the story."""
        return self.rows.get(FLAG_COURSE.name)


def stories() -> list[Story]:
    """The stories of the file, none of them begun."""
    return [
        Story(each["of"], each["severity"], [Step(**step) for step in each["steps"]])
        for each in words_beside(__file__, "history.toml")["stories"]
    ]


@dataclass
class History:
    """The stories of one district as they go on; ``today`` is the running day.

    A step that a course refuses raises what the course raises: the stories do not fit the records.
    """

    session: Session
    today: date
    stories: Sequence[Story] = field(default_factory=stories)

    def unfold(self, judge: Callable[[date, datetime], object]) -> None:
        """Have days judged and carry out what is done between them; ends before yesterday.

        ``judge`` is given a day to be judged whole and the moment at which that is done. Each step
        is a transaction of its own.
        """
        for judged, following in pairwise(JUDGED):
            day = self.today - timedelta(days=judged)
            judge(day, at_work(day + timedelta(days=1)))
            self._tell(judged, following)

    def _tell(self, after: int, before: int) -> None:
        """Carry out what is done between two days; a story without a flag is left untold."""
        found = [
            (step, story)
            for story in self.stories
            for step in story.steps
            if after > step.day > before
        ]
        for step, story in sorted(found, key=lambda each: -each[0].day):
            if step is story.steps[0]:
                self._begin(story)
            if story.flag_id is not None:
                self._carry_out(story, step)

    def _begin(self, story: Story) -> None:
        found = self._chosen(story)
        if found is not None:
            story.rows[FLAG_COURSE.name] = found

    def _carry_out(self, story: Story, step: Step) -> None:
        day = self.today - timedelta(days=step.day)
        form = self._form(story, step)
        attempt = Attempt(self._actor(step.who), day, lambda: at_work(day), form, inner=True)
        self.session.rollback()
        row = story.rows.get(step.course)
        done = carry_out(self.session, _COURSES[step.course], step.verb, row, attempt)
        story.rows[step.course] = done.row.id
        self.session.commit()

    def _form(self, story: Story, step: Step) -> Mapping[str, Any]:
        """What a form would give; a verb takes of it what it asks for."""
        days = {"from": step.since, "until": step.until, "due_on": step.due_on}
        given = {
            name: (self.today + timedelta(days=days_on)).isoformat()
            for name, days_on in days.items()
            if days_on is not None
        }
        flag = self.session.get_one(Flag, story.flag_id)
        subject = {} if flag.cadre is None else {"cadre": flag.cadre.code}
        about = {"flags": str(flag.id), "rule": flag.rule, **subject}
        measure = {} if step.measure is None else {"measure": step.measure}
        return {"text": step.text, **given, **about, **measure}

    def _actor(self, username: str) -> Actor:
        account = self._account(username)
        return Actor(account.id, account.username)

    def _account(self, username: str) -> Account:
        return self.session.scalars(select(Account).where(Account.username == username)).one()

    def _chosen(self, story: Story) -> int | None:
        """The latest flag that fits a story, that nobody has answered and no other story has."""
        taken = {each.flag_id for each in self.stories if each.flag_id is not None}
        fitting = (
            select(Flag.id)
            .where(
                Flag.active,
                Flag.confidential.is_(False),
                Flag.severity == story.severity,
                Flag.review == Review.OPEN.value,
                Flag.id.not_in(taken),
            )
            .order_by(Flag.occurred_on.desc(), Flag.id)
            .limit(1)
        )
        return self.session.scalars(self._about(fitting, story.of)).first()

    def _about(self, fitting: Select[int], of: str) -> Select[int]:
        if of == _OTHERS:
            known = select(Account.cadre_id).where(Account.cadre_id.is_not(None))
            return fitting.where(Flag.cadre_id.not_in(known))
        cadre = self._account(of).cadre_id
        chaired = select(Organization.id).where(Organization.chair_id == cadre)
        return fitting.where(
            Flag.organization_id.in_(chaired) if of == "chair" else Flag.cadre_id == cadre
        )
