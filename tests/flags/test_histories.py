"""Whatever happens to records, reviews and plugins, stored flags keep what review adds.

Random histories of one district against a model written from institutions.md, "What review adds".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense
from tests.flags.conftest import NOW, District, noon_of
from tiesan.audit import COMMAND_LINE
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import Catalog, installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.records.settings import PluginState
from tiesan.rules import decide_plainly

RULE = "discipline.expense_unapproved"
THRESHOLD = 20_000
CODES = ("X1", "X2")
FINISHED = {"confirmed", "dismissed", "waived", "remedied", "closed"}
REVIEWS = sorted({*FINISHED, "open", "acknowledged", "explained", "appealed"})

corrections = st.tuples(st.just("correct"), st.sampled_from(CODES), st.sampled_from([100, 20_000]))
changes = st.tuples(st.just("correct"), st.sampled_from(CODES), st.sampled_from([20_000, 30_000]))
voidings = st.tuples(st.just("void"), st.sampled_from(CODES), st.booleans())
reviews = st.tuples(st.just("review"), st.sampled_from(CODES), st.sampled_from(REVIEWS))
switches = st.tuples(st.just("switch"), st.just(""), st.booleans())
evaluations = st.tuples(st.just("evaluate"), st.just(""), st.integers(0, 2))
glances = st.tuples(st.just("look back"), st.just(""), st.integers(1, 9))
steps = st.one_of(
    *(corrections, changes, voidings, reviews, reviews, switches),
    *(evaluations, evaluations, evaluations, glances),
)

GOES_ON = ("evaluate", "", 1)


@dataclass
class Episode:
    """What is to be stored of one episode of a flag."""

    amount: int
    active: bool = True
    reason: str | None = None
    review: str = "open"
    changed: bool = False
    amounts: list[int] = field(default_factory=list)
    verbs: list[str] = field(default_factory=lambda: ["raised"])


class Model:
    """The records as they are, and the flags that the last evaluation has left."""

    def __init__(self) -> None:
        self.amounts = dict.fromkeys(CODES, THRESHOLD)
        self.voided = dict.fromkeys(CODES, False)
        self.on = True
        self.flags: dict[str, list[Episode]] = {code: [] for code in CODES}

    def end_waivers(self) -> None:
        """A day has passed: what was waived until the day before is open again."""
        for episode in (each for episodes in self.flags.values() for each in episodes):
            if episode.review == "waived":
                episode.review, episode.changed = "open", False
                episode.verbs.append("waiver_ended")

    def evaluate(self) -> None:
        for code, episodes in self.flags.items():
            amount = self.amounts[code]
            if self.on and not self.voided[code] and amount >= THRESHOLD:
                self._found(episodes, amount)
            elif episodes and (episodes[-1].active or (self.on and episodes[-1].reason == "rule")):
                last = episodes[-1]
                last.active, last.reason = False, "condition" if self.on else "rule"
                last.verbs.append("cleared")

    def _found(self, episodes: list[Episode], amount: int) -> None:
        last = episodes[-1] if episodes else None
        if last is None or (last.reason == "condition" and last.review in FINISHED):
            episodes.append(Episode(amount, amounts=[amount]))
            return
        if not last.active:
            last.active, last.reason = True, None
            last.verbs.append("raised_again")
        if amount != last.amount:
            last.amount = amount
            last.amounts.append(amount)
            last.verbs.append("revised")
            last.changed |= last.review in FINISHED


@cache
def catalog_of_one() -> Catalog:
    """The installation with a single rule, so that many histories take no time."""
    installed = installed_catalog()
    file = next(each for each in installed.files if each.plugin == "discipline")
    only = replace(file, rules=tuple(rule for rule in file.rules if rule.id == RULE))
    return replace(installed, files=(only,))


class History:
    """One district that goes through a history, beside its model."""

    def __init__(self, district: District) -> None:
        self.district, self.model, self.day = district, Model(), date(2026, 3, 10)
        self.rows = {code: district.expense(code, THRESHOLD) for code in CODES}
        self.switch = PluginState(name="discipline", enabled=True, changed_at=NOW)
        district.session.add(self.switch)
        district.session.commit()

    def evaluate(self, day: date) -> bool:
        """Evaluate as of a day; whether that was stored."""
        self.district.session.commit()
        task = Task(COMMAND_LINE, catalog_of_one(), decide_plainly, day, day, noon_of(day))
        return evaluate_installation(self.district.session, task).stored

    def step(self, what: str, code: str, value: Any) -> None:
        """Do one thing to the district and to the model."""
        if what == "correct":
            self.rows[code].amount = self.model.amounts[code] = value
        elif what == "void":
            row: Expense = self.rows[code]
            row.voided_at, row.void_reason = (NOW, "重复") if value else (None, None)
            self.model.voided[code] = value
        elif what == "switch":
            self.switch.enabled = self.model.on = value
        elif what == "review" and self.model.flags[code]:
            self.review(code, value)
        elif what == "evaluate":
            self.rise(value)
        elif what == "look back":
            before = self.district.stored()
            assert not self.evaluate(self.day - timedelta(days=value))
            assert self.district.stored() == before

    def review(self, code: str, state: str) -> None:
        """Review the last episode of a flag."""
        episode = self.model.flags[code][-1]
        episode.review = state
        episode.verbs.append("reviewed")
        until = self.day if state == "waived" else None
        self.district.review(self.stored(code)[-1], state, self.day, until)

    def rise(self, days: int) -> None:
        """Evaluate as of the same or a later day, twice: the second time changes nothing."""
        self.day += timedelta(days=days)
        assert self.evaluate(self.day)
        if days:
            self.model.end_waivers()
        self.model.evaluate()
        before = self.district.stored()
        assert self.evaluate(self.day)
        assert self.district.stored() == before

    def stored(self, code: str) -> list[Flag]:
        """The episodes of a flag."""
        self.district.session.commit()
        self.district.session.expire_all()
        wanted = select(Flag).where(Flag.rule == RULE, Flag.key == code).order_by(Flag.episode)
        return list(self.district.session.scalars(wanted))

    def check(self) -> None:
        """Everything stored is what the model says."""
        for code, episodes in self.model.flags.items():
            flags = self.stored(code)
            assert [flag.episode for flag in flags] == list(range(1, len(episodes) + 1))
            previous = [None, *(flag.id for flag in flags)]
            assert [flag.previous_id for flag in flags] == previous[: len(flags)]
            assert [as_episode(flag) for flag in flags] == episodes


def as_episode(flag: Flag) -> Episode:
    """What is stored of a flag, as the model has it."""
    frozen = [revision.evidence[0]["amount"] for revision in flag.revisions]
    assert [revision.number for revision in flag.revisions] == list(range(1, flag.revision + 1))
    assert (flag.cleared_at is None) is flag.active
    return Episode(
        amount=int(str(frozen[-1]).replace(".", "")),
        active=flag.active,
        reason=flag.cleared_reason,
        review=flag.review,
        changed=flag.changed_since_decision,
        amounts=[int(str(amount).replace(".", "")) for amount in frozen],
        verbs=[event.verb for event in flag.events],
    )


@contextmanager
def fresh(template: Path, engine: Engine) -> Iterator[District]:
    """The small district in a database of its own."""
    with TemporaryDirectory() as folder:
        file = copyfile(template, Path(folder) / "district.sqlite3")
        database = make_engine(URL.create("sqlite", database=str(file)))
        try:
            with Session(database) as session:
                yield District(session, engine).people()
        finally:
            database.dispose()


@settings(max_examples=25)
@example(
    history=[("review", "X1", "dismissed"), ("switch", "", False), GOES_ON, ("switch", "", True)]
)
@example(
    history=[("review", "X1", "confirmed"), ("correct", "X1", 100), GOES_ON, ("void", "X2", True)]
)
@example(
    history=[
        *(("review", "X1", "dismissed"), ("switch", "", False), GOES_ON),
        *(("correct", "X1", 100), ("switch", "", True), GOES_ON, ("correct", "X1", THRESHOLD)),
    ]
)
@given(history=st.lists(steps, min_size=3, max_size=14))
def test_any_history_leaves_what_the_institutions_say(
    history: list[tuple[str, str, Any]], sqlite_template: Path, engine: Engine
) -> None:
    with fresh(sqlite_template, engine) as district:
        story = History(district)
        story.rise(0)
        for step in history:
            story.step(*step)
        story.rise(1)
        story.check()
