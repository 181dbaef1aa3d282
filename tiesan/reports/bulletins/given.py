"""What the verbs of bulletins are given: a district, a period, the day of the numbers."""

from datetime import date
from typing import Any

from sqlalchemy import Select, literal, select

from tiesan.access.bulletins import supervises_district
from tiesan.access.policies import has_role
from tiesan.bulletins.models import Bulletin, BulletinState
from tiesan.calendar.periods import Every
from tiesan.courses.errors import Wrong
from tiesan.courses.given import past_day
from tiesan.courses.values import Case, Given, Input
from tiesan.i18n import _, _l
from tiesan.people.models import Organization, OrganizationKind, RoleName
from tiesan.records.kinds import table_of
from tiesan.reports.spans import Span

DISTRICT, PERIOD, AS_OF, CORRECTS = "district", "period", "as_of", "corrects"
_LENGTHS = (Every.MONTH, Every.QUARTER, Every.YEAR)
_MONTHS_OFFERED = 12
_PLACE = table_of(Organization)


def district() -> Given:
    """The district whose bulletin it is: one at which the actor is a supervisor."""

    def reads(value: str, case: Case) -> int:
        found = case.session.scalar(_supervised(case).where(_PLACE.c.code == value))
        if found is None:
            raise Wrong(DISTRICT, _("You are no supervisor of a district of this code: %(found)s",
                                    found=value))  # fmt: skip
        return found

    def choices(case: Case) -> list[tuple[str, str]]:
        """Those districts."""
        chosen = _supervised(case).with_only_columns(_PLACE.c.code, _PLACE.c.name)
        return [(row.code, row.name) for row in case.session.execute(chosen.order_by("code"))]

    return Given(DISTRICT, _l("District"), Input.ACCOUNT, reads, choices=choices)


def _supervised(case: Case) -> Select[int]:
    supervises = has_role(RoleName.SUPERVISOR, _PLACE.c.id, literal(case.actor.account_id))
    of_kind = _PLACE.c.kind == OrganizationKind.DISTRICT.value
    return select(_PLACE.c.id).where(of_kind, supervises)


def period() -> Given:
    """The month, quarter or year that it is about, by its label: 2026-10, 2026-Q4, 2026."""

    def reads(value: str, case: Case) -> Span:
        try:
            found = Span.named(value)
        except ValueError:
            raise Wrong(PERIOD, _("No month, quarter or year: %(found)s", found=value)) from None
        if found.every not in _LENGTHS:
            raise Wrong(PERIOD, _("No month, quarter or year: %(found)s", found=value))
        if found.first_day > case.day:
            raise Wrong(PERIOD, _("This period has not begun."))
        return found

    def choices(case: Case) -> list[tuple[str, str]]:
        """The periods of the past year, those that are over first."""
        return [(each.label, span_words(each)) for each in offered_spans(case.day)]

    return Given(PERIOD, _l("Period it is about"), Input.ACCOUNT, reads, choices=choices)


def offered_spans(day: date) -> list[Span]:
    """Return months, quarters and years to choose from, the last that are over first."""
    found: list[Span] = []
    for every, number in ((Every.MONTH, _MONTHS_OFFERED), (Every.QUARTER, 4), (Every.YEAR, 2)):
        running = Span.holding(every, day)
        spans = [running]
        for _each in range(number):
            spans.append(spans[-1].before)
        over = [span for span in spans if span.last_day < day]
        found += [*over[:number], *(span for span in spans if span not in over)]
    return found


def span_words(span: Span) -> str:
    """Return what a period is called."""
    year = span.first_day.year
    match span.every:
        case Every.MONTH:
            return _("%(year)d-%(month)02d", year=year, month=span.first_day.month)
        case Every.QUARTER:
            number = (span.first_day.month + 2) // 3
            return _("quarter %(number)d of %(year)d", number=number, year=year)
    return _("the year %(year)d", year=year)


def as_of() -> Given:
    """The day as of which the numbers are made, today or earlier."""
    return past_day(AS_OF, _l("Numbers as of"))


def corrected() -> Given:
    """The issued bulletin that is corrected, by its id."""

    def reads(value: Any, case: Case) -> Bulletin:
        written = str(value)
        number = int(written) if written.isascii() and written.isdecimal() else 0
        found = select(Bulletin).where(
            Bulletin.id == min(number, 2**31 - 1),
            Bulletin.state == BulletinState.ISSUED.value,
            supervises_district(Bulletin, literal(case.actor.account_id), literal(case.day)),
        )
        bulletin = case.session.scalars(found).one_or_none()
        if bulletin is None:
            raise Wrong(CORRECTS, _("There is no issued bulletin that you could correct."))
        later = select(Bulletin).where(
            Bulletin.corrects_id == bulletin.id, Bulletin.state != BulletinState.DISCARDED.value
        )
        if case.session.scalars(later.limit(1)).first() is not None:
            raise Wrong(CORRECTS, _("There is a correction of this bulletin already."))
        return bulletin

    return Given(CORRECTS, _l("Corrects"), Input.ROWS, reads)
