"""A text as a form: its blocks, each input with what is wrong at its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from tiesan.admin.rules.form.controls import Block, Control, Place, places
from tiesan.admin.rules.form.drawing import RULE, Drawing
from tiesan.admin.rules.form.examples import examples
from tiesan.admin.rules.form.heading import flag, heading, parameters
from tiesan.admin.rules.form.shapes_of import form_blocks
from tiesan.admin.rules.reading import Problem, Reading
from tiesan.facts.kinds import FactKinds
from tiesan.rules.editing import Address, Marked, UnreadableError, marked

# A text with more values than this is changed as a text.
MOST_VALUES = 1500


@dataclass(frozen=True, slots=True)
class Shaped:
    """A form: its blocks; ``refused`` says that the text has to be put right as a text first."""

    blocks: list[Block]
    refused: bool = False
    too_long: bool = False

    @property
    def lists(self) -> dict[str, Control]:
        """The long lists of offers, each with an input that has it."""
        controls = (each for each in places(self.blocks) if isinstance(each, Control))
        return {each.listed: each for each in controls if each.listed}


def shaped(text: str, kinds: FactKinds, reading: Reading, day: str) -> Shaped:
    """The form of a text, with the problems of its reading at their places."""
    try:
        root = marked(text)
    except UnreadableError:
        return Shaped([], refused=True)
    if root.at(RULE) is None:
        return Shaped([], refused=True)
    if sum(1 for _place in root.within()) > MOST_VALUES:
        return Shaped([], too_long=True)
    drawing = Drawing(root, kinds)
    blocks = [heading(drawing), parameters(drawing), *form_blocks(drawing), flag(drawing)]
    blocks += examples(drawing, day)
    _place_problems(blocks, root, text, [*reading.problems, *reading.lacking])
    _say_what_passes(blocks, reading)
    return Shaped(blocks)


def _say_what_passes(blocks: Iterable[Block], reading: Reading) -> None:
    """A test of a text that can be read passes where nothing is said of it."""
    for block in blocks:
        is_test = len(block.address) == len(RULE) + 2 and block.address[2] == "tests"
        if is_test:
            wrong = any(each.problems for each in places([block]))
            block.good = not reading.problems and not wrong


def _place_problems(
    blocks: list[Block], root: Marked, text: str, problems: Iterable[Problem]
) -> None:
    """Put each problem to the innermost place of the form in which it lies."""
    found: dict[Address, Place] = {}
    for place in places(blocks):
        found.setdefault(place.address, place)
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for each in problems:
        if each.line:
            address = _innermost(root, starts[each.line - 1] + each.column - 1)
            while address and address not in found:
                address = address[:-1]
            found.get(address, blocks[0]).problems.append(each.text)


def _innermost(root: Marked, offset: int) -> Address:
    """The address of the smallest node, or key, at a place of the text."""
    best: Address = ()
    for address, node in root.within():
        if node.start <= offset <= node.end and len(address) >= len(best):
            best = address
        for name, (start, end) in node.keys.items():
            if start <= offset < end:
                best = (*address, name)
    return best
