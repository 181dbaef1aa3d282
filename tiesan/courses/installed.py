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
    courses = Courses((*core, *(course for plugin in plugins for course in courses_of(plugin))))
    problems = list(_answers_without_verb(plugins, courses))
    if problems:
        raise UserError(problems)
    return courses


def _answers_without_verb(plugins: Plugins, courses: Courses) -> Iterator[str]:
    """One line for each answer of a plugin whose verb the course of its record has not got."""
    text = _("Plugin %(name)s: its answer for “%(what)s” names no verb of its course: %(verb)s")
    for plugin in plugins:
        models = {record.record_kind.name: record for record in plugin.records}
        for answer in plugin.answers:
            course = courses.of(models[answer.kind])
            verbs = () if course is None else [verb.name for verb in course.verbs]
            if answer.verb is not None and answer.verb not in verbs:
                what = f"{answer.kind}.{answer.field}"
                yield text % {"name": plugin.name, "what": what, "verb": answer.verb}


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
