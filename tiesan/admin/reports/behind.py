"""The rows behind a number in words: flags, records, notices, periods of duties."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from tiesan.access.installation import installed
from tiesan.admin.flags.lines import FlagLine, lines_of
from tiesan.admin.lists.filters import PREFIX
from tiesan.admin.records.merged import Among, Line, newest_lines, open_views
from tiesan.extensions import db
from tiesan.flags.duty_balance import DUTY_BALANCE, DutyBalance
from tiesan.people.models import Organization
from tiesan.reports.rows import MISSED_FIRST, Row
from tiesan.rules import FLAG
from tiesan.words.duties import duty_title


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a duty: what was owed, by whom, until when, and how much was done."""

    title: str
    organization: str
    first_day: date
    last_day: date
    due_on: date
    done: int
    owed: int
    url: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind a number, by what it is."""

    flags: Sequence[FlagLine]
    records: Sequence[Line]
    periods: Sequence[Period]


def behind(rows: Iterable[Row]) -> Behind:
    """Return some rows in words, as far as the viewer may read them."""
    by_kind: dict[str, list[int]] = {}
    for kind, row_id in rows:
        by_kind.setdefault(kind, []).append(row_id)
    flags = lines_of(by_kind.pop(FLAG.name, []), installed())
    periods = list(_periods(by_kind.pop(DUTY_BALANCE, [])))
    return Behind(flags, _records(by_kind), periods)


def _records(by_kind: dict[str, list[int]]) -> list[Line]:
    views = [view for view in open_views() if view.kind.name in by_kind]

    def narrow(model: type) -> object:
        return model.id.in_(by_kind[model.record_kind.name])  # type: ignore[attr-defined]

    number = sum(map(len, by_kind.values()))
    return newest_lines(Among(views, narrow=narrow), 0, number) if views else []


def _periods(ids: Sequence[int]) -> Iterable[Period]:
    catalog = installed()
    statement = (
        select(DutyBalance, Organization.name)
        .join(Organization, Organization.id == DutyBalance.organization_id)
        .where(DutyBalance.id.in_(ids))
        .order_by(*MISSED_FIRST)
    )
    for each, name in db.session.execute(statement):
        missed = each.done < each.owed
        yield Period(
            duty_title(catalog.rules[each.rule], catalog.kinds),
            name,
            each.first_day,
            each.last_day,
            each.due_on,
            each.done,
            each.owed,
            _missed(each) if missed else None,
        )


def _missed(each: DutyBalance) -> str:
    """The flags of those who did not do it."""
    said: dict[str, Any] = {
        f"{PREFIX}rule": each.rule,
        f"{PREFIX}organization": each.organization_id,
        f"{PREFIX}occurred_on_from": each.due_on.isoformat(),
        f"{PREFIX}occurred_on_to": each.due_on.isoformat(),
    }
    return url_for("flag.index_view", **said)
