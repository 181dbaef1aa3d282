"""Parameters: their declaration in a rule file, references to them, and values given later."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from operator import itemgetter

from tiesan.facts.kinds import FieldType, Value
from tiesan.i18n import _
from tiesan.rules.bilingual import Text
from tiesan.rules.item_list import ItemList, check_items, items_of_cell
from tiesan.rules.literals import parse_date, parse_literal
from tiesan.rules.parameters import ITEM_TYPES, LIST, PARAMETER_TYPES, Parameter, ParameterValue
from tiesan.rules.positions import Position, Problems, Refused
from tiesan.rules.reading.nodes import Node
from tiesan.rules.reading.path_parser import Vocabulary
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar, sequence, single_key
from tiesan.rules.reading.text_parser import parse_name, parse_text
from tiesan.rules.spelling import listing
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
    entries = keys(node, what, ("type", "label"), ("of", "value", "values", "choices"))
    is_list, kind = _type(what, entries, node)
    if (kind is FieldType.CHOICE) is not ("choices" in entries):
        raise Refused(node.position, _("'choices' belong to the type choice, and only to it"))
    choices: dict[str, Text] = {}
    if "choices" in entries:
        named = mapping(entries["choices"], "choices")
        choices = {each: parse_text(label, each) for each, label in named.entries.items()}
    label = parse_text(entries["label"], "label")
    declared = Parameter(name, kind, label, (), choices, is_list)
    given = single_key(entries, ("value", "values"), node)
    if given == "value":
        values = [(date.min, _value(entries["value"], declared))]
    else:
        values = _history(entries["values"], declared)
    return replace(declared, values=tuple(values))


def _type(what: str, entries: Mapping[str, Node], node: Node) -> tuple[bool, FieldType]:
    """Whether a parameter is a list, and the type of its value or of its items."""
    named = one_of(entries["type"], "type", (*PARAMETER_TYPES, LIST))
    if (named == LIST) is not ("of" in entries):
        if "of" in entries:
            place = mapping(node, what).keys["of"]
            raise Refused(place, _("'of' belongs to the type list, and only to it"))
        raise Refused(
            node.position, _("%(what)s lacks the key '%(key)s'") % {"what": what, "key": "of"}
        )
    if named == LIST:
        return True, FieldType(one_of(entries["of"], "list: of", ITEM_TYPES))
    return False, FieldType(named)


def _history(node: Node, declared: Parameter) -> list[tuple[date, ParameterValue]]:
    found = mapping(node, "values")
    if not found.entries:
        raise Refused(node.position, _("'values' must give at least one value"))
    values: list[tuple[date, ParameterValue]] = []
    for text, entry in found.entries.items():
        try:
            day = parse_date(text)
        except ValueError as error:
            raise Refused(found.keys[text], str(error)) from error
        values.append((day, _value(entry, declared)))
    values.sort(key=itemgetter(0))
    # The first value holds since ever, whatever date stands before it.
    values[0] = (date.min, values[0][1])
    return values


def _value(node: Node, declared: Parameter) -> ParameterValue:
    if declared.is_list:
        return _items(node, declared)
    found = scalar(node, "value")
    try:
        return parse_value(found.text, declared)
    except ValueError as error:
        raise Refused(found.position, str(error)) from error


def _items(node: Node, declared: Parameter) -> ItemList:
    """The value of a list; what is wrong with one item is said at its place."""
    items = [scalar(each, _("an item of the list")) for each in sequence(node, "value")]
    try:
        return _item_list([each.text for each in items], declared)
    except _ItemError as error:
        raise Refused(items[error.number].position, str(error)) from error
    except ValueError as error:
        raise Refused(node.position, str(error)) from error


class _ItemError(ValueError):
    """What is wrong with one item of a list, by its number from 0 on."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


def _item_list(texts: Iterable[str], declared: Parameter) -> ItemList:
    items: list[Value] = []
    for number, text in enumerate(texts):
        try:
            item = parse_literal(text, declared.type, declared.choices)
        except ValueError as error:
            raise _ItemError(number, str(error)) from error
        if item in items:
            raise _ItemError(number, _("'%s' stands in the list twice") % text.strip())
        items.append(item)
    found = ItemList(tuple(items))
    check_items(declared.items(found))
    return found


def parse_value(text: str, declared: Parameter) -> ParameterValue:
    """A value of a parameter from its text; raises ValueError with a message.

    The text of a list is one cell. A number is a count of days, times or records and must be at
    least 1 (institutions.md, "Time"); the numbers of a list are no counts.
    """
    if declared.is_list:
        return _item_list(items_of_cell(text), declared)
    kind = declared.type
    value = parse_literal(text, kind, declared.choices)
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
    reference = reference_to(name, names, found.position)
    wanted = FieldType.INTEGER if kind is FieldType.LENGTH else kind
    if reference.type is not wanted:
        text = _("the parameter '%(name)s' is of type %(found)s; allowed: %(allowed)s")
        values = {"name": name, "found": reference.type, "allowed": wanted}
        raise Refused(found.position, text % values)
    return replace(reference, type=kind)


def reference_to(
    name: str, names: Vocabulary, position: Position, *, may_be_list: bool = False
) -> ParameterRef:
    """The parameter of a name, which is used by that; raises Refused.

    A list has few places where it may stand.
    """
    if name not in names.parameters:
        text = _("the parameter '%(name)s' is not declared; declared: %(allowed)s")
        allowed = listing(names.parameters, name) or _("none")
        raise Refused(position, text % {"name": name, "allowed": allowed})
    names.used.add(name)
    declared = names.parameters[name]
    if declared.is_list and not may_be_list:
        raise Refused(position, list_alone(name))
    return ParameterRef(name, declared.type, declared.is_list)


def list_alone(name: str) -> str:
    """That a list stands where it may not."""
    text = _("the list parameter '%s' stands alone, as the value of in, not_in or matches_text")
    return text % name
