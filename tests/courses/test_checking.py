"""What a course must not be: each is one line, and the application does not start with it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from plugins.discipline.courses import EXPENSE, LEAVE
from plugins.discipline.models import Leave
from tests.courses.flag_course import FLAG
from tiesan.courses.checking import broken_courses
from tiesan.courses.installed import load_courses
from tiesan.courses.values import Course, State, Waits
from tiesan.discovery import FoundPlugin, Plugins, load_plugins
from tiesan.errors import UserError
from tiesan.i18n import use_language
from tiesan.plugin import CONTRACT, Plugin
from tiesan.records.answers import Answer


def changed(verb: str, course: Course = LEAVE, **values: object) -> Course:
    """A course of which one verb is another one."""
    verbs = (
        replace(each, **values) if each.name == verb else each  # type: ignore[arg-type]
        for each in course.verbs
    )
    return replace(course, verbs=tuple(verbs))


BROKEN: tuple[tuple[Callable[[], list[Course]], str], ...] = (
    (lambda: [LEAVE, LEAVE], "two courses named leave"),
    (lambda: [changed("approve", to="granted")], "approve names the state granted"),
    (lambda: [changed("close", from_=frozenset({"gone"}))], "close names the state gone"),
    (lambda: [changed("approve", name="reject")], "two verbs named reject"),
    (lambda: [changed("approve", name="a b")], "“a b” is no name"),
    (lambda: [changed("approve", sets={"blessed_on": None})], "Leave has no field blessed_on"),
    (lambda: [changed("approve", who=())], "nobody may approve"),
    (lambda: [changed("reject", to="approved")], "no verb leads to the state rejected"),
    (lambda: [changed("approve", then=lambda _case: None)], "has no name or no sentence"),
    (
        lambda: [replace(LEAVE, states=(LEAVE.states[0], *LEAVE.states))],
        "two states named withdrawn",
    ),
    (
        lambda: [replace(FLAG, states=(*FLAG.states, State("lost", "lost")))],
        "no verb leads to the state lost",
    ),
    (
        lambda: [replace(LEAVE, states=(*LEAVE.states[:-1], State("recorded", "r")))],
        "recorded is stored and read, or neither",
    ),
    (
        lambda: [replace(LEAVE, waits=(Waits("x", "x", "dance", LEAVE.waits[1].where),))],
        "no verb dance",
    ),
)


@pytest.mark.parametrize(("made", "line"), BROKEN)
def test_what_is_broken_is_said_in_one_line(made: Callable[[], list[Course]], line: str) -> None:
    with use_language("en"):
        lines = broken_courses(made())
    assert any(line in each for each in lines), lines


def test_the_shipped_ones_keep_to_it() -> None:
    assert broken_courses([LEAVE, EXPENSE]) == []
    small = {"task", "conflict", "meeting", "innovation"}
    assert set(load_courses(load_plugins())) == {"leave", "expense", *small}
    assert LEAVE.of is Leave


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("plugins.discipline.nowhere", "there is no module"),
        ("plugins.discipline.models", "has no attribute"),
        ("plugins.discipline.models:LEAVE_KINDS", "no tuple"),
    ],
)
def test_a_module_without_courses_stops_the_start(module: str, line: str) -> None:
    plugin = Plugin(name="garden", title="Garden", contract=CONTRACT, courses=module)
    with use_language("en"), pytest.raises(UserError, match=line):
        load_courses(Plugins([FoundPlugin(plugin, "elsewhere 1.0")]))


def test_an_answer_by_a_verb_that_there_is_not_stops_the_start() -> None:
    [found] = [each for each in load_plugins().found if each.plugin.name == "discipline"]
    answers = (Answer("leave", "closed_on", verb="reopen"), Answer("work_log"))
    plugin = replace(found.plugin, answers=answers)
    line = "its answer for “leave.closed_on” names no verb of its course: reopen"
    with use_language("en"), pytest.raises(UserError, match=line):
        load_courses(Plugins([FoundPlugin(plugin, "elsewhere 1.0")]))
