"""The bulletin that is given at something: chosen by its number among those that were issued.

A plugin whose rows say that a bulletin was given has it chosen by this; it need know nothing else
of bulletins. The number is kept as the text of the event.
"""

from datetime import date

from sqlalchemy import select

from tiesan.bulletins.models import Bulletin, BulletinState, bulletin_reference
from tiesan.courses.errors import Wrong
from tiesan.courses.given import TEXT
from tiesan.courses.values import Case, Given, Input
from tiesan.i18n import _, _l
from tiesan.records.kinds import table_of

_MOST = 24
_BULLETIN = table_of(Bulletin)


def issued_bulletin(day_field: str) -> Given:
    """A bulletin of the row's district that was issued by the day in a field of the row."""

    def choices(case: Case) -> list[tuple[str, str]]:
        """The numbers of those, the last first."""
        day: date = getattr(case.row, day_field)
        statement = (
            select(bulletin_reference(_BULLETIN.c), _BULLETIN.c.period)
            .where(
                _BULLETIN.c.district_id == case.row.district_id,
                _BULLETIN.c.state == BulletinState.ISSUED.value,
                _BULLETIN.c.issued_on <= day,
            )
            .order_by(_BULLETIN.c.year.desc(), _BULLETIN.c.number.desc())
            .limit(_MOST)
        )
        rows = case.session.execute(statement).all()
        return [(reference, f"{reference} {period}") for reference, period in rows]

    def reads(value: str, case: Case) -> str:
        known = [reference for reference, _word in choices(case)]
        if value not in known:
            raise Wrong(TEXT, _("Choose a bulletin that was issued by the day of the meeting."))
        return value

    return Given(TEXT, _l("Bulletin"), Input.CHOICE, reads, choices=choices)
