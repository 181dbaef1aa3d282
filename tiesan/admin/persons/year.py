"""A year of a cadre as a calendar: each day with what it is, coloured and in words.

Only what the viewer may read is in it: whose leave or flags they may not see, for them there are
none. Confidential matters are in nobody's calendar.
"""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from babel.dates import get_day_names, get_month_names
from flask_babel import get_locale
from sqlalchemy import select

from tiesan.access.away import Absence, absences, readable_absences
from tiesan.access.installation import installed
from tiesan.admin.records.merged import Pages, open_views
from tiesan.admin.shell.days import working_calendar
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.facts.leave import LeaveCover
from tiesan.flags.models import Flag
from tiesan.i18n import CHINESE, _, current_language
from tiesan.people.models import Cadre
from tiesan.people.postings import Span, spans_of
from tiesan.records.base import listed_by
from tiesan.records.kinds import record_kind
from tiesan.rules import Review
from tiesan.words.days import day_with_weekday, is_weekend, sort_of_day
from tiesan.words.flags import GRAVITY, rule_title

_MONTHS = 12
# What was decided not to be so, or was excused, is no mark on a day.
_NOT_SO = (Review.DISMISSED.value, Review.WAIVED.value)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a flag says of a day: in a word, in full, and how grave."""

    short: str
    title: str
    severity: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: one word for its place in it, all of it in words, and its colour."""

    day: date
    short: str
    words: str
    colour: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks, from Monday to Sunday; None stands for days of other months."""

    name: str
    weeks: Sequence[Sequence[Day | None]]


class Year:
    """The year of a cadre, as the viewer may see it."""

    def __init__(self, cadre: Cadre, year: int) -> None:
        """Take whose year it is, and which one."""
        self.cadre, self.year = cadre, year
        self.first, self.last = date(year, 1, 1), date(year, _MONTHS, 31)
        self._today = today()
        self._calendar = working_calendar()

    def months(self) -> list[Month]:
        """Return the twelve months."""
        names, weeks = get_month_names("wide", locale=get_locale()), Calendar()
        return [
            Month(
                str(names[month]),
                [
                    [self._day(day) if day.month == month else None for day in week]
                    for week in weeks.monthdatescalendar(self.year, month)
                ],
            )
            for month in range(1, _MONTHS + 1)
        ]

    def day_words(self, day: date) -> str:
        """Return all that is said of a day."""
        return self._day(day).words

    def sort_of(self, day: date) -> str:
        """Return what a day is by the calendar, or that the cadre was not in post."""
        return sort_of_day(self._calendar, day) if self._in_post(day) else _("not in post")

    def leave_words(self, day: date) -> str:
        """Return when the cadre was on leave on a day; nothing where they were not."""
        return self._leave(day) or ""

    def marks_of(self, day: date) -> Sequence[Mark]:
        """Return what flags say of a day, the gravest last."""
        return sorted(self._marks.get(day, ()), key=lambda mark: GRAVITY[mark.severity])

    def _day(self, day: date) -> Day:
        parts = [sort_of_day(self._calendar, day)]
        short, colour = self._by_calendar(day)
        if not self._in_post(day):
            parts, short, colour = [*parts, _("not in post")], "", "away"
        for word, said, shade in self._found(day):
            parts.append(said)
            short, colour = word, shade
        words = f"{day_with_weekday(day)}: {', '.join(parts)}"
        return Day(day, short, words, colour, day == self._today)

    def _by_calendar(self, day: date) -> tuple[str, str]:
        if self._calendar.is_working_day(day):
            return (_("make-up"), "make-up") if is_weekend(day) else ("", "working")
        return _("off"), "off"

    def _found(self, day: date) -> Iterable[tuple[str, str, str]]:
        """What there is of a day, what weighs least first: that which comes last is shown."""
        for short in sorted(self._entered.get(day, ())):
            yield short, short, "there"
        leave = self._leave(day)
        if leave is not None:
            yield _("Leave"), leave, "leave"
        for mark in self.marks_of(day):
            yield mark.short, mark.title, f"flag-{mark.severity}"

    def _in_post(self, day: date) -> bool:
        return any(
            span.from_on <= day and (span.until_on is None or day <= span.until_on)
            for span in self._postings
        )

    def _leave(self, day: date) -> str | None:
        whom = str(self.cadre.id)
        morning = self._cover.morning(whom, day, outings=True)
        afternoon = self._cover.afternoon(whom, day, outings=True)
        if morning and afternoon:
            return _("on leave")
        if morning or afternoon:
            return _("on leave in the morning") if morning else _("on leave in the afternoon")
        return None

    # --- what is read, once for the whole year ----------------------------------------------------

    @cached_property
    def _postings(self) -> list[Span]:
        return spans_of(db.session(), self.cadre.id)

    @cached_property
    def _cover(self) -> LeaveCover:
        found = absences(db.session(), [self.cadre.id], self.first, self.last)
        readable = readable_absences(db.session(), found)
        spans = [each.span for each in found if _key(each) in readable]
        return LeaveCover(spans, self.first, self.last)

    @cached_property
    def _entered(self) -> Mapping[date, set[str]]:
        """The words of records that are there, by day."""
        found: dict[date, set[str]] = defaultdict(set)
        for view in open_views():
            word = view.day_words.get("")
            if word is not None:
                for day in self._days_of(view):
                    found[day].add(str(word))
        return found

    def _days_of(self, view: Pages) -> Iterable[date]:
        column, model = listed_by(view.record), view.record
        if column is None:
            return ()
        day, whose = getattr(model, column.name), model.__table__.c.cadre_id
        within = (day >= self.first, day <= self.last, whose == self.cadre.id)
        return db.session.scalars(select(day).where(*within, model.voided_at.is_(None)))

    @cached_property
    def _marks(self) -> Mapping[date, list[Mark]]:
        """What the flags on the cadre say, by day."""
        catalog, found = installed(), defaultdict(list)
        words = {rule: str(word) for view in open_views() for rule, word in view.day_words.items()}
        statement = select(Flag.rule, Flag.severity, Flag.occurred_on).where(
            Flag.cadre_id == self.cadre.id,
            Flag.active,
            Flag.confidential.is_(False),
            Flag.review.not_in(_NOT_SO),
            Flag.occurred_on >= self.first,
            Flag.occurred_on <= self.last,
        )
        for rule, severity, day in db.session.execute(statement):
            short = words.get(rule, _("flagged"))
            found[day].append(Mark(short, rule_title(catalog, rule), severity))
        return found


def _key(absence: Absence) -> tuple[str, int]:
    return record_kind(absence.model).name, absence.row_id


class Weekday(NamedTuple):
    """A day of the week, in one character or three and in full."""

    short: str
    full: str


def weekdays() -> list[Weekday]:
    """The days of the week from Monday on."""
    width: Any = "narrow" if current_language() == CHINESE else "abbreviated"
    short = get_day_names(width, locale=get_locale())
    full = get_day_names("wide", locale=get_locale())
    return [Weekday(str(short[at]), str(full[at])) for at in range(7)]
