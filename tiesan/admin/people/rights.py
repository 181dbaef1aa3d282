"""What one person may open and do, as the code that decides answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from tiesan.access.extents import Extent, extent
from tiesan.access.rights import asked_as
from tiesan.access.viewer import Reach, Viewer
from tiesan.admin.courses.view import CourseView
from tiesan.admin.records.view import RecordView
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Open
from tiesan.admin.shell.places import GROUPS, LISTS, group_of
from tiesan.clock import today
from tiesan.courses.installed import running_courses
from tiesan.courses.open_to import verbs_open_on_rows
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.policy import Verb

_PLACE = table_of(Organization)


@dataclass(frozen=True, slots=True)
class Places:
    """A group of the menu with the pages in it: what each is called, and its endpoint."""

    title: str
    pages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KindRights:
    """What may be done with one kind of records; ``begins`` are verbs that make a row."""

    title: str
    name: str
    reads: str
    enters_own: bool
    enters_for_others: bool
    corrects: str
    begins: tuple[str, ...]
    confidential: bool


@dataclass(frozen=True, slots=True)
class CourseRights:
    """The verbs of a course that are somebody's on one of the rows, with the capacity of each."""

    title: str
    verbs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """All that somebody may open and do."""

    places: list[Places]
    kinds: list[KindRights]
    courses: list[CourseRights]

    @property
    def confidential(self) -> bool:
        """Whether any confidential kind is theirs to read."""
        return any(each.confidential for each in self.kinds)


def rights_of(viewer: Viewer) -> Rights:
    """Return what a viewer may open and do, asked of the pages, policies and courses themselves."""
    with asked_as(viewer):
        found = list(_pages())
        views = [view for view in current_app.extensions["record_views"] if _is_open(view)]
        asked = [(view, _asked(view, viewer)) for view in views]
    names = _names(extents for _view, (_flags, extents) in asked)
    kinds = [_kind(view, flags, extents, names) for view, (flags, extents) in asked]
    return Rights(list(_by_group(found, viewer)), kinds, list(_courses(viewer)))


def _pages() -> Iterator[tuple[str, str, str]]:
    """The pages of the menu that are open: place, name, endpoint."""
    pages: Iterable[Open] = current_app.extensions["pages"]
    for page in pages:
        for entry in page.entries():
            yield entry.place, str(entry.name), entry.endpoint


def _by_group(pages: Iterable[tuple[str, str, str]], viewer: Viewer) -> Iterator[Places]:
    by_group: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS}
    for place, name, endpoint in pages:
        by_group[group_of(place, viewer) or LISTS].append((name, endpoint))
    for group, found in by_group.items():
        if found:
            yield Places(str(GROUPS[group]), tuple(found))


def _is_open(view: RecordView[Any]) -> bool:
    return view.plugin.name not in switched_off() and view.is_accessible()


_Flags = tuple[bool, bool, tuple[str, ...]]
_Extents = tuple[Extent, Extent]


def _asked(view: RecordView[Any], viewer: Viewer) -> tuple[_Flags, _Extents]:
    """What the page of a kind answers: own entries, those for others, verbs; and whose rows."""
    begins = tuple(str(verb.word) for verb in view.verbs_that_begin) if _has_course(view) else ()
    flags = (view.enters_own, view.enters_for_others, begins)
    whose = (extent(view.record, Verb.READ, viewer), extent(view.record, Verb.EDIT, viewer))
    return flags, whose


def _has_course(view: RecordView[Any]) -> bool:
    return isinstance(view, CourseView)


def _kind(
    view: RecordView[Any], flags: _Flags, extents: _Extents, names: dict[int, str]
) -> KindRights:
    own, others, begins = flags
    reads, corrects = (_words(each, names) for each in extents)
    return KindRights(
        title=str(view.kind.plural),
        name=view.kind.name,
        reads=reads,
        enters_own=own,
        enters_for_others=others,
        corrects=corrects,
        begins=begins,
        confidential=view.policy.confidential,
    )


def _courses(viewer: Viewer) -> Iterator[CourseRights]:
    """The verbs that are the viewer's on rows; asked of the rows that who looks may see."""
    if viewer.account_id is None:
        return
    for course in running_courses().values():
        verbs = verbs_open_on_rows(db.session(), course, viewer.account_id, today())
        if verbs:
            yield CourseRights(
                str(course.title),
                tuple(
                    (str(verb.word), _("; ").join(str(who.word) for who in capacities))
                    for verb, capacities in verbs
                ),
            )


def _names(extents: Iterable[_Extents]) -> dict[int, str]:
    """The names of the organizations in reach that stand below none that is in it as well."""
    wanted = {number for pair in extents for each in pair for number in _ids(each.reach)}
    statement = select(_PLACE.c.id, _PLACE.c.name, _PLACE.c.parent_id)
    rows = db.session.execute(statement.where(_PLACE.c.id.in_(sorted(wanted)))).all()
    return {number: name for number, name, parent in rows if parent not in wanted}


def _ids(reach: Reach) -> frozenset[int]:
    return reach.districts | reach.organizations


def _words(found: Extent, names: dict[int, str]) -> str:
    """Whose rows, in words; nothing for none."""
    said = [_("their own")] if found.own else []
    if found.reach.everywhere:
        said.append(_("everywhere"))
    places = sorted(names[number] for number in _ids(found.reach) if number in names)
    said += [_("%(place)s and below", place=place) for place in places]
    return _("; ").join(said)
