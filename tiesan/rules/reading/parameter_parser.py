"""Parameters: their declaration in a rule file, references to them, and values given later."""

from collections.abc import Mapping
from datetime import date

from tiesan.facts.kinds import FieldType, Value
from tiesan.i18n import _
from tiesan.rules.bilingual import Text
from tiesan.rules.literals import parse_date, parse_literal
from tiesan.rules.parameters import PARAMETER_TYPES, Parameter
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.path_parser import Vocabulary
from tiesan.rules.reading.structure import keys, listing, mapping, one_of, scalar, single_key
from tiesan.rules.reading.text_parser import parse_name, parse_text
from tiesan.rules.tree import Literal, ParameterRef


def parse_parameters(node: Node | None, problems: Problems) -> dict[str, Parameter]:
    """The declared parameters by name; those that are refused are remembered and left out.

    Raises Refused when the parameters are no mapping.
    """
    if node is None:
        return {}
    found = mapping(node, "parameters")
    parameters: dict[str, Parameter] = {}
    for name, entry in found.entries.items():
        try:
            parameters[name] = _parameter(parse_name(name, found.keys[name]), entry)
        except Refused as refused:
            problems.add(refused)
    return parameters


def _parameter(name: str, node: Node) -> Parameter:
    what = _("the parameter '%s'") % name
    entries = keys(node, what, ("type", "label"), ("value", "values", "choices"))
    kind = FieldType(one_of(entries["type"], "type", PARAMETER_TYPES))
    if (kind is FieldType.CHOICE) is not ("choices" in entries):
        raise Refused(node.position, _("'choices' belong to the type choice, and only to it"))
    choices: dict[str, Text] = {}
    if "choices" in entries:
        named = mapping(entries["choices"], "choices")
        choices = {each: parse_text(label, each) for each, label in named.entries.items()}
    given = single_key(entries, ("value", "values"), node)
    if given == "value":
        values = [(date.min, _value(scalar(entries["value"], "value"), kind, choices))]
    else:
        values = _history(entries["values"], kind, choices)
    label = parse_text(entries["label"], "label")
    return Parameter(name, kind, label, tuple(values), choices)


def _history(node: Node, kind: FieldType, choices: Mapping[str, Text]) -> list[tuple[date, Value]]:
    found = mapping(node, "values")
    if not found.entries:
        raise Refused(node.position, _("'values' must give at least one value"))
    values = []
    for text, entry in found.entries.items():
        try:
            day = parse_date(text)
        except ValueError as error:
            raise Refused(found.keys[text], str(error)) from error
        values.append((day, _value(scalar(entry, "value"), kind, choices)))
    values.sort()
    # The first value holds since ever, whatever date stands before it.
    values[0] = (date.min, values[0][1])
    return values


def _value(node: Scalar, kind: FieldType, choices: Mapping[str, Text]) -> Value:
    try:
        return parse_value(node.text, kind, choices)
    except ValueError as error:
        raise Refused(node.position, str(error)) from error


def parse_value(text: str, kind: FieldType, choices: Mapping[str, Text]) -> Value:
    """A parameter's value from its text; raises ValueError with a message.

    A number is a count of days, times or records and must be at least 1 (institutions.md, "Time").
    """
    value = parse_literal(text, kind, choices)
    if kind is FieldType.INTEGER and isinstance(value, int) and value < 1:
        raise ValueError(_("%s is too small; allowed: 1 and above") % text)
    if kind is FieldType.AMOUNT and isinstance(value, int) and value < 0:
        raise ValueError(_("%s is negative; allowed: 0 and above") % text)
    return value


def parse_number(node: Node, what: str, names: Vocabulary, least: int) -> Literal | ParameterRef:
    """A whole number >= ``least``, or an integer parameter; raises Refused."""
    number = parse_quantity(node, FieldType.INTEGER, names)
    if isinstance(number, Literal) and isinstance(number.value, int) and number.value < least:
        text = _("%(what)s is %(found)d; allowed: %(least)d and above")
        values = {"what": what, "found": number.value, "least": least}
        raise Refused(node.position, text % values)
    return number


def parse_quantity(node: Node, kind: FieldType, names: Vocabulary) -> Literal | ParameterRef:
    """A constant of a type, or a parameter of that type; raises Refused.

    A length is given by a parameter of whole days.
    """
    found = scalar(node, _("a value"))
    if not found.text.startswith("$"):
        try:
            return Literal(parse_literal(found.text, kind), kind)
        except ValueError as error:
            raise Refused(found.position, str(error)) from error
    name = found.text[1:]
    if name not in names.parameters:
        text = _("the parameter '%(name)s' is not declared; declared: %(allowed)s")
        allowed = listing(names.parameters) or _("none")
        raise Refused(found.position, text % {"name": name, "allowed": allowed})
    wanted = FieldType.INTEGER if kind is FieldType.LENGTH else kind
    if names.parameters[name].type is not wanted:
        text = _("the parameter '%(name)s' is of type %(found)s; allowed: %(allowed)s")
        values = {"name": name, "found": names.parameters[name].type, "allowed": wanted}
        raise Refused(found.position, text % values)
    names.used.add(name)
    return ParameterRef(name, kind)
