"""A person's service: dated postings, and what the file of persons makes of them."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.exchange.importing import CATALOG, all_rows, bring, counts, write
from tests.exchange.test_spreadsheets import FOLDER, brought, refusal
from tiesan.people.models import Cadre, Posting
from tiesan.records.exchange.exporting import export_path

CADRES = "code,name,organization,professional,joined_on,left_on\n"
POSTINGS = "cadre,organization,from,until\n"
Spans = list[tuple[str, str, str | None]]


def spans(session: Session, code: str = "C2") -> Spans:
    """The stored postings of a cadre: organization, first and last day."""
    statement = select(Posting).join(Cadre).where(Cadre.code == code).order_by(Posting.from_on)
    return [
        (each.organization.code, str(each.from_on), str(each.until_on) if each.until_on else None)
        for each in session.scalars(statement)
    ]


def service(session: Session, code: str = "C2") -> tuple[str, str, str | None]:
    """What the cadre's own row says."""
    row = session.scalars(select(Cadre).filter_by(code=code)).one()
    return row.organization.code, str(row.joined_on), str(row.left_on) if row.left_on else None


def cadre(joined: str, left: str = "", organization: str = "F1") -> str:
    """A file of persons with one row."""
    return f"{CADRES}C2,李四,{organization},true,{joined},{left}\n"


def left_in_february(session: Session, folder: Path) -> None:
    """C2 was in post from 2012 to the end of February 2026."""
    bring(session, write(folder / "left", cadres=cadre("2012-01-01", "2026-03-01")))


# --- the file of postings ------------------------------------------------------------------------


def test_postings_say_what_the_person_s_row_says(either: Session, tmp_path: Path) -> None:
    rows = "C2,E1,2026-06-01,\nC2,F1,2012-01-01,2026-02-28\n"
    folder = write(tmp_path / "in", postings=f"{POSTINGS}{rows}")
    report = bring(either, folder)
    assert counts(report) == {"postings": (1, 1, 0)}
    assert spans(either) == [("F1", "2012-01-01", "2026-02-28"), ("E1", "2026-06-01", None)]
    assert service(either) == ("E1", "2012-01-01", None)
    before = all_rows(either)
    for path in (folder, tmp_path / "out", tmp_path / "out.xlsx"):
        if not path.exists():
            export_path(either, path, CATALOG.plugins.records)
        assert bring(either, path).changes == 0
    assert all_rows(either) == before


def test_the_postings_count_where_a_person_s_row_says_otherwise(
    session: Session, tmp_path: Path
) -> None:
    rows = "C2,F1,2012-01-01,2026-02-28\nC2,E1,2026-06-01,\n"
    folder = write(tmp_path, cadres=cadre("2011-05-05"), postings=f"{POSTINGS}{rows}")
    report, lines = brought(session, folder)
    assert counts(report) == {"cadres": (0, 1, 0), "postings": (1, 1, 0)}
    assert [line[: line.index(" ", 14)] for line in lines] == [
        "cadres.csv:2: organization:",
        "cadres.csv:2: joined_on:",
    ]
    assert service(session) == ("E1", "2012-01-01", None)
    assert bring(session, folder).changes == 0


def test_a_new_person_with_postings(either: Session, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        cadres=f"{CADRES}C5,孙六,E1,true,2020-01-01,2026-05-01\n",
        postings=f"{POSTINGS}C5,F1,2020-01-01,2023-12-31\nC5,E1,2024-02-01,2026-04-30\n",
    )
    assert counts(bring(either, folder)) == {"cadres": (1, 0, 0), "postings": (2, 0, 0)}
    assert spans(either, "C5") == [
        ("F1", "2020-01-01", "2023-12-31"),
        ("E1", "2024-02-01", "2026-04-30"),
    ]
    assert service(either, "C5") == ("E1", "2020-01-01", "2026-05-01")
    assert bring(either, folder).changes == 0


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("C2,F1,2012-01-01,\nC2,E1,2026-06-01,\n", "postings.csv:3: from:"),
        ("C2,E1,2026-06-01,\n", "postings.csv:2: from:"),
        ("C2,F1,2011-01-01,2012-01-01\n", "postings.csv:2: until:"),
        ("C2,F1,2012-01-01,2026-02-28\nC2,E1,2026-02-28,\n", "postings.csv:3: from:"),
        ("C2,F1,2012-01-01,2011-12-31\n", "postings.csv:2: until:"),
        ("C2,F2,2012-01-01,\n", "postings.csv:2: organization:"),
        ("C2,F1,2012-01-01,\nC2,F1,2012-01-01,\n", "postings.csv:3: cadre:"),
        ("C404,F1,2012-01-01,\n", "postings.csv:2: cadre:"),
    ],
)
def test_postings_that_cannot_be(session: Session, tmp_path: Path, rows: str, place: str) -> None:
    (line,) = refusal(session, write(tmp_path, postings=f"{POSTINGS}{rows}"))
    assert line.startswith(f"{place} "), line


def test_every_overlap_is_named(session: Session, tmp_path: Path) -> None:
    rows = "C2,F1,2012-01-01,2020-12-31\nC2,E1,2013-01-01,2013-12-31\nC2,Q1,2014-01-01,\n"
    lines = refusal(session, write(tmp_path, postings=f"{POSTINGS}{rows}"))
    assert [line[: line.index(": overlaps")] for line in lines] == [
        "postings.csv:3: from",
        "postings.csv:4: from",
    ]


def test_overlapping_postings_are_refused_at_their_line(empty: Session) -> None:
    (line,) = refusal(empty, FOLDER / "came-back" / "overlap")
    assert line.startswith("postings.csv:3: from: overlaps the posting from 2026-01-05 on")


# --- the file of persons without postings --------------------------------------------------------


def test_a_new_person_who_left_has_an_ended_posting(either: Session, tmp_path: Path) -> None:
    rows = "C5,孙六,E1,true,2020-01-01,2026-05-01\nC6,周七,E1,true,2020-01-01,2020-01-01\n"
    folder = write(tmp_path / "in", cadres=f"{CADRES}{rows}")
    bring(either, folder)
    assert spans(either, "C5") == [("E1", "2020-01-01", "2026-04-30")]
    assert spans(either, "C6") == []
    assert bring(either, folder).changes == 0
    export_path(either, tmp_path / "out", CATALOG.plugins.records)
    assert bring(either, tmp_path / "out").changes == 0


def test_who_joins_after_the_end_is_posted_anew(either: Session, tmp_path: Path) -> None:
    left_in_february(either, tmp_path)
    back = write(tmp_path / "back", cadres=cadre("2026-06-01", organization="E1"))
    assert counts(bring(either, back)) == {"cadres": (0, 1, 0)}
    assert spans(either) == [("F1", "2012-01-01", "2026-02-28"), ("E1", "2026-06-01", None)]
    assert service(either) == ("E1", "2012-01-01", None)
    assert bring(either, back).changes == 0
    first = write(tmp_path / "first", cadres=cadre("2012-01-01", organization="E1"))
    assert bring(either, first).changes == 0


def test_the_day_after_the_end_begins_anew_and_the_last_day_does_not(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    corrected = write(tmp_path / "corrected", cadres=cadre("2026-02-28", "2026-03-01"))
    bring(session, corrected)
    assert spans(session) == [("F1", "2026-02-28", "2026-02-28")]
    bring(session, write(tmp_path / "anew", cadres=cadre("2026-03-01")))
    assert spans(session) == [("F1", "2026-02-28", "2026-02-28"), ("F1", "2026-03-01", None)]


def test_who_comes_back_in_a_file_that_says_nothing_of_leaving(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    text = "code,name,organization,professional,joined_on\nC2,李四,F1,true,2026-06-01\n"
    bring(session, write(tmp_path / "back", cadres=text))
    assert spans(session) == [("F1", "2012-01-01", "2026-02-28"), ("F1", "2026-06-01", None)]


def test_any_other_day_of_joining_corrects_the_first_posting(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    bring(session, write(tmp_path / "back", cadres=cadre("2026-06-01")))
    bring(session, write(tmp_path / "corrected", cadres=cadre("2013-02-02")))
    assert spans(session) == [("F1", "2013-02-02", "2026-02-28"), ("F1", "2026-06-01", None)]
    (line,) = refusal(session, write(tmp_path / "wrong", cadres=cadre("2026-03-01")))
    assert line == (
        "cadres.csv:2: joined_on: lies after the end of the first posting (2026-02-28);"
        " found: 2026-03-01"
    )


def test_a_day_of_leaving_ends_the_last_posting_and_a_blank_one_opens_it(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    assert spans(session) == [("F1", "2012-01-01", "2026-02-28")]
    bring(session, write(tmp_path / "stays", cadres=cadre("2012-01-01")))
    assert spans(session) == [("F1", "2012-01-01", None)]
    bring(session, write(tmp_path / "never", cadres=cadre("2012-01-01", "2012-01-01")))
    assert spans(session) == []
    assert service(session) == ("F1", "2012-01-01", "2012-01-01")
    bring(session, write(tmp_path / "again", cadres=cadre("2012-01-01", "2012-01-02")))
    assert spans(session) == [("F1", "2012-01-01", "2012-01-01")]


def test_an_old_day_of_leaving_does_not_end_a_later_posting(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    bring(session, write(tmp_path / "back", cadres=cadre("2026-06-01")))
    old = write(tmp_path / "old", cadres=cadre("2012-01-01", "2026-03-01"))
    (line,) = refusal(session, old)
    assert line == (
        "cadres.csv:2: left_on: lies not after the first day of the last posting (2026-06-01);"
        " found: 2026-03-01"
    )


def test_another_organization_of_one_who_left_is_a_correction(
    session: Session, tmp_path: Path
) -> None:
    left_in_february(session, tmp_path)
    bring(session, write(tmp_path / "e", cadres=cadre("2012-01-01", "2026-03-01", "E1")))
    assert spans(session) == [("E1", "2012-01-01", "2026-02-28")]


def test_a_person_s_row_is_not_read_beside_postings_that_are_wrong(
    session: Session, tmp_path: Path
) -> None:
    folder = write(
        tmp_path,
        cadres=cadre("2026-03-01", "2026-02-01"),
        postings=f"{POSTINGS}C2,F404,2012-01-01,\n",
    )
    lines = refusal(session, folder)
    assert [line.split(" ")[0] for line in lines] == ["cadres.csv:2:", "postings.csv:2:"]
