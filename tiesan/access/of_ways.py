"""Who sees what of the ways out of the house: everybody which there are, of the rest their own."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, true

from tiesan.access.policies import Id, holds_everywhere
from tiesan.people.models import RoleName


def everybody(_row: Any, _who: Id, _day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whoever is signed in: what is secret of such a row is sealed."""
    return true()


def its_person(row: Any, who: Id, _day: ColumnElement[date]) -> ColumnElement[bool]:
    """The person whose row it is."""
    found: ColumnElement[bool] = row.account_id == who
    return found


def its_person_or_administrators(
    row: Any, who: Id, day: ColumnElement[date]
) -> ColumnElement[bool]:
    """The person whose row it is, and the administrators of the whole installation."""
    return or_(its_person(row, who, day), holds_everywhere(RoleName.ADMINISTRATOR, who))
