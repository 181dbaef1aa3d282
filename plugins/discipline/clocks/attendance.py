"""Attendance from clocks as a kind of import: what is read becomes a plan, and can be undone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from plugins.discipline.clocks.entries import Entry, Readings, Who, read_files
from plugins.discipline.clocks.persons import Finder, Finding, People, Person, read_people
from plugins.discipline.clocks.planning import (
    BASE,
    DAY,
    KIND,
    PUNCHES,
    Kept,
    Rows,
    Stored,
    change_of,
    count_changes,
    plan_cadre,
    read_stored,
    span_of,
    spans_of,
)
from plugins.discipline.clocks.preview import Called, describe, names_of
from plugins.discipline.clocks.punches import widened
from plugins.discipline.clocks.told import COLUMNS, check_told, preset_of
from plugins.discipline.models import Attendance
from tiesan.i18n import _l
from tiesan.records.imports.values import ImportKind, Plan, Sent, Setting, Values

# Of each cadre: by day, by source and form, what is said now.
New = dict[int, dict[int, dict[tuple[str, str], Kept]]]
# Whether a punch belongs to a day is told by the days around it.
_AROUND = 2


def read(files: Sequence[Sent], told: Sequence[Values], today: date) -> Readings:
    """Read the files of clocks; needs no database."""
    return read_files(files, [preset_of(each) for each in told], today=today)


def plan(setting: Setting, readings: Readings) -> Plan:
    """What the import of what was read would do."""
    people = read_people(setting, {each.who.source for each in readings.entries})
    finder = Finder(people, setting.answers)
    new, called = _gathered(readings.entries, finder)
    found = Plan()
    rows, stored = _planned(setting, people, new)
    for each in rows:
        found.changes += each.changes
    found.said = [*_said(new, stored), *_bases(rows)]
    found.persons = list(_answered(setting, people, finder.finding))
    found.districts = {each.district_id for each in found.changes}
    found.skipped = names_of(finder.finding.skipped)
    found.counts = {
        **count_changes(found.changes),
        "unchanged": sum(each.unchanged for each in rows),
        "left": sum(len(each.left) for each in rows),
        **{f"skipped_{name}": number for name, number in readings.skipped.items()},
    }
    describe(setting, people, found, readings, finder.finding, (rows, new.keys(), called))
    return found


def _gathered(entries: Iterable[Entry], finder: Finder) -> tuple[New, Called]:
    new: New = defaultdict(lambda: defaultdict(dict))
    called: Called = {}
    for each in entries:
        person = finder.person(each.who, each.day)
        if person is None:
            continue
        day = each.day.toordinal()
        if each.called:
            called[person.id, day] = each.called
        form = PUNCHES if each.span is None else DAY
        said = new[person.id][day]
        kept = said.get((each.who.source, form))
        said[each.who.source, form] = _together(kept, each, form)
    return new, called


def _together(kept: Kept | None, entry: Entry, form: str) -> Kept:
    """What several rows of one import say of one day."""
    punches = frozenset(entry.punches) | (frozenset() if kept is None else kept.punches)
    spans = [span for span in (entry.span, None if kept is None else kept.span) if span]
    return Kept(entry.who.source, form, punches, widened(spans) if spans else None)


def _planned(setting: Setting, people: People, new: New) -> tuple[list[Rows], Stored]:
    days = [day for of_cadre in new.values() for day in of_cadre]
    if not days:
        return [], Stored()
    stored = read_stored(setting, new, _around(days))
    rows = [
        plan_cadre(
            stored,
            cadre_id,
            people.by_id[cadre_id].district_id,
            {day: [*said.values()] for day, said in of_cadre.items()},
        )
        for cadre_id, of_cadre in sorted(new.items())
    ]
    return rows, stored


def _around(days: Iterable[int]) -> tuple[date, date]:
    ordered = sorted(days)
    first = max(ordered[0] - _AROUND, 1)
    return date.fromordinal(first), date.fromordinal(ordered[-1] + _AROUND)


def _said(new: New, stored: Stored) -> Iterable[dict[str, Any]]:
    """What is to be kept of what is said: not what was said already."""
    for cadre_id, of_cadre in sorted(new.items()):
        for day, said in sorted(of_cadre.items()):
            earlier = stored.said.get(cadre_id, {}).get(day, [])
            for kept in said.values():
                if _is_news(kept, earlier):
                    yield _row(cadre_id, day, kept)


def _is_news(kept: Kept, earlier: Sequence[Kept]) -> bool:
    alike = [each for each in earlier if (each.source, each.form) == (kept.source, kept.form)]
    if kept.form == PUNCHES:
        return not kept.punches <= frozenset(chain.from_iterable(each.punches for each in alike))
    if not alike:
        return bool(kept.punches) or kept.span != (None, None)
    return (alike[-1].punches, alike[-1].span) != (kept.punches, kept.span)


def _bases(rows: Iterable[Rows]) -> Iterable[dict[str, Any]]:
    for each in rows:
        for (cadre_id, day), kept in each.bases:
            yield _row(cadre_id, day, kept)


def _row(cadre_id: int, day: int, kept: Kept) -> dict[str, Any]:
    return {
        "kind": KIND,
        "cadre_id": cadre_id,
        "day": date.fromordinal(day),
        "source": kept.source,
        "form": kept.form,
        "stays": kept.form == BASE,
        "values": kept.values,
    }


def _answered(setting: Setting, people: People, finding: Finding) -> Iterable[dict[str, Any]]:
    """The numbers whose person was answered, which is asked once."""
    for who, person in finding.answered.items():
        for number in who.numbers[:1]:
            kept = people.kept.get((who.source, number), ())
            if (who.name, person) not in kept:
                yield _number(setting, who, number, person)


def _number(setting: Setting, who: Who, number: str, person: Person) -> dict[str, Any]:
    return {
        "source": who.source,
        "number": number,
        "name": who.name,
        "cadre_id": person.id,
        "kept_by_id": setting.actor.account_id,
        "kept_at": setting.at,
    }


# --- undoing --------------------------------------------------------------------------------------


def replan(setting: Setting, keys: Sequence[tuple[int, date]]) -> Plan:
    """What brings the rows of an import back to what is said without it."""
    found = Plan()
    by_cadre: Mapping[int, list[int]] = defaultdict(list)
    for cadre_id, day in keys:
        by_cadre[cadre_id].append(day.toordinal())
    if not by_cadre:
        return found
    days = _around(chain.from_iterable(by_cadre.values()))
    now = read_stored(setting, by_cadre, days)
    rest = read_stored(setting, by_cadre, days, without=setting.import_id)
    people = read_people(setting, ())
    for cadre_id, of_cadre in sorted(by_cadre.items()):
        person = people.by_id.get(cadre_id)
        if person is None:
            found.barred.append(f"#{cadre_id}")
            continue
        known, wanted = spans_of(now.said[cadre_id]), spans_of(rest.said[cadre_id])
        for at in sorted(of_cadre):
            row = now.rows.get((cadre_id, at))
            present = None if row is None else span_of(row)
            if (cadre_id, at) in now.by_hand or present != known.get(at):
                found.barred.append(f"{person.name} {date.fromordinal(at):%m-%d}")
            elif wanted.get(at) != present:
                change = change_of((cadre_id, at), person.district_id, row, wanted.get(at))
                found.changes.append(change)
    found.districts = {each.district_id for each in found.changes}
    found.counts = dict(count_changes(found.changes))
    return found


ATTENDANCE = ImportKind(
    name=KIND,
    title=_l("Attendance from clocks"),
    hint=_l("The file that the clock gives: DingTalk 每日统计 or 原始记录, WeCom 打卡日报, ZKTeco "
            "attlog.dat, or any other CSV or .xlsx with who and when."),
    record=Attendance,
    read=read,
    plan=plan,
    replan=replan,
    columns=COLUMNS,
    told=check_told,
)  # fmt: skip
imports = (ATTENDANCE,)
