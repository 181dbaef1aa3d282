"""The courses of the plugins that are installed; a plugin names the module that has them."""

from collections.abc import Iterable, Iterator, Mapping

from flask import current_app

from tiesan.courses.checking import broken_courses
from tiesan.courses.values import Course
from tiesan.discovery import Plugins
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.plugin import Plugin, load_named


class Courses(Mapping[str, Course]):
    """Courses by name."""

    def __init__(self, courses: tuple[Course, ...]) -> None:
        """Take the courses; raises UserError with one line for each promise that is broken."""
        problems = broken_courses(courses)
        if problems:
            raise UserError(problems)
        self._courses = {each.name: each for each in courses}

    def __getitem__(self, name: str) -> Course:
        """The course of a name; KeyError when there is none."""
        return self._courses[name]

    def __iter__(self) -> Iterator[str]:
        """The names, by plugin."""
        return iter(self._courses)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._courses)

    def of(self, model: type[Base]) -> Course | None:
        """Return the course of a class, if it has one."""
        return next((each for each in self.values() if each.of is model), None)


def load_courses(plugins: Plugins, core: Iterable[Course] = ()) -> Courses:
    """Return those of the core and of all plugins; raises UserError for a module that has none."""
    return Courses((*core, *(course for plugin in plugins for course in courses_of(plugin))))


def courses_of(plugin: Plugin) -> tuple[Course, ...]:
    """Return the courses of one plugin; raises UserError when what it names is no tuple of them."""
    found = load_named(plugin, "courses")
    if found is None:
        return ()
    if not isinstance(found, tuple) or not all(isinstance(each, Course) for each in found):
        text = _("Plugin %(name)s: %(module)s has no tuple named courses")
        raise UserError(text % {"name": plugin.name, "module": plugin.courses})
    return found


def running_courses() -> Courses:
    """Return the courses of the application that serves this request."""
    courses: Courses = current_app.extensions["courses"]
    return courses
