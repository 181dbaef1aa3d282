"""What a course keeps to; each promise that is broken is one line, and nothing starts with one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tiesan.courses.models import WORD_LENGTH
from tiesan.courses.values import NEW, Course, Input, Verb, Way
from tiesan.i18n import _
from tiesan.records.base import Record


def broken_courses(courses: Iterable[Course]) -> list[str]:
    """One line for each promise that a course breaks."""
    courses = list(courses)
    lines = [_("there are two courses named %(name)s", name=each)
             for each in _doubled(course.name for course in courses)]  # fmt: skip
    for course in courses:
        lines += [
            _("course %(name)s: %(problem)s") % {"name": course.name, "problem": problem}
            for problem in _problems(course)
        ]
    return lines


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number > 1]


def _problems(course: Course) -> Iterator[str]:
    yield from _of_names(course)
    yield from _of_states(course)
    yield from _of_fields(course)
    yield from _of_verbs_named(course)
    yield from _of_waits(course)
    yield from _of_functions(course)


def _of_names(course: Course) -> Iterator[str]:
    states = [each.name for each in course.states]
    verbs = [*(each.name for each in course.verbs), *(each.verb for each in course.lapses)]
    for name in _doubled(states):
        yield _("there are two states named %(name)s", name=name)
    for name in _doubled(verbs):
        yield _("there are two verbs named %(name)s", name=name)
    for name in (course.name, *states, *verbs):
        if len(name) > WORD_LENGTH or not name.isidentifier():
            yield _("“%(name)s” is no name of letters, digits and _", name=name)
    whos = {(who.name, who) for verb in course.verbs for who in verb.who}
    for name in _doubled(name for name, _who in whos):
        yield _("there are two persons named %(name)s", name=name)


def _of_states(course: Course) -> Iterator[str]:
    known = {each.name for each in course.states}
    for verb in course.verbs:
        for name in sorted(_states_of(verb) - known):
            said = {"verb": verb.name, "state": name}
            yield _("%(verb)s names the state %(state)s, which there is not") % said
    also = [(lapse.verb, {lapse.from_, lapse.to}) for lapse in course.lapses]
    also += [(wait.why, set(wait.states)) for wait in course.waits]
    for what, states in also:
        for name in sorted(states - known):
            said = {"verb": what, "state": name}
            yield _("%(verb)s names the state %(state)s, which there is not") % said
    yield from _ways_in(course, known)
    for state in course.states:
        if (state.when is None) is (course.column is None):
            yield _("the state %(name)s is stored and read, or neither", name=state.name)


def _ways_in(course: Course, known: set[str]) -> Iterator[str]:
    """A state that nothing leads to; the last one that is read is that of rows from files."""
    led = {name for verb in course.verbs for name in _targets(verb)}
    led |= {lapse.to for lapse in course.lapses}
    led |= {course.states[-1].name} if course.column is None and course.states else set()
    for name in sorted(known - led):
        yield _("no verb leads to the state %(name)s", name=name)


def _states_of(verb: Verb) -> set[str]:
    before = set() if isinstance(verb.from_, Way) else set(verb.from_)
    return before | _targets(verb)


def _targets(verb: Verb) -> set[str]:
    if isinstance(verb.to, Way):
        return set()
    return {verb.to} if isinstance(verb.to, str) else set(verb.to)


def _of_fields(course: Course) -> Iterator[str]:
    names = [name for verb in course.verbs for name in verb.sets]
    names += [name for lapse in course.lapses for name in lapse.sets]
    names += [
        given.name for verb in course.verbs for given in verb.given if given.input is Input.FIELD
    ]
    names += [each for each in (course.column, course.assigned) if each is not None]
    if issubclass(course.of, Record) and not course.of.takes_files:
        for verb in course.verbs:
            if any(given.input is Input.FILES for given in verb.given):
                named = {"verb": verb.name, "kind": course.of.__name__}
                yield _("%(verb)s takes files, and %(kind)s does not say takes_files") % named
    for name in sorted(set(names)):
        if not hasattr(course.of, name):
            yield _("%(kind)s has no field %(name)s") % {"kind": course.of.__name__, "name": name}


def _of_waits(course: Course) -> Iterator[str]:
    """Each says when: by states, which only a stored one has, by a condition, or by both."""
    for wait in course.waits:
        if wait.where is None and not wait.states:
            yield _("it is not said when a row waits for “%(why)s”", why=wait.why)
        if wait.states and course.column is None:
            yield _("“%(why)s” names states, which are not stored", why=wait.why)


def _of_verbs_named(course: Course) -> Iterator[str]:
    known = {each.name for each in course.verbs}
    named = {wait.verb for wait in course.waits} | {v for gate in course.gates for v in gate.but}
    for name in sorted(named - known):
        yield _("there is no verb %(name)s", name=name)
    for verb in course.verbs:
        if not verb.who:
            yield _("nobody may %(verb)s", verb=verb.name)
        if verb.one_tap and any(each.required is not False for each in verb.given):
            yield _("%(verb)s is done by one tap, and asks for something", verb=verb.name)
        if verb.from_ is NEW and isinstance(verb.to, Way):
            yield _("%(verb)s makes a row and names no state for it", verb=verb.name)


def _of_functions(course: Course) -> Iterator[str]:
    for function in functions_of(course):
        name = getattr(function, "__name__", "")
        if name == "<lambda>" or not (function.__doc__ or "").strip():
            yield _("the function %(name)s has no name or no sentence", name=name)


def functions_of(course: Course) -> Iterator[Callable[..., Any]]:
    """Yield the functions that a course is made of, but for those that read a form."""
    yield course.visible
    yield from (who.holds for who in course.affects)
    for verb in course.verbs:
        yield from (who.holds for who in verb.who)
        yield from (gate.holds for gate in verb.gates)
        yield from (value for value in verb.sets.values() if callable(value))
        yield from (given.required for given in verb.given if callable(given.required))
        yield from (each for each in (verb.then, verb.remark) if each is not None)
    yield from (each for each in (course.after,) if each is not None)
    yield from (gate.holds for gate in course.gates)
    yield from (wait.where for wait in course.waits if wait.where is not None)
