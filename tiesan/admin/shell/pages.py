"""Page: the base of every page; a page that states no roles is open to nobody."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask_admin import BaseView, expose

from tiesan.access.viewer import current_viewer
from tiesan.records.policy import NOBODY, Roles

F = TypeVar("F", bound=Callable[..., Any])


def page(address: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[F], F]:
    """Have a method answer at an address below that of its page."""
    exposed: Callable[[F], F] = expose(address, methods)
    return exposed


class Open:
    """Who may open a page: the roles that it names, granted anywhere.

    Which rows a page shows is settled row by row; this only shuts the door.
    """

    roles: Roles = NOBODY
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

    def render(self, template: str, **given: Any) -> str:
        """Return a template filled with what it is given, and with what every template is given."""
        return str(super().render(template, **given))  # type: ignore[misc] # Flask-Admin's

    def _run_view(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # Flask-Admin tries a second way of calling after any TypeError, which hides the first.
        return function(self, *args, **options)


class Page(Open, BaseView):  # type: ignore[misc] # Flask-Admin carries no types.
    """A page that is no list of rows."""
