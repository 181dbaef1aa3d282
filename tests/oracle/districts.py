"""Random districts: organizations, cadres, parameters and calendars that rules stumble over."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from tests.oracle.random_attendance import attendance, leaves, logs
from tests.oracle.random_records import records
from tests.oracle.random_rows import Maker
from tests.oracle.tables import Tables
from tests.oracle.working_days import days, end_of_month
from tests.oracle.world import DEFAULTS

LONG_AGO = date(2000, 1, 1)
CHOICES = {
    "work_start": ("08:00", "08:30", "08:31", "09:00"),
    "work_end": ("17:00", "17:29", "17:30", "18:00"),
    "threshold": ("0.01", "100", "199.99", "200", "200.01", "500", "1000.00"),
    "counted": ("not_dismissed", "confirmed_only"),
    "days": ("1", "5", "15", "16", "30", "31", "45"),
    "percent": ("1", "33", "34", "50", "66", "67", "75", "80", "100"),
    "months": ("1", "6", "12", "13"),
}
# Drawn when all else is, so that the districts of a seed stay what they were.
LATER = (("study.attendance_low", "percent"), ("discipline.log_copied", "times"))
COUNTS = ("1", "2", "3", "4", "5", "10")


class Size:
    """How much a random district has of everything."""

    def __init__(self, districts: int, cadres: int, span: int, records: int) -> None:
        """``span`` in days, ``cadres`` and ``records`` (of each kind) at most per district."""
        self.districts, self.cadres, self.span, self.records = districts, cadres, span, records


SMALL = Size(districts=2, cadres=4, span=150, records=6)
LARGE = Size(districts=3, cadres=8, span=560, records=14)


def random_districts(seed: int, size: Size) -> tuple[Tables, list[date]]:
    """The records of some districts, and days as of which to evaluate them."""
    maker = _maker(seed, size)
    for _each in range(maker.number(1, size.districts)):
        _district(maker, size)
    for row in maker.tables["organizations"]:
        row["chair"] = maker.some(maker.codes("cadres"), 0.3) or ""
    _exceptions(maker)
    _parameters(maker, [each for each in DEFAULTS if each not in LATER])
    leaves(maker)
    attendance(maker)
    logs(maker)
    records(maker, size.records)
    for rows in maker.tables.values():
        maker.random.shuffle(rows)
    days_as_of = _days_as_of(maker)
    _parameters(maker, LATER)
    return maker.tables, days_as_of


def _maker(seed: int, size: Size) -> Maker:
    maker = Maker(seed, LONG_AGO, LONG_AGO)
    year = maker.random.choice((2015, 2019, 2020, 2023, 2024, 2025, 2026, 2026, 2026, 2027))
    first = date(year, 1, 1) + timedelta(days=maker.number(0, 364))
    if maker.chance(0.4):
        first = date(year, maker.random.choice((1, 4, 7, 10)), 1)
    return Maker(seed, first, first + timedelta(days=maker.number(size.span // 5, size.span)))


def write(tables: Tables, folder: Path) -> Path:
    """Write tables as CSV files into a new folder and return it."""
    folder.mkdir(parents=True)
    for file, rows in tables.items():
        columns = sorted({column for row in rows for column in row})
        with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


# --- organizations and cadres --------------------------------------------------------------------


def _district(maker: Maker, size: Size) -> None:
    tracked_from = maker.first if maker.chance(0.4) else maker.near(maker.first, 40)
    if maker.chance(0.2):
        tracked_from = maker.day()
    if maker.chance(0.05):
        tracked_from -= timedelta(days=800)
    district = _organization(maker, "Q", "district", None, tracked_from)
    federations = [
        _organization(maker, "F", "federation", district) for _each in range(maker.number(0, 3))
    ]
    parents = [*federations, *federations, district]
    unions = [
        _organization(maker, "E", "enterprise", maker.random.choice(parents))
        for _each in range(maker.number(0, 5))
    ]
    for _each in range(maker.number(1, size.cadres)):
        _cadre(maker, [district, *federations, *unions])


def _organization(
    maker: Maker, letter: str, kind: str, parent: str | None, tracked_from: date | None = None
) -> str:
    founded = LONG_AGO if maker.chance(0.5) else _some_day(maker, kind)
    dissolved = _some_day(maker, kind) if maker.chance(0.3) else None
    if dissolved is not None and dissolved <= founded:
        dissolved = founded + timedelta(days=maker.number(1, 40))
    return maker.coded(
        "organizations",
        letter,
        name=f"工会{letter}",
        kind=kind,
        parent=parent,
        founded_on=founded,
        dissolved_on=dissolved,
        tracked_from=tracked_from,
    )


def _some_day(maker: Maker, kind: str) -> date:
    """Any day; for an enterprise union often one at the beginning of a quarter."""
    each = maker.day()
    if kind != "enterprise" or maker.chance(0.5):
        return each
    quarter = date(each.year, each.month - (each.month - 1) % 3, 1)
    return maker.near(quarter, 1)


def _cadre(maker: Maker, places: list[str]) -> None:
    joined = LONG_AGO if maker.chance(0.6) else maker.day()
    left = maker.day() if maker.chance(0.3) else None
    if left is not None and left < joined:
        left = joined + timedelta(days=maker.number(0, 3))
    stints = _stints(maker, joined, left) if maker.chance(0.5) else []
    posted = [maker.random.choice(places) for _each in range(max(1, len(stints)))]
    cadre = maker.coded(
        "cadres",
        "C",
        name="干部",
        organization=posted[-1],
        professional=maker.chance(0.65),
        joined_on=joined,
        left_on=left,
        assessed_from=maker.day() if maker.chance(0.15) else None,
    )
    for place, (first, last) in zip(posted, stints, strict=False):
        maker.add("postings", cadre=cadre, organization=place, until=last, **{"from": first})


def _stints(maker: Maker, joined: date, left: date | None) -> list[tuple[date, date | None]]:
    """Postings from joining to leaving: one after the other, with and without days between."""
    last = None if left is None else left - timedelta(days=1)
    if last is not None and last < joined:
        return []
    cuts = sorted({maker.day() for _each in range(maker.number(0, 3))})
    stints: list[tuple[date, date | None]] = []
    first = joined
    for cut in cuts:
        again = cut + timedelta(days=maker.random.choice((1, 1, 2, 3, 8, 40)))
        if first <= cut and (last is None or again <= last):
            stints.append((first, cut))
            first = again
    return [*stints, (first, last)]


# --- what holds for the whole installation -------------------------------------------------------


def _exceptions(maker: Maker) -> None:
    """Single days either way, whole weeks off, and now and then all of a month."""
    kinds: dict[date, str] = {}
    for _each in range(maker.random.choice((0, 0, 4, 12))):
        kinds[maker.day()] = maker.random.choice(("working", "off"))
    if maker.chance(0.3):
        start = maker.day()
        monday = start - timedelta(days=start.weekday())
        for each in days(monday, monday + timedelta(days=6)):
            kinds[each] = "off"
    if maker.chance(0.05):
        first = maker.day().replace(day=1)
        for each in days(first, end_of_month(first)):
            kinds[each] = "off"
    for each, kind in kinds.items():
        maker.add("calendar_exceptions", day=each, kind=kind, name="通知")


def _parameters(maker: Maker, names: Iterable[tuple[str, str]]) -> None:
    share = maker.random.choice((0.0, 0.2, 0.6))
    for rule, name in names:
        if not maker.chance(share):
            continue
        days_from = {maker.day() for _each in range(maker.number(1, 3))}
        if maker.chance(0.2):
            days_from.add(LONG_AGO)
        for begins in sorted(days_from):
            value = maker.random.choice(CHOICES.get(name, COUNTS))
            maker.add("parameters", rule=rule, name=name, value=value, **{"from": begins})


def _days_as_of(maker: Maker) -> list[date]:
    """Ends of months and years, days in between, one before everything and one long after."""
    found = {
        maker.last,
        maker.day(),
        end_of_month(maker.day()),
        date(maker.last.year, 12, 31),
        maker.near(maker.first, 30),
        maker.last + timedelta(days=maker.random.choice((1, 40, 100))),
    }
    if maker.chance(0.4):
        found.add(date(maker.random.choice((maker.first.year, maker.last.year)), 1, 31))
    if maker.chance(0.2):
        found.add(date(maker.first.year - 1, 6, 30))
    if maker.chance(0.2):
        found.add(date(maker.last.year + 1, 12, 31))
    return sorted(found)
