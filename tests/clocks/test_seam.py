"""What a plugin names as its imports is checked, and what is not stored is not kept."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.clocks.bringing import bringing
from tests.clocks.files import Day, book, dingtalk_days
from tiesan.clock import now
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.imports.installed import imports_of, load_imports
from tiesan.records.imports.kept import FOLDER
from tiesan.records.imports.models import DataImport
from tiesan.testing.world import World

MONDAY = date(2026, 10, 12)


def test_the_imports_of_the_plugins_are_found() -> None:
    found = load_imports(load_plugins())
    assert {name: plugin for name, (plugin, _kind) in found.items()} == {"attendance": "discipline"}


@pytest.mark.parametrize(
    "named", ["plugins.discipline.courses:courses", "plugins.discipline:nothing"]
)
def test_what_is_no_tuple_of_imports_is_refused(named: str) -> None:
    plugin = replace(load_plugins().by_name["discipline"], imports=named)
    with pytest.raises(UserError, match="discipline"):
        imports_of(plugin)


def test_an_import_writes_records_of_its_own_plugin() -> None:
    plugin = replace(
        load_plugins().by_name["harmony"], imports="plugins.discipline.clocks.attendance"
    )
    with pytest.raises(UserError, match="harmony"):
        imports_of(plugin)


def test_what_is_not_stored_is_removed_after_three_days(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    one.drop(book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days([Day("陈欧", "", MONDAY)]))))
    folder = Path(lite_app.instance_path) / FOLDER
    one.who.get("/imports/")
    assert one.state == "previewed"
    assert [each.name for each in folder.iterdir()] == ["1"]
    with lite_app.app_context():
        db.session.get_one(DataImport, 1).at = now() - timedelta(hours=73)
        db.session.commit()
    bringing(lite_app, "keeper").who.get("/imports/")
    assert one.state == "dropped"
    assert list(folder.iterdir()) == []
