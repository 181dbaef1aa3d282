"""The form by which a standing waiver is granted: its choices, and what it would cover."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.admin.lists.lookups import described
from tiesan.admin.shell.navigation import switched_off
from tiesan.extensions import db
from tiesan.flags.givers import Whom
from tiesan.flags.models import Flag
from tiesan.i18n import current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.reviews.granting import Reach

_MOST_NAMED = 12
_MOST_OFFERED = 2_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a waiver would cover: whom, by name with their present flags, and the counts.

    Those with most flags are named; ``further`` is how many are not.
    """

    organizations: int
    cadres: int
    named: Sequence[tuple[str, int]]
    further: int
    flags: int
    past_year: int


def preview_of(reach: Reach) -> Preview:
    """Return what a waiver would do, in names and numbers."""
    numbers = Counter(flag.whom for flag in reach.flags)
    subjects = sorted(reach.subjects, key=lambda each: -numbers[each])
    named = subjects[:_MOST_NAMED]
    names = _names(named)
    cadres = sum(1 for each in subjects if each.cadre_id is not None)
    return Preview(
        organizations=len(subjects) - cadres,
        cadres=cadres,
        named=[(names.get(each, ""), numbers[each]) for each in named],
        further=len(subjects) - len(named),
        flags=len(reach.flags),
        past_year=reach.past_year,
    )


def _names(subjects: Sequence[Whom]) -> dict[Whom, str]:
    cadre, place = table_of(Cadre), table_of(Organization)
    cadre_ids = [each.cadre_id for each in subjects if each.cadre_id is not None]
    place_ids = [each.organization_id for each in subjects if each.cadre_id is None]
    statement = select(cadre.c.id, cadre.c.organization_id, cadre.c.name)
    found = {
        Whom(row.id, row.organization_id): str(row.name)
        for row in db.session.execute(statement.where(cadre.c.id.in_(cadre_ids)))
    }
    places = select(place.c.id, place.c.name).where(place.c.id.in_(place_ids))
    return found | {Whom(None, row.id): str(row.name) for row in db.session.execute(places)}


def covered_by(waiver_id: int) -> int:
    """Return how many flags a waiver covers, whoever sees them."""
    flag = table_of(Flag)
    statement = select(func.count()).select_from(flag).where(flag.c.waiver_id == waiver_id)
    return db.session.scalar(statement) or 0


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, each by its name in the form and in words.

    Cadres are too many to choose from: ``cadre`` is the one that is named, in words.
    """

    plugins: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    organizations: Sequence[tuple[str, str]]
    cadre: str


def choices(cadre_code: str) -> Choices:
    """Return what the viewer may name: rules by institution, organizations, and this cadre."""
    catalog, off, language = installed(), switched_off(), current_language()
    plugins = [each for each in catalog.plugins if each.name not in off]
    rules = [
        (
            str(plugin.title),
            [
                (rule.id, rule.title.in_language(language))
                for rule in catalog.rules.values()
                if rule.id.partition(".")[0] == plugin.name
            ],
        )
        for plugin in plugins
    ]
    return Choices(
        [(plugin.name, str(plugin.title)) for plugin in plugins],
        rules,
        _organizations(),
        _cadre(cadre_code),
    )


def _organizations() -> list[tuple[str, str]]:
    place = table_of(Organization)
    statement = select(place.c.code, place.c.name).where(readable_rows(Organization))
    rows = db.session.execute(statement.order_by(place.c.code).limit(_MOST_OFFERED))
    return [(code, name) for code, name in rows]


def _cadre(code: str) -> str:
    found = select(Cadre).where(Cadre.code == code, readable_rows(Cadre))
    cadre = db.session.scalars(found).one_or_none()
    return code if cadre is None else described(cadre)
