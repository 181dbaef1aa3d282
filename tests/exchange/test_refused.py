"""Bad files: each message says what it must, and nothing at all is stored.

Every folder in ``refused`` is an import that is refused. Its ``expected.txt`` has one line per
problem, in order: where it is, words of the English message, words of the Chinese one.
"""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.exchange.importing import all_rows, bring, write
from tiesan.errors import UserError
from tiesan.i18n import use_language
from tiesan.records.exchange.problems import ImportRefused

CASES = sorted(path for path in (Path(__file__).parent / "refused").iterdir() if path.is_dir())


def expected(case: Path) -> list[tuple[str, str, str]]:
    """The lines of ``expected.txt``: place, English words, Chinese words."""
    lines = (case / "expected.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ") for line in lines]
    return [(place.strip(), english, chinese) for place, english, chinese in parts]


def refusal(session: Session, path: Path, language: str) -> list[str]:
    """The lines of a refused import, which has to leave every table as it was."""
    with use_language(language):
        before = all_rows(session)
        session.rollback()
        with pytest.raises(ImportRefused) as refused:
            bring(session, path)
        session.commit()
        assert all_rows(session) == before
    return refused.value.lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_problem_is_named(session: Session, case: Path) -> None:
    wanted = expected(case)
    english = refusal(session, case, "en")
    chinese = refusal(session, case, "zh")
    assert len(english) == len(wanted), "\n".join(english)
    for line, translated, (place, words, chinese_words) in zip(
        english, chinese, wanted, strict=True
    ):
        assert line.startswith(f"{place} "), line
        assert words in line, line
        assert translated.startswith(f"{place} "), translated
        assert chinese_words in translated, translated
        assert "\n" not in line


def test_what_was_found_may_be_stored(session: Session, tmp_path: Path) -> None:
    heading = "code,name,kind,parent,founded_on"
    ended = f"{heading},dissolved_on\nE1,一号企业工会,enterprise,F1,2012-06-01,2020-05-01\n"
    bring(session, write(tmp_path / "ended", organizations=ended))
    founded = f"{heading}\nE1,一号企业工会,enterprise,F1,2021-01-01\n"
    (line,) = refusal(session, write(tmp_path / "founded", organizations=founded), "en")
    assert line == (
        "organizations.csv:2: dissolved_on: does not lie after the day of founding;"
        " found: 2020-05-01"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(session: Session, tmp_path: Path, end: str) -> None:
    lines = ["code,organization,opened_on", "X1,F1,2026-01-01", "X2,F1\0,2026-01-01", ""]
    (tmp_path / "conflicts.csv").write_bytes(end.join(lines).encode())
    (line,) = refusal(session, tmp_path, "en")
    assert line == "conflicts.csv:3: -: this is no CSV file (binary)"


@pytest.mark.parametrize("name", ["nowhere", "notes.txt", "book.xls"])
def test_a_path_that_is_neither_folder_nor_workbook(
    session: Session, tmp_path: Path, name: str
) -> None:
    if name != "nowhere":
        (tmp_path / name).write_text("x")
    with pytest.raises(UserError, match=name):
        bring(session, tmp_path / name)
