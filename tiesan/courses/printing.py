"""A course as a table: who may do what from which state, what is given, and what holds it back."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tiesan.courses.values import BEFORE, NEW, SAME, Course, Gate, Given, Verb, Waits
from tiesan.i18n import use_language


def table_of_course(course: Course) -> str:
    """Return a course in Markdown: its states, its verbs, who waits for what."""
    with use_language("en"):
        return "\n".join(_lines(course)) + "\n"


def _lines(course: Course) -> Iterator[str]:
    read = "read from the row" if course.column is None else f"stored in `{course.column}`"
    yield f"## {course.title} (`{course.name}`)\n"
    yield f"The state is {read}. Who sees a row: {_sentence(course.visible)}\n"
    yield "| state | English | 中文 |\n|---|---|---|"
    for state in course.states:
        yield f"| `{state.name}` | {state.word} | {_chinese(state.word)} |"
    yield "\n| verb | from | to | who | must be given | held back unless |"
    yield "|---|---|---|---|---|---|"
    for verb in course.verbs:
        yield _row(course, verb)
    for lapse in course.lapses:
        states = f"`{lapse.from_}` | `{lapse.to}`"
        yield f"| `{lapse.verb}` | {states} | nobody: the day does it | – | – |"
    yield "\nPersons:\n"
    for name, who in {who.name: who for verb in course.verbs for who in verb.who}.items():
        yield f"- `{name}`: {_sentence(who.holds)}"
    yield "\nWhat waits, in this order:\n"
    for wait in course.waits:
        said = f"for who may `{wait.verb}`: {_when(wait)}"
        yield f"- `{wait.why}` {_chinese(wait.word)}, {said}"


def _row(course: Course, verb: Verb) -> str:
    cells = (
        f"`{verb.name}` {_chinese(verb.word)}",
        "–" if verb.from_ is NEW else _names(_ordered(course, verb)),
        _to(verb),
        ", ".join(f"`{who.name}`" for who in verb.who),
        "; ".join(_given(each) for each in verb.given) or "–",
        " ".join(_gate(gate) for gate in (*course.gates, *verb.gates)) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _ordered(course: Course, verb: Verb) -> list[str]:
    return [state.name for state in course.states if state.name in verb.from_]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _to(verb: Verb) -> str:
    words = {BEFORE: "what it was before", SAME: "unchanged"}
    if verb.to in words:
        return words[verb.to]  # type: ignore[index] # it is one of the two
    return f"`{verb.to}`" if isinstance(verb.to, str) else " or ".join(_ticked(verb.to))


def _ticked(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in sorted(names)]


def _given(given: Given) -> str:
    if callable(given.required):
        return f"`{given.name}` {_begun_small(_sentence(given.required))}"
    return f"`{given.name}`" + ("" if given.required else " (may be left)")


def _gate(gate: Gate) -> str:
    clause = f" *{_chinese(gate.clause)}*" if gate.clause else ""
    return f"{_sentence(gate.holds)}{clause}"


def _when(wait: Waits) -> str:
    listed = " or ".join(f"`{name}`" for name in wait.states)
    states = f"the state is {listed}" if listed else ""
    further = "" if wait.where is None else _begun_small(_sentence(wait.where))
    return "; ".join(filter(None, (states, further)))


def _begun_small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _sentence(function: Callable[..., Any]) -> str:
    """The first line of a function's docstring."""
    return (function.__doc__ or "").strip().partition("\n")[0]


def _chinese(text: str) -> str:
    with use_language("zh"):
        return str(text)
