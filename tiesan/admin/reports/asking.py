"""What an overview is asked for: of which organization, span and institution; in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import abort, request

from tiesan.access.installation import installed
from tiesan.access.overviews import places_to_look_over
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.navigation import switched_off
from tiesan.calendar.periods import Every
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _, current_language
from tiesan.people.models import Organization
from tiesan.plugin import Plugin
from tiesan.reports.asked import Asked
from tiesan.reports.places import read_places
from tiesan.reports.series import spans_until
from tiesan.reports.spans import Span

# Of each length so many spans are offered.
_OFFERED = ((Every.MONTH, 12), (Every.QUARTER, 4), (Every.YEAR, 3))


@dataclass(frozen=True)
class Filters:
    """What the address of an overview asks; what it cannot mean is as if it were not there."""

    organization: str
    span: Span
    institution: str

    @classmethod
    def read(cls) -> "Filters":
        """Read them from the address; without any, this month of the viewer's first organization.

        Answers 404 where there is no organization that the viewer may look over.
        """
        institution = request.args.get("institution", "")
        known = {plugin.name for plugin in installed().plugins} - switched_off()
        organization = request.args.get("organization", "")
        return cls(organization, _span_asked(), institution if institution in known else "")

    @cached_property
    def places(self) -> Sequence[Organization]:
        """The organizations to choose from."""
        return places_to_look_over(db.session(), current_viewer())

    @cached_property
    def root(self) -> Organization:
        """The organization that is asked for; 404 where there is none."""
        by_code = {each.code: each for each in self.places}
        found = by_code.get(self.organization) or next(iter(self.places), None)
        return found if found is not None else abort(404)

    @cached_property
    def asked(self) -> Asked:
        """What is counted."""
        root = self.root
        places = read_places(db.session(), root.district_id or root.id, root.id)
        return Asked(installed(), places, self.span, today(), switched_off(), self.institution)

    @property
    def spans(self) -> Sequence[Span]:
        """The spans to choose from: months, quarters and years, the latest first."""
        offered = [
            span
            for every, number in _OFFERED
            for span in reversed(spans_until(every, today(), number))
        ]
        return offered if self.span in offered else [self.span, *offered]

    @property
    def institutions(self) -> Sequence[Plugin]:
        """The institutions to choose from."""
        return [each for each in installed().plugins if each.name not in switched_off()]

    @property
    def address(self) -> Mapping[str, str]:
        """The filters as arguments of an address."""
        said = {
            "organization": self.root.code,
            "span": self.span.label,
            "institution": self.institution,
        }
        return {name: value for name, value in said.items() if value}


def _span_asked() -> Span:
    try:
        return Span.named(request.args.get("span", ""))
    except ValueError:
        return Span.holding(Every.MONTH, today())


def span_words(span: Span) -> str:
    """Return a span in words: 2026年11月."""
    first = span.first_day
    match span.every:
        case Every.MONTH:
            return month_words(span)
        case Every.QUARTER:
            quarter = (first.month + 2) // 3
            return _("Quarter %(number)d of %(year)d", number=quarter, year=first.year)
        case Every.HALF_YEAR:
            half = 1 if first.month == 1 else 2
            return _("Half %(number)d of %(year)d", number=half, year=first.year)
    return _("The year %(year)d", year=first.year)


def month_words(span: Span) -> str:
    """Return a month in words."""
    year, month = span.first_day.year, span.first_day.month
    return f"{year:04d}-{month:02d}" if current_language() == "en" else f"{year}年{month}月"
