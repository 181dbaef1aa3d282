"""Deciding: facts are put before the engine, and every answer is held against the plain evaluator.

A rule is either decided about all facts, or not evaluated; a failure never looks like "no hit".
When the child fails on a chunk, the chunk is tried again by halves, first of its facts, then of its
rules, until the rule is found that fails on a single fact. It is reported; all others are decided.
"""

import os
import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TypeAlias

from tiesan.engine.jobs import Feed, Job, WrongAnswerError
from tiesan.engine.patience import Patience
from tiesan.engine.process import CHILD, ChildError, EngineProcess, Stage
from tiesan.engine.ruleset import Part, plan
from tiesan.engine.segments import Answer, FactsOfKind
from tiesan.i18n import _
from tiesan.rules import Batch, Binding, Decide, NotEvaluated, Verdicts

# The child works on one chunk, has the next one waiting, and the parent prepares a third.
IN_FLIGHT = 2
# How often one evaluation may lose its child before what is left counts as not evaluated.
MOST_FAILURES = 60
# How often a child that ended while it started is started anew: somebody may have killed it.
MOST_FAILED_STARTS = 3
PROCESSES = 2

# What the plain evaluator says, by numbers of a job's segment and of its decision.
_Answers: TypeAlias = dict[tuple[int, int], Answer]


class Engine:
    """Decides batches of facts; may be used by several threads, and in a forked process again.

    ``command`` runs the child, ``processes`` is how many of them there may be at once.
    """

    def __init__(self, command: Sequence[str] = CHILD, processes: int = PROCESSES) -> None:
        """Start nothing yet."""
        self._command, self._processes = command, processes
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._room = threading.BoundedSemaphore(self._processes)
        self._idle: list[EngineProcess] = []

    def decide(self, batches: Sequence[Batch], binding: Binding, of_kind: FactsOfKind) -> Verdicts:
        """The verdicts of all decisions on the facts of their batches.

        ``of_kind`` gives the facts of a kind, for related facts. Nothing is raised when the engine
        fails: the rules concerned are in ``Verdicts.not_evaluated``.
        """
        return self._decide(Patience(), batches, binding, of_kind)

    def within(self, seconds: float) -> Decide:
        """What decides for somebody who does not wait for a silent child longer than that.

        The seconds are for all its calls together. What is left over then is not evaluated.
        """
        return partial(self._decide, Patience(seconds))

    def _decide(
        self, patience: Patience, batches: Sequence[Batch], binding: Binding, of_kind: FactsOfKind
    ) -> Verdicts:
        with self._process(patience) as process:
            return _Evaluation(process, binding, of_kind).decide(batches)

    def is_alive(self) -> bool:
        """Whether a child is at work, is there, or can be started."""
        self._settle_process()
        if not self._room.acquire(blocking=False):
            return True
        try:
            process = self._taken()
            alive = process.is_started()
            self._idle.append(process)
            return alive
        finally:
            self._room.release()

    def _taken(self) -> EngineProcess:
        try:
            return self._idle.pop()
        except IndexError:
            return EngineProcess(self._command)

    def close(self) -> None:
        """End the child processes that are not at work."""
        while self._idle:
            self._idle.pop().close()

    def _settle_process(self) -> None:
        if os.getpid() != self._pid:
            # Another process forked this one: its children and its threads are not ours.
            self._reset()

    @contextmanager
    def _process(self, patience: Patience) -> Iterator[EngineProcess]:
        self._settle_process()
        with self._room:
            process = self._taken()
            process.patience = patience
            try:
                yield process
            finally:
                if process.in_flight:
                    process.close()
                process.patience = Patience()
                self._idle.append(process)


class _Evaluation:
    """One call of `Engine.decide`."""

    def __init__(self, process: EngineProcess, binding: Binding, of_kind: FactsOfKind) -> None:
        self._process, self._binding, self._of_kind = process, binding, of_kind
        self._hits: dict[str, list[list[int]]] = defaultdict(list)
        self._alone: dict[tuple[str, int], int] = {}
        self._not_evaluated: dict[str, NotEvaluated] = {}
        self._failures = 0
        self._failed_starts = 0
        self._patience = process.patience

    def decide(self, batches: Sequence[Batch]) -> Verdicts:
        verdicts = Verdicts(facts=sum(len(batch.facts) for batch in batches))
        todo = [Part(batch, 0, len(batch.facts), tuple(batch.decisions)) for batch in batches]
        while todo:
            todo = self._open(self._run(todo))
            if self._patience.is_over:
                self._leave(todo)
                todo = []
        for batch in batches:
            for decision in batch.decisions:
                if decision.rule_id not in self._not_evaluated:
                    # A chunk that was tried again may have given some of its hits before.
                    found = set(chain.from_iterable(self._hits[decision.rule_id]))
                    verdicts.hits[decision.rule_id] = sorted(found)
        verdicts.not_evaluated = list(self._not_evaluated.values())
        verdicts.settled_before = sum(self._alone.values())
        return verdicts

    def _run(self, parts: Sequence[Part], in_flight: int = IN_FLIGHT) -> list[Part]:
        """Decide the parts; what is left of them when the child failed on the way."""
        if self._patience.is_over:
            return list(parts)
        self._patience.begin()
        feed = Feed(plan(parts), self._binding, self._of_kind)
        waiting: deque[tuple[Job, _Answers]] = deque()
        try:
            while (job := feed.next_job()) is not None:
                while waiting and self._process.is_worn:
                    self._receive(waiting)
                waiting.append((job, {}))
                self._process.submit(job.ruleset, job.payload, job.count)
                waiting[-1][1].update(_answers(job))
                while len(waiting) > in_flight:
                    self._receive(waiting)
            while waiting:
                self._receive(waiting)
        except ChildError as error:
            self._patience.lose()
            self._isolate(waiting.popleft()[0].parts, error)
        return [part for left, _answer in waiting for part in left.parts] + feed.rest()

    def _receive(self, waiting: deque[tuple[Job, _Answers]]) -> None:
        """Take the answer to the oldest job; the job stays when the child fails on it."""
        hits = self._process.receive()
        self._patience.begin()
        job, answers = waiting[0]
        try:
            positions = job.positions(hits)
        except WrongAnswerError as error:
            self._process.close()
            text = _("it gave an answer that does not belong to the facts")
            raise ChildError(Stage.FACTS, text) from error
        waiting.popleft()
        self._compare(job, answers, positions)

    def _compare(
        self, job: Job, answers: _Answers, positions: Mapping[tuple[int, int], list[int]]
    ) -> None:
        for (number, decision), answer in answers.items():
            segment = job.segments[number]
            rule = segment.lot.lowered[decision].decision.rule_id
            engine = positions.get((number, decision), [])
            if engine != answer.engine:
                first = min(set(engine).symmetric_difference(answer.engine), default=0)
                at = segment.start + first
                text = _("the engine and the plain evaluator disagree")
                self._give_up(rule, _scope(segment.lot.part.batch, at, at + 1), text)
            self._hits[rule].append([segment.start + position for position in answer.hits])
            self._alone[rule, segment.start] = answer.left_out

    def _isolate(self, parts: Iterable[Part], error: ChildError) -> None:
        """Find the rule on which the child fails, and give it up; all others are decided."""
        self._failures += 1
        parts = self._open(parts)
        halves = self._halves(parts, error.stage)
        if not halves:
            for part in parts:
                for decision in part.decisions:
                    scope = _scope(part.batch, part.start, part.stop)
                    text = _("the engine failed: %(what)s", what=error.text)
                    self._give_up(decision.rule_id, scope, text)
        for half in halves:
            todo = self._open(half)
            while todo:
                todo = self._open(self._run(todo, in_flight=0))
                if self._patience.is_over:
                    self._leave(todo)
                    todo = []

    def _leave(self, parts: Iterable[Part]) -> None:
        """Give up what nobody waits for any more; where there are no facts, that is the answer."""
        for part in filter(len, parts):
            for decision in part.decisions:
                scope = _scope(part.batch, part.start, part.stop)
                self._give_up(decision.rule_id, scope, _("the engine gave no answer in time"))

    def _halves(self, parts: list[Part], stage: Stage) -> list[list[Part]]:
        """What to try next, each part by itself; nothing when trying on is no use."""
        if stage is Stage.START:
            self._failed_starts += 1
            return [parts] if self._failed_starts < MOST_FAILED_STARTS else []
        if self._failures > MOST_FAILURES:
            return []
        # A ruleset that cannot be loaded fails whatever the facts are.
        return ([] if stage is Stage.LOAD else half_facts(parts)) or half_rules(parts)

    def _give_up(self, rule: str, scope: str, error: str) -> None:
        self._not_evaluated.setdefault(rule, NotEvaluated(rule, scope, error))

    def _open(self, parts: Iterable[Part]) -> list[Part]:
        """The parts without the rules that were given up."""
        found = []
        for part in parts:
            left = tuple(each for each in part.decisions if each.rule_id not in self._not_evaluated)
            if left:
                found.append(Part(part.batch, part.start, part.stop, left))
        return found


def _answers(job: Job) -> _Answers:
    return {
        (number, decision): segment.answer(decision)
        for number, segment in enumerate(job.segments)
        for decision in range(len(segment.lot.lowered))
    }


def half_facts(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts in two halves by facts; none when there is but one fact."""
    total = sum(map(len, parts))
    if total < 2:  # noqa: PLR2004 - two halves.
        return []
    first: list[Part] = []
    second: list[Part] = []
    room = total // 2
    for part in parts:
        middle = part.start + min(room, len(part))
        room -= middle - part.start
        if middle > part.start:
            first.append(Part(part.batch, part.start, middle, part.decisions))
        if middle < part.stop:
            second.append(Part(part.batch, middle, part.stop, part.decisions))
    return [first, second]


def half_rules(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts in two halves by decisions; none when there is but one."""
    total = sum(len(part.decisions) for part in parts)
    if total < 2:  # noqa: PLR2004 - two halves.
        return []
    first: list[Part] = []
    second: list[Part] = []
    room = total // 2
    for part in parts:
        left, right = part.decisions[:room], part.decisions[room:]
        room -= len(left)
        if left:
            first.append(Part(part.batch, part.start, part.stop, left))
        if right:
            second.append(Part(part.batch, part.start, part.stop, right))
    return [first, second]


def _scope(batch: Batch, start: int, stop: int) -> str:
    """The batch and the facts, as far as a person can tell them."""
    first, last = _identity(batch, start), _identity(batch, stop - 1)
    # What a form derives is named after the form and its rule, which is told beside it.
    return f"{batch.name.split(':')[0]}: {first}" + (f" … {last}" if stop - start > 1 else "")


def _identity(batch: Batch, position: int) -> str:
    shape, fact = batch.shape, batch.facts[position]
    known = [str(fact[shape.index[name]]) for name in shape.identity if name in shape.index]
    return " / ".join(known) or str(position + 1)
