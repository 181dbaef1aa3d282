"""Inputs, rows and blocks of the form of a rule."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tiesan.rules.editing import Address, Plain
from tiesan.rules.offering import Offer

# A list of more offers is drawn once for all inputs that have it.
_SHORT = 12


def at(address: Address) -> str:
    """An address as an input carries it."""
    return json.dumps(list(address), ensure_ascii=False)


@dataclass(slots=True)
class Control:
    """An input for the value at an address.

    ``verb`` is what its change does (see ``changes``), ``kind`` how it looks: select, text, area,
    lines, number, date, time, code. ``offers`` are what one chooses from, or may insert.
    """

    address: Address
    label: str
    value: str = ""
    kind: str = "text"
    verb: str = "put"
    offers: Sequence[Offer] = ()
    blank: str | None = None
    hint: str = ""
    wide: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What tells it from all others, also after the form was drawn anew."""
        return "-".join(map(str, (self.verb, *self.address)))

    @property
    def at(self) -> str:
        """Its address, as it is sent."""
        return at(self.address)

    @property
    def listed(self) -> str:
        """What tells a long list of offers from others; blank for a short one, drawn in place."""
        if len(self.offers) <= _SHORT:
            return ""
        return f"list-{zlib.crc32(repr(self.offers).encode()):x}"

    @property
    def shown(self) -> str:
        """What is shown of the value: the word of the offer that it is."""
        return next((each.label for each in self.offers if each.value == self.value), self.value)

    @property
    def groups(self) -> dict[str, list[Offer]]:
        """What one chooses from, by heading; what stands there is among it in any case."""
        found: dict[str, list[Offer]] = {}
        if self.value and all(each.value != self.value for each in self.offers):
            found[""] = [Offer(self.value, self.value)]
        for each in self.offers:
            found.setdefault(each.group, []).append(each)
        return found


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what it does where, and with which value."""

    verb: str
    address: Address
    label: str
    value: Plain = ""

    @property
    def at(self) -> str:
        """Its address, as it is sent."""
        return at(self.address)

    @property
    def sent(self) -> str:
        """Its value, as it is sent."""
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(slots=True)
class Row:
    """Inputs that belong together, what stands inside, and how to be rid of them."""

    address: Address
    controls: list[Control] = field(default_factory=list)
    inner: list["Block"] = field(default_factory=list)
    drop: Action | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """Rows under a title, and what can be added to them; ``folded`` ones are opened by a tap."""

    address: Address
    title: str
    rows: list[Row] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    said: str = ""
    good: bool = False
    folded: bool = False
    problems: list[str] = field(default_factory=list)


Place = Control | Row | Block


def places(blocks: Sequence[Block]) -> Iterator[Place]:
    """Everything that can bear what is wrong, from the outside in."""
    for block in blocks:
        yield block
        for row in block.rows:
            yield row
            yield from row.controls
            yield from places(row.inner)
