"""What two entries of one person both have that a person has once."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, exists, select
from sqlalchemy.orm import Session

from tiesan.flags.naming import NamedRows
from tiesan.i18n import _
from tiesan.merging.counting import is_confidential, record_of
from tiesan.merging.journal import Journal
from tiesan.merging.references import SAID_ONCE, SETTLED, Naming, Unique, naming_columns, uniques
from tiesan.records.kinds import record_kind

_MOST_NAMED = 20


def settle_twins(session: Session, journal: Journal, kept_id: int, merged_id: int) -> list[str]:
    """Remove what is said of both entries and of a person once; say which records both have.

    To be called before anything that both may have is moved.
    """
    problems: list[str] = []
    for naming in naming_columns():
        if naming.table.name in SETTLED:
            continue
        for unique in uniques(naming):
            twins = _twins(naming, unique, kept_id, merged_id)
            if naming.table.name in SAID_ONCE:
                journal.remove(naming.table, twins)
            elif session.execute(select(naming.table).where(twins).limit(1)).first() is not None:
                problems += _named(session, naming.table, twins)
    return list(dict.fromkeys(problems))


def _twins(naming: Naming, unique: Unique, kept_id: int, merged_id: int) -> ColumnElement[bool]:
    """The rows of the entry that goes of which the entry kept has one alike."""
    table = naming.table
    # The condition of an index is a text about the table itself, not about another name of it.
    kept = select(*unique.others).where(naming.column == kept_id, unique.where).subquery()
    equal = [kept.c[each.name] == table.c[each.name] for each in unique.others]
    return and_(
        naming.column == merged_id, unique.where, exists(select(1).select_from(kept).where(*equal))
    )


def _named(session: Session, table: Table, twins: ColumnElement[bool]) -> Iterator[str]:
    """One line for each record that both have; of confidential ones one line that says nothing."""
    model = record_of(table)
    if is_confidential(table):
        yield _("Something that you may not see stands against it.")
        return
    if model is None:
        text = _("Both entries have rows (%(table)s) of which a person has one.")
        yield text % {"table": table.name}
        return
    kind = record_kind(model)
    rows = NamedRows(session, model).among(select(table.c.id).where(twins).limit(_MOST_NAMED))
    for _row_id, (_kind, parts) in sorted(rows, key=lambda each: each[1]):
        text = _("Both entries have a record of the kind “%(kind)s”: %(which)s. Void one of them.")
        yield text % {"kind": kind.title, "which": " + ".join(parts)}
