"""From what clocks say to one row a day: pure functions, so that the order of files is nothing.

What came and went is counted in minutes of the row's day, past midnight on from 1440.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from plugins.discipline.clocks.cells import A_DAY

# When somebody came and went; None where that is not known.
Span: TypeAlias = tuple[int | None, int | None]

NOTHING: Span = (None, None)
# Within so many minutes somebody punched twice to be sure.
TOGETHER = 30
NOON = 12 * 60
# Before this hour one may still be at work since the day before.
EARLY = 5 * 60


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of one cadre's day (its ordinal).

    ``punches`` do not say whether somebody came or went; ``span`` does, None where nothing does.
    """

    source: str
    day: int
    punches: frozenset[int] = frozenset()
    span: Span | None = None


def of_punches(minutes: Collection[int]) -> Span:
    """What the punches of a day come to: the first is in, the last is out.

    All within half an hour are one; and one alone is in before noon, and out from then on.
    """
    if not minutes:
        return NOTHING
    first, last = min(minutes), max(minutes)
    if last - first > TOGETHER:
        return first, last
    return (first, None) if first < NOON else (None, last)


def widened(spans: Iterable[Span]) -> Span:
    """The earliest coming and the latest going.

    Where one would have gone before having come, the times are no better than punches.
    """
    came, went = NOTHING
    for each_came, each_went in spans:
        came = min(filter(_is_known, (came, each_came)), default=None)
        went = max(filter(_is_known, (went, each_went)), default=None)
    if came is not None and went is not None and went <= came:
        return of_punches({came, went})
    return came, went


def _is_known(minute: int | None) -> TypeGuard[int]:
    return minute is not None


def days_read(said: Iterable[Said]) -> dict[int, Span]:
    """One row a day of all that is said of one cadre: days of which something is known.

    A punch before five belongs to the day before if that day has one of its own.
    """
    everything = list(said)
    worked = {each.day for each in everything if _is_worked(each)}
    punched: Mapping[tuple[str, int], set[int]] = defaultdict(set)
    spans: Mapping[int, list[Span]] = defaultdict(list)
    for each in everything:
        if each.span is not None:
            spans[each.day].append(each.span)
        for minute in each.punches:
            before = minute < EARLY and each.day - 1 in worked
            day, moved = (each.day - 1, A_DAY) if before else (each.day, 0)
            punched[each.source, day].add(minute + moved)
    for (_source, day), minutes in punched.items():
        spans[day].append(of_punches(minutes))
    found = {day: widened(each) for day, each in spans.items()}
    return {day: span for day, span in found.items() if span != NOTHING}


def _is_worked(said: Said) -> bool:
    times = {*said.punches, *(said.span or ())}
    return any(each is not None and each >= EARLY for each in times)
