"""What a rule is called, its parameters, and what a flag of it says."""

from collections.abc import Iterable

from tiesan.admin.rules.form.controls import Block, Control, Row
from tiesan.admin.rules.form.drawing import RULE, Declared, Drawing, free_name
from tiesan.admin.rules.form.shapes_of import FORMS, chosen, form_of, result
from tiesan.facts.kinds import FactKind, Field, FieldType
from tiesan.i18n import _, _l
from tiesan.rules import PARAMETER_TYPES, SEVERITY_LABELS
from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import Offer, offered

_TYPES = {
    FieldType.INTEGER: _l("whole number"),
    FieldType.AMOUNT: _l("amount (yuan)"),
    FieldType.DATE: _l("date"),
    FieldType.TIME: _l("time"),
    FieldType.BOOLEAN: _l("yes or no"),
    FieldType.CHOICE: _l("choice"),
    FieldType.TEXT: _l("text"),
    "list": _l("list"),
}
_SUBJECTS = ("cadre", "organization")


def heading(drawing: Drawing) -> Block:
    """Title, clause, severity, whether it is switched on, and when it is in force."""
    texts = [
        drawing.written((*RULE, "title", "zh"), _("Title (Chinese)")),
        drawing.written((*RULE, "title", "en"), _("Title (English)")),
        drawing.written((*RULE, "clause", "zh"), _("Clause (Chinese)"), "area", wide=True),
        drawing.written((*RULE, "clause", "en"), _("Clause (English)"), "area", wide=True),
    ]
    enabled = [Offer("true", _("switched on")), Offer("false", _("switched off"))]
    manner = [
        drawing.choice((*RULE, "severity"), _("Severity"), chosen(SEVERITY_LABELS)),
        drawing.choice((*RULE, "enabled"), _("Switched"), enabled, blank=_("switched on")),
        drawing.written((*RULE, "in_force", "from"), _("In force from"), "date"),
        drawing.written((*RULE, "in_force", "until"), _("In force until"), "date"),
    ]
    form = Control(RULE, _("Form"), form_of(drawing) or "", "select", "form", chosen(FORMS))
    return Block(RULE, _("Rule"), [Row(RULE, texts), Row(RULE, [form, *manner])])


# --- parameters -----------------------------------------------------------------------------------


def parameters(drawing: Drawing) -> Block:
    """The numbers, words and lists that can be set later on without changing the rule."""
    address = (*RULE, "parameters")
    block = Block(address, _("Parameters"))
    block.said = _("What stands here can be set from a day on without changing the rule.")
    block.rows = [_parameter(drawing, each) for each in drawing.parameters()]
    taken = drawing.entries(address)
    label: Plain = {"zh": "参数", "en": "Parameter"}
    number: Plain = {"type": "integer", "label": label, "value": "1"}
    items: Plain = {"type": "list", "of": "text", "label": label, "value": ["…"]}
    block.actions = [
        drawing.add((*address, free_name(taken, "number")), _("Add a number"), number),
        drawing.add((*address, free_name(taken, "list")), _("Add a list"), items),
    ]
    return block


def _parameter(drawing: Drawing, declared: Declared) -> Row:
    address = (*RULE, "parameters", declared.name)
    types = [Offer(each, str(_TYPES[each])) for each in (*PARAMETER_TYPES, "list")]
    row = Row(
        address,
        [
            drawing.written((*address, "label", "zh"), _("Name (Chinese)")),
            drawing.written((*address, "label", "en"), _("Name (English)")),
            drawing.choice((*address, "type"), _("Kind of value"), types, verb="type"),
        ],
        drop=drawing.drop(address),
    )
    if declared.is_list:
        of = [Offer(each, str(_TYPES[each])) for each in ("text", "integer", "choice")]
        row.controls.append(drawing.choice((*address, "of"), _("List of"), of))
    row.controls += _values(drawing, address, declared)
    if drawing.has((*address, "choices")) or declared.type is FieldType.CHOICE:
        row.inner.append(_choices(drawing, (*address, "choices")))
    return row


def _values(drawing: Drawing, address: Address, declared: Declared) -> Iterable[Control]:
    history = drawing.entries((*address, "values"))
    places = [((*address, "values", day), _("from %(day)s", day=day)) for day in history]
    for place, label in places or [((*address, "value"), _("Value"))]:
        if declared.is_list:
            lines = "\n".join(each.text or "" for each in drawing.items(place))
            yield Control(place, label, lines, "lines", "lines", hint=_("one per line"))
        else:
            named = {
                name: drawing.in_language((*address, "choices", name), name)
                for name in drawing.entries((*address, "choices"))
            }
            kind = declared.type or FieldType.TEXT
            yield drawing.typed(place, label, Field("", kind, label, choices=named))


def _choices(drawing: Drawing, address: Address) -> Block:
    block = Block(address, _("Choices"))
    for name in drawing.entries(address):
        place = (*address, name)
        texts = [
            drawing.written((*place, "zh"), _("%(name)s (Chinese)", name=name)),
            drawing.written((*place, "en"), _("%(name)s (English)", name=name)),
        ]
        block.rows.append(Row(place, texts, drop=drawing.drop(place)))
    new = (*address, free_name(drawing.entries(address), "choice"))
    block.actions = [drawing.add(new, _("Add a choice"), {"zh": "选项", "en": "Choice"})]
    return block


# --- the flag -------------------------------------------------------------------------------------


def flag(drawing: Drawing) -> Block:
    """Whom a flag is about, what tells it from others, when it occurred, and what it says."""
    shape, form = result(drawing), form_of(drawing)
    named = [] if shape is None else offered(shape, drawing.kinds)
    where: list[Control] = []
    if form != "duty" or drawing.has((*RULE, "subject")):
        where.append(_subject(drawing, shape, form))
    key = drawing.written((*RULE, "key"), _("Key: what tells two flags apart"))
    key.offers = [Offer(f"{{{each.value}}}", each.label, each.group) for each in named]
    key.kind = "template"
    key.hint = _("as the form says") if form in ("duty", "tally") else ""
    where.append(key)
    if form in ("when", "deadline"):
        otherwise = _("the deadline") if form == "deadline" else None
        day = drawing.dates((*RULE, "occurred_on"), _("Occurred on"), shape, blank=otherwise)
        where.append(day)
    offers = [*_parameters(drawing), *key.offers]
    messages = [
        Control((*RULE, "message", language), label, drawing.text((*RULE, "message", language)),
                "template", offers=offers, wide=True)
        for language, label in (("zh", _("Message (Chinese)")), ("en", _("Message (English)")))
    ]  # fmt: skip
    return Block(RULE, _("What the flag says"), [Row(RULE, where), Row(RULE, messages)])


def _parameters(drawing: Drawing) -> Iterable[Offer]:
    for each in drawing.parameters():
        yield Offer(f"{{{each.name}}}", each.label, _("Parameters"))


def _subject(drawing: Drawing, shape: FactKind | None, form: str | None) -> Control:
    control = drawing.paths(
        (*RULE, "subject"), _("Whom it is about"), shape, lambda path: path.last.to in _SUBJECTS
    )
    if form in ("duty", "tally"):
        control.blank = _("as the form says")
    return control
