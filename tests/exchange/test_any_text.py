"""Whatever text comes in goes out and comes in again, by folder and by workbook."""

import csv
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.harmony.models import Conflict
from tests.exchange.importing import CATALOG, bring
from tiesan.records.exchange.exporting import export_path
from tiesan.records.text import clean_text, unstorable

FOLDERS = count()
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@\t\r\n\",'\u3000\ufeff_x0041é"),
    max_size=40,
).filter(lambda text: unstorable(text) is None)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=40))
def test_texts_survive(session: Session, tmp_path: Path, texts: list[str]) -> None:
    folder = tmp_path / str(next(FOLDERS))
    folder.mkdir()
    with (folder / "conflicts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "organization", "opened_on", "summary"])
        rows = enumerate(texts)
        writer.writerows([f"H{number}", "F1", "2026-03-01", text] for number, text in rows)
    bring(session, folder)
    stored = {row.code: row.summary for row in session.scalars(select(Conflict))}
    for number, text in enumerate(texts):
        assert stored[f"H{number}"] == clean_text(text)
    for name in ("out", "out.xlsx"):
        export_path(session, folder / name, CATALOG.plugins.records)
        assert bring(session, folder / name).changes == 0
