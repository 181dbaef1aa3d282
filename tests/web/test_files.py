"""The files that pages bring along: all that they name are served, and nothing else is."""

import re
from pathlib import Path

import flask_admin
import pytest
from flask import Flask
from sqlalchemy import event

from tiesan.admin.shell.assets import FRAMEWORK_SHEETS, digest_of
from tiesan.extensions import db
from tiesan.testing.browsing import person
from tiesan.testing.world import World

_NAMED = re.compile(r'(?:src|href)="(/(?:assets|static)/[^"?]+)')
_IMPORTED = re.compile(r'(?:from|import)\s+"(\.[^"]+)"')
FRAMEWORK = Path(flask_admin.__file__).parent / "static"


def test_every_file_that_a_page_names_is_served(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "district")
    side = admin.get("/").text
    pages = set(re.findall(r'href="(/[^"#]*)"', side[side.index('id="page-side"') :]))
    pages = {page for page in pages if not page.startswith(("/assets/", "/static/"))}
    pages |= {"/records/expense/new/", f"/flags/{lite_world.flags['cO']}", "/nowhere"}
    named = {name for page in pages for name in _NAMED.findall(admin.get(page).text)}
    named |= set(_NAMED.findall(person(lite_app).get("/login").text))
    assert len(pages) > 10
    assert len(named) > 10
    assert {name: admin.get(name).status_code for name in named} == dict.fromkeys(named, 200)
    assert {name for name in named if name.startswith("/static/")} == {
        f"/static/admin/{sheet}" for sheet in FRAMEWORK_SHEETS
    }


def test_so_is_what_scripts_import(lite_app: Flask) -> None:
    stranger = person(lite_app)
    folder = Path(str(lite_app.static_folder))
    for script in folder.rglob("*.js"):
        for name in _IMPORTED.findall(script.read_text(encoding="utf-8")):
            file = (script.parent / name).resolve().relative_to(folder.resolve())
            assert stranger.get(f"{lite_app.static_url_path}/{file}").status_code == 200, (
                script,
                name,
            )


@pytest.mark.parametrize("name", ["stranger", "admin"])
def test_of_the_framework_nothing_else_is_served(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    somebody = person(lite_app, name)
    files = {str(file.relative_to(FRAMEWORK)) for file in FRAMEWORK.rglob("*") if file.is_file()}
    assert "vendor/jquery-3.5.1.slim.min.js" in files
    assert set(FRAMEWORK_SHEETS) <= files
    # Some of each folder: there are more than a thousand.
    some = {str(Path(file).parent): file for file in sorted(files - set(FRAMEWORK_SHEETS))}
    wanted = {*some.values(), "vendor/jquery-3.5.1.slim.min.js", "vendor/jquery.min.js"}
    answers = {file: somebody.get(f"/static/admin/{file}").status_code for file in wanted}
    assert answers == dict.fromkeys(wanted, 404)


def test_a_file_is_kept_by_the_browser_and_nothing_else_is(
    lite_app: Flask, lite_world: World
) -> None:
    """Also one that is asked about again; what is not there may be there tomorrow."""
    cadre = person(lite_app, "cadre")
    page = cadre.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    for name in sorted(set(re.findall(r'(?:src|href)="(/(?:assets|static)/[^"]+)', page.text))):
        answer = cadre.get(name)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", name
        again = cadre.client.get(name, headers={"If-None-Match": answer.headers["ETag"]})
        again.close()
        assert again.status_code == 304, name
        assert again.headers["Cache-Control"] == answer.headers["Cache-Control"], name
    missing = cadre.get(f"{lite_app.static_url_path}/shell/nowhere.js")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("Cache-Control", "")


def test_a_file_that_changes_has_another_address(tmp_path: Path) -> None:
    (tmp_path / "shell").mkdir()
    script = tmp_path / "shell" / "main.js"
    script.write_text("1", encoding="utf-8")
    before = digest_of(tmp_path)
    assert digest_of(tmp_path) == before
    script.write_text("2", encoding="utf-8")
    changed = digest_of(tmp_path)
    script.rename(tmp_path / "shell" / "start.js")
    assert len({before, changed, digest_of(tmp_path)}) == 3


def test_a_file_asks_the_database_for_nothing(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    cadre.get("/")
    asked: list[str] = []
    with lite_app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert cadre.get(f"{lite_app.static_url_path}/shell/base.css").status_code == 200
    assert asked == []
    cadre.get("/")
    assert asked != []
