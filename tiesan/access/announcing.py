"""What a change of people or records would raise and clear, as far as its author may see it.

Source: design.md, "forms announce what they raise"; nothing is told of flags that the author may
not see, and nothing is stored: the change is evaluated inside its own transaction, and on a
savepoint that is taken back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    cast,
    false,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tiesan.access.criterion import flags_in_scope
from tiesan.access.viewer import Viewer
from tiesan.flags.catalog import Catalog
from tiesan.flags.evaluation import Task
from tiesan.flags.models import Flag
from tiesan.flags.preview import Preview, preview
from tiesan.flags.stored import StoredFlag
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.records.kinds import table_of
from tiesan.rules import Hit, RuleSet

_CADRE, _PLACE = table_of(Cadre), table_of(Organization)
# The id of a flag that is not stored.
_NO_ID = 0
# Databases limit the number of values, and of selections, in one statement.
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Announcement:
    """How many flags would be raised and cleared, by rule."""

    raised: Mapping[str, int]
    cleared: Mapping[str, int]


def standing(
    connection: Connection,
    task: Task,
    by_district: Mapping[int, Concerned],
    rules: RuleSet | None = None,
) -> Preview:
    """Return what an evaluation would raise and clear anyway, before anything is changed.

    ``by_district`` are the codes of those concerned by the ids of their districts, ``rules`` those
    that the change may affect, None for all.
    """
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = preview(session, task, by_district, rules)
        session.rollback()
    return found


def announce(
    connection: Connection,
    task: Task,
    viewer: Viewer,
    before: Preview,
    by_district: Mapping[int, Concerned],
    rules: RuleSet | None = None,
) -> Announcement:
    """Return what the transaction's change does to the flags of those concerned.

    ``before`` is what an evaluation would have done without it, by the same ``rules``.
    """
    raised_anyway = {hit.identity for hit in before.raised}
    cleared_anyway = {flag.id for flag in before.cleared}
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = preview(session, task, by_district, rules)
        hits = [hit for hit in found.raised if hit.identity not in raised_anyway]
        seen = seen_subjects(session, task.catalog, viewer, map(_subject, hits))
        raised = Counter(hit.rule for hit in hits if _subject(hit) in seen)
        gone = [flag for flag in found.cleared if flag.id not in cleared_anyway]
        cleared = _seen_flags(session, viewer, gone)
        session.rollback()
    return Announcement(raised, cleared)


def _subject(hit: Hit) -> tuple[str, str, str]:
    return hit.rule, hit.subject_kind, hit.subject


def seen_subjects(
    session: Session, catalog: Catalog, viewer: Viewer, asked: Iterable[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Of rules and subjects (kind, code) those whose flags the viewer would see, were they stored.

    The session sees everything.
    """
    subjects = sorted(set(asked))
    found: set[tuple[str, str, str]] = set()
    for start in range(0, len(subjects), _MOST_AT_ONCE):
        some = subjects[start : start + _MOST_AT_ONCE]
        flags = union_all(*(_as_flag(catalog, *each) for each in some)).subquery()
        condition = flags_in_scope(viewer, aliased(Flag, flags, adapt_on_names=True))
        columns = flags.c.rule, flags.c.subject_kind, flags.c.subject
        rows = session.execute(select(*columns).where(condition))
        found.update((rule, kind, code) for rule, kind, code in rows)
    return found


def _as_flag(
    catalog: Catalog, rule: str, subject_kind: str, subject: str
) -> Select[tuple[int, str, str, str, bool, int | None, int | None, int]]:
    """A flag that is not stored, with what is asked of flags to know who sees them."""
    of_cadre = subject_kind == "cadre"
    posted = _CADRE.join(_PLACE, _PLACE.c.id == _CADRE.c.organization_id)
    rows, code = (posted, _CADRE.c.code) if of_cadre else (_PLACE, _PLACE.c.code)
    secret, nobody = rule in catalog.confidential_rules, cast(null(), Integer)
    return (
        select(
            literal(_NO_ID).label("id"),
            literal(rule).label("rule"),
            literal(subject_kind).label("subject_kind"),
            code.label("subject"),
            (true() if secret else false()).label("confidential"),
            (_CADRE.c.id if of_cadre else nobody).label("cadre_id"),
            (nobody if of_cadre else _PLACE.c.id).label("organization_id"),
            _PLACE.c.district_id.label("district_id"),
        )
        .select_from(rows)
        .where(code == subject)
    )


def _seen_flags(session: Session, viewer: Viewer, flags: Iterable[StoredFlag]) -> Counter[str]:
    """How many of these flags the viewer may see, by rule."""
    ids = sorted(each.id for each in flags)
    found: Counter[str] = Counter()
    for start in range(0, len(ids), _MOST_AT_ONCE):
        some = Flag.id.in_(ids[start : start + _MOST_AT_ONCE])
        found.update(session.scalars(select(Flag.rule).where(some, flags_in_scope(viewer))))
    return found
