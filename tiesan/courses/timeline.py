"""What a row went through, oldest first: its events, and dates that came otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tiesan.courses.settings import the_day
from tiesan.courses.values import Course, Event, Verb


@dataclass(frozen=True, slots=True)
class Step:
    """One step in words: what was done on which day; ``event`` is None for a mere date."""

    done: str
    day: date
    event: Event | None
    capacity: str = ""

    @property
    def at(self) -> datetime | None:
        """When it was done, where an event says so."""
        return None if self.event is None else self.event.at


def timeline(course: Course, row: Any, events: tuple[Event, ...]) -> list[Step]:
    """Return the steps of a row.

    A date that a verb sets and no event accounts for came by a file or was entered late; it is a
    step without a person.
    """
    steps = [*(_step(course, event) for event in events), *_dates(course, row, events)]
    return sorted(steps, key=lambda step: (step.day, step.event is not None))


def _step(course: Course, event: Event) -> Step:
    words = {verb.name: verb.done for verb in course.verbs}
    words |= {lapse.verb: lapse.word for lapse in course.lapses}
    persons = {who.name: who.word for verb in course.verbs for who in verb.who}
    capacity = str(persons.get(event.capacity or "", ""))
    return Step(str(words.get(event.verb, event.verb)), event.day, event, capacity)


def _dates(course: Course, row: Any, events: tuple[Event, ...]) -> Iterator[Step]:
    accounted = {(event.verb, event.day) for event in events}
    for verb in course.verbs:
        for name in _dates_of(verb):
            day = getattr(row, name)
            if day is not None and (verb.name, day) not in accounted:
                yield Step(str(verb.done), day, None)


def _dates_of(verb: Verb) -> Iterator[str]:
    """The fields that a verb sets to its day."""
    return (name for name, value in verb.sets.items() if value is the_day)
