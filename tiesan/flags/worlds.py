"""The world of a scope as the database has it: what an evaluation looks at, and who owes what."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Collector, Scope, Wanted, district_subjects
from tiesan.flags.days import Days
from tiesan.records.settings import read_exceptions
from tiesan.rules import Rule, World, build_world, looks_for_people


def read_world(
    session: Session,
    catalog: Catalog,
    scope: Scope,
    rules: Iterable[Rule],
    days: Days,
    wanted: Callable[[World], Mapping[str, Wanted]] | None = None,
) -> World:
    """Read the world of a scope on some days, with the kinds that some rules read.

    ``wanted`` says which rows of them, given the world of people and organizations alone.
    """
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    everybody = False
    for rule in rules:
        needed |= catalog.needed(rule)
        everybody = everybody or looks_for_people(rule)
    collector = Collector(session, catalog, scope, everybody=everybody)
    # Those in scope are read with whom rows name, unless something is asked of them before.
    early = everybody or scope.subjects is None or wanted is not None
    people, exceptions = collector.people() if early else {}, read_exceptions(session)
    owners = scope.subjects or district_subjects(catalog, people, scope.district)

    def world_of(rows: Mapping[str, list[Fact]]) -> World:
        return build_world(
            catalog.sources,
            rows,
            as_of=days.as_of,
            judged_until=days.judged_until,
            exceptions=exceptions,
            owners=owners,
        )

    known = MappingProxyType({}) if wanted is None else wanted(world_of(people))
    return world_of(collector.with_records(people, sorted(needed), known))
