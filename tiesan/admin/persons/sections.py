"""What there is of a person, section by section, as the viewer may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from tiesan.access.belonging import target_of
from tiesan.access.installation import installed
from tiesan.admin.flags.lines import FlagLine, gravest
from tiesan.admin.records.merged import Among, Line, Pages, day_of_row, newest_lines, open_views
from tiesan.admin.shell.places import ENTER, LOG, REQUEST
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.people.postings import spans_of
from tiesan.records.base import Record

_MOST_FLAGS, _MOST_LINES, _MOST_OF_A_DAY = 5, 10, 60


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of records."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Post:
    """One posting: where, from when, and until when."""

    organization: str
    from_on: date
    until_on: date | None


def posts_of(cadre: Cadre) -> list[Post]:
    """Where a cadre was in post, the latest first."""
    spans = spans_of(db.session(), cadre.id)
    names = {
        row.id: row.name
        for row in db.session.query(Organization).filter(
            Organization.id.in_({each.organization_id for each in spans})
        )
    }
    # Where the viewer may not look somebody may have been all the same.
    return [
        Post(names.get(each.organization_id, _("elsewhere")), each.from_on, each.until_on)
        for each in reversed(spans)
    ]


def flags_on(cadre: Cadre) -> list[FlagLine]:
    """The gravest active flags on a cadre; confidential ones are not told of here."""
    return gravest(installed(), _MOST_FLAGS, *_told_of(cadre))


def flags_of_day(cadre: Cadre, day: date) -> list[FlagLine]:
    """All active flags on a cadre that are of a day, but for confidential ones."""
    return gravest(installed(), _MOST_OF_A_DAY, *_told_of(cadre), Flag.occurred_on == day)


def _told_of(cadre: Cadre) -> tuple[ColumnElement[bool], ...]:
    return (Flag.cadre_id == cadre.id, Flag.confidential.is_(False))


def sections_of(cadre: Cadre) -> list[Section]:
    """What was asked for, logged, and entered of a cadre, the newest of each."""
    titles = {REQUEST: _("Requests and leave"), LOG: _("Logs"), ENTER: _("Entered by others")}
    views = open_views()
    found = (
        Section(title, _lines([view for view in views if view.at == at], cadre))
        for at, title in titles.items()
    )
    return [section for section in found if section.lines]


def _lines(views: Sequence[Pages], cadre: Cadre) -> list[Line]:
    among = Among(views, narrow=lambda model: _of(model, cadre))
    return newest_lines(among, 0, _MOST_LINES)


def _of(model: type[Record], cadre: Cadre) -> ColumnElement[bool] | None:
    """The rows of a class that are about a cadre; None where none ever is."""
    columns = [
        getattr(model, f"{reference}_id")
        for reference in dict.fromkeys(path.partition(".")[0] for path in model.concerns)
        if target_of(model, reference) is Cadre
    ]
    return or_(*(column == cadre.id for column in columns)) if columns else None


def lines_of_day(cadre: Cadre, day: date) -> list[Line]:
    """All records of a day that are about a cadre."""

    def narrow(model: type[Record]) -> ColumnElement[bool] | None:
        whose = _of(model, cadre)
        return None if whose is None else and_(whose, day_of_row(model) == day)

    among = Among(open_views(), narrow=narrow)
    return newest_lines(among, 0, _MOST_OF_A_DAY)
