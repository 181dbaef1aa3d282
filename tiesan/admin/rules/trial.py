"""The trial of a version on its page: asked for, stopped, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from flask import current_app, flash, request, url_for
from sqlalchemy import select

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.rules.effect import effect_failed
from tiesan.admin.rules.lines import FlagLine, flag_lines, subjects_of
from tiesan.clock import now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _, _l
from tiesan.rulebook.replaying import MOST_DAYS, ask_replay
from tiesan.rulebook.summaries import SIDES
from tiesan.rulebook.trying import A_YEAR, ask_trial, stop_trial
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner
from tiesan.words.flags import rule_title

_ONE_DAY = timedelta(days=1)
_FIRST_YEAR = 1900
_DAYS: Mapping[str, str] = {"first": _l("First day"), "last": _l("Last day")}
_WORDS: Mapping[str, str] = {"raised": _l("Newly flagged"), "gone": _l("Gone")}
_EVENTS: Mapping[str, str] = {"raised": _l("Raised"), "cleared": _l("Cleared")}
# Of a longer span the months are shown in which there is something.
_MOST_MONTHS = 36
# How wide a bar is in its own units, and how wide at least what is not nothing.
_WIDTH, _LEAST = 100.0, 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: what it is of, its page, its numbers, and each as a piece of a bar.

    A piece is the side that it stands for, where it begins, and how wide it is.
    """

    name: str
    url: str | None
    numbers: Mapping[str, int]
    pieces: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    """The flags that would come, or go: how many there are, and the newest of them."""

    word: str
    number: int
    lines: Sequence[FlagLine]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial; ``charts`` are headings, what is numbered below them, and that."""

    first: date
    last: date
    numbers: Mapping[str, int]
    subjects: int
    charts: Sequence[tuple[str, str, Sequence[Bar]]]
    groups: Sequence[Group]
    hidden: Sequence[str]
    is_hidden: bool
    not_evaluated: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """A day of a replay: what would have been raised and cleared on it."""

    day: date
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay; ``outdated`` says that the text was another one then."""

    first: date
    last: date
    raised: int
    cleared: int
    days: Sequence[ReplayedDay]
    outdated: bool
    is_hidden: bool
    not_evaluated: Sequence[str]


def carry_out_trial(version: RuleVersion) -> dict[str, str]:
    """Begin the trial or replay that a request asks for, or stop what runs; commits.

    Return the days as they were typed, if they were refused: the page tells why.
    """
    run_id = None
    try:
        begin_storing(db.session())
        if request.form.get("stop") == "1":
            stop_trial(db.session(), version)
        else:
            run_id = _asked(version).id
        db.session.commit()
    except UserError as error:
        db.session.rollback()
        for line in error.lines:
            flash(line, "error")
        return {name: request.form[name] for name in ("replay", *_DAYS) if name in request.form}
    if run_id is not None:
        runner: Runner = current_app.extensions["runner"]
        runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"])
    return {}


def _asked(version: RuleVersion) -> JobRun:
    """Ask for what the form says: a replay day by day, or a trial."""
    actor, session = current_viewer().actor, db.session()
    if request.form.get("replay") == "1":
        span = span_asked(request.form, last_days())
        return ask_replay(actor, session, version, span, now=now())
    span = span_asked(request.form, last_twelve_months())
    return ask_trial(actor, session, version, span, now=now())


def last_days() -> tuple[date, date]:
    """Return the days of which a replay is offered first, up to yesterday."""
    return today() - 30 * _ONE_DAY, today() - _ONE_DAY


def last_twelve_months() -> tuple[date, date]:
    """Return the days of the last twelve months, up to yesterday."""
    return today() - A_YEAR - _ONE_DAY, today() - _ONE_DAY


def span_asked(form: Mapping[str, str], default: tuple[date, date]) -> tuple[date, date]:
    """Return the days that a form names; the ``default`` where it asks for none.

    Raises UserError with all that is wrong with them.
    """
    if not any(name in form for name in _DAYS):
        return default
    days = {name: _day(form.get(name, "")) for name in _DAYS}
    said = _("This is no day.")
    wrong = [
        _("%(name)s: %(value)s", name=_DAYS[name], value=said)
        for name, day in days.items()
        if day is None
    ]
    first, last = days["first"], days["last"]
    if last is not None and last >= today():
        wrong.append(_("The last day must have passed; the running day is not over."))
    if first is not None and last is not None and first > last:
        wrong.append(_("The first day lies after the last."))
    if first is None or last is None or wrong:
        raise UserError(wrong)
    return first, last


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None


def trial_page(version: RuleVersion) -> dict[str, Any]:
    """What the page shows: what came of it, and the days in its forms, as typed or as last."""
    catalog, asked = installed(), request.args
    tried = None if version.tried is None else _trial(version, version.tried, catalog)
    replayed = None if version.replayed is None else _replay(version, version.replayed, catalog)
    typed = any(name in asked for name in _DAYS)
    replays = asked.get("replay") == "1"
    return {
        "tried": tried,
        "replayed": replayed,
        "most_days": MOST_DAYS,
        "failed": _failed(version),
        "trial": _form(tried, last_twelve_months(), typed=typed and not replays),
        "replay": _form(replayed, last_days(), typed=typed and replays),
    }


def _failed(version: RuleVersion) -> str:
    """What is said where what ran of it last has come to nothing; blank for any other."""
    runs = select(JobRun).where(JobRun.asked == (version.try_token or ""), JobRun.asked != "")
    run = db.session.scalars(runs).one_or_none()
    return "" if run is None else effect_failed(run)


def _form(
    last: "Trial | Replay | None", default: tuple[date, date], *, typed: bool
) -> dict[str, Any]:
    """The days in a form: those that were typed and refused, or that were gone through last."""
    days = default if last is None else (last.first, last.last)
    known = {name: day.isoformat() for name, day in zip(_DAYS, days, strict=True)}
    if typed:
        known = {name: request.args.get(name, "") for name in _DAYS}
    return {"typed": typed, "span": known}


def _trial(version: RuleVersion, found: Mapping[str, Any], catalog: Catalog) -> Trial:
    first, last = (date.fromisoformat(found[name]) for name in _DAYS)
    hidden = found.get("hidden", ())
    charts = (
        (_("By month"), _("Month"), _bars(_months(found["months"], first, last))),
        (_("By organization"), _("Organization"), _bars(_places(found))),
        (_("Rules that read its flags"), _("Rule"), _bars(_rules(found.get("rules", {}), catalog))),
    )
    return Trial(
        first,
        last,
        {side: found[side] for side in SIDES},
        found["subjects"]["raised"],
        [each for each in charts if each[-1]],
        _groups(version.rule, found, catalog),
        [rule_title(catalog, rule) for rule in hidden if rule != version.rule],
        version.rule in hidden,
        found["not_evaluated"],
    )


def _replay(version: RuleVersion, found: Mapping[str, Any], catalog: Catalog) -> Replay:
    first, last = (date.fromisoformat(found[name]) for name in _DAYS)
    days = found["days"]
    # All at once: what may be opened is asked for once for the page.
    kept = [flag for day in days for side in _EVENTS for flag in day["samples"][side]]
    lines = iter(flag_lines(kept, catalog, of=version.rule))
    return Replay(
        first,
        last,
        found["raised"],
        found["cleared"],
        [
            ReplayedDay(
                date.fromisoformat(day["day"]),
                [
                    Group(str(word), day[side], list(islice(lines, len(day["samples"][side]))))
                    for side, word in _EVENTS.items()
                ],
            )
            for day in days
        ],
        found["digest"] != version.digest,
        found["hidden"],
        found["not_evaluated"],
    )


def _groups(rule: str, found: Mapping[str, Any], catalog: Catalog) -> list[Group]:
    groups = []
    for side, word in _WORDS.items():
        kept = [{"rule": rule, "fact": None, **each} for each in found["samples"].get(side, ())]
        number = found[side] + sum(each[side] for each in found.get("rules", {}).values())
        if kept:
            groups.append(Group(str(word), number, flag_lines(kept, catalog, of=rule)))
    return groups


_Line = tuple[str, str | None, Mapping[str, int]]


def _months(months: Mapping[str, Mapping[str, int]], first: date, last: date) -> Iterator[_Line]:
    """The months of a span, of a long one those in which there is something."""
    begin, end = (day.year * 12 + day.month - 1 for day in (first, last))
    for each in range(begin, end + 1):
        year, month = divmod(each, 12)
        name = f"{year}-{month + 1:02}"
        numbers = {side: months[side].get(name, 0) for side in SIDES}
        if end - begin < _MOST_MONTHS or any(numbers.values()):
            yield name, None, numbers


def _places(found: Mapping[str, Any]) -> Iterator[_Line]:
    """The organizations by name, and those that are not listed as one."""
    listed = found.get("organizations", ())
    known = subjects_of(("organization", each["code"]) for each in listed)
    for each in listed:
        place = known.get(("organization", each["code"]))
        name, url = (each["code"], None) if place is None else (place.name, place.url)
        yield name, url, each
    others = found.get("others", {"number": 0})
    if others["number"]:
        yield _("%(number)d other organizations", number=others["number"]), None, others


def _rules(rules: Mapping[str, Mapping[str, int]], catalog: Catalog) -> Iterator[_Line]:
    for rule, numbers in rules.items():
        url = url_for("rule.details_view", rule_id=rule) if rule in catalog.rules else None
        yield rule_title(catalog, rule), url, numbers


def _bars(lines: Iterable[_Line]) -> list[Bar]:
    """Lines with their bars, the longest of which is as wide as there is room."""
    known = list(lines)
    most = max((sum(each[side] for side in SIDES) for _name, _url, each in known), default=0) or 1
    return [
        Bar(name, url, {side: each[side] for side in SIDES}, list(_pieces(each, most)))
        for name, url, each in known
    ]


def _pieces(numbers: Mapping[str, int], most: int) -> Iterator[tuple[str, str, str]]:
    """The pieces of a bar; what is little is wide enough to be seen all the same."""
    room, begin = _WIDTH - _LEAST * len(SIDES), 0.0
    for side in SIDES:
        if numbers[side]:
            width = _LEAST + room * numbers[side] / most
            yield side, f"{begin:.2f}", f"{width:.2f}"
            begin += width
