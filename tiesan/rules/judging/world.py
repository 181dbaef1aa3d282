"""Everything that an evaluation may look at: the facts of a scope as of a day.

Source: institutions.md, "Time". The world has no clock: ``as_of`` is what is known, and
``judged_until`` the last day for which something *not done* may be held against somebody. The two
are the same day but in a live evaluation, whose running day is not over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tiesan.calendar.deadlines import add_days
from tiesan.calendar.working_days import FIRST_YEAR, WorkingCalendar
from tiesan.facts.derived import Derivation, Excuse, Surroundings
from tiesan.facts.kinds import Fact, FactKind, FactKinds
from tiesan.facts.leave import LeaveCover, LeaveSpan
from tiesan.facts.standing import POSTING, Standing, Stint
from tiesan.facts.visible import refers_to, visible

# A period that is judged before it ends (a letter due in January) ends within a year.
_AHEAD = 366


@dataclass
class World:
    """The facts of a scope, ready to be judged.

    ``owners`` are the codes of those whose duties are judged, by kind; None means everybody known.
    """

    kinds: FactKinds
    calendar: WorkingCalendar
    as_of: date
    judged_until: date
    leave: LeaveCover
    facts: Mapping[str, Sequence[Fact]]
    owners: Mapping[str, frozenset[str]] | None = None
    _by_code: dict[str, dict[str, Fact]] = field(default_factory=dict)
    _trees: "_Trees | None" = None

    def by_code(self, kind: str) -> Mapping[str, Fact]:
        """The facts of a kind by their code (empty for a kind without codes)."""
        if kind not in self._by_code:
            self._by_code[kind] = _by_code(self.kinds[kind], self.facts.get(kind, ()))
        return self._by_code[kind]

    def of_kind(self, kind: str) -> Sequence[Fact]:
        """The facts of a kind."""
        return self.facts.get(kind, ())

    def tracked_from(self, subject_kind: str, code: str) -> date | None:
        """The first day from which the subject is judged; None if unknown.

        It is the first day that the subject's district keeps its records here, and for a cadre no
        day before ``assessed_from``.
        """
        return self.places().tracked_from(subject_kind, code)

    def standing(self, subject_kind: str, fact: Fact) -> Sequence[Stint]:
        """The unbroken times for which a cadre was in post, or an organization stood."""
        return self.places().standing.of(subject_kind, fact)

    def until(self, day: date) -> "World":
        """What is known here, on another day, as if all of it were judged then."""
        # The tree of organizations is the same on every day.
        return replace(self, as_of=day, judged_until=day, _trees=self.places())

    def places(self) -> "_Trees":
        """The tree of organizations, and who stood; made when it is first asked for."""
        if self._trees is None:
            self._trees = _Trees(self.kinds, self.by_code, self.of_kind(POSTING))
        return self._trees


class _Trees:
    """The organization tree as of now, for going from a subject to its district, and who stood."""

    def __init__(
        self,
        kinds: FactKinds,
        by_code: Callable[[str], Mapping[str, Fact]],
        postings: Iterable[Fact],
    ) -> None:
        self._organizations = by_code("organization")
        self._cadres = by_code("cadre")
        organization = kinds["organization"].index
        self._parent, self._tracked = organization["parent"], organization["tracked_from"]
        self._posted = kinds["cadre"].index["organization"]
        self._assessed = kinds["cadre"].index["assessed_from"]
        self.standing = Standing(kinds, postings)

    def tracked_from(self, subject_kind: str, code: str) -> date | None:
        if subject_kind != "cadre":
            return self._district_date(code)
        cadre = self._cadres.get(code)
        if cadre is None:
            return None
        tracked, assessed = self._district_date(str(cadre[self._posted])), cadre[self._assessed]
        if tracked is None or not isinstance(assessed, date):
            return tracked
        return max(tracked, assessed)

    def _district_date(self, code: str) -> date | None:
        organization = self._organizations.get(code)
        seen = {code}
        while organization is not None and organization[self._parent] is not None:
            parent = str(organization[self._parent])
            # Stored organizations form a tree; those that a scenario gives may run in a circle.
            organization = None if parent in seen else self._organizations.get(parent)
            seen.add(parent)
        day = None if organization is None else organization[self._tracked]
        return day if isinstance(day, date) else None

    def in_post(self, code: str, day: date) -> bool:
        cadre = self._cadres.get(code)
        return cadre is not None and self.standing.in_post(cadre, day)


@dataclass(frozen=True)
class Sources:
    """What a world is made with besides stored rows: the kinds, and what plugins derive."""

    kinds: FactKinds
    derivations: tuple[Derivation, ...] = ()
    excuses: tuple[Excuse, ...] = ()


def build_world(
    sources: Sources,
    rows: Mapping[str, Iterable[Fact]],
    *,
    as_of: date,
    judged_until: date,
    exceptions: Mapping[date, bool],
    owners: Mapping[str, frozenset[str]] | None = None,
) -> World:
    """The world of stored rows (stored fields only) as of a day.

    Kinds whose rows are known with another row come after the kinds they refer to; derived fields
    are computed last, because approved leave takes part in them.
    """
    calendar = WorkingCalendar(exceptions)
    kinds, facts = sources.kinds, dict[str, Sequence[Fact]]()
    world = World(kinds, calendar, as_of, judged_until, LeaveCover((), as_of, as_of), facts, owners)
    for name in sorted(rows, key=lambda each: refers_to(kinds[each]) is not None):
        facts[name] = list(visible(kinds[name], rows[name], as_of, world.by_code))
    world.leave = LeaveCover(
        _spans(sources, world), date(FIRST_YEAR, 1, 1), add_days(as_of, _AHEAD)
    )
    _derive(sources, world, facts)
    return world


def _spans(sources: Sources, world: World) -> Iterable[LeaveSpan]:
    for excuse in sources.excuses:
        kind = world.kinds[excuse.kind]
        for fact in world.of_kind(excuse.kind):
            span = excuse.span(kind, fact)
            if span is not None:
                yield span


def _derive(sources: Sources, world: World, facts: dict[str, Sequence[Fact]]) -> None:
    trees = world.places()
    surroundings = Surroundings(
        world.calendar,
        world.leave,
        trees.in_post,
        _cached(lambda cadre: trees.tracked_from("cadre", cadre)),
    )
    for derivation in sources.derivations:
        if derivation.kind in facts:
            compute = derivation.prepare(world.kinds[derivation.kind], surroundings)
            facts[derivation.kind] = [(*fact, *compute(fact)) for fact in facts[derivation.kind]]


def _cached(function: Callable[[str], date | None]) -> Callable[[str], date | None]:
    known: dict[str, date | None] = {}

    def cached(code: str) -> date | None:
        if code not in known:
            known[code] = function(code)
        return known[code]

    return cached


def _by_code(kind: FactKind, facts: Sequence[Fact]) -> dict[str, Fact]:
    if "code" not in kind.index:
        return {}
    position = kind.index["code"]
    return {str(fact[position]): fact for fact in facts}
