"""Page: the base of every page; a page that states no roles is open to nobody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from flask_admin import BaseView, expose

from tiesan.access.viewer import current_viewer
from tiesan.records.policy import NOBODY, Roles

_MOST_DIGITS = 9

F = TypeVar("F", bound=Callable[..., Any])


def page(address: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[F], F]:
    """Have a method answer at an address below that of its page."""
    exposed: Callable[[F], F] = expose(address, methods)
    return exposed


def page_asked(text: str) -> int:
    """The number of a page that an address asks for, from 0 on; the first for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What the menu draws of a page: where, what it is called, which endpoint it leads to.

    ``to_do`` counts how much there is to do. ``alone`` is one of several entries of a view: it is
    where the viewer is at its address only.
    """

    place: str
    name: str
    endpoint: str
    to_do: Callable[[], int] = lambda: 0
    alone: bool = False


class Open:
    """Who may open a page: the roles that it names, granted anywhere.

    Which rows a page shows is settled row by row; this only shuts the door. ``place`` is where the
    menu has it (``tiesan.admin.shell.places``).
    """

    roles: Roles = NOBODY
    place: ClassVar[str] = "records"
    # What the menu calls it, where that is not its name.
    menu_name: ClassVar[str | None] = None
    # Flask-Admin's own: what the page is called, its endpoint, and its first address.
    name: str
    endpoint: str
    _default_view: str

    @property
    def first_page(self) -> str:
        """The endpoint of the page's first address."""
        return f"{self.endpoint}.{self._default_view}"

    def is_accessible(self) -> bool:
        """Whether the viewer may open the page."""
        return current_viewer().has(self.roles)

    def to_do(self) -> int:
        """Return how much there is on the page for the viewer to do, which the menu tells."""
        return 0

    def entries(self) -> Iterable[Entry]:
        """Return what the menu draws of this page for the viewer."""
        if self.is_accessible():
            yield Entry(self.place, self.menu_name or self.name, self.first_page, self.to_do)

    def render(self, template: str, **given: Any) -> str:
        """Return a template filled with what it is given, and with what every template is given."""
        return str(super().render(template, **given))  # type: ignore[misc] # Flask-Admin's

    def _run_view(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # Flask-Admin tries a second way of calling after any TypeError, which hides the first.
        return function(self, *args, **options)


class Page(Open, BaseView):  # type: ignore[misc] # Flask-Admin carries no types.
    """A page that is no list of rows."""
