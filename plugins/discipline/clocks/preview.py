"""The preview of an import of attendance: questions, what changes, is left, and is missing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from plugins.discipline.clocks.entries import Readings, Who, entry_counts
from plugins.discipline.clocks.persons import Finding, People, Person, question_of
from plugins.discipline.clocks.planning import Rows, span_of, written
from plugins.discipline.models import Attendance, Leave
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.i18n import _
from tiesan.records.imports.values import Listed, Plan, Question, Setting
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions

# By cadre and day, what the clock calls it.
Called = dict[tuple[int, int], str]
_SHOWN = 200
_NAMED = 12
_MOST_AT_ONCE = 400


def describe(
    setting: Setting,
    people: People,
    plan: Plan,
    readings: Readings,
    finding: Finding,
    found: tuple[Sequence[Rows], Collection[int], Called],
) -> None:
    """Add questions and lists to a plan."""
    rows, present, called = found
    counts = entry_counts(readings.entries)
    for who, candidates in finding.questions.items():
        plan.questions.append(question_of(who, counts[who], candidates))
    plan.lists.append(_changed(people, plan))
    plan.lists.append(_left(people, rows))
    plan.lists.append(_called(setting, people, called))
    plan.lists.append(_out_of_post(finding))
    if plan.skipped:
        title = _("Left out on purpose")
        plan.lists.append(Listed(title, plan.skipped[:_SHOWN], len(plan.skipped)))
    _add_missing(setting, people, plan, readings, present)
    if readings.remarks:
        plan.lists.append(Listed(_("Remarks"), readings.remarks, len(readings.remarks)))
    plan.lists = [each for each in plan.lists if each.number]


def names_of(whos: Iterable[Who]) -> list[str]:
    """Who is named by rows, as the file names them."""
    return sorted(" · ".join((who.name, *who.numbers)).strip(" ·") for who in whos)


def _line(person: Person, day: int, text: str) -> str:
    return f"{person.name} {date.fromordinal(day):%m-%d} {text}"


def _changed(people: People, plan: Plan) -> Listed:
    lines = []
    for each in plan.changes:
        if each.before is None:
            continue
        before, after = _times(each.before), _times(each.after)
        name = people.by_id[each.cadre_id].name
        day = "" if each.after is None else f"{each.after['day']:%m-%d}"
        lines.append(f"{name} {day} {before} → {after or _('withdrawn')}")
    return Listed(_("Rows that change"), lines[:_SHOWN], len(lines))


def _times(values: Mapping[str, Any] | None) -> str:
    if values is None:
        return ""
    return written(span_of(values))


def _left(people: People, rows: Iterable[Rows]) -> Listed:
    lines = [
        _line(people.by_id[cadre_id], day, written(span))
        for each in rows
        for (cadre_id, day), span in each.left
    ]
    title = _("Left as a person entered or corrected them (the clock says)")
    return Listed(title, lines[:_SHOWN], len(lines))


def _out_of_post(finding: Finding) -> Listed:
    rows = finding.out_of_post
    lines = [f"{name} ({rows[who]})" for who in rows for name in names_of([who])]
    return Listed(_("Not in post on the day (rows)"), lines[:_SHOWN], len(lines))


# --- leave ----------------------------------------------------------------------------------------


def _called(setting: Setting, people: People, called: Called) -> Listed:
    """Days that the clock calls a leave or an outing, and that have no approved leave here."""
    days = [day for _cadre, day in called]
    leaves = _approved(setting, {cadre_id for cadre_id, _day in called}, days)
    lines, remind = [], defaultdict[int, list[str]](list)
    for (cadre_id, day), word in sorted(called.items(), key=lambda item: item[0][::-1]):
        if not _covered(leaves.get(cadre_id, ()), date.fromordinal(day)):
            lines.append(_line(people.by_id[cadre_id], day, word))
            remind[cadre_id].append(date.fromordinal(day).isoformat())
    title = _("Leave or outing by the clock, without approved leave here")
    return Listed(title, lines[:_SHOWN], len(lines), dict(remind))


def _approved(
    setting: Setting, cadre_ids: Iterable[int], days: Sequence[int]
) -> Mapping[int, list[tuple[date, date]]]:
    found: Mapping[int, list[tuple[date, date]]] = defaultdict(list)
    wanted, leave = sorted(set(cadre_ids)), table_of(Leave)
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        statement = select(leave.c.cadre_id, leave.c.first_day, leave.c.last_day).where(
            leave.c.cadre_id.in_(wanted[start : start + _MOST_AT_ONCE]),
            leave.c.voided_at.is_(None),
            leave.c.withdrawn_on.is_(None),
            leave.c.approved_on.is_not(None),
            leave.c.last_day >= date.fromordinal(min(days)),
            leave.c.first_day <= date.fromordinal(max(days)),
        )
        for cadre_id, first, last in setting.session.execute(statement):
            found[cadre_id].append((first, last))
    return found


def _covered(spans: Iterable[tuple[date, date]], day: date) -> bool:
    return any(first <= day <= last for first, last in spans)


# --- what is missing ------------------------------------------------------------------------------


def _add_missing(
    setting: Setting, people: People, plan: Plan, readings: Readings, present: Collection[int]
) -> None:
    """Say for each working day of the files of how many cadres there is no row.

    They are those of the organizations of which somebody is in the files. A day without a row of
    anybody is asked about: the clock may have been off.
    """
    if not readings.entries:
        return
    places = {people.by_id[cadre_id].place_id for cadre_id in present}
    first, last = (choose(each.day for each in readings.entries) for choose in (min, max))
    expected = [each for each in people.by_id.values() if each.place_id in places]
    rows = _with_rows(setting, [each.id for each in expected], first, last)
    for change in plan.changes:
        if change.after is not None:
            rows.add((change.cadre_id, change.after["day"]))
    leaves = _approved(
        setting, [each.id for each in expected], [first.toordinal(), last.toordinal()]
    )
    calendar = WorkingCalendar(read_exceptions(setting.session))
    lines = []
    for day in calendar.between(first, last):
        there = [each for each in expected if each.in_post(day)]
        missing = [each for each in there if (each.id, day) not in rows]
        absent = [each for each in missing if not _covered(leaves.get(each.id, ()), day)]
        if there and len(missing) == len(there):
            plan.questions += _nobody(setting, day)
        elif absent:
            lines.append(_missing_line(day, absent, len(there)))
    plan.lists.append(Listed(_("Working days without a row"), lines[:_SHOWN], len(lines)))


def _nobody(setting: Setting, day: date) -> list[Question]:
    """What is asked of a working day without a row of anybody, until it is agreed with."""
    key = f"none|{day.isoformat()}"
    text = _("No row of anybody on %(day)s, a working day: is that right?", day=f"{day:%m-%d}")
    return [] if key in setting.answers else [Question(key, text, confirmed=True)]


def _missing_line(day: date, absent: Sequence[Person], number: int) -> str:
    names = "、".join(each.name for each in absent[:_NAMED])
    more = "…" if len(absent) > _NAMED else ""
    text = _("%(day)s: no row for %(missing)d of %(number)d cadres (%(names)s)")
    return text % {
        "day": f"{day:%m-%d}",
        "missing": len(absent),
        "number": number,
        "names": names + more,
    }


def _with_rows(
    setting: Setting, cadre_ids: Sequence[int], first: date, last: date
) -> set[tuple[int, date]]:
    found: set[tuple[int, date]] = set()
    row = table_of(Attendance)
    for start in range(0, len(cadre_ids), _MOST_AT_ONCE):
        some = cadre_ids[start : start + _MOST_AT_ONCE]
        statement = select(row.c.cadre_id, row.c.day).where(
            row.c.cadre_id.in_(some), row.c.day.between(first, last), row.c.voided_at.is_(None)
        )
        found |= {(cadre_id, day) for cadre_id, day in setting.session.execute(statement)}
    return found
