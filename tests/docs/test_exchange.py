"""The page on the exchange format lists every file and column as the code has them."""

from pathlib import Path

from tiesan.testing.command import Tiesan
from tests.docs.pages import fences, text_of
from tests.docs.tables import BEGIN, END, PAGE, written


def test_the_tables_are_those_of_the_record_classes() -> None:
    text = text_of(PAGE)
    assert text.count(BEGIN) == text.count(END) == 1
    assert written(text) == text, "run `python -m tests.docs.tables`"


EXPENSES = """code,cadre,payee,amount,spent_on
X1,C1,甲商店,20.00,2026-03-02
X2,C1,甲商店,12.345,2026-03-02
X3,C44,甲商店,20.00,2026-03-02
"""
LEAVES = """code,cadre,kind,first_day,last_day
Q1,C1,annual,2026-03-09,2026-03-02
"""
PEOPLE = {
    "organizations": "code,name,kind,founded_on,tracked_from\n"
    "D1,甲区总工会,district,2000-01-01,2026-01-01\n",
    "cadres": "code,name,organization,professional,joined_on\nC1,张一,D1,true,2000-01-01\n",
}


def test_what_the_page_shows_of_refusals_is_what_is_printed(
    tiesan: Tiesan, sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for stem, text in {**PEOPLE, "expenses": EXPENSES, "leaves": LEAVES}.items():
        (folder / f"{stem}.csv").write_text(text, encoding="utf-8")
    [shown] = [sample for _note, language, sample in fences(PAGE) if language == "text"]
    assert tiesan("import", folder, database=sqlite_url, status=1).stderr == shown
