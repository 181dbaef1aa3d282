"""A small district whose expenses the tests of commands evaluate."""

from pathlib import Path

import pytest

from tiesan.testing.command import Tiesan

ORGANIZATIONS = """code,name,kind,parent,founded_on,dissolved_on,tracked_from,chair
D1,甲区总工会,district,,1990-01-01,,2026-03-02,C1
F1,乙联合会,federation,D1,1990-01-01,,,
D2,丙区总工会,district,,1990-01-01,,2026-03-02,
"""


CADRES = """code,name,organization,post,professional,joined_on,left_on
C1,张一,F1,干事,false,2000-01-01,
C2,李二,D2,干事,false,2000-01-01,
"""


EXPENSES = """code,cadre,payee,item,amount,spent_on,requested_on,reimbursed_on,receipt
X1,C1,甲商店,茶叶,200,2026-03-05,2026-03-05,2026-03-05,true
X2,C1,甲商店,茶叶,199.99,2026-03-06,2026-03-06,2026-03-06,true
X3,C1,甲商店,茶叶,450,2026-07-06,2026-07-06,2026-07-06,true
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A folder with a small district's records."""
    folder = tmp_path / "records"
    folder.mkdir()
    for name, content in (
        ("organizations", ORGANIZATIONS),
        ("cadres", CADRES),
        ("expenses", EXPENSES),
    ):
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def stored(tiesan: Tiesan, records: Path, database_url: str) -> str:
    """The URL of a database with the small district."""
    tiesan("import", records, database=database_url)
    return database_url
