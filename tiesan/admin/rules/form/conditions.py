"""Conditions as rows: a field, a comparison, a value; groups of them inside one another."""

from collections.abc import Iterable
from dataclasses import dataclass

from tiesan.admin.rules.form.controls import Block, Control, Row
from tiesan.admin.rules.form.drawing import Drawing
from tiesan.facts.kinds import FactKind, Field, FieldType
from tiesan.i18n import _, _l
from tiesan.rules import Path
from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import Offer, offered, op_words, takes

_GROUPS = {
    "any": _l("at least one of these holds"),
    "all": _l("all of these hold"),
    "not": _l("none of these holds"),
}


@dataclass(frozen=True)
class Conditions:
    """The conditions of one fact; ``anchor`` is what ``.path`` starts from, ``named`` its words."""

    drawing: Drawing
    own: FactKind
    anchor: FactKind
    named: str

    def block(self, address: Address, title: str) -> Block:
        """The list of conditions at an address, all of which must hold."""
        items = self.drawing.items(address)
        return Block(
            address,
            title,
            [self._row((*address, number)) for number in range(len(items))],
            [
                self.drawing.append(address, _("Add a condition"), self._first()),
                *(
                    self.drawing.append(address, str(word), {name: [self._first()]})
                    for name, word in _GROUPS.items()
                    if name != "all"
                ),
            ],
        )

    def _first(self) -> Plain:
        """The condition that one starts from."""
        return {"field": self.own.fields[0].name, "op": "present"}

    def _row(self, address: Address) -> Row:
        drawing = self.drawing
        group = next((name for name in _GROUPS if drawing.has((*address, name))), None)
        if group is not None:
            chosen = Control(
                address,
                _("Group"),
                group,
                "select",
                "group",
                [Offer(name, str(word)) for name, word in _GROUPS.items()],
            )
            inner = self.block((*address, group), "")
            return Row(address, [chosen], [inner], drawing.drop(address))
        return Row(address, list(self._comparison(address)), drop=drawing.drop(address))

    def _comparison(self, address: Address) -> Iterable[Control]:
        drawing, asked = self.drawing, self.drawing.text((*address, "parameter"))
        if asked:
            offers = [Offer(each.name, each.label) for each in drawing.parameters()]
            yield drawing.choice((*address, "parameter"), _("Parameter"), offers)
            declared = next((each for each in drawing.parameters() if each.name == asked), None)
            kind = None if declared is None else declared.type
            path = None
        else:
            yield drawing.paths((*address, "field"), _("Field"), self.own, verb="field")
            path = drawing.path(drawing.text((*address, "field")), self.own)
            kind = None if path is None else path.type
        words = op_words(kind or FieldType.TEXT)
        yield drawing.choice((*address, "op"), _("Comparison"), words, verb="op")
        yield from self._values(address, path, kind or FieldType.TEXT)

    def _values(self, address: Address, path: Path | None, kind: FieldType) -> Iterable[Control]:
        wanted = takes(self.drawing.text((*address, "op")))
        value, field = (*address, "value"), _compared(path, kind)
        node = self.drawing.root.at(value)
        if wanted == "nothing" and node is None:
            return
        if node is not None and node.is_list:
            yield from self._several(value, field)
            return
        yield from self._one(value, field, several=wanted == "several")
        if wanted == "days":
            yield from self.drawing.number((*address, "days"), _("Days"))

    def _several(self, address: Address, field: Field) -> Iterable[Control]:
        """A list: each choice to tick, or one item per line."""
        items = [each.text or "" for each in self.drawing.items(address)]
        offers = [Offer(each, str(word)) for each, word in field.choices.items()]
        kind = "ticks" if offers else "lines"
        lines = "\n".join(items)
        yield Control(address, _("Values"), lines, kind, "lines", offers, hint=_("one per line"))

    def _one(self, address: Address, field: Field, *, several: bool) -> Iterable[Control]:
        """A value: written here, that of a parameter, or another field."""
        written = self.drawing.text(address)
        literal = self.drawing.root.at((*address, "literal")) is not None
        offers = [*self._parameters(field, several=several)]
        if not several:
            offers += self._fields(field)
        if offers or written[:1] in {"$", "."}:
            from_where = self.drawing.choice(
                address, _("compared with"), offers, verb="source", blank=_("a fixed value")
            )
            if written[:1] not in {"$", "."} or literal:
                from_where.value = ""
            yield from_where
        if literal:
            yield self.drawing.written((*address, "literal"), _("Value"))
        elif written[:1] not in {"$", "."}:
            yield self.drawing.typed(address, _("Value"), field)

    def _parameters(self, field: Field, *, several: bool) -> Iterable[Offer]:
        """The parameters of the type; a list where several are wanted, or a text is matched."""
        wanted = FieldType.INTEGER if field.type is FieldType.LENGTH else field.type
        for each in self.drawing.parameters():
            fits = each.is_list if several else not each.is_list or field.type is FieldType.TEXT
            if each.type is wanted and fits:
                yield Offer(f"${each.name}", each.label, _("Parameters"))

    def _fields(self, field: Field) -> Iterable[Offer]:
        for each in offered(self.anchor, self.drawing.kinds, lambda p: _fits(p, field)):
            yield Offer(f".{each.value}", each.label, self.named)


def _compared(path: Path | None, kind: FieldType) -> Field:
    """What a value is compared with, as a field: its type and choices, and whom it names."""
    if path is None:
        return Field("", kind, "")
    choices = path.last.choices if path.part is None else {}
    return Field("", path.type, "", choices=choices, to=path.last.to)


def _fits(path: Path, field: Field) -> bool:
    numbers = {FieldType.INTEGER, FieldType.LENGTH}
    if path.last.name == "code" and path.part is None and field.to is not None:
        return True
    if path.type is not field.type:
        return {path.type, field.type} == numbers
    if field.type is FieldType.CHOICE:
        return set(path.last.choices) == set(field.choices)
    return field.type is not FieldType.REFERENCE or path.last.to == field.to
