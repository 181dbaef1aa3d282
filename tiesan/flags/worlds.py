"""The world of a scope as the database has it: what an evaluation looks at, and who owes what."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Collector, Scope, district_subjects
from tiesan.records.settings import read_exceptions
from tiesan.rules import Rule, World, build_world, kinds_needed


def read_world(
    session: Session,
    catalog: Catalog,
    scope: Scope,
    rules: Iterable[Rule],
    *,
    as_of: date,
    judged_until: date,
) -> World:
    """Read the world of a scope as of a day, with the kinds that some rules read."""
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    for rule in rules:
        needed |= kinds_needed(rule, catalog.kinds)
    rows = Collector(session, catalog, scope).rows(sorted(needed))
    return build_world(
        catalog.sources,
        rows,
        as_of=as_of,
        judged_until=judged_until,
        exceptions=read_exceptions(session),
        owners=scope.subjects or district_subjects(catalog, rows, scope.district),
    )
