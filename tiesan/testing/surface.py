"""The surface of the application: which address answers whom, and whose rows stand there.

A walk opens each address as each person of ``tiesan.testing.world`` and as a stranger. What is
found is held against a table, a CSV file with an address a line and a person a column: for a page
its cells are the status of the answer; for a list, an export or a look-up the places of the rows in
it; for the page of a row the places whose rows open. With ``WRITE_ACCESS=1`` the table is written,
to be read line by line before it is committed.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from flask import Flask

from tiesan.courses.values import NEW, Course
from tiesan.records.base import Record
from tiesan.records.grids import Grid
from tiesan.records.kinds import fact_kind, record_kind
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import CADRES, PEOPLE, PLACES, World

WRITE = "WRITE_ACCESS"

# Address (the endpoint) and of what, where an address is asked for several things.
Row: TypeAlias = tuple[str, str]
Table: TypeAlias = Mapping[Row, Mapping[str, str]]
Kept: TypeAlias = Callable[[World], Mapping[str, int]]


@dataclass
class Walk:
    """One person's way through the application."""

    somebody: Person
    world: World

    def status(self, address: str) -> str:
        """The status of a page, or where it sends the person."""
        answer = self.somebody.get(address)
        if answer.status_code == 302:  # noqa: PLR2004 - found elsewhere
            return f"to {answer.location.partition('?')[0]}"
        return str(answer.status_code)

    def places(self, address: str, marks: Mapping[str, str]) -> str:
        """The places whose marks stand on a page; its status if it does not open."""
        answer = self.somebody.get(address)
        if answer.status_code != 200:  # noqa: PLR2004 - it opened
            return self.status(address)
        return " ".join(place for place, mark in marks.items() if mark in answer.text) or "-"

    def opening(self, address: str, rows: Mapping[str, int]) -> str:
        """The places whose rows open; every other answer must be a refusal."""
        answers = {place: self.status(f"{address}?id={row}") for place, row in rows.items()}
        assert set(answers.values()) <= {"200", "403", "404", "to /login"}, answers
        if set(answers.values()) == {"to /login"}:
            return "to /login"
        return " ".join(place for place, status in answers.items() if status == "200") or "-"

    def forms(self, base: str, verb: str, rows: Mapping[str, int]) -> str:
        """The places whose rows offer the form of a verb; a star where person or state refuse it.

        A row that is not for this person to see is answered like one that does not exist.
        """
        answers = {
            place: self.status(f"{base}/{row}/{verb}".rstrip("/")) for place, row in rows.items()
        }
        assert set(answers.values()) <= {"200", "403", "404", "409", "to /login"}, answers
        if set(answers.values()) == {"to /login"}:
            return "to /login"
        shown = {"200": "{}", "409": "{}*"}
        found = [
            shown[answer].format(place) for place, answer in answers.items() if answer in shown
        ]
        return " ".join(found) or "-"


Look: TypeAlias = Callable[[Walk], str]


def walked(app: Flask, world: World, name: str, looks: Mapping[Row, Look]) -> dict[Row, str]:
    """What a person finds at these addresses."""
    walk = Walk(person(app, name), world)
    return {row: look(walk) for row, look in looks.items()}


# --- the table -----------------------------------------------------------------------------------


def read_table(path: Path) -> Table:
    """The table of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {(line["address"], line["of"]): {name: line[name] for name in PEOPLE} for line in lines}


def expected(path: Path, name: str, found: Mapping[Row, str]) -> Mapping[Row, str]:
    """What the table says of a person; with ``WRITE_ACCESS=1`` after writing what was found."""
    if os.environ.get(WRITE) == "1":
        _write(path, name, found)
    return {row: cells[name] for row, cells in read_table(path).items()}


def _write(path: Path, name: str, found: Mapping[Row, str]) -> None:
    known = read_table(path) if path.exists() else {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["address", "of", *PEOPLE])
        for row, answer in found.items():
            cells = {**known.get(row, {}), name: answer}
            writer.writerow([*row, *(cells.get(each, "") for each in PEOPLE)])


# --- what is looked at ---------------------------------------------------------------------------


def looks_of(records: Iterable[type[Record]]) -> dict[Row, Look]:
    """Everything that can be opened of these kinds of records."""
    return dict(each for model in records for each in _of_record(model))


def _of_record(model: type[Record]) -> Iterator[tuple[Row, Look]]:
    name, fields = record_kind(model).name, fact_kind(model).fields
    base, kept = f"/records/{name}", partial(_ids, name)
    references = {each.name: str(each.to) for each in fields if each.to is not None}
    yield from looks_of_kind(f"record_{name}", base, kept, _exported(model, references))
    yield (f"record_{name}.create_view", ""), page(f"{base}/new/")
    for verb in ("edit", "void"):
        yield (f"record_{name}.{verb}_view", ""), opening(f"{base}/{verb}/", kept)
    lookups = references | {"filter_organization": "organization"}
    yield from looks_at_lookups(f"record_{name}", base, lookups)


def looks_of_kind(
    endpoint: str,
    base: str,
    kept: Kept,
    exported: Mapping[str, str],
    of: str = "",
    link: str = "details/?id=",
) -> Iterator[tuple[Row, Look]]:
    """The list, the export and the page of each row.

    ``kept`` are the ids of the rows by place; ``exported`` is what marks each in an export;
    ``link`` is what stands before the id in a link to the page of a row.
    """
    yield (f"{endpoint}.index_view", of), partial(_linked, f"{base}/", f"{base}/{link}", kept)
    yield (f"{endpoint}.export", of), marked(f"{base}/export/csv/", exported)
    yield (f"{endpoint}.details_view", of), opening(f"{base}/details/", kept)


def looks_of_course(course: Course) -> Iterator[tuple[Row, Look]]:
    """The form of each verb: of one that makes a row, if one does, and of the others on rows."""
    name = record_kind(course.of).name
    endpoint, base, kept = f"record_{name}", f"/records/{name}", partial(_ids, name)
    if not any(verb.from_ is NEW for verb in course.verbs):
        # The address is there for every course, and leads nowhere.
        yield (f"{endpoint}.begin_view", ""), page(f"{base}/new/request")
    # What is printed; courses that name no sheet have none, for anybody.
    yield (f"{endpoint}.sheet_view", ""), opening(f"{base}/sheet/", kept)
    yield (f"{endpoint}.print_view", ""), page(f"{base}/print/")
    for verb in course.verbs:
        if verb.from_ is NEW:
            yield (f"{endpoint}.begin_view", verb.name), page(f"{base}/new/{verb.name}")
        else:
            yield (f"{endpoint}.verb_view", verb.name), going_on(base, verb.name, kept)


def looks_of_grid(grid: Grid) -> Iterator[tuple[Row, Look]]:
    """The page of a grid, and what its rows can be about besides those that stand there."""
    name = record_kind(grid.record).name
    endpoint, base = f"record_{name}", f"/records/{name}"
    yield (f"{endpoint}.grid_view", ""), page(f"{base}/grid/")
    lookups = {"grid_row": record_kind(grid.about).name}
    if not grid.has_head:
        lookups["organization"] = "organization"
    yield from looks_at_lookups(endpoint, base, lookups)


def going_on(base: str, verb: str, kept: Kept) -> Look:
    """A look at which rows offer the form of a verb."""
    return lambda walk: walk.forms(base, verb, kept(walk.world))


def looks_at_lookups(
    endpoint: str, base: str, references: Mapping[str, str]
) -> Iterator[tuple[Row, Look]]:
    """The look-ups of a kind of rows, by field, with the kinds that they name."""
    for name, to in references.items():
        address = f"{base}/ajax/lookup/?name={name}&offset=0&limit=50"
        yield (f"{endpoint}.ajax_lookup", name), marked(address, _named(to))


def page(address: str) -> Look:
    """A look at the status of a page."""
    return lambda walk: walk.status(address)


def opening(address: str, kept: Kept) -> Look:
    """A look at which rows open."""
    return lambda walk: walk.opening(address, kept(walk.world))


def marked(address: str, marks: Mapping[str, str]) -> Look:
    """A look at the places whose marks stand on a page."""
    return lambda walk: walk.places(address, marks)


def _linked(address: str, details: str, kept: Kept, walk: Walk) -> str:
    ids = kept(walk.world)
    return walk.places(address, {place: f'{details}{row}"' for place, row in ids.items()})


def _ids(name: str, world: World) -> Mapping[str, int]:
    return world.records[name]


def _named(kind: str) -> Mapping[str, str]:
    """How a row of a kind is marked in a look-up: by its code, before the closing quotation."""
    if kind == "organization":
        return {place: f' {code}"' for place, code in PLACES.items()}
    if kind == "cadre":
        return {place: f' C{place}"' for place in PLACES}
    return {place: f'"{kind}-{place} ' for place in PLACES}


def _exported(model: type[Record], references: Mapping[str, str]) -> Mapping[str, str]:
    """How a row of a kind is marked in an export: by its code, or by whom it is about."""
    name = record_kind(model).name
    if "code" not in fact_kind(model).by_name:
        others = [to for to in references.values() if to not in ("cadre", "organization")]
        if not others:
            names = {code: shown for code, shown, _place in CADRES}
            return {place: names[f"C{place}"] for place in PLACES}
        name = others[0]
    return {place: f"{name}-{place}," for place in PLACES}
