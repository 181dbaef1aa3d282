"""What later revisions make of rows that were stored before them."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from sqlalchemy import Engine, text

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.migrate import downgrade, upgrade, upgrade_all
from tiesan.schema import Part, parts

PLUGINS = load_plugins()
PARTS = {part.name: part for part in parts(PLUGINS)}


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """An engine on a database of either kind as it was before postings counted."""
    engine = make_engine(read_database_url(empty_database_url))
    upgrade(engine, PARTS["core"], "0002")
    with engine.begin() as connection:
        organization = (
            "INSERT INTO organization (id, code, name, kind, founded_on, tracked_from, district_id)"
            " VALUES (1, 'Q1', '区', 'district', '2000-01-01', '2026-01-01', 1)"
        )
        connection.execute(text(organization))
    yield engine
    engine.dispose()


Spans = list[tuple[str, str | None]]


def bring(engine: Engine, number: int, joined: str, left: str | None, spans: Spans) -> None:
    """Store a cadre with postings as the older program left them."""
    with engine.begin() as connection:
        cadre = (
            "INSERT INTO cadre (id, code, name, organization_id, professional, joined_on, left_on)"
            " VALUES (:id, :code, '干部', 1, true, :joined, :left)"
        )
        values = {"id": number, "code": f"C{number}"}
        days = {"joined": date.fromisoformat(joined), "left": left and date.fromisoformat(left)}
        connection.execute(text(cadre), values | days)
        posting = (
            "INSERT INTO posting (cadre_id, organization_id, from_on, until_on)"
            " VALUES (:id, 1, :first, :last)"
        )
        for first, last in spans:
            ends = {"first": date.fromisoformat(first), "last": last and date.fromisoformat(last)}
            connection.execute(text(posting), {"id": number} | ends)


def postings(engine: Engine, number: int) -> Spans:
    """The postings of a cadre, in order."""
    statement = "SELECT from_on, until_on FROM posting WHERE cadre_id = :id ORDER BY from_on"
    with engine.connect() as connection:
        rows = connection.execute(text(statement), {"id": number})
        return [(str(first), None if last is None else str(last)) for first, last in rows]


@pytest.mark.parametrize(
    ("joined", "left", "before", "after"),
    [
        ("2020-01-01", None, [("2020-01-01", None)], [("2020-01-01", None)]),
        ("2020-01-01", "2026-03-01", [("2020-01-01", None)], [("2020-01-01", "2026-02-28")]),
        ("2026-06-01", None, [("2020-01-01", None)], [("2026-06-01", None)]),
        (
            "2019-01-01",
            "2026-03-01",
            [("2020-01-01", "2021-12-31"), ("2022-01-01", None)],
            [("2019-01-01", "2021-12-31"), ("2022-01-01", "2026-02-28")],
        ),
        (
            "2022-06-01",
            None,
            [("2020-01-01", "2021-12-31"), ("2022-01-01", None)],
            [("2022-06-01", None)],
        ),
        (
            "2020-01-01",
            "2021-01-01",
            [("2020-01-01", "2021-12-31"), ("2022-01-01", None)],
            [("2020-01-01", "2020-12-31")],
        ),
        ("2020-01-01", "2020-01-01", [("2020-01-01", None)], []),
        ("2020-01-01", None, [], [("2020-01-01", None)]),
    ],
)
def test_postings_agree_with_joining_and_leaving(
    engine: Engine, joined: str, left: str | None, before: Spans, after: Spans
) -> None:
    bring(engine, 7, joined, left, before)
    upgrade(engine, PARTS["core"], "0003")
    assert postings(engine, 7) == after
    downgrade(engine, PARTS["core"], "0002")
    upgrade(engine, PARTS["core"], "0003")
    assert postings(engine, 7) == after


def test_a_clock_out_before_the_clock_in_was_one_of_the_next_day(engine: Engine) -> None:
    bring(engine, 7, "2020-01-01", None, [("2020-01-01", None)])
    upgrade(engine, PARTS["core"])
    discipline: Part = PARTS["discipline"]
    upgrade(engine, discipline, "0001")
    rows = [
        (1, time(8, 30), time(17, 30), False),
        (2, time(8, 30), time(0, 40), True),
        (3, time(8, 30), time(8, 30), True),
        (4, None, time(0, 40), False),
        (5, time(8, 30), None, False),
    ]
    statement = (
        "INSERT INTO discipline_attendance"
        " (cadre_id, day, clock_in, clock_out, district_id, recorded_at, source)"
        " VALUES (7, :day, :came, :went, 1, '2026-01-01', 'import')"
    )
    with engine.begin() as connection:
        for number, came, went, _next_day in rows:
            values = {"day": date(2026, 3, number), "came": came, "went": went}
            connection.execute(text(statement).bindparams(**values))
    upgrade_all(engine, PLUGINS)
    flags = "SELECT clock_out_next_day FROM discipline_attendance ORDER BY day"
    with engine.connect() as connection:
        found = [bool(each) for each in connection.execute(text(flags)).scalars()]
    assert found == [next_day for _number, _came, _went, next_day in rows]
    downgrade(engine, discipline, "0001")
    upgrade_all(engine, PLUGINS)
