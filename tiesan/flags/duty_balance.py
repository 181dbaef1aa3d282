"""What was owed and done, kept for each rule, organization and period by the daily run.

Source: the page on what leaves the house, "Bulletins": kept with the evaluation of a whole
district, so that nobody has to evaluate anything to tell of duties. What rests on confidential
records is not kept.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.extensions import Base
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.rules import DutyPeriod

DUTY_BALANCE = "duty_balance"
_RULE_LENGTH = 100
_WORD_LENGTH = 20
_ROWS = 500


class DutyBalance(Base):
    """How many owed a duty in a period, and how many of them did it.

    They are the organization itself, or the cadres who are posted to it now: ``owner_kind``. It is
    known as of the last day that the district was judged whole; periods that are due later are not
    in it.
    """

    __tablename__ = "duty_balance"
    __table_args__ = (
        UniqueConstraint(
            "district_id", "due_on", "rule", "organization_id", "owner_kind", "first_day",
            "last_day", name="uq_duty_balance_period",
        ),
        CheckConstraint("owner_kind IN ('cadre', 'organization')", name="owner_kind_choice"),
        CheckConstraint("last_day >= first_day", name="last_day_not_before_first"),
        CheckConstraint("owed >= 1", name="owed_by_somebody"),
        CheckConstraint("done BETWEEN 0 AND owed", name="done_of_owed"),
        Index(None, "organization_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH))
    owner_kind: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    first_day: Mapped[date]
    last_day: Mapped[date]
    due_on: Mapped[date]
    owed: Mapped[int]
    done: Mapped[int]


_TABLE, _PLACE = table_of(DutyBalance), table_of(Organization)
_Key: TypeAlias = tuple[Any, ...]


def keep_balance(
    session: Session,
    district_id: int,
    counts: Mapping[DutyPeriod, tuple[int, int]],
    unknown: Collection[str],
) -> None:
    """Make what is kept of a district say what an evaluation of the whole of it has counted.

    Of the rules that are ``unknown`` nothing was counted, and what is kept of them stays. Only what
    differs is written.
    """
    statement = select(_TABLE.c.id, _TABLE.c.owed, _TABLE.c.done, *_TOLD_APART)
    there = session.execute(statement.where(_TABLE.c.district_id == district_id))
    kept = {tuple(key): (row_id, owed, done) for row_id, owed, done, *key in there}
    wanted = _by_key(session, district_id, counts, unknown)
    gone = [row[0] for key, row in kept.items() if key not in wanted and key[_RULE] not in unknown]
    for start in range(0, len(gone), _ROWS):
        session.execute(delete(_TABLE).where(_TABLE.c.id.in_(gone[start : start + _ROWS])))
    changed = [
        {"its": kept[key][0], "new_owed": owed, "new_done": done}
        for key, (owed, done) in wanted.items()
        if key in kept and kept[key][1:] != (owed, done)
    ]
    if changed:
        session.execute(_CHANGE, changed)
    names = [column.name for column in _TOLD_APART]
    new = [
        {
            "district_id": district_id,
            "owed": owed,
            "done": done,
            **dict(zip(names, key, strict=True)),
        }
        for key, (owed, done) in wanted.items()
        if key not in kept
    ]
    if new:
        session.execute(insert(_TABLE), new)


# What tells two rows of a district apart; the rule stands first.
_TOLD_APART = (
    _TABLE.c.rule,
    _TABLE.c.organization_id,
    _TABLE.c.owner_kind,
    _TABLE.c.first_day,
    _TABLE.c.last_day,
    _TABLE.c.due_on,
)
_RULE = 0
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(owed=bindparam("new_owed"), done=bindparam("new_done"))
)


def _by_key(
    session: Session,
    district_id: int,
    counts: Mapping[DutyPeriod, tuple[int, int]],
    unknown: Collection[str],
) -> dict[_Key, tuple[int, int]]:
    """What is to be kept, by what tells two rows apart."""
    there = select(_PLACE.c.code, _PLACE.c.id).where(_PLACE.c.district_id == district_id)
    places = dict(session.execute(there).all())
    return {
        (
            each.rule,
            places[each.organization],
            each.owner_kind,
            each.first_day,
            each.last_day,
            each.due_on,
        ): count
        for each, count in counts.items()
        if each.rule not in unknown
    }
