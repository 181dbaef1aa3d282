"""Waivers in a few words: of one flag or standing, for their list, for home, for a flag's page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from tiesan.access.criterion import seen_besides
from tiesan.access.installation import installed
from tiesan.access.viewer import Viewer
from tiesan.access.waivers import told_of_flag, told_of_waiver
from tiesan.admin.flags.lines import WITH_SUBJECTS
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waivers import Waiver
from tiesan.i18n import _
from tiesan.people.models import Account
from tiesan.records.kinds import table_of
from tiesan.reviews.waiver_course import WAIVER_COURSE
from tiesan.rules import Review
from tiesan.words.flags import rule_title, subject_name
from tiesan.words.rows import who
from tiesan.words.values import day

SINGLE, STANDING = "single", "standing"
# How long before its end somebody is told of it.
WARNED_BEFORE = timedelta(days=7)
_MOST_TOLD = 8
# Whose statements are kept: at midnight somebody may still ask for the day before.
_MOST_DAYS = 2
_WAIVE = "waive"
_WAIVERS: Select[Waiver] = (
    select(Waiver)
    .where(Waiver.id.in_(bindparam("waivers", expanding=True)))
    .options(selectinload(Waiver.cadre), selectinload(Waiver.organization))
)


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver as a list shows it; ``plain`` is the same for programs.

    ``flags`` is how many flags it covers, ``state`` whether it is in force.
    """

    kind: str
    url: str
    what: str
    whom: str
    first: date
    until: date
    text: str
    giver: str
    flags: int
    state: str
    word: str
    plain: Mapping[str, Any]


def state_on(waiver: Waiver, day: date) -> str:
    """Return the state of a standing waiver on a day."""
    if waiver.until < max(day, waiver.first_day):
        return "ended"
    return "coming" if waiver.first_day > day else "running"


def what_of(waiver: Waiver) -> str:
    """Return which flags a standing waiver speaks of: those of a rule, or of an institution."""
    if waiver.rule is not None:
        return rule_title(installed(), waiver.rule)
    titles = {plugin.name: str(plugin.title) for plugin in installed().plugins}
    name = titles.get(waiver.plugin or "", waiver.plugin or "")
    return _("All rules: %(institution)s", institution=name)


def whom_of(waiver: Waiver) -> str:
    """Return whom a standing waiver is about."""
    name = "" if waiver.subject is None else waiver.subject.name
    return _("%(name)s and everything below", name=name) if waiver.below else name


def standing_lines(waivers: Iterable[Waiver]) -> list[WaiverLine]:
    """Return standing waivers as lines."""
    found = list(waivers)
    numbers, names = _numbers(found), user_names({each.giver_id for each in found})
    return [_standing(each, numbers.get(each.id, 0), names) for each in found]


def _standing(waiver: Waiver, number: int, names: Mapping[int, str]) -> WaiverLine:
    state = state_on(waiver, today())
    plain = {
        "kind": STANDING,
        "waiver": waiver.id,
        "rule": waiver.rule,
        "plugin": waiver.plugin,
        "subject": None if waiver.subject is None else waiver.subject.code,
        "below": waiver.below,
        "from": waiver.first_day.isoformat(),
        "until": waiver.until.isoformat(),
        "text": waiver.text,
        "giver": names.get(waiver.giver_id, ""),
        "flags": number,
        "state": state,
    }
    return WaiverLine(
        STANDING,
        url_for("waiver.details_view", id=waiver.id),
        what_of(waiver),
        whom_of(waiver),
        waiver.first_day,
        waiver.until,
        waiver.text,
        who(names.get(waiver.giver_id, ""), waiver.giver_id),
        number,
        state,
        str(WAIVER_COURSE.state(state).word),
        plain,
    )


def single_lines(flags: Iterable[Flag]) -> list[WaiverLine]:
    """Return waivers of one flag each, until a day, as lines."""
    found = list(flags)
    granted = _granted(each.id for each in found)
    names = user_names({each.actor_id for each in granted.values() if each.actor_id is not None})
    return [_single(each, granted[each.id], names) for each in found if each.id in granted]


def _single(flag: Flag, event: FlagEvent, names: Mapping[int, str]) -> WaiverLine:
    until, text = flag.waived_until or event.on, event.text or ""
    plain = {
        "kind": SINGLE,
        "flag": flag.id,
        "rule": flag.rule,
        "plugin": None,
        "subject": None if flag.subject is None else flag.subject.code,
        "below": False,
        "from": event.on.isoformat(),
        "until": until.isoformat(),
        "text": text,
        "giver": names.get(event.actor_id or 0, event.actor_name),
        "flags": 1,
        "state": "running",
    }
    return WaiverLine(
        SINGLE,
        url_for("flag.details_view", id=flag.id),
        rule_title(installed(), flag.rule),
        subject_name(flag),
        event.on,
        until,
        text,
        who(event.actor_name, event.actor_id),
        1,
        "running",
        str(WAIVER_COURSE.state("running").word),
        plain,
    )


def waiver_of(flag: Flag) -> WaiverLine | None:
    """Return what waives a flag at present, if something does."""
    if flag.review != Review.WAIVED:
        return None
    if flag.waiver is not None:
        return standing_lines([flag.waiver])[0]
    return next(iter(single_lines([flag])), None)


def with_subjects(statement: Any) -> Any:
    """Return a statement on flags that loads whom they are about at once."""
    return statement.options(selectinload(Flag.cadre), selectinload(Flag.organization))


def _granted(flag_ids: Iterable[int]) -> dict[int, FlagEvent]:
    """The event by which each of these flags was waived last."""
    latest = (
        select(func.max(FlagEvent.id))
        .where(FlagEvent.flag_id.in_(sorted(flag_ids)), FlagEvent.to_state == Review.WAIVED.value)
        .group_by(FlagEvent.flag_id)
    )
    events = db.session.scalars(select(FlagEvent).where(FlagEvent.id.in_(latest)))
    return {event.flag_id: event for event in events}


def _numbers(waivers: Iterable[Waiver]) -> dict[int, int]:
    """How many flags each of these covers, whoever sees them."""
    flag = table_of(Flag)
    ids = sorted(each.id for each in waivers)
    statement = (
        select(flag.c.waiver_id, func.count().label("number"))
        .where(flag.c.waiver_id.in_(ids))
        .group_by(flag.c.waiver_id)
    )
    return {row.waiver_id: row.number for row in db.session.execute(statement)}


def user_names(account_ids: Iterable[int]) -> dict[int, str]:
    """Return the user names of accounts, wherever their persons are posted."""
    account = table_of(Account)
    statement = select(account.c.id, account.c.username)
    found = db.session.execute(statement.where(account.c.id.in_(sorted(account_ids))))
    return {row.id: row.username for row in found}


# --- what ends soon -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EndingSoon:
    """A waiver that ends soon, in a sentence, with its page."""

    text: str
    url: str
    until: date


def ending_soon(viewer: Viewer) -> list[EndingSoon]:
    """Return what the viewer is told of waivers that end within a week, the soonest first."""
    if viewer.account_id is None:
        return []
    # Who is told sees it, so that nothing needs to narrow the ids once more; mostly there are none.
    connection = db.session.connection()
    flags, waivers = (list(connection.scalars(each)) for each in _told_on(today()))
    found = []
    if flags:
        found += single_lines(db.session.scalars(WITH_SUBJECTS, {"flags": flags}))
    if waivers:
        found += standing_lines(db.session.scalars(_WAIVERS, {"waivers": waivers}))
    soonest = sorted(found, key=lambda line: line.until)[:_MOST_TOLD]
    return [EndingSoon(_said(line), line.url, line.until) for line in soonest]


@lru_cache(_MOST_DAYS)
def _told_on(day: date) -> tuple[Select[int], Select[int]]:
    """The ids of the waived flags and standing waivers of which who asks is told on a day.

    To make the two takes longer than to ask by them.
    """
    flags = select(Flag.id).where(
        Flag.review == Review.WAIVED.value,
        _ends_soon(Flag.waived_until, day),
        seen_besides(told_of_flag, Flag),
    )
    waivers = select(Waiver.id).where(
        _ends_soon(Waiver.until, day),
        Waiver.until >= Waiver.first_day,
        seen_besides(told_of_waiver, Waiver),
    )
    return (
        flags.order_by(Flag.waived_until).limit(_MOST_TOLD),
        waivers.order_by(Waiver.until).limit(_MOST_TOLD),
    )


def _ends_soon(column: Any, on: date) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.between(on, on + WARNED_BEFORE)
    return found


def _said(line: WaiverLine) -> str:
    text = _("A waiver ends after %(day)s: %(what)s, %(whom)s.")
    return text % {"day": day(line.until), "what": line.what, "whom": line.whom}
