"""The facts that a rule looks at: their kind, conditions, lengths and related facts."""

from collections.abc import Iterable
from dataclasses import dataclass

from tiesan.admin.rules.form.conditions import Conditions
from tiesan.admin.rules.form.controls import Block, Control, Row
from tiesan.admin.rules.form.drawing import Drawing, free_name
from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _, _l
from tiesan.rules import Path
from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import Offer, of_owners, of_selection

_RELATED = {
    "with": _l("There is a record that meets all of these"),
    "without": _l("There is no record that meets all of these"),
}
_MOST_RELATED = 3


@dataclass(frozen=True)
class Selection:
    """The facts at an address; ``form`` is the form whose owners they are, if they owe."""

    drawing: Drawing
    address: Address
    form: str | None = None

    @property
    def kind(self) -> FactKind | None:
        """The kind as it is declared."""
        return self.drawing.kind((*self.address, "fact"))

    @property
    def shape(self) -> FactKind | None:
        """The kind with what conditions on it may name besides."""
        kind = self.kind
        if kind is None:
            return None
        if self.form is not None:
            kind = of_owners(kind, self.form)
        return measured(self.drawing, self.address, kind)

    def row(self, label: str, names: Iterable[str] | None = None) -> Row:
        """The row in which the kind is chosen."""
        return Row(self.address, [self.drawing.fact(self.address, label, names)])

    def blocks(self) -> list[Block]:
        """Conditions, related facts and lengths."""
        shape = self.shape
        if shape is None:
            return []
        named = str(shape.title)
        where = Conditions(self.drawing, shape, shape, named)
        return [
            where.block((*self.address, "where"), _("Conditions, all of which hold")),
            *self._related(shape, named),
            lengths(self.drawing, self.address, shape),
        ]

    def _related(self, anchor: FactKind, named: str) -> Iterable[Block]:
        places = [place for name in _RELATED for place in self._places(name)]
        for address in places:
            name = next(step for step in reversed(address) if step in _RELATED)
            yield self._related_block(address, str(_RELATED[str(name)]), anchor, named)
        if len(places) < _MOST_RELATED:
            new = Block(self.address, _("Related records"), folded=not places)
            for name, word in _RELATED.items():
                address = (*self.address, name)
                value: Plain = {"fact": anchor.name if self.kind is None else self.kind.name}
                present = self.drawing.root.at(address)
                verb = "append" if present is not None and present.is_list else "put"
                if verb == "put" and present is not None:
                    value, verb = [present.plain(), value], "put"
                action = self.drawing.append(address, str(word), value)
                if verb == "put":
                    action = self.drawing.add(address, str(word), value)
                new.actions.append(action)
            yield new

    def _places(self, name: str) -> list[Address]:
        """Where related facts of a manner stand: one, or a list of them."""
        node = self.drawing.root.at((*self.address, name))
        if node is None:
            return []
        if node.is_list:
            return [(*self.address, name, number) for number in range(len(node.items))]
        return [(*self.address, name)]

    def _related_block(self, address: Address, title: str, anchor: FactKind, named: str) -> Block:
        block = Block(address, title)
        row = Row(address, [self.drawing.fact(address, _("Record"))])
        row.drop = self.drawing.drop(address)
        block.rows.append(row)
        kind = self.drawing.kind((*address, "fact"))
        if kind is not None:
            shape = measured(self.drawing, address, kind)
            looked_at = _("Of the “%s” looked at") % named
            conditions = Conditions(self.drawing, shape, anchor, looked_at)
            row.inner = [
                conditions.block((*address, "where"), ""),
                lengths(self.drawing, address, shape),
            ]
        return block


def measured(drawing: Drawing, address: Address, kind: FactKind) -> FactKind:
    """A kind with the lengths that the facts at an address have."""
    named = {
        name: drawing.in_language((*address, "lengths", name, "label"), name)
        for name in drawing.entries((*address, "lengths"))
    }
    return of_selection(kind, named)


def lengths(drawing: Drawing, address: Address, shape: FactKind) -> Block:
    """The lengths of the facts at an address: days from one date to another."""
    place = (*address, "lengths")
    names = drawing.entries(place)
    block = Block(place, _("Lengths: days from one date to another"), folded=not names)
    block.rows = [_length(drawing, (*place, name), shape) for name in names]
    dates = [each.name for each in shape.fields if each.type is FieldType.DATE]
    if dates:
        name = free_name((*names, *shape.by_name), "days")
        value: Plain = {"span": [dates[0], dates[-1]], "unit": "days"}
        action = drawing.add((*place, name), _("Add a length"), value)
        block.actions.append(action)
    return block


def _length(drawing: Drawing, address: Address, shape: FactKind) -> Row:
    def has_halves(path: Path) -> bool:
        return {"am", "pm"} <= set(path.last.choices)

    units = [Offer("days", _("days")), Offer("working_days", _("working days"))]
    controls: list[Control] = [
        drawing.dates((*address, "span", 0), _("From (this day counted)"), shape),
        drawing.dates((*address, "span", 1), _("To (this day counted)"), shape),
        drawing.choice((*address, "unit"), _("Counted in"), units),
        drawing.written((*address, "label", "zh"), _("Name (Chinese)")),
        drawing.written((*address, "label", "en"), _("Name (English)")),
    ]
    row = Row(address, controls, drop=drawing.drop(address))
    halves = [each.name for each in shape.fields if {"am", "pm"} <= set(each.choices)]
    if drawing.has((*address, "halves")):
        for number, label in enumerate((_("Half of the first day"), _("Half of the last day"))):
            place = (*address, "halves", number)
            row.controls.append(drawing.paths(place, label, shape, has_halves))
        row.inner.append(
            Block(address, "", actions=[drawing.drop((*address, "halves"), _("Whole days only"))])
        )
    elif halves:
        value: Plain = [halves[0], halves[-1]]
        action = drawing.add((*address, "halves"), _("Half days count as 0.5"), value)
        row.inner.append(Block(address, "", actions=[action]))
    return row
