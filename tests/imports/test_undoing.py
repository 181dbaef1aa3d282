"""An import that is undone leaves nothing: every row and every flag is as it was before."""

import csv
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from tests.clocks.bringing import plain
from tests.imports.bringing import Everything, Flags, everything, exported, flags
from tests.oracle.districts import Size, random_districts, write
from tiesan.audit import COMMAND_LINE
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.testing.world import World

SEED, FEW = 20_261_130, Size(districts=1, cadres=3, span=60, records=4)
# What is changed of each row by the second import.
TEXTS = ("name", "payee", "topic", "title", "content", "goal", "summary")


def evaluate(app: Flask, engine: Engine) -> Flags:
    """Evaluate everything as of yesterday, and give the flags."""
    yesterday = today() - timedelta(days=1)
    task = Task(COMMAND_LINE, installed_catalog(), engine.decide, yesterday, yesterday, now())
    with app.app_context():
        database = db.engine
    with Session(database) as session:
        evaluate_installation(session, task)
    return flags(app)


def stored(one: Everything, folder: Path) -> Everything:
    """Bring a folder in as somebody, and confirm it."""
    page = one.folder(folder)
    assert one.state == "previewed", plain(page.text)
    page = one.confirm()
    assert one.state == "stored", plain(page.text)
    return one


def changed(folder: Path) -> None:
    """Change texts, amounts and last days in every file of a folder."""
    for path in sorted(folder.iterdir()):
        if path.stem == "parameters":
            # Their names are those of rules.
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row |= {name: f"{row[name]}改" for name in TEXTS if row.get(name)}
            if row.get("amount"):
                row["amount"] = "3500.00"
            if path.stem == "attendance" and row.get("clock_in"):
                row["clock_in"] = "00:01"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0] if rows else ())
            writer.writeheader()
            writer.writerows(rows)


def test_a_random_district_comes_and_goes(app: Flask, world: World, tmp_path: Path) -> None:
    folder = write(random_districts(SEED, FEW)[0], tmp_path / "records")
    # Who administers alone brings in nothing confidential.
    (folder / "conduct_reports.csv").unlink(missing_ok=True)
    engine = Engine(processes=1)
    try:
        before = exported(app), evaluate(app, engine)
        first = stored(everything(app, "admin"), folder)
        after = exported(app), evaluate(app, engine)
        assert after[0] != before[0]
        assert after[1] != before[1]
        changed(folder)
        second = stored(everything(app, "admin"), folder)
        assert (exported(app), evaluate(app, engine)) != after
        page = first.go_on("undo", reason="有误")
        assert first.state == "stored", plain(page.text)
        page = second.go_on("undo", reason="有误")
        assert second.state == "undone", plain(page.text)
        assert (exported(app), evaluate(app, engine)) == after
        page = first.go_on("undo", reason="有误")
        assert first.state == "undone", plain(page.text)
        assert (exported(app), evaluate(app, engine)) == before
    finally:
        engine.close()
