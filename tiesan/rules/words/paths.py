"""How a sentence names what a rule reads: fields, what is behind references, parts, lengths."""

from collections.abc import Iterator

from tiesan.i18n import _
from tiesan.rules.lengths import Length
from tiesan.rules.tree import Path, Unit
from tiesan.rules.words.phrases import LENGTHS, PARTS


class PathNames:
    """The names of paths in the sentences of one rule."""

    def __init__(self) -> None:
        """Start without any length named."""
        self._labelled: list[Length] = []

    def path(self, path: Path) -> str:
        """A path in words."""
        if isinstance(path.field, Length):
            return self._length(path.field)
        text = _("“%(field)s”") % {"field": path.field.label}
        if len(path.through) == 1:
            named = {"reference": path.field.label, "field": path.last.label}
            text = _("“%(field)s” of “%(reference)s”") % named
        elif path.through:
            first, second = path.references
            named = {"first": first.label, "second": second.label, "field": path.last.label}
            text = _("“%(field)s” of “%(second)s” of “%(first)s”") % named
        return str(PARTS[path.part]) % text if path.part is not None else text

    def definitions(self) -> Iterator[str]:
        """What the lengths are that were named by a label so far: it does not say so itself."""
        for length in self._labelled:
            named = {"field": length.label, "length": self._measured(length)}
            yield _("“%(field)s” is %(length)s.") % named

    def _length(self, length: Length) -> str:
        if not length.labelled:
            return self._measured(length)
        if length not in self._labelled:
            self._labelled.append(length)
        return _("“%(field)s”") % {"field": length.label}

    def _measured(self, length: Length) -> str:
        start, end = map(self.path, length.span)
        text = LENGTHS[length.unit is Unit.WORKING_DAYS, length.halves is not None]
        return str(text) % {"start": start, "end": end}
