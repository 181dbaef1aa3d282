"""When a cadre was in post, and when an organization stood.

Source: institutions.md, "In post" and "Duties". A cadre who left and came back has several stints;
one who was moved from one day to the next has one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap

from tiesan.facts.kinds import Fact, FactKind, FactKinds

ORGANIZATION, CADRE, POSTING = "organization", "cadre", "posting"


@dataclass(frozen=True, slots=True)
class Stint:
    """An unbroken time, first and last day included; without an end ``last`` is ``date.max``."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first <= day <= self.last


class Standing:
    """The stints of cadres and organizations, read from their facts and the postings."""

    def __init__(self, kinds: FactKinds, postings: Iterable[Fact]) -> None:
        """Take the kinds of the facts, and all postings of the cadres that are asked for."""
        self._code = kinds[CADRE].index["code"]
        self._cadre = _Bounds(kinds[CADRE], "joined_on", "left_on")
        self._organization = _Bounds(kinds[ORGANIZATION], "founded_on", "dissolved_on")
        self._postings = _by_cadre(kinds[POSTING], postings) if POSTING in kinds else {}
        # Most are never asked for: an evaluation is about a few of all the cadres that there are.
        self._joined: dict[str, Sequence[Stint]] = {}

    def of(self, kind: str, fact: Fact) -> Sequence[Stint]:
        """The stints of a cadre or an organization, in order.

        A cadre without postings was in post from the day of joining until before that of leaving.
        """
        if kind == ORGANIZATION:
            return self._organization.stint(fact)
        code = str(fact[self._code])
        if code not in self._postings:
            return self._cadre.stint(fact)
        if code not in self._joined:
            self._joined[code] = joined(starmap(Stint, self._postings[code]))
        return self._joined[code]

    def in_post(self, cadre: Fact, day: date) -> bool:
        """Whether a cadre is in post on a day."""
        return any(each.covers(day) for each in self.of(CADRE, cadre))


class _Bounds:
    """The two fields of a kind that say from when, and until before when, a fact stands."""

    def __init__(self, kind: FactKind, begins: str, ends: str) -> None:
        self._begins, self._ends = kind.index[begins], kind.index[ends]

    def stint(self, fact: Fact) -> Sequence[Stint]:
        begin, end = fact[self._begins], fact[self._ends]
        if not isinstance(begin, date):
            return ()
        if not isinstance(end, date):
            return (Stint(begin, date.max),)
        # There is no day before the first representable one.
        return (Stint(begin, date.fromordinal(end.toordinal() - 1)),) if begin < end else ()


def _by_cadre(kind: FactKind, postings: Iterable[Fact]) -> dict[str, list[tuple[date, date]]]:
    """The first and last days of every cadre's postings; of broken rows nothing is known."""
    cadre, first, last = (kind.index[name] for name in ("cadre", "from", "until"))
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for fact in postings:
        begin, end = fact[first], fact[last]
        if isinstance(begin, date):
            found[str(fact[cadre])].append((begin, end if isinstance(end, date) else date.max))
    return dict(found)


def joined(stints: Iterable[Stint]) -> Sequence[Stint]:
    """The stints in order, those that follow each other from one day to the next as one."""
    found: list[Stint] = []
    for each in sorted(stints, key=lambda stint: stint.first):
        if found and each.first.toordinal() <= found[-1].last.toordinal() + 1:
            found[-1] = Stint(found[-1].first, max(found[-1].last, each.last))
        else:
            found.append(each)
    return tuple(found)
