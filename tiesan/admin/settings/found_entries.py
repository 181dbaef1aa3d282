"""Entries of the audit trail as they are looked for: newest first, along an index, page by page.

However many there are, a page costs the same: each way to an entry (an account, a code) is a walk
along its own index that ends with the page, and a page begins where the one before ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, tuple_

from tiesan.audit import COMMAND_LINE, DAILY_RUN, SIGN_IN, AuditEntry
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre
from tiesan.records.kinds import table_of
from tiesan.words.rows import who

_ACCOUNT, _CADRE = table_of(Account), table_of(Cadre)
# Newest first.
ORDER = AuditEntry.at.desc(), AuditEntry.id.desc()
# So many are read by their ids.
_FEW = 500
# More persons than this are not meant by one word.
_MOST_PERSONS = 50
# What comes behind a code where a row is told from others by more than one.
_AND, _BEHIND_AND = " + ", " +!"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: what the viewer sees, filters that all hold, ways of which one does.

    Where it is ``by_way`` and there is no way, nothing is found.
    """

    visible: ColumnElement[bool]
    narrowing: Sequence[ColumnElement[bool]] = ()
    ways: Sequence[ColumnElement[bool]] = field(default=())
    by_way: bool = False

    @property
    def condition(self) -> ColumnElement[bool]:
        """All of it as one condition."""
        one_of = [or_(false(), *self.ways)] if self.by_way else []
        return and_(self.visible, *self.narrowing, *one_of)

    def newest(self, before: int | None, most: int) -> list[int]:
        """Return the ids of the newest entries, or of the newest ones before an entry."""
        statement = select(AuditEntry.at, AuditEntry.id).where(*_older(before))
        statement = statement.order_by(*ORDER).limit(most)
        few = self._few()
        if few is not None:
            statement = statement.where(AuditEntry.id.in_(few))
        checked = self.narrowing if few is None else map(_only_checked, self.narrowing)
        statement = statement.where(self.visible, *checked)
        ways = self.ways if few is None else map(_only_checked, self.ways)
        walks = [statement.where(way) for way in ways] if self.by_way else [statement]
        found: set[tuple[datetime, int]] = set()
        for walk in walks:
            found.update((at, id_) for at, id_ in db.session.connection().execute(walk))
        return [id_ for _at, id_ in sorted(found, reverse=True)[:most]]

    def _few(self) -> Sequence[int] | None:
        """The ids of the entries of the first filter that only few fit, if there is one.

        What is rare is no walk: another index would be walked to its end for it.
        """
        for condition in self.narrowing:
            ids = select(AuditEntry.id).where(condition).limit(_FEW + 1)
            found = db.session.connection().scalars(ids).all()
            if len(found) <= _FEW:
                return found
        return None

    def holds_more(self, most: int) -> bool:
        """Whether there are more entries than so many."""
        # The conditions are too deep for SQLite to stand in one more statement.
        ids = select(AuditEntry.id).where(self.condition).limit(most + 1)
        return len(db.session.connection().scalars(ids).all()) > most

    def count(self, further: ColumnElement[bool]) -> int:
        """Return how many entries there are for which a further condition holds."""
        number = select(func.count(AuditEntry.id)).where(self.condition, further)
        return db.session.connection().scalar(number) or 0


def ways_to(word: str) -> list[ColumnElement[bool]]:
    """Return the ways to entries by a word: part of a name of who did it, or the whole code."""
    code = AuditEntry.object_code
    return [
        *(AuditEntry.actor_id == id_ for id_ in _accounts(word)),
        *(and_(AuditEntry.actor_id.is_(None), AuditEntry.actor_name == name)
          for name in _without_account(word)),
        code == word,
        _begins(code, word + _AND, word + _BEHIND_AND),
    ]  # fmt: skip


def _only_checked(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is looked at where a row is found, and by whose index none is sought."""
    return case((condition, 1), else_=0) == 1


def _begins(column: Any, first: str, behind: str) -> ColumnElement[bool]:
    """Whether a text begins with another; on PostgreSQL, whose order of texts varies, by bytes."""
    if db.engine.dialect.name == "postgresql":
        return and_(column.op("~>=~")(first), column.op("~<~")(behind))
    return and_(column >= first, column < behind)


def _older(before: int | None) -> Iterator[ColumnElement[bool]]:
    if before is None:
        return
    at = db.session.connection().scalar(select(AuditEntry.at).where(AuditEntry.id == before))
    if at is not None:
        yield AuditEntry.at <= at
        yield tuple_(AuditEntry.at, AuditEntry.id) < tuple_(at, before)


def _accounts(word: str) -> Sequence[int]:
    """The accounts whose person's name, or own, holds a word."""
    joined = _ACCOUNT.outerjoin(_CADRE, _CADRE.c.id == _ACCOUNT.c.cadre_id)
    named = (each.icontains(word, autoescape=True) for each in (_CADRE.c.name, _ACCOUNT.c.username))
    statement = select(_ACCOUNT.c.id).select_from(joined).where(or_(*named))
    statement = statement.order_by(_ACCOUNT.c.id).limit(_MOST_PERSONS)
    return db.session.connection().scalars(statement).all()


def _without_account(word: str) -> Iterator[str]:
    for actor in (COMMAND_LINE, DAILY_RUN, SIGN_IN):
        if word.casefold() in who(actor.name).casefold():
            yield actor.name
