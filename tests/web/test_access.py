"""Who may open what and whose rows they see: every address, every person, against a table.

`access.csv` is that table. For a page its cells are the status of the answer; for a list, an export
or a look-up the places of the rows in it; for the page of a row the places whose rows open.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.web.browsing import Person, person
from tests.web.world import CADRES, PEOPLE, PLACES, World
from tiesan.courses.installed import load_courses
from tiesan.courses.values import NEW, Course
from tiesan.flags.catalog import installed_catalog
from tiesan.plugin import load_plugins
from tiesan.records.kinds import fact_kind

# Who sees what is settled above the database; scoping itself is tested on both kinds of it.
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

COURSES = load_courses(load_plugins())

TABLE = Path(__file__).with_name("access.csv")
WRITE = os.environ.get("WRITE_ACCESS") == "1"
# Addresses that only take what a form sends; they are walked by `test_writing`.
SENT = {
    "account.active_view",
    "account.password_view",
    "account.revoke_view",
    "admin.evaluate",
    "calendar_exception.remove_view",
    "language.choose",
    "rule.parameter_view",
    "security.logout",
}
SENT |= {f"record_{each.name}.bulk_view" for each in COURSES.values()}
FILES = {"static", "admin.static"}

FLAGS = {
    "c": "about a cadre",
    "o": "about an organization",
    "m": "about money",
    "k": "confidential",
}

Row = tuple[str, str]
Table = Mapping[Row, Mapping[str, str]]


@dataclass
class Walk:
    """One person's way through the application."""

    somebody: Person
    world: World

    def status(self, address: str) -> str:
        """The status of a page, or where it sends the person."""
        answer = self.somebody.get(address)
        if answer.status_code == 302:
            return f"to {answer.location.partition('?')[0]}"
        return str(answer.status_code)

    def places(self, address: str, marks: Mapping[str, str]) -> str:
        """The places whose marks stand on a page; its status if it does not open."""
        answer = self.somebody.get(address)
        if answer.status_code != 200:
            return self.status(address)
        return " ".join(place for place, mark in marks.items() if mark in answer.text) or "-"

    def forms(self, base: str, verb: str, rows: dict[str, int]) -> str:
        """The places whose rows offer the form of a verb; a star where person or state refuse it.

        A row that is not for this person to see is answered like one that does not exist.
        """
        answers = {place: self.status(f"{base}/{row}/{verb}") for place, row in rows.items()}
        assert set(answers.values()) <= {"200", "404", "409", "to /login"}, answers
        if set(answers.values()) == {"to /login"}:
            return "to /login"
        shown = {"200": "{}", "409": "{}*"}
        found = [
            shown[answer].format(place) for place, answer in answers.items() if answer in shown
        ]
        return " ".join(found) or "-"

    def opening(self, address: str, rows: dict[str, int]) -> str:
        """The places whose rows open; every other answer must be a refusal."""
        answers = {place: self.status(f"{address}?id={row}") for place, row in rows.items()}
        assert set(answers.values()) <= {"200", "403", "404", "to /login"}, answers
        if set(answers.values()) == {"to /login"}:
            return "to /login"
        return " ".join(place for place, status in answers.items() if status == "200") or "-"


Look = Callable[[Walk], str]


@ON_SQLITE
@pytest.mark.parametrize("name", PEOPLE)
def test_every_address_answers_as_the_table_says(name: str, app: Flask, world: World) -> None:
    walk = Walk(person(app, name), world)
    found = {row: look(walk) for row, look in _rows().items()}
    if WRITE:
        _write(name, found)
    assert found == {row: cells[name] for row, cells in _read().items()}


def test_the_table_names_every_address(lite_app: Flask) -> None:
    named = {row[0] for row in _read()}
    known = {rule.endpoint for rule in lite_app.url_map.iter_rules()}
    assert known - SENT - FILES == named


def _read() -> Table:
    with TABLE.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {(line["address"], line["of"]): {name: line[name] for name in PEOPLE} for line in lines}


def _write(name: str, found: Mapping[Row, str]) -> None:
    """Write what was found; it is to be read line by line before it is committed."""
    known = _read() if TABLE.exists() else {}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["address", "of", *PEOPLE])
        for row, answer in found.items():
            cells = {**known.get(row, {}), name: answer}
            writer.writerow([*row, *(cells.get(each, "") for each in PEOPLE)])


def _rows() -> dict[Row, Look]:
    return dict([*_of_records(), *_of_people(), *_of_flags(), *_of_pages()])


def _of_records() -> Iterator[tuple[Row, Look]]:
    for name, model in installed_catalog().records.items():
        base, fields = f"/records/{name}", fact_kind(model).fields
        references = {each.name: str(each.to) for each in fields if each.to is not None}
        yield from _of_kind(f"record_{name}", base, _Kept(name), _exported(name, references))
        yield (f"record_{name}.create_view", ""), partial(_status, f"{base}/new/")
        for verb in ("edit", "void"):
            look = partial(_opening, f"{base}/{verb}/", _Kept(name))
            yield (f"record_{name}.{verb}_view", ""), look
        lookups = references | {"filter_organization": "organization"}
        yield from _of_lookups(f"record_{name}", base, lookups)
        if (course := COURSES.of(model)) is not None:
            yield from _of_course(f"record_{name}", base, course)


def _of_course(endpoint: str, base: str, course: Course) -> Iterator[tuple[Row, Look]]:
    """The form of each verb: of one that makes a row, and of the others on each row."""
    for verb in course.verbs:
        if verb.from_ is NEW:
            look = partial(_status, f"{base}/new/{verb.name}")
            yield (f"{endpoint}.begin_view", verb.name), look
        else:
            look = partial(_going_on, base, verb.name, _Kept(course.name))
            yield (f"{endpoint}.verb_view", verb.name), look


@dataclass(frozen=True)
class _Kept:
    """Which ids a world keeps for a kind of row, by place."""

    name: str

    def __call__(self, world: World) -> dict[str, int]:
        core = {"organization": PLACES, "cadre": {place: f"C{place}" for place in PLACES}}
        if self.name in core:
            ids = {"organization": world.organizations, "cadre": world.cadres}[self.name]
            return {place: ids[code] for place, code in core[self.name].items()}
        if self.name == "account":
            return world.accounts
        if self.name.startswith("flag "):
            sort = self.name.removeprefix("flag ")
            return {place: world.flags[f"{sort}{place}"] for place in PLACES}
        return world.records[self.name]


def _of_kind(
    endpoint: str, base: str, kept: _Kept, exported: Mapping[str, str], of: str = ""
) -> Iterator[tuple[Row, Look]]:
    """The list, the export and the page of each row."""
    yield (f"{endpoint}.index_view", of), partial(_linked, f"{base}/", f"{base}/details/", kept)
    yield (f"{endpoint}.export", of), partial(_marked, f"{base}/export/csv/", exported)
    yield (f"{endpoint}.details_view", of), partial(_opening, f"{base}/details/", kept)


def _of_lookups(
    endpoint: str, base: str, references: Mapping[str, str]
) -> Iterator[tuple[Row, Look]]:
    for name, to in references.items():
        address = f"{base}/ajax/lookup/?name={name}&offset=0&limit=50"
        yield (f"{endpoint}.ajax_lookup", name), partial(_marked, address, _named(to))


def _named(kind: str) -> Mapping[str, str]:
    """How a row of a kind is marked in a look-up: by its code, before the closing quotation."""
    if kind == "organization":
        return {place: f' {code}"' for place, code in PLACES.items()}
    if kind == "cadre":
        return {place: f' C{place}"' for place in PLACES}
    return {place: f'"{kind}-{place} ' for place in PLACES}


def _exported(name: str, references: Mapping[str, str]) -> Mapping[str, str]:
    """How a row of a kind is marked in an export: by its code, or by whom it is about."""
    if name in ("work_log", "attendance"):
        names = {code: shown for code, shown, _place in CADRES}
        return {place: names[f"C{place}"] for place in PLACES}
    if "code" not in fact_kind(installed_catalog().records[name]).by_name:
        name = next(to for to in references.values() if to not in ("cadre", "organization"))
    return {place: f"{name}-{place}," for place in PLACES}


def _of_people() -> Iterator[tuple[Row, Look]]:
    organizations = {place: f",{code}," for place, code in PLACES.items()}
    cadres = {place: f",C{place}," for place in PLACES}
    accounts = {name: f"\n{name}," for name in PEOPLE[1:]}
    for name, base, exported in (
        ("organization", "/people/organizations", organizations),
        ("cadre", "/people/cadres", cadres),
        ("account", "/people/accounts", accounts),
    ):
        yield from _of_kind(name, base, _Kept(name), exported)
        yield (f"{name}.create_view", ""), partial(_status, f"{base}/new/")
        if name != "account":
            yield (f"{name}.edit_view", ""), partial(_opening, f"{base}/edit/", _Kept(name))
    lookups = {"parent": "organization", "chair": "cadre", "filter_organization": "organization"}
    yield from _of_lookups("organization", "/people/organizations", lookups)
    lookups = {"organization": "organization", "filter_organization": "organization"}
    yield from _of_lookups("cadre", "/people/cadres", lookups)
    lookups = {"cadre": "cadre", "organization": "organization"}
    yield from _of_lookups("account", "/people/accounts", lookups)


def _of_flags() -> Iterator[tuple[Row, Look]]:
    for sort, of in FLAGS.items():
        exported = {place: f",{sort}{place}\r" for place in PLACES}
        yield from _of_kind("flag", "/flags", _Kept(f"flag {sort}"), exported, of)
    lookups = {"cadre": "cadre", "organization": "organization"}
    yield from _of_lookups("flag", "/flags", lookups)


def _of_pages() -> Iterator[tuple[Row, Look]]:
    for endpoint, address in (
        ("admin.index", "/"),
        ("security.login", "/login"),
        ("rule.index_view", "/rules/"),
        ("rule.details_view", "/rules/discipline.late/"),
        ("calendar_exception.index_view", "/calendar/"),
        ("calendar_exception.export", "/calendar/export/csv/"),
        ("calendar_exception.create_view", "/calendar/new/"),
        ("calendar_exception.details_view", "/calendar/details/?id=1"),
        ("calendar_exception.edit_view", "/calendar/edit/?id=1"),
        ("calendar_exception.ajax_lookup", "/calendar/ajax/lookup/?name=day&offset=0"),
        ("audit.index_view", "/audit/"),
        ("audit.export", "/audit/export/csv/"),
        ("audit.details_view", "/audit/details/?id=1"),
        ("audit.ajax_lookup", "/audit/ajax/lookup/?name=actor&offset=0"),
    ):
        yield (endpoint, ""), partial(_status, address)


def _status(address: str, walk: Walk) -> str:
    return walk.status(address)


def _opening(address: str, kept: _Kept, walk: Walk) -> str:
    return walk.opening(address, kept(walk.world))


def _going_on(base: str, verb: str, kept: _Kept, walk: Walk) -> str:
    return walk.forms(base, verb, kept(walk.world))


def _marked(address: str, marks: Mapping[str, str], walk: Walk) -> str:
    return walk.places(address, marks)


def _linked(address: str, details: str, kept: _Kept, walk: Walk) -> str:
    ids = kept(walk.world)
    return walk.places(address, {place: f'{details}?id={row}"' for place, row in ids.items()})
