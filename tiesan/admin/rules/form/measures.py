"""The measures of a tally as sentences with gaps: the total of … is more than …."""

from collections.abc import Iterable

from tiesan.admin.rules.form.conditions import Conditions
from tiesan.admin.rules.form.controls import Action, Block, Control, Row
from tiesan.admin.rules.form.drawing import Drawing
from tiesan.facts.kinds import FactKind, Field, FieldType
from tiesan.i18n import _
from tiesan.rules import Path
from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import MEASURE_WORDS, SIDE_WORDS, Offer, measures_of

_PLAIN = ("count", "share")


def measures(drawing: Drawing, address: Address, shape: FactKind) -> Block:
    """The measures of a tally, all of which must hold."""
    block = Block(address, _("What the group must come to, all of it"))
    block.rows = [
        _row(drawing, (*address, side, measure), shape)
        for side in map(str, SIDE_WORDS)
        for measure in drawing.entries((*address, side))
    ]
    block.actions = list(_more(drawing, address, shape))
    return block


def _more(drawing: Drawing, address: Address, shape: FactKind) -> Iterable[Action]:
    taken = {(str(s), m) for s in SIDE_WORDS for m in drawing.entries((*address, str(s)))}
    side, measure = next(
        pair
        for pair in ((str(s), str(m)) for s in SIDE_WORDS for m in MEASURE_WORDS)
        if pair not in taken
    )
    value = first_value(measure, shape)
    if value is not None:
        yield drawing.add((*address, side, measure), _("Add a measure"), value)


def first_value(measure: str, shape: FactKind) -> Plain | None:
    """What a measure begins with; None where the kind has nothing of which it could be taken."""
    if measure == "count":
        return "1"
    if measure == "share":
        return {"where": [{"field": shape.fields[0].name, "op": "present"}], "percent": "50"}
    fits = (each for each in shape.fields if measure in map(str, measures_of(each.type)))
    found = next(fits, None)
    if found is None:
        return None
    return {found.name: _FIRST.get(found.type, "1") if measure != "count_distinct" else "1"}


_FIRST = {FieldType.TIME: "08:30", FieldType.AMOUNT: "1000", FieldType.LENGTH: "10"}


def _row(drawing: Drawing, address: Address, shape: FactKind) -> Row:
    *_above, side, measure = address
    words = [Offer(str(each), str(word)) for each, word in MEASURE_WORDS.items()]
    sides = [Offer(str(each), str(word)) for each, word in SIDE_WORDS.items()]
    which = Control(address, _("Measured"), str(measure), "select", "measure", words)
    where = Control(address, _("must be"), str(side), "select", "side", sides)
    row = Row(address, [which], drop=drawing.drop(address))
    if measure == "count":
        row.controls += [where, *drawing.number(address, _("How many"))]
        return row
    if measure == "share":
        row.controls += [where, *drawing.number((*address, "percent"), _("Percent"))]
        conditions = Conditions(drawing, shape, shape, str(shape.title))
        row.inner.append(conditions.block((*address, "where"), _("Those that meet all of these")))
        return row
    name = next(iter(drawing.entries(address)), "")
    over = drawing.paths(address, _("of"), shape, lambda path: _fits(path, str(measure)))
    over.value, over.verb = name, "over"
    path = drawing.path(name, shape)
    kind = FieldType.INTEGER if measure == "count_distinct" or path is None else path.type
    value = drawing.constant((*address, name), _("Value"), Field("", _bound(kind), ""))
    row.controls += [over, where, *value]
    return row


def _bound(kind: FieldType) -> FieldType:
    """The type of the parameters and values that bound a measure of a type."""
    return FieldType.INTEGER if kind is FieldType.LENGTH else kind


def _fits(path: Path, measure: str) -> bool:
    return measure in map(str, measures_of(path.type))
