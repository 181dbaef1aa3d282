"""*Today*, the first section: what the institutions put there for whoever stands for a cadre."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from flask_babel import format_date

from tiesan.access.viewer import Viewer
from tiesan.admin.home.owed_today import asked_of
from tiesan.admin.home.pieces import Offered, Today
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.remembered import remembered
from tiesan.extensions import db
from tiesan.i18n import current_language

_DAY_OF = {"en": "EEEE, MMMM d", "zh_Hans_CN": "M月d日 EEEE"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece as it is drawn: its template, and what that is given as ``piece``."""

    template: str
    piece: object


@dataclass(frozen=True, slots=True)
class TodayAtHome:
    """The day, what the institutions show of it, and what can be done in that: rule and key."""

    day: date
    pieces: Sequence[Shown]
    answered: frozenset[tuple[str, str]]

    @property
    def words(self) -> str:
        """The day with its weekday, without the year."""
        pattern = _DAY_OF.get(current_language(), "EEEE, MMMM d")
        return str(format_date(self.day, pattern))


def today_at_home(viewer: Viewer, day: date) -> TodayAtHome | None:
    """Return what the institutions say of the viewer's day; None for who is no cadre in post."""
    offered: Sequence[Offered] = current_app.extensions["pieces"]
    if viewer.cadre_id is None or viewer.left:
        return None
    off = switched_off()
    offered = [each for each in offered if each.plugin not in off]
    if not offered:
        return None
    asked = remembered("asked", asked_of, viewer, day)
    today = Today(db.session(), viewer, day, frozenset(asked))
    shown = [(each, each.piece.shown(today)) for each in offered]
    pieces = [Shown(each.template, piece) for each, piece in shown if piece is not None]
    kinds = [each.piece.answers for each, piece in shown if piece is not None]
    answered = [asked[kind] for kind in frozenset().union(*kinds) & asked.keys()]
    return TodayAtHome(day, pieces, frozenset().union(*answered)) if pieces else None
