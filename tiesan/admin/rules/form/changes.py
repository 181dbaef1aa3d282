"""What an input that was changed does to the text: most put their value, some mean more.

Where one choice takes others with it (another comparison wants another value), what is written
stays as far as it still fits; nothing is put right behind the writer's back.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tiesan.admin.rules.form.drawing import Drawing, known_from
from tiesan.admin.rules.form.measures import first_value
from tiesan.admin.rules.form.selections import measured
from tiesan.admin.rules.form.starting import STARTS
from tiesan.facts.kinds import FactKind, FactKinds, FieldType
from tiesan.i18n import _
from tiesan.rules import Op, Path
from tiesan.rules.editing import (
    Address,
    Marked,
    NoPlaceError,
    Plain,
    UnreadableError,
    append,
    drop,
    marked,
    put,
    rename,
)
from tiesan.rules.offering import op_words, path_named, takes

# In which order keys stand; each is put behind those before it.
ORDER = (
    *("id", "title", "clause", "severity", "enabled", "in_force", "parameters"),
    *("type", "of", "label", "choices", "when", "deadline", "duty", "tally"),
    *("name", "given", "as_of", "live", "owed_by", "fact", "span", "halves", "unit", "lengths"),
    *("field", "parameter", "op", "value", "values", "days", "where", "with", "without"),
    *("from", "working_days", "months", "until", "by", "date", "every", "within", "excused"),
    *("at_least", "more_than", "at_most", "less_than", "due", "stands_until", "counts"),
    *("required", "done", "again", "flags", "subject", "key", "occurred_on", "message", "tests"),
)
_UNITS = ("days", "working_days", "months", "until")


def changed_text(sent: Mapping[str, str], kinds: FactKinds) -> tuple[str, str]:
    """The text that was sent, changed as was sent with it, and why it was not changed if so."""
    text, verb = sent.get("yaml", "").replace("\r\n", "\n"), sent.get("verb", "")
    if not verb:
        return text, ""
    try:
        address, value = address_of(sent.get("at", "")), value_of(sent.get("value", ""))
        return changed(text, verb, address, value, kinds), ""
    except UnreadableError as error:
        return text, str(error)
    except NoPlaceError:
        return text, _("This cannot be changed in the form as the text stands; change the text.")


def changed(text: str, verb: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """The text after a change; raises NoPlaceError where there is nothing to be changed so."""
    if verb not in _VERBS:
        raise NoPlaceError(verb)
    return _VERBS[verb](text, address, value, kinds)


def address_of(sent: str) -> Address:
    """The address that an input has sent; raises NoPlaceError."""
    found = _json(sent)
    if not isinstance(found, list) or not all(isinstance(step, str | int) for step in found):
        raise NoPlaceError(sent)
    return tuple(found)


def value_of(sent: str) -> Plain:
    """The value that a button has sent; raises NoPlaceError."""
    found = _json(sent)
    if not _is_plain(found):
        raise NoPlaceError(sent)
    plain: Plain = found
    return plain


def _json(sent: str) -> Any:
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):
        raise NoPlaceError(sent) from None


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, str)


# --- one place ------------------------------------------------------------------------------------


def _put(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """What is left blank is taken out; in a record that is given a blank says that it is one."""
    present = marked(text).at(address) is not None
    if value != "" or (present and "given" in address):
        return put(text, address, value, ORDER)
    return drop(text, address) if present else text


def _dropped(text: str, *addresses: Address) -> str:
    for address in addresses:
        if marked(text).at(address) is not None:
            text = drop(text, address)
    return text


def _drop(text: str, address: Address, _value: Plain, _kinds: FactKinds) -> str:
    return drop(text, address)


def _append(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    return append(text, address, value, ORDER)


def _lines(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """A list, one item per line; a single value too, where that is what is left."""
    items: list[Plain] = [line.strip() for line in str(value).splitlines() if line.strip()]
    return put(text, address, items, ORDER)


def _column(text: str, address: Address, _value: Plain, _kinds: FactKinds) -> str:
    """A field of a record given, blank so far."""
    return put(text, address, "", ORDER)


def _given(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """A table of records, with one in it that is known on the day on which the test looks."""
    kind, day = kinds.get(str(value)), Drawing(marked(text), kinds).text((*address[:-1], "as_of"))
    first: dict[str, Plain] = {"day": day} if kind is None else {}
    if kind is not None:
        own = kind.by_name[kind.identity[0]]
        first[own.name] = _STANDING.get(own.to or kind.name, "R1")
        first |= dict.fromkeys(known_from(kind)[:1], day)
    return put(text, (*address, str(value)), [first], ORDER)


_STANDING = {"cadre": "C1", "organization": "F1"}


# --- conditions -----------------------------------------------------------------------------------


def _field(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """The left side; a comparison that its type lacks becomes one that every type has."""
    text = put(text, address, value, ORDER)
    drawing = Drawing(marked(text), kinds)
    path = _path_at(drawing, address)
    operator = (*address[:-1], "op")
    known = {each.value for each in op_words(path.type)} if path is not None else set()
    if path is None or drawing.text(operator) in known:
        return text
    return _op(text, operator, Op.PRESENT.value, kinds)


def _path_at(drawing: Drawing, address: Address) -> Path | None:
    """The path that a condition's field names; the kind is that of the next fact around it."""
    for length in range(len(address) - 1, 0, -1):
        for fact in ((*address[:length], "fact"), (*address[:length], "of", "fact")):
            kind = drawing.kind(fact)
            if kind is not None:
                return _path_of(drawing, kind, address)
    return None


def _path_of(drawing: Drawing, kind: FactKind, address: Address) -> Path | None:
    name = drawing.text(address)
    return path_named(name, kind, drawing.kinds)


def _op(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """Another comparison: what it is compared with becomes as many values as it takes."""
    condition = address[:-1]
    text = put(text, address, value, ORDER)
    node = marked(text).at((*condition, "value"))
    wanted = takes(str(value))
    if wanted != "days":
        text = _dropped(text, (*condition, "days"))
    if wanted == "nothing":
        return _dropped(text, (*condition, "value"))
    if wanted == "days":
        text = put(text, (*condition, "days"), "3", ORDER)
    if node is None:
        first = _first_of(text, condition, kinds)
        return put(text, (*condition, "value"), [first] if wanted == "several" else first, ORDER)
    if wanted == "several" and node.is_text and (node.text or "")[:1] != "$":
        return put(text, (*condition, "value"), [node.text or ""], ORDER)
    if wanted != "several" and node.is_list and value != Op.MATCHES_TEXT:
        return put(text, (*condition, "value"), node.items[0].text or "", ORDER)
    return text


def _first_of(text: str, condition: Address, kinds: FactKinds) -> str:
    """A value to begin with, of the type of the left side."""
    path = _path_at(Drawing(marked(text), kinds), (*condition, "field"))
    if path is None:
        return ""
    if path.last.choices and path.part is None:
        return str(next(iter(path.last.choices)))
    return _FIRST.get(path.type, "")


_FIRST: Mapping[FieldType, str] = {
    FieldType.BOOLEAN: "true",
    FieldType.INTEGER: "1",
    FieldType.AMOUNT: "1000",
    FieldType.LENGTH: "1",
    FieldType.TIME: "08:30",
}


def _source(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """From where a value comes: a parameter, another field, or (blank) what is written here."""
    if value:
        return put(text, address, value, ORDER)
    first = _first_of(text, address[:-1], kinds) if address[-1] == "value" else "1"
    return put(text, address, first or "…", ORDER)


def _group(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """A group of conditions of another manner."""
    node = marked(text).at(address)
    if node is None or not node.entries:
        raise NoPlaceError(address)
    present = next(iter(node.entries))
    return text if present == value else rename(text, (*address, present), str(value))


# --- terms and times ------------------------------------------------------------------------------


def _unit(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """Another unit for a number that stands under the name of its unit."""
    node = marked(text).at(address)
    present = [] if node is None else [name for name in _UNITS if name in node.entries]
    if present == [value]:
        return text
    number = node.entries[present[0]].text if node is not None and present else None
    for name in present:
        text = drop(text, (*address, name))
    if not value:
        return text
    if value == "until":
        return put(text, (*address, "until"), "end_of_year", ORDER)
    fitting = number if number not in (None, "end_of_year") else "1"
    return put(text, (*address, str(value)), str(fitting), ORDER)


def _done(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """What ends a deadline: a date of the record, another record, or one that starts it again."""
    drawing = Drawing(marked(text), kinds)
    kind = drawing.kind((*address, "fact"))
    record = drawing.root.at((*address, "again")) or drawing.root.at((*address, "done"))
    plain = record.plain() if record is not None and record.entries else None
    if record is not None and value == _manner(drawing, address, record):
        return text
    text = _dropped(text, (*address, "done"), (*address, "again"))
    if value == "field":
        return put(text, (*address, "done"), _first_date(kind), ORDER)
    other: Plain = plain or {"fact": "" if kind is None else kind.name, "date": _first_date(kind)}
    return put(text, (*address, "again" if value == "again" else "done"), other, ORDER)


def _manner(drawing: Drawing, address: Address, record: Marked) -> str:
    """What ends a deadline as it is written now."""
    if drawing.root.at((*address, "again")) is not None:
        return "again"
    return "field" if record.is_text else "record"


def _first_date(kind: FactKind | None) -> str:
    dates = [each.name for each in kind.fields if each.type is FieldType.DATE] if kind else []
    return dates[-1] if dates else ""


def _period(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """Over which time records add up."""
    every, within = (*address, "every"), (*address, "within")
    if value == "within" and marked(text).at(within) is not None:
        return text
    if value == "within":
        return put(_dropped(text, every), within, {"days": "30"}, ORDER)
    text = _dropped(text, within)
    return put(text, every, value, ORDER) if value else _dropped(text, every)


def _occurred(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """On which day a tally occurs: as its period says, as it is reached, the latest of a field."""
    if value != "latest":
        return _put(text, address, value, kinds)
    drawing = Drawing(marked(text), kinds)
    if drawing.entries(address):
        return text
    day = drawing.text(("rules", 0, "tally", "date"))
    return put(text, address, {"latest": day}, ORDER)


# --- measures -------------------------------------------------------------------------------------


def _moved(text: str, address: Address, to: Address, value: Plain) -> str:
    if marked(text).at(to) is not None:
        raise NoPlaceError(to)
    return drop(put(text, to, value, ORDER), address)


def _side(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """A measure on another side of its bound."""
    node = marked(text).at(address)
    if node is None:
        raise NoPlaceError(address)
    if value == address[-2]:
        return text
    return _moved(text, address, (*address[:-2], str(value), address[-1]), node.plain())


def _measure(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """Another measure; what it is of stays where it can be measured so."""
    if value == address[-1]:
        return text
    drawing = Drawing(marked(text), kinds)
    facts = (*address[:-2], "of")
    kind = drawing.kind((*facts, "fact"))
    first = None if kind is None else first_value(str(value), measured(drawing, facts, kind))
    if first is None:
        raise NoPlaceError(address)
    return _moved(text, address, (*address[:-1], str(value)), first)


def _over(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """A measure of another field, with the bound that it has."""
    node = marked(text).at(address)
    bound = next(iter(node.entries.values())).plain() if node is not None and node.entries else "1"
    return put(text, address, {str(value): bound}, ORDER)


# --- the whole ------------------------------------------------------------------------------------


def _form(text: str, address: Address, value: Plain, _kinds: FactKinds) -> str:
    """Another form: what it starts with in the place of what the old one says."""
    if value not in STARTS:
        raise NoPlaceError(value)
    if marked(text).at((*address, str(value))) is not None:
        return text
    text = put(text, (*address, str(value)), STARTS[str(value)], ORDER)
    others = [(*address, name) for name in STARTS if name != value]
    return _dropped(text, *others)


def _type(text: str, address: Address, value: Plain, kinds: FactKinds) -> str:
    """Another kind of parameter, with a value of it."""
    parameter = address[:-1]
    if Drawing(marked(text), kinds).text(address) == value:
        return text
    text = _dropped(text, (*parameter, "of"), (*parameter, "values"), (*parameter, "choices"))
    text = put(text, address, value, ORDER)
    if value == "list":
        text = put(text, (*parameter, "of"), "text", ORDER)
        return put(text, (*parameter, "value"), ["…"], ORDER)
    if value == FieldType.CHOICE:
        choices: Plain = {"choice1": {"zh": "选项", "en": "Choice"}}
        text = put(text, (*parameter, "choices"), choices, ORDER)
        return put(text, (*parameter, "value"), "choice1", ORDER)
    kind = FieldType(str(value)) if value in list(FieldType) else FieldType.TEXT
    first = "2026-01-01" if kind is FieldType.DATE else _FIRST.get(kind, "…")
    return put(text, (*parameter, "value"), first, ORDER)


_Verb = Callable[[str, Address, Plain, FactKinds], str]
_VERBS: Mapping[str, _Verb] = {
    "append": _append,
    "column": _column,
    "done": _done,
    "drop": _drop,
    "fact": _put,
    "field": _field,
    "form": _form,
    "given": _given,
    "group": _group,
    "lines": _lines,
    "measure": _measure,
    "occurred": _occurred,
    "op": _op,
    "over": _over,
    "period": _period,
    "put": _put,
    "side": _side,
    "source": _source,
    "type": _type,
    "unit": _unit,
}
