"""The derived field of visits: whether the visitor was in post on the day."""

from collections.abc import Callable
from datetime import date

from tiesan.facts.derived import Derivation, Surroundings
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.i18n import _l

IN_POST = Field("in_post", FieldType.BOOLEAN, _l("Visitor in post on the day"), derived=True)


def prepare(kind: FactKind, surroundings: Surroundings) -> Callable[[Fact], tuple[Value, ...]]:
    """Give the function that derives ``in_post``; blank where no visitor is named."""
    visitor_at, day_at = kind.index["visitor"], kind.index["visited_on"]

    def derive(visit: Fact) -> tuple[Value, ...]:
        visitor, day = visit[visitor_at], visit[day_at]
        if not isinstance(visitor, str) or not isinstance(day, date):
            return (None,)
        return (surroundings.in_post(visitor, day),)

    return derive


derivations = (Derivation("hardship_visit", (IN_POST,), prepare),)
