"""The editor of a draft: what it shows, and what its form sends, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from tiesan.access.installation import installed
from tiesan.admin.lists.lookups import described
from tiesan.bulletins.models import Bulletin
from tiesan.clock import today
from tiesan.courses.errors import Wrong
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.editing import Demand, Praise, Written
from tiesan.reports.bulletins.frozen import FrozenNumbers, written
from tiesan.reports.bulletins.naming import nameable_flags
from tiesan.words.flags import message_of

_BLANK_DEMANDS, _BLANK_PRAISE = 2, 1
_MOST_LINES = 60
_LONG = 10


@dataclass(frozen=True, slots=True)
class PraiseLine:
    """A line of praise in the form: whom, as the look-up shows them, and for what."""

    cadre_id: str
    shown: str
    text: str


def editor(bulletin: Bulletin, sent: MultiDict[str, str] | None = None) -> Mapping[str, Any]:
    """Return what the template of the editor is given: what is stored, or what was sent."""
    frozen = FrozenNumbers(bulletin.numbers)
    titles = {plugin.name: str(plugin.title) for plugin in installed().plugins}
    flags = nameable_flags(db.session(), bulletin, today())
    return {
        "bulletin": bulletin,
        "seen": BULLETIN_COURSE.version(bulletin),
        "places": frozen.places,
        "tables": [(table.titled(titles), table.columns) for table in frozen.tables()],
        "said": {place.id: _told(frozen, bulletin, place.id) for place in frozen.places},
        "flags": [(each, message_of(each)) for each in flags],
        **(_stored(bulletin) if sent is None else _sent(bulletin, sent)),
    }


def _told(frozen: FrozenNumbers, bulletin: Bulletin, place_id: int) -> str:
    """The numbers of an organization in one line, beside which its comment is written."""
    told = (
        f"{column.title} {written(frozen.cell(place_id, column.key), column.unit)}"
        for column in frozen.columns
        if column.key not in bulletin.left_out and not frozen.cell(place_id, column.key).is_blank
    )
    return _(", ").join(told)


def _stored(bulletin: Bulletin) -> dict[str, Any]:
    demands = [(each.organization_id, each.text, each.due_on) for each in bulletin.demands]
    praise = [
        PraiseLine(str(each.cadre_id), described(each.cadre), each.praise)
        for each in bulletin.names
        if each.praise is not None
    ]
    return {
        "introduction": bulletin.introduction,
        "comments": {int(key): text for key, text in bulletin.comments.items()},
        "left_out": set(bulletin.left_out),
        "demands": [*demands, *[(None, "", None)] * _BLANK_DEMANDS],
        "praise": [*praise, *[PraiseLine("", "", "")] * _BLANK_PRAISE],
        "named": {each.flag_id for each in bulletin.names if each.flag_id is not None},
    }


def _sent(bulletin: Bulletin, form: MultiDict[str, str]) -> dict[str, Any]:
    """What was sent, so that nothing of it is lost; a day that is none is left blank."""
    frozen = FrozenNumbers(bulletin.numbers)
    count = _number_of_lines(form, "demand-text-")
    demands = [
        (_id(form.get(f"demand-place-{at}")), form.get(f"demand-text-{at}", ""),
         _day(form.get(f"demand-due-{at}", "")))
        for at in range(count)
    ]  # fmt: skip
    count = _number_of_lines(form, "praise-text-")
    praise = [
        _praise_line(form.get(f"praise-cadre-{at}", ""), form.get(f"praise-text-{at}", ""))
        for at in range(count)
    ]
    kept = set(form.getlist("columns"))
    return {
        "introduction": form.get("introduction", ""),
        "comments": {place.id: form.get(f"comment-{place.id}", "") for place in frozen.places},
        "left_out": {each.key for each in frozen.columns} - kept,
        "demands": demands,
        "praise": praise,
        "named": {_id(each) for each in form.getlist("flags")},
    }


def _praise_line(cadre_id: str, text: str) -> PraiseLine:
    """A line of praise as it was sent, with the cadre's name where it names one."""
    cadre = db.session.get(Cadre, _id(cadre_id) or 0)
    return PraiseLine(cadre_id, "" if cadre is None else described(cadre), text)


def read_written(bulletin: Bulletin, form: MultiDict[str, str]) -> Written:
    """Return what the form of the editor says; raises Wrong for a day that is none."""
    sent = _sent(bulletin, form)
    for at in range(_number_of_lines(form, "demand-text-")):
        value = form.get(f"demand-due-{at}", "").strip()
        if value and _day(value) is None:
            raise Wrong(f"demand-due-{at}", _("No day: %(found)s", found=value))
    return Written(
        seen=form.get("seen_version", ""),
        introduction=sent["introduction"],
        comments=sent["comments"],
        demands=[Demand(*each) for each in sent["demands"]],
        praise=[Praise(_id(each.cadre_id), each.text) for each in sent["praise"]],
        flags=frozenset(each for each in sent["named"] if each is not None),
        left_out=frozenset(sent["left_out"]),
    )


def _number_of_lines(form: MultiDict[str, str], begun: str) -> int:
    return min(_MOST_LINES, sum(1 for name in form if name.startswith(begun)))


def _id(sent: str | None) -> int | None:
    """The id that was sent; None for none, and what is no id names no row."""
    if not sent:
        return None
    is_number = sent.isascii() and sent.isdecimal() and len(sent) < _LONG
    return int(sent) if is_number else 0


def _day(sent: str) -> date | None:
    try:
        return date.fromisoformat(sent.strip())
    except ValueError:
        return None
