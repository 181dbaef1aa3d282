"""The tests of a rule as small tables: what is given, and which flags are expected of it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tiesan.admin.rules.form.controls import Action, Block, Control, Row
from tiesan.admin.rules.form.drawing import RULE, Drawing, known_from
from tiesan.facts.kinds import FactKind, Field
from tiesan.i18n import _
from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import Offer
from tiesan.rules.scenarios import EXTRA_KINDS

_TESTS = (*RULE, "tests")
_WORD = re.compile(r"\w+")
_STANDING = {"cadre": ("C1", "C2"), "organization": ("F1", "E1", "D1")}


def examples(drawing: Drawing, day: str) -> list[Block]:
    """Each test as a block; ``day`` is that on which a new one is looked at."""
    kinds = {**drawing.kinds, **{each.name: each for each in EXTRA_KINDS}}
    named = _named(drawing)
    tests = drawing.items(_TESTS)
    found = [
        Block(
            (*_TESTS, number),
            _(
                "Test %(number)d: %(name)s",
                number=number + 1,
                name=drawing.text((*_TESTS, number, "name")),
            ),
            [_head(drawing, (*_TESTS, number))],
            list(_actions(drawing, (*_TESTS, number))),
        )
        for number in range(len(tests))
    ]
    for number, block in enumerate(found):
        address = (*_TESTS, number)
        block.rows[0].inner = [
            *_tables(drawing, address, kinds, named),
            _given(drawing, address, kinds),
            _flags(drawing, address),
        ]
    new: Plain = {"name": _new_name(tests), "given": {}, "as_of": day, "flags": []}
    action = drawing.append(_TESTS, _("Add a test"), new)
    intro = Block(_TESTS, _("Tests"), actions=[action])
    intro.said = _(
        "Small worlds with known answers: at least one with a flag and one without. In each there"
        " are the cadres C1 and C2 of the federation F1, its union E1, and the district D1."
    )
    return [intro, *found]


def _new_name(tests: Iterable[object]) -> str:
    return _("test %d") % (len(list(tests)) + 1)


def _named(drawing: Drawing) -> set[str]:
    """All words of the rule outside its tests: the fields that it reads are among them."""
    rule = drawing.root.at(RULE)
    if rule is None:
        return set()
    found: set[str] = set()
    for address, node in rule.within():
        if address[:1] != ("tests",):
            found.update(_WORD.findall(node.text or ""))
            found.update(*(_WORD.findall(name) for name in node.entries))
    return found


def _head(drawing: Drawing, address: Address) -> Row:
    live = [Offer("true", _("while the day lasts")), Offer("false", _("when the day is over"))]
    return Row(
        address,
        [
            drawing.written((*address, "name"), _("Name of the test")),
            drawing.written((*address, "as_of"), _("Looked at on"), "date"),
            drawing.choice((*address, "live"), _("Judged"), live, blank=live[1].label),
        ],
    )


def _actions(drawing: Drawing, address: Address) -> Iterable[Action]:
    node = drawing.root.at(address)
    plain = node.plain() if node is not None else {}
    if isinstance(plain, dict):
        copied = _("%s (copy)") % plain.get("name", "")
        yield drawing.append(_TESTS, _("Copy this test"), {**plain, "name": copied})
    yield drawing.drop(address, _("Remove this test"))


# --- what is given --------------------------------------------------------------------------------


def _tables(
    drawing: Drawing, address: Address, kinds: dict[str, FactKind], named: set[str]
) -> Iterable[Block]:
    for name in drawing.entries((*address, "given")):
        place = (*address, "given", name)
        kind = kinds.get(name)
        block = Block(place, str(kind.title) if kind is not None else name)
        if kind is not None:
            columns = list(_columns(drawing, place, kind, named))
            for number in range(len(drawing.items(place))):
                block.rows.append(_record(drawing, (*place, number), columns))
            block.actions = list(_more(drawing, place, kind, columns))
        block.actions.append(drawing.drop(place, _("Remove these")))
        yield block


def _columns(drawing: Drawing, place: Address, kind: FactKind, named: set[str]) -> Iterable[Field]:
    """The fields of a table: given, spoken of by the rule, or without which no row is seen."""
    shown = {name for row in drawing.items(place) for name in row.entries}
    shown |= named | set(kind.identity) | set(known_from(kind)[:1])
    yield from (each for each in kind.fields if not each.derived and each.name in shown)


def _record(drawing: Drawing, address: Address, columns: Iterable[Field]) -> Row:
    row = Row(address, drop=drawing.drop(address))
    for each in columns:
        control = drawing.typed((*address, each.name), str(each.label), each)
        if each.to in _STANDING:
            control.kind, control.hint = "code", ""
            control.offers = [Offer(code, code) for code in _STANDING[str(each.to)]]
        row.controls.append(control)
    return row


def _more(
    drawing: Drawing, place: Address, kind: FactKind, columns: Iterable[Field]
) -> Iterable[Action]:
    rows = drawing.items(place)
    last = rows[-1].plain() if rows else {}
    again = dict(last) if isinstance(last, dict) else {}
    if "code" in kind.by_name and "code" not in _STANDING:
        again["code"] = f"R{len(rows) + 1}"
    yield drawing.append(place, _("One more"), dict(again) or {kind.identity[0]: "R1"})
    shown = {each.name for each in columns}
    for each in kind.fields:
        if each.name not in shown and not each.derived and rows:
            label = _("also “%s”") % each.label
            yield Action("column", (*place, 0, each.name), label, "")


def _given(drawing: Drawing, address: Address, kinds: dict[str, FactKind]) -> Block:
    """What else may be given; the kind is chosen."""
    present = drawing.entries((*address, "given"))
    offers = [Offer(name, str(kind.title)) for name, kind in kinds.items() if name not in present]
    chosen = Control((*address, "given"), _("Give records of"), "", "select", "given", offers)
    chosen.blank = _("choose …")
    return Block((*address, "given"), _("Given"), [Row((*address, "given"), [chosen])])


# --- what is expected -----------------------------------------------------------------------------


def _flags(drawing: Drawing, address: Address) -> Block:
    place = (*address, "flags")
    block = Block(place, _("Expected flags"))
    for number in range(len(drawing.items(place))):
        block.rows.append(_flag(drawing, (*place, number)))
    if not block.rows:
        block.said = _("none: nothing may be flagged here")
    block.actions = [drawing.append(place, _("Expect a flag"), {"subject": "C1", "key": "R1"})]
    return block


def _flag(drawing: Drawing, address: Address) -> Row:
    codes = [Offer(code, code) for each in _STANDING.values() for code in each]
    subject = replace(
        drawing.written((*address, "subject"), _("Whom it is about"), "code"), offers=codes
    )
    return Row(
        address,
        [
            subject,
            drawing.written((*address, "key"), _("Key")),
            drawing.written((*address, "occurred_on"), _("Occurred on"), "date"),
        ],
        drop=drawing.drop(address),
    )
