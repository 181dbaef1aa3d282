"""Every number equals a count of its own, over random districts; nothing confidential is in any."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plugins.discipline.models import ConductReport
from tests.oracle.tables import Tables
from tests.oracle.test_oracle import CATALOG, ON_SQLITE, bring, district, engine, judged, session
from tests.reports.counting import Reckoning
from tests.reports.reviewing import flags_counted, review_at_random
from tiesan.calendar.periods import Every
from tiesan.engine.deciding import Engine
from tiesan.flags.duty_balance import DutyBalance
from tiesan.flags.models import EvidenceLink, Flag, FlagEvent, FlagRevision
from tiesan.people.models import Organization
from tiesan.reports.asked import Asked
from tiesan.reports.numbers import Numbers, numbers_of
from tiesan.reports.overview import flags_by_rule
from tiesan.reports.places import read_places
from tiesan.reports.spans import Span

__all__ = ["engine", "session"]

Found = Counter[tuple[str, str]]


def numbers(session: Session, span: Span, as_of: date) -> list[Numbers]:
    """The numbers of every district."""
    roots = session.scalars(select(Organization.id).where(Organization.kind == "district")).all()
    return [numbers_of(session, CATALOG, each, span, as_of) for each in roots]


def told(found: list[Numbers], *, before: bool = False) -> Found:
    """All that is told but duties and notices, by organization and column."""
    counts: Found = Counter()
    for each in found:
        codes = {place.id: place.code for place in each.organizations}
        for (place, key), cell in each.cells.items():
            value, of = (cell.before, cell.before_of) if before else (cell.value, cell.of)
            counts[codes[place], key.removeprefix("figure:")] += value
            if key == "reviews:in_time":
                counts[codes[place], "reviews:due"] += of or 0
            if not before and cell.of is None and "paid" not in key and "leave" not in key:
                assert cell.value == len(cell.rows)
    return +Counter({key: value for key, value in counts.items() if "duty:" not in key[1]})


def counted(session: Session, tables: Tables, span: Span, as_of: date) -> Found:
    """The same, counted once more."""
    reckoning = Reckoning(tables, span, as_of)
    calendar = reckoning.world.calendar
    flags = flags_counted(session, CATALOG, span, as_of, reckoning.told_under, calendar)
    return +(reckoning.figures() + flags)


def duties(found: list[Numbers]) -> Counter[tuple[str, int, int]]:
    """What is told of duties: by rule how many were done, of how many."""
    return Counter(
        (key, cell.value, cell.of or 0)
        for each in found
        for (_place, key), cell in each.cells.items()
        if key.startswith("duty:") and cell.of
    )


def balance_of(session: Session, span: Span, as_of: date) -> dict[str, tuple[int, int]]:
    """The sums of what is kept of duties, by rule."""
    sums: dict[str, tuple[int, int]] = {}
    for row in session.scalars(select(DutyBalance)):
        if span.first_day <= row.due_on <= min(span.last_day, as_of):
            done, owed = sums.get(row.rule, (0, 0))
            sums[row.rule] = done + row.done, owed + row.owed
    return sums


def check(session: Session, engine: Engine, seed: int, folder: Path) -> int:
    """Hold all numbers of a random district to a second count; gives how much was counted."""
    tables, some_days, place = district(seed, folder)
    bring(session, place)
    for as_of in some_days:
        judged(session, engine, as_of)
    last = some_days[-1]
    review_at_random(session, seed, last)
    number = 0
    for every, as_of in ((Every.MONTH, last), (Every.QUARTER, some_days[1]), (Every.YEAR, last)):
        span = Span.holding(every, as_of)
        found = numbers(session, span, as_of)
        wanted = counted(session, tables, span, as_of)
        assert told(found) == wanted, f"district {seed}, {span.label} as of {as_of}"
        assert told(found, before=True) == counted(session, tables, span.before, as_of)
        by_rule = Counter[str]()
        for (key, done, owed), times in duties(found).items():
            by_rule[f"{key.removeprefix('duty:')} done"] += done * times
            by_rule[f"{key.removeprefix('duty:')} owed"] += owed * times
        for rule, (done, owed) in balance_of(session, span, as_of).items():
            assert (by_rule[f"{rule} done"], by_rule[f"{rule} owed"]) == (done, owed)
        number += sum(wanted.values())
    assert raised_now(session, last) == raised(
        numbers(session, Span.holding(Every.YEAR, last), last)
    )
    return number


def raised(found: list[Numbers]) -> Found:
    """How many flags were raised, by organization."""
    counts: Found = Counter()
    for each in found:
        for (place, key), cell in each.cells.items():
            if key.startswith("raised:"):
                counts[str(place), "raised"] += cell.value
    return +counts


def raised_now(session: Session, as_of: date) -> Found:
    """The same of the year as the overview has it, which reads how flags stand now."""
    counts: Found = Counter()
    for each in session.scalars(select(Organization.id).where(Organization.kind == "district")):
        span, places = Span.holding(Every.YEAR, as_of), read_places(session, each)
        table = flags_by_rule(session, Asked(CATALOG, places, span, as_of))
        for line in table.lines:
            counts[line.key, "raised"] += sum(number.value for number in line.numbers.values())
    return +counts


@ON_SQLITE
@pytest.mark.parametrize("seed", range(600, 604))
def test_every_number_equals_a_count_of_its_own(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    assert check(session, engine, seed, tmp_path) > 0


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_so_it_does_on_postgresql(session: Session, engine: Engine, tmp_path: Path) -> None:
    assert check(session, engine, 608, tmp_path) > 0


@ON_SQLITE
@pytest.mark.parametrize("seed", [610, 613])
def test_without_what_is_confidential_all_numbers_are_the_same(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    _tables, some_days, place = district(seed, tmp_path)
    bring(session, place)
    last = some_days[-1]
    judged(session, engine, last)
    spans = [Span.holding(every, last) for every in (Every.MONTH, Every.YEAR)]
    with_all = [each.as_json() for span in spans for each in numbers(session, span, last)]
    assert session.scalars(select(ConductReport)).first() is not None
    secret = select(Flag.id).where(Flag.confidential)
    for model in (FlagEvent, FlagRevision, EvidenceLink):
        session.execute(delete(model).where(model.flag_id.in_(secret)))
    session.execute(delete(Flag).where(Flag.confidential))
    session.execute(delete(ConductReport))
    session.commit()
    without = [each.as_json() for span in spans for each in numbers(session, span, last)]
    assert without == with_all
