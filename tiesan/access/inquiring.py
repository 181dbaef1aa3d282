"""Who may ask why there is a flag on somebody, or none: who administers or reviews there.

Source: the page on the rule book, "Try it". The answer shows records, so it is given to nobody for
being concerned: those read their own flags. What a rule finds in confidential records is told to
whom its flags are told, and no other record of these kinds takes part in the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.announcing import seen_subjects
from tiesan.access.criterion import readable_rows
from tiesan.access.viewer import Viewer
from tiesan.facts.kinds import Fact, FactKind
from tiesan.flags.catalog import Catalog
from tiesan.records.policy import COMMITTEE, STAFF

INQUIRING = STAFF | COMMITTEE


def may_inquire(
    session: Session, catalog: Catalog, viewer: Viewer, rule_id: str, subject: tuple[str, str]
) -> bool:
    """Whether a viewer may ask about a rule and a subject (kind, code); the session sees all."""
    if not viewer.has(INQUIRING):
        return False
    asking = viewer
    if rule_id not in catalog.confidential_rules:
        # Neither for being the cadre nor for chairing the organization.
        asking = replace(viewer, cadre_id=None, chaired=frozenset())
    return bool(seen_subjects(session, catalog, asking, [(rule_id, *subject)]))


def readable_codes(
    session: Session, catalog: Catalog, rule_id: str
) -> Mapping[str, frozenset[str]]:
    """The codes that the viewer of this request may read, by confidential kind that a rule reads.

    A fact of these kinds that is not among them is as if it were not there.
    """
    read = {kind for each in catalog.every if each.id == rule_id for kind in catalog.needed(each)}
    found = {}
    for kind in sorted(read & catalog.plugins.confidential):
        model = catalog.records[kind]
        codes = select(getattr(model, "code")).where(readable_rows(model))  # noqa: B009 - not all
        found[kind] = frozenset(session.scalars(codes))
    return found


def without_hidden(
    facts: Mapping[str, Sequence[Fact]],
    kinds: Mapping[str, FactKind],
    readable: Mapping[str, Iterable[str]],
) -> Mapping[str, Sequence[Fact]]:
    """Facts without those of confidential kinds that the viewer may not read."""
    shown = dict(facts)
    for kind, codes in readable.items():
        at, known = kinds[kind].index["code"], frozenset(codes)
        shown[kind] = [fact for fact in facts.get(kind, ()) if fact[at] in known]
    return shown
