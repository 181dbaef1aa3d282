"""Rule files that change under a running server: it and the command judge by the same rules."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.entering import expense
from tiesan.app import create_app
from tiesan.audit import COMMAND_LINE
from tiesan.clock import now, today
from tiesan.config import read_database_url
from tiesan.discovery import FoundPlugin, Plugins
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog, build_catalog, installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import DistrictState, Flag
from tiesan.records.pending import PendingEvaluation
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World

UNAPPROVED = "discipline.expense_unapproved"
FORM = "/records/expense/new/"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of a rule file, to be changed."""
    rules = installed_catalog().plugins.by_name["discipline"].rules
    assert rules is not None
    return Path(shutil.copy(rules, tmp_path / "discipline.yaml"))


@pytest.fixture
def catalog(file: Path) -> Catalog:
    """The installation with that copy."""
    found = [
        FoundPlugin(replace(each.plugin, rules=file), each.origin)
        if each.plugin.name == "discipline"
        else each
        for each in installed_catalog().plugins.found
    ]
    return build_catalog(Plugins(found))


@pytest.fixture
def served(filled: tuple[Path, World], catalog: Catalog, tmp_path: Path) -> Iterator[Flask]:
    """A server with that installation."""
    shutil.copyfile(filled[0], tmp_path / "web.sqlite3")
    url = read_database_url(f"sqlite:///{tmp_path / 'web.sqlite3'}")
    app = create_app(url=url, instance=tmp_path / "instance", catalog=catalog)
    app.config["SAVE_SECONDS"] = 300
    yield app
    app.extensions["background"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()


def write(file: Path, text: str) -> None:
    """Change a rule file, at another moment whatever the file system's clock tells apart."""
    moment = file.stat().st_mtime_ns + 1_000_000_000
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(moment, moment))


def severity(app: Flask, code: str) -> list[str]:
    """The severity of the flag on an expense."""
    with app.app_context():
        flags = select(Flag.severity).where(Flag.rule == UNAPPROVED, Flag.key == code)
        return list(db.session.scalars(flags))


def milder(file: Path) -> str:
    """The file with another severity of the rule."""
    head, mark, tail = file.read_text(encoding="utf-8").partition(f"- id: {UNAPPROVED}\n")
    return head + mark + tail.replace("severity: serious", "severity: minor", 1)


def evaluate_all(app: Flask) -> None:
    """Evaluate every district by the rules that are served, as a child would that has them."""
    with app.app_context(), Session(db.engine) as session:
        catalog, engine = app.extensions["catalog"], app.extensions["engine"]
        task = Task(COMMAND_LINE, catalog, engine.decide, today(), None, now())
        evaluate_installation(session, task)


def test_new_rules_are_taken_with_the_next_request(
    served: Flask, lite_world: World, file: Path, catalog: Catalog
) -> None:
    supervisor = person(served, "district")
    supervisor.send(FORM, expense(lite_world, "O", code="R1"))
    assert severity(served, "R1") == ["serious"]
    write(file, milder(file))
    supervisor.send(FORM, expense(lite_world, "B", code="R2"))
    assert severity(served, "R2") == ["minor"]
    taken = served.extensions["catalog"]
    assert taken.digest == build_catalog(catalog.plugins).digest != catalog.digest
    with served.app_context():
        assert set(db.session.scalars(select(DistrictState.judged_by))) == {taken.digest}
        # The others of the district are still flagged by the rules of before.
        [entry] = db.session.scalars(select(PendingEvaluation))
        assert (entry.kind, entry.whole, entry.waits) == ("rules", True, True)
    evaluate_all(served)
    assert severity(served, "R1") == ["minor"]
    with served.app_context():
        assert db.session.scalars(select(PendingEvaluation)).all() == []


def test_while_a_file_is_wrong_nothing_is_evaluated_and_nothing_lost(
    served: Flask, lite_world: World, file: Path
) -> None:
    before = file.read_text(encoding="utf-8")
    write(file, before + "  - id: discipline.half\n")
    supervisor = person(served, "district")
    answer = supervisor.send(FORM, expense(lite_world, "O", code="R1"))
    assert answer.status_code == 302
    page = supervisor.get(answer.location)
    assert "已保存，但规则文件有误，尚未评估。" in messages(page)
    assert "已保存，尚未评估" in page.text
    home = person(served, "admin").get("/").text
    assert "规则文件有误，暂停评估" in home
    assert "尚未评估" in home
    assert severity(served, "R1") == []
    write(file, before)
    assert "规则文件有误" not in person(served, "admin").get("/").text
    assert severity(served, "R1") == ["serious"]
