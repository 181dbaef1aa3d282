"""A scenario as YAML, and a text of a rule with one more of them behind its other tests."""

import json
import re
from collections.abc import Iterable, Mapping

from yaml.cyaml import CSafeLoader
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tiesan.facts.kinds import FactKinds, FieldType, Value
from tiesan.i18n import _
from tiesan.rules.literals import raw_text
from tiesan.rules.positions import Position, Problems, Refused
from tiesan.rules.reading.reader import read_text
from tiesan.rules.reading.stand_ins import StandIns
from tiesan.rules.scenarios.parser import (
    CALENDAR_EXCEPTION,
    PARAMETER_VALUE,
    ExpectedFlag,
    Scenario,
)

# What YAML reads as it stands, wherever it is written.
_PLAIN = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff][A-Za-z0-9_.\u4e00-\u9fff-]*")
_BLANKS = frozenset({"null", "Null", "NULL"})
_EXTRA = {each.name: each for each in (CALENDAR_EXCEPTION, PARAMETER_VALUE)}


def with_test(text: str, name: str, scenario: Scenario, kinds: FactKinds) -> str:
    """The text of one rule with a scenario behind its last test; nothing else of it changes.

    ``name`` is what the text is called in errors. Raises RuleFileError where it is no text of one
    rule.
    """
    problems = Problems()
    made = problems.tried(lambda: _with_test(text, name, scenario, kinds), "")
    problems.raise_if_any()
    return made


def _with_test(text: str, name: str, scenario: Scenario, kinds: FactKinds) -> str:
    read_text(text, name)
    root = CSafeLoader(StandIns(text).text).get_single_node()
    rule = _rule_in(root, Position(name, 1, 1))
    tests = _value(rule, "tests")
    if tests is None and rule.flow_style:
        return _in_brackets(text, rule, f"tests: [{_in_braces(scenario, kinds)}]")
    if isinstance(tests, SequenceNode) and tests.flow_style:
        return _in_brackets(text, tests, _in_braces(scenario, kinds))
    if isinstance(tests, SequenceNode):
        return _below(text, tests, _lines(scenario, kinds), tests.start_mark.column)
    if tests is None:
        indent = rule.start_mark.column
        return _below(text, rule, ["tests:", *_moved(_lines(scenario, kinds), 2)], indent)
    if isinstance(tests, ScalarNode) and not tests.value:
        return _below(text, tests, _lines(scenario, kinds), rule.start_mark.column + 2)
    raise Refused(Position(name, tests.start_mark.line + 1, 1), _("tests are a list"))


def _rule_in(root: Node | None, start: Position) -> MappingNode:
    rules = _value(root, "rules")
    only = rules.value[0] if isinstance(rules, SequenceNode) and len(rules.value) == 1 else None
    if not isinstance(only, MappingNode):
        raise Refused(start, _("here stands one rule and nothing else"))
    return only


def _value(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _end(node: Node) -> int:
    """Where a node ends: libyaml takes the comments behind a block for a part of it."""
    if isinstance(node, ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def _below(text: str, node: Node, lines: Iterable[str], indent: int) -> str:
    """The text with lines below that in which a node ends."""
    end = _end(node)
    if end and text[end - 1] == "\n":
        at = end
    else:
        line = text.find("\n", end)
        at = len(text) if line < 0 else line + 1
    before = text[:at] if text[:at].endswith("\n") else f"{text[:at]}\n"
    return before + "".join(f"{each}\n" for each in _moved(lines, indent)) + text[at:]


def _in_brackets(text: str, node: MappingNode | SequenceNode, more: str) -> str:
    at = int(node.end_mark.index) - 1
    before = text[:at].rstrip()
    comma = ", " if node.value and not before.endswith(",") else " " if node.value else ""
    return f"{before}{comma}{more}{text[len(before) : at]}{text[at:]}"


def _moved(lines: Iterable[str], by: int) -> list[str]:
    return [" " * by + each for each in lines]


def _lines(scenario: Scenario, kinds: FactKinds) -> list[str]:
    """A scenario in lines, each row in one of them."""
    lines = [f"- name: {_scalar(scenario.name)}"]
    if scenario.given:
        lines.append("  given:")
    for name, rows in scenario.given.items():
        lines.append(f"    {name}:")
        lines.extend(f"      - {_row(name, row, kinds)}" for row in rows)
    lines.append(f"  as_of: {scenario.as_of.isoformat()}")
    if not scenario.flags:
        return [*lines, "  flags: []"]
    return [*lines, "  flags:", *(f"    - {_flag(each)}" for each in scenario.flags)]


def _in_braces(scenario: Scenario, kinds: FactKinds) -> str:
    given = ", ".join(
        f"{name}: [{', '.join(_row(name, row, kinds) for row in rows)}]"
        for name, rows in scenario.given.items()
    )
    flags = ", ".join(map(_flag, scenario.flags))
    parts = [f"name: {_scalar(scenario.name)}", f"given: {{{given}}}" if given else ""]
    parts += [f"as_of: {scenario.as_of.isoformat()}", f"flags: [{flags}]"]
    return f"{{{', '.join(each for each in parts if each)}}}"


def _row(name: str, row: Mapping[str, Value], kinds: FactKinds) -> str:
    kind = _EXTRA.get(name) or kinds[name]
    types = {each.name: each.type for each in kind.fields}
    cells = (f"{key}: {_cell(value, types[key])}" for key, value in row.items())
    return f"{{{', '.join(cells)}}}"


def _cell(value: Value, kind: FieldType) -> str:
    text = raw_text(value, kind)
    return text if kind is FieldType.TIME else _scalar(text)


def _flag(flag: ExpectedFlag) -> str:
    day = "" if flag.occurred_on is None else f", occurred_on: {flag.occurred_on.isoformat()}"
    return f"{{subject: {_scalar(flag.subject)}, key: {_scalar(flag.key)}{day}}}"


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in _BLANKS:
        return text
    return json.dumps(text, ensure_ascii=False)
