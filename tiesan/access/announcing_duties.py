"""What a change of people makes somebody owe, or owe no more, as far as its author may see it.

Source: trust.md, "Cadres": a preview of duties and flags. Found as *What I owe* is, before and
after the change, on a savepoint that is taken back; what is overdue is a flag, and told as one.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from tiesan.access.announcing import seen_subjects
from tiesan.access.viewer import Viewer
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.duties import read_owed
from tiesan.people.models import Organization
from tiesan.records.base import Concerned
from tiesan.records.kinds import table_of

# So many days ahead, as what is owed is shown.
DAYS_AHEAD = 31
_PLACE = table_of(Organization)

Duties = frozenset[tuple[str, str, str]]


def duties_of_cadres(
    connection: Connection,
    catalog: Catalog,
    viewer: Viewer,
    by_district: Mapping[int, Concerned],
    day: date,
) -> Duties:
    """Return what the cadres among those concerned owe: rule, code and key of each."""
    found: set[tuple[str, str, str]] = set()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        for district_id, concerned in by_district.items():
            if concerned.cadres:
                place = select(_PLACE.c.code).where(_PLACE.c.id == district_id)
                district = session.scalars(place).one()
                scope = Scope(district_id, district, concerned.cadres, frozenset())
                owed = read_owed(session, catalog, scope, day, DAYS_AHEAD, lambda _rule: True)
                # What was due before is about to be a flag, and is told as one.
                found |= {
                    (each.rule.id, each.subject, each.key) for each in owed if each.due_on >= day
                }
        asked = {(rule, "cadre", code) for rule, code, _key in found}
        seen = seen_subjects(session, catalog, viewer, asked)
        session.rollback()
    return frozenset(each for each in found if (each[0], "cadre", each[1]) in seen)


def by_rule(duties: Duties) -> Counter[str]:
    """Return how many duties there are, by rule."""
    return Counter(rule for rule, _code, _key in duties)
