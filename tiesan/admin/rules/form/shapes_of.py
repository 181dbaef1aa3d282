"""The four forms of rules as blocks, and what subject, key and message of each may name."""

from collections.abc import Callable, Mapping

from tiesan.admin.rules.form.conditions import Conditions
from tiesan.admin.rules.form.controls import Block, Control, Row
from tiesan.admin.rules.form.drawing import RULE, Drawing
from tiesan.admin.rules.form.measures import measures
from tiesan.admin.rules.form.selections import Selection, lengths, measured
from tiesan.facts.kinds import FactKind
from tiesan.i18n import _, _l
from tiesan.rules import Path
from tiesan.rules.editing import Address
from tiesan.rules.offering import Offer, of_owners, of_result

FORMS: Mapping[str, str] = {
    "when": _l("a record is wrong"),
    "deadline": _l("a deadline is missed"),
    "duty": _l("a duty is not fulfilled"),
    "tally": _l("records add up"),
}
_OWING = ("cadre", "organization")
_UNITS = {
    "days": _l("days"),
    "working_days": _l("working days"),
    "months": _l("months"),
    "until": _l("until the end of the year"),
}
_EVERY = {
    "working_day": _l("each working day"),
    "week": _l("each week with a working day"),
    "month": _l("each month"),
    "quarter": _l("each quarter"),
    "half_year": _l("each half-year"),
    "year": _l("each year"),
}
_EXCUSED = {
    "leave": _l("approved leave of the whole time"),
    "leave_or_outing": _l("approved leave or official outings of the whole time"),
    "never": _l("nothing excuses"),
}


def chosen(offers: Mapping[str, str]) -> list[Offer]:
    """Words to choose from."""
    return [Offer(name, str(word)) for name, word in offers.items()]


def form_of(drawing: Drawing) -> str | None:
    """The form that the rule has; None where none is named."""
    return next((name for name in FORMS if drawing.root.at((*RULE, name)) is not None), None)


def form_blocks(drawing: Drawing) -> list[Block]:
    """What the rule looks at, by its form."""
    form = form_of(drawing)
    if form is None:
        return []
    return _DRAWN[form](drawing, (*RULE, form))


def result(drawing: Drawing) -> FactKind | None:
    """What subject, key and message may name."""
    form = form_of(drawing)
    if form is None:
        return None
    address = (*RULE, form, *_FACTS[form])
    kind = drawing.kind((*address, "fact"))
    if kind is None:
        return None
    by = [each.text or "" for each in drawing.items((*RULE, "tally", "by"))]
    return of_result(form, measured(drawing, address, kind), drawing.kinds, by)


_FACTS: Mapping[str, Address] = {
    "when": (),
    "deadline": (),
    "duty": ("owed_by",),
    "tally": ("of",),
}

# --- a record is wrong ----------------------------------------------------------------------------


def _when(drawing: Drawing, address: Address) -> list[Block]:
    facts = Selection(drawing, address)
    block = Block(address, _("Which record is wrong"), [facts.row(_("Record"))])
    judged = [Offer("at_once", _("at once")), Offer("next_day", _("when the day is over"))]
    control = drawing.choice((*address, "judged"), _("Judged"), judged, blank=_("at once"))
    block.rows[0].controls.append(control)
    return [block, *facts.blocks()]


# --- a deadline -----------------------------------------------------------------------------------


def _deadline(drawing: Drawing, address: Address) -> list[Block]:
    facts = Selection(drawing, address)
    block = Block(address, _("Which record starts the clock"), [facts.row(_("Record"))])
    block.rows[0].controls.append(drawing.dates((*address, "from"), _("From"), facts.shape))
    term = Block(address, _("Deadline"), [Row(address, _span(drawing, address))])
    flags = {
        "both": _l("not done in time, or done late"),
        "missing": _l("not done although the deadline has passed"),
        "late": _l("only what was done late"),
    }
    both = str(flags["both"])
    control = drawing.choice((*address, "flags"), _("Flagged"), chosen(flags), blank=both)
    term.rows[0].controls.append(control)
    return [block, *facts.blocks(), term, *_done(drawing, address, facts)]


def _span(drawing: Drawing, address: Address) -> list[Control]:
    """A number of units; the unit is the key under which the number stands."""
    unit = next((name for name in _UNITS if drawing.root.at((*address, name)) is not None), "")
    control = Control(address, _("Counted in"), unit, "select", "unit", chosen(_UNITS))
    number = drawing.number((*address, unit), _("How many")) if unit not in ("", "until") else []
    return [*number, control]


def _done(drawing: Drawing, address: Address, facts: Selection) -> list[Block]:
    """What ends the clock: a date of the record, or another record; or that which restarts it."""
    name = "again" if drawing.root.at((*address, "again")) is not None else "done"
    place = (*address, name)
    node = drawing.root.at(place)
    manner = "again" if name == "again" else "field"
    if name == "done" and node is not None and node.entries:
        manner = "record"
    manners = {
        "field": _l("a date of the record itself"),
        "record": _l("another record"),
        "again": _l("another record, with which the clock starts again"),
    }
    choice = Control(address, _("Done by"), manner, "select", "done", chosen(manners))
    block = Block(place, _("When it is done"), [Row(address, [choice])])
    if manner == "field":
        block.rows[0].controls.append(drawing.dates(place, _("Done on"), facts.shape))
        return [block]
    block.rows[0].controls.append(drawing.fact(place, _("Record")))
    kind = drawing.kind((*place, "fact"))
    if kind is not None and facts.shape is not None:
        shape = measured(drawing, place, kind)
        block.rows[0].controls.append(drawing.dates((*place, "date"), _("Date"), shape))
        block.rows[0].inner = _conditions_on(drawing, place, shape, facts.shape)
    return [block]


def _conditions_on(
    drawing: Drawing, place: Address, shape: FactKind, anchor: FactKind
) -> list[Block]:
    looked_at = _("Of the “%s” looked at") % anchor.title
    conditions = Conditions(drawing, shape, anchor, looked_at)
    where = conditions.block((*place, "where"), _("Conditions, all of which hold"))
    return [where, lengths(drawing, place, shape)]


# --- a duty ---------------------------------------------------------------------------------------


def _duty(drawing: Drawing, address: Address) -> list[Block]:
    owners = Selection(drawing, (*address, "owed_by"), "duty")
    who = Block((*address, "owed_by"), _("Who owes it"), [owners.row(_("Owed by"), _OWING)])
    excused = drawing.choice(
        (*address, "excused"), _("Excused by"), chosen(_EXCUSED), blank=str(_EXCUSED["leave"])
    )
    who.rows[0].controls.append(excused)
    period = Block(address, _("How often, and until when"))
    every = drawing.choice((*address, "every"), _("How often"), chosen(_EVERY))
    required = drawing.number((*address, "required"), _("How many each time"))
    edges = [
        Offer("last_day", _("the last day of the period")),
        Offer("due_on", _("the due date")),
    ]
    stands = drawing.choice(
        (*address, "stands_until"), _("Who is in post until"), edges, blank=edges[0].label
    )
    period.rows = [Row(address, [every, *required, stands]), _due(drawing, (*address, "due"))]
    return [who, *owners.blocks(), period, _counts(drawing, address, owners)]


def _due(drawing: Drawing, address: Address) -> Row:
    starts = [
        Offer("last_day", _("the last day of the period")),
        Offer("first_day", _("the first day of the period")),
    ]
    start = drawing.choice((*address, "from"), _("Due on"), starts, blank=starts[0].label)
    row = Row(address, [start])
    if start.value:
        units = {name: word for name, word in _UNITS.items() if name != "until"}
        unit = next((name for name in units if drawing.root.at((*address, name)) is not None), "")
        more = Control(address, _("and then"), unit, "select", "unit", chosen(units))
        more.blank = _("on that day itself")
        row.controls += [more, *(drawing.number((*address, unit), _("How many")) if unit else [])]
    return row


def _counts(drawing: Drawing, address: Address, owners: Selection) -> Block:
    place = (*address, "counts")
    block = Block(place, _("What fulfils it"), [Row(place, [drawing.fact(place, _("Record"))])])
    kind, owner = drawing.kind((*place, "fact")), owners.kind
    if kind is None or owner is None:
        return block
    shape = measured(drawing, place, kind)

    def names_owner(path: Path) -> bool:
        return path.last.to == owner.name

    block.rows[0].controls += [
        drawing.paths((*place, "by"), _("Of whom"), shape, names_owner),
        drawing.dates((*place, "date"), _("Date"), shape, blank=_("any time")),
    ]
    anchor = of_owners(owner, "counts")
    block.rows[0].inner = _conditions_on(drawing, place, shape, anchor)
    return block


# --- records add up -------------------------------------------------------------------------------


def _tally(drawing: Drawing, address: Address) -> list[Block]:
    facts = Selection(drawing, (*address, "of"))
    what = Block((*address, "of"), _("What is added up"), [facts.row(_("Records"))])
    shape = facts.shape
    if shape is None:
        return [what]
    groups = Block((*address, "by"), _("One group for each"))
    for number in range(len(drawing.items((*address, "by")))):
        place = (*address, "by", number)
        row = Row(place, [drawing.paths(place, _("Grouped by"), shape)])
        row.drop = drawing.drop(place)
        groups.rows.append(row)
    first = next((each.name for each in shape.fields if each.to in _OWING), shape.fields[0].name)
    groups.actions = [drawing.append((*address, "by"), _("Group by one more"), first)]
    return [
        what,
        *facts.blocks(),
        groups,
        _period(drawing, address, shape),
        measures(drawing, address, shape),
        *_judged(drawing, address),
    ]


def _period(drawing: Drawing, address: Address, shape: FactKind) -> Block:
    window = drawing.root.at((*address, "within")) is not None
    every = {**_EVERY, "within": _l("within any so many days"), "": _l("all times together")}
    value = "within" if window else drawing.text((*address, "every"))
    manner = Control(address, _("Period"), value, "select", "period", chosen(every))
    row = Row(address, [drawing.dates((*address, "date"), _("Date"), shape), manner])
    if window:
        row.controls += drawing.number((*address, "within", "days"), _("Days"))
    latest = drawing.root.at((*address, "occurred_on"))
    if latest is not None:
        row.controls += _occurred(drawing, (*address, "occurred_on"), shape)
    elif drawing.root.at((*RULE, "occurred_on")) is not None:
        row.controls += _occurred(drawing, (*RULE, "occurred_on"), shape)
    return Block(address, _("Over which time"), [row])


def _occurred(drawing: Drawing, address: Address, shape: FactKind) -> list[Control]:
    node = drawing.root.at(address)
    latest = node is not None and not node.is_text
    manners = [
        Offer("reached", _("the day on which it is reached")),
        Offer("latest", _("the latest date of a field")),
    ]
    value = "latest" if latest else drawing.text(address)
    manner = Control(address, _("Occurred on"), value, "select", "occurred", manners)
    manner.blank = _("as the period says")
    if not latest:
        return [manner]
    return [manner, drawing.dates((*address, "latest"), _("Latest"), shape)]


def _judged(drawing: Drawing, address: Address) -> list[Block]:
    """Who is judged although they may have no record at all."""
    place = (*address, "owed_by")
    if drawing.root.at(place) is None:
        action = drawing.add(place, _("Judge those without any record too"), {"fact": "cadre"})
        return [Block(place, _("Who has no record"), actions=[action], folded=True)]
    owners = Selection(drawing, place, "tally")
    block = Block(
        place, _("Who is judged, with or without records"), [owners.row(_("Owed by"), _OWING)]
    )
    excused = drawing.choice(
        (*address, "excused"), _("Excused by"), chosen(_EXCUSED), blank=str(_EXCUSED["leave"])
    )
    block.rows[0].controls.append(excused)
    block.rows[0].drop = drawing.drop(place)
    return [block, *owners.blocks()]


_DRAWN: Mapping[str, Callable[[Drawing, Address], list[Block]]] = {
    "when": _when,
    "deadline": _deadline,
    "duty": _duty,
    "tally": _tally,
}
