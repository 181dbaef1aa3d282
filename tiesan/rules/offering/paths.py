"""The paths that may be chosen: a fact's own fields, those behind references, and their parts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tiesan.facts.kinds import FactKind, FactKinds, FieldType
from tiesan.i18n import _
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.path_parser import parse_path
from tiesan.rules.tree import Path
from tiesan.rules.words.paths import PathNames

_NOWHERE = Position("", 1, 1)
_PARTS: Mapping[FieldType, tuple[Part, ...]] = {
    FieldType.DATE: tuple(DatePart),
    FieldType.TEXT: tuple(TextPart),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to choose: what is written, what is shown, and under which heading."""

    value: str
    label: str
    group: str = ""


def path_named(text: str, shape: FactKind, kinds: FactKinds) -> Path | None:
    """The path of a text; None where there is none (yet)."""
    try:
        return parse_path(text, shape, kinds, _NOWHERE)
    except Refused:
        return None


def offered(
    shape: FactKind, kinds: FactKinds, fits: Callable[[Path], bool] = lambda _path: True
) -> list[Offer]:
    """The paths from a shape that fit, in words: its own, those over one and two references."""
    return [
        Offer(path.text, PathNames().path(path), group)
        for group, path in _paths(shape, kinds)
        if fits(path)
    ]


def _paths(shape: FactKind, kinds: FactKinds) -> Iterator[tuple[str, Path]]:
    own = [Path(each.name, shape.name, each) for each in shape.fields]
    behind = [further for path in own for further in _through(path, kinds)]
    yield from (("", path) for path in own)
    yield from ((_group(path), path) for path in behind)
    for path in behind:
        yield from ((_group(further), further) for further in _through(path, kinds))
    for path in (*own, *behind):
        for part in _PARTS.get(path.last.type, ()) if path.type is not FieldType.LENGTH else ():
            yield (
                _("Parts of dates and texts"),
                replace(path, text=f"{path.text}.{part}", part=part),
            )


def _through(path: Path, kinds: FactKinds) -> Iterator[Path]:
    if path.last.to is None or path.last.to not in kinds:
        return
    for each in kinds[path.last.to].fields:
        if not each.derived:
            text = f"{path.text}.{each.name}"
            yield replace(path, text=text, through=(*path.through, each))


def _group(path: Path) -> str:
    return " · ".join(str(each.label) for each in path.references)
