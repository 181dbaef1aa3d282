"""The lines of the inbox in words, and how they are grouped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.flags.lines import WITH_SUBJECTS
from tiesan.clock import today
from tiesan.courses.standing import Standing, read_standings
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.inbox import GroupKey, Item
from tiesan.words.flags import (
    message_of,
    organization_name,
    rule_title,
    severity_badge,
    subject_name,
)
from tiesan.words.groups import group_titles
from tiesan.words.values import day

_ORGANIZATION, _CADRE = table_of(Organization), table_of(Cadre)


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the reason, what it says, and about whom; ``token`` names one flag as it is seen.

    ``group`` is the code of the organization of a group, whose flags stand behind the line.
    ``states`` are those in which its flags may be.
    """

    item: Item
    why: str
    title: str
    badge: str = ""
    under: str = ""
    day: str = ""
    token: str = ""
    group: str | None = None
    states: tuple[str, ...] = ()

    @property
    def flag_id(self) -> int:
        """The id of the flag, or of the first of a group."""
        return self.item.ids[0]


@dataclass(frozen=True, slots=True)
class Heading:
    """Lines under one heading; no words and no number where nothing is grouped."""

    words: str
    number: int
    lines: Sequence[Line]


def arranged(items: Sequence[Item], group: str | None) -> tuple[list[Item], dict[Any, int]]:
    """Return items by group, in the order of their first items, with the flags of each counted."""
    if group is None:
        return list(items), {}
    key = _KEYS[group]
    together: dict[Any, list[Item]] = {}
    for item in items:
        together.setdefault(key(item), []).append(item)
    numbers = {each: sum(len(item.ids) for item in found) for each, found in together.items()}
    return [item for found in together.values() for item in found], numbers


_KEYS: Mapping[str, Callable[[Item], Any]] = {
    "cadre": lambda item: item.cadre,
    "rule": lambda item: item.key.rule,
    "organization": lambda item: item.key.place,
}


def headings(items: Sequence[Item], group: str | None, numbers: Mapping[Any, int]) -> list[Heading]:
    """Return the lines of a page under their headings."""
    lines = lines_of(items)
    if group is None:
        return [Heading("", 0, lines)]
    key = _KEYS[group]
    found: dict[Any, list[Line]] = {}
    for line in lines:
        found.setdefault(key(line.item), []).append(line)
    words = _words_of(group, list(found))
    return [Heading(words[each], numbers[each], under) for each, under in found.items()]


def _words_of(group: str, keys: Sequence[Any]) -> dict[Any, str]:
    if group == "rule":
        return {key: rule_title(installed(), key) for key in keys}
    table = _CADRE if group == "cadre" else _ORGANIZATION
    named = select(table.c.id, table.c.name).where(table.c.id.in_([key for key in keys if key]))
    return {None: "—"} | {row.id: row.name for row in db.session.execute(named)}


def lines_of(items: Sequence[Item], *, chosen: bool = True) -> list[Line]:
    """Return items in words, all that they need being read at once.

    Where none can be ``chosen`` for a verb, it is not asked how they stand.
    """
    singles = [item.ids[0] for item in items if not item.in_group]
    standings = standings_of(singles) if chosen else {}
    # What is loaded here stays in the session, so that no line asks again.
    loaded = db.session.scalars(WITH_SUBJECTS, {"flags": singles}).all()
    groups = {item.key: len(item.ids) for item in items if item.in_group}
    titles = group_titles(db.session(), installed(), groups) if groups else {}
    codes = _codes(groups)
    rows = {flag.id: flag for flag in loaded}
    return [
        _group_line(item, titles[item.key], codes[item.key.place])
        if item.in_group
        else _flag_line(item, rows[item.ids[0]], standings.get(item.ids[0]))
        for item in items
        if item.in_group or item.ids[0] in rows
    ]


def standings_of(ids: Sequence[int]) -> Mapping[int, Standing]:
    """Return how flags stand for the viewer of this request."""
    account_id = current_viewer().account_id
    return read_standings(db.session(), FLAG_COURSE, ids, account_id, today())


def _codes(keys: Mapping[GroupKey, int]) -> dict[int, str]:
    places = sorted({key.place for key in keys})
    coded = select(_ORGANIZATION.c.id, _ORGANIZATION.c.code).where(_ORGANIZATION.c.id.in_(places))
    return {row.id: row.code for row in db.session.execute(coded)} if places else {}


def _group_line(item: Item, title: str, code: str) -> Line:
    return Line(item, str(item.why.word), title, group=code, states=item.why.states)


def _flag_line(item: Item, flag: Flag, standing: Standing | None) -> Line:
    parts = (subject_name(flag), organization_name(flag))
    return Line(
        item,
        str(item.why.word),
        message_of(flag),
        severity_badge(flag.severity),
        " · ".join(dict.fromkeys(filter(None, parts))),
        day(flag.occurred_on),
        "" if standing is None else f"{flag.id}:{standing.seen(FLAG_COURSE).token}",
        states=() if standing is None else (standing.state,),
    )
