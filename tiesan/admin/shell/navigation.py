"""Side navigation: the pages that the viewer may open, by institution."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app, request, url_for
from sqlalchemy import select

from tiesan.admin.shell.pages import Open
from tiesan.extensions import db
from tiesan.records.settings import PluginState


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of pages; ``plugin`` is the institution that it belongs to, if any."""

    title: str
    pages: tuple[Open, ...]
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the navigation; ``number`` is how much there is to do for the viewer, if any."""

    title: str
    url: str
    here: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of a section that the viewer may open; ``open`` when one of them is this one."""

    title: str
    links: tuple[Link, ...]

    @property
    def open(self) -> bool:
        """Whether the page shown belongs to this group."""
        return any(link.here for link in self.links)


def groups() -> list[Group]:
    """Return the navigation of this request; groups without pages are left out."""
    sections: Iterable[Section] = current_app.extensions["sections"]
    off = switched_off()
    shown = (
        Group(str(section.title), tuple(_links(section)))
        for section in sections
        if section.plugin not in off
    )
    return [group for group in shown if group.links]


def switched_off() -> frozenset[str]:
    """Return the names of the plugins that are switched off."""
    table = PluginState.__table__
    return frozenset(db.session.scalars(select(table.c.name).where(~table.c.enabled)))


def _links(section: Section) -> Iterable[Link]:
    for page in section.pages:
        if page.is_accessible():
            here = request.blueprint == page.endpoint
            yield Link(str(page.name), url_for(page.first_page), here, page.to_do())
