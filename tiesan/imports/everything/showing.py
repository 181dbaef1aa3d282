"""What the preview page shows of a plan: by kind the rows, cell by cell, as the sheet has them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.records.exchange.checking import Planning
from tiesan.records.exchange.exporting import text_of
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.marking import WrongSheet
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.problems import Problem, remark_lines, shown

MOST_ROWS = 30
MOST_LINES = 200
_PIECE = 400
_NOTHING = {"text": ""}


def of_problems(problems: Sequence[Problem], sheets: Sequence[WrongSheet]) -> dict[str, Any]:
    """What is wrong: the sheets with their wrong rows, and every line as a command prints it."""
    placed = {(sheet.name, row.line) for sheet in sheets for row in sheet.rows}
    lines = [each for each in problems if (each.file, each.line) not in placed]
    return {
        "sheets": [asdict(sheet) for sheet in sheets if sheet.rows],
        "problems": [
            {"file": each.file, "line": each.line, "column": each.column, "text": each.text}
            for each in lines[:MOST_LINES]
        ],
        "problem_count": len(problems),
        "lines": [str(each) for each in problems[:MOST_LINES]],
    }


def of_planning(session: Session, planning: Planning) -> dict[str, Any]:
    """What would be stored: by file how many rows of which sort, and the first of them."""
    codes = _codes(session, planning.plans)
    return {
        "files": [_of_plan(plan, codes) for plan in planning.plans],
        "remarks": remark_lines(planning.remarks)[:MOST_LINES],
    }


def _of_plan(plan: Plan, codes: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    rows = [*plan.changed[:MOST_ROWS], *plan.added[:MOST_ROWS]]
    shown = [_of_row(plan.file, each, codes) for each in rows]
    # Columns in which none of the rows says anything are left out.
    places = [place for place in range(len(plan.file.fields))
              if any(row["cells"][place] != _NOTHING for row in shown)]  # fmt: skip
    for row in shown:
        row["cells"] = [row["cells"][place] for place in places]
    return {
        "stem": plan.file.stem,
        "name": plan.parsed.name,
        "new": len(plan.added),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "heading": [str(plan.file.fields[place].label) for place in places],
        "rows": shown,
        "more": len(plan.changed) + len(plan.added) - len(rows),
    }


def _of_row(
    file: ExchangeFile, planned: Planned, codes: Mapping[str, Mapping[int, str]]
) -> dict[str, Any]:
    """A row by cells: what it is to say, and what it says where that is something else."""
    before = None if planned.before is None else planned.before.values
    cells = []
    for place, field in enumerate(file.fields):
        after = planned.values[place]
        cell = {"text": _text(field, after, codes)}
        if field.to is not None and isinstance(after, int) and after < 0:
            cell["text"] = shown(planned.row.values[place])
        if before is not None and before[place] != after:
            cell["before"] = _text(field, before[place], codes) or "—"
        cells.append(cell)
    return {"line": planned.row.line, "new": before is None, "cells": cells}


def _text(field: Field, value: Any, codes: Mapping[str, Mapping[int, str]]) -> str:
    if value is None:
        return ""
    if field.to is not None:
        return codes.get(field.to, {}).get(value, "")
    if field.type is FieldType.BOOLEAN:
        return _("yes") if value else _("no")
    if field.type is FieldType.CHOICE:
        return str(field.choices.get(value, value))
    return shown(text_of(field)(value))


def _codes(session: Session, plans: Iterable[Plan]) -> dict[str, dict[int, str]]:
    """The codes of the stored rows that the rows shown refer to, by kind and id."""
    wanted: dict[str, set[int]] = defaultdict(set)
    targets: dict[str, Any] = {}
    for plan in plans:
        rows = [*plan.changed[:MOST_ROWS], *plan.added[:MOST_ROWS]]
        for place, kind in plan.file.references:
            targets[kind] = next(iter(plan.file.columns[place].foreign_keys)).column.table
            for each in rows:
                before = () if each.before is None else (each.before.values[place],)
                wanted[kind].update(
                    one for one in (each.values[place], *before) if one is not None and one > 0
                )
    return {kind: _read(session, targets[kind], sorted(ids)) for kind, ids in wanted.items()}


def _read(session: Session, table: Any, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), _PIECE):
        some = table.c.id.in_(ids[start : start + _PIECE])
        codes = session.execute(select(table.c.id, table.c.code).where(some))
        found.update((row_id, code) for row_id, code in codes)
    return found
