"""What all parts of the form draw from: the text as nodes, the kinds of facts, the parameters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tiesan.admin.rules.form.controls import Action, Control
from tiesan.facts.kinds import FactKind, FactKinds, Field, FieldType
from tiesan.i18n import _, current_language
from tiesan.rules import Path
from tiesan.rules.editing import Address, Marked, Plain
from tiesan.rules.offering import Offer, offered, path_named

RULE: Address = ("rules", 0)
# Whoever is named by a code is found by name as well.
FOUND = ("cadre", "organization")
_INPUTS: Mapping[FieldType, str] = {FieldType.DATE: "date", FieldType.TIME: "time"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter as far as it is written: its type (that of a list's items) and its label."""

    name: str
    label: str
    type: FieldType | None
    is_list: bool


@dataclass(frozen=True)
class Drawing:
    """A text to be drawn as a form."""

    root: Marked
    kinds: FactKinds

    def text(self, address: Address) -> str:
        """The single value at an address; blank where there is none."""
        node = self.root.at(address)
        return node.text if node is not None and node.text is not None else ""

    def has(self, address: Address) -> bool:
        """Whether anything is written at an address."""
        node = self.root.at(address)
        return node is not None and not node.blank

    def entries(self, address: Address) -> dict[str, Marked]:
        """The entries at an address; none where there is no mapping."""
        node = self.root.at(address)
        return {} if node is None else node.entries

    def items(self, address: Address) -> list[Marked]:
        """The items at an address; none where there is no list."""
        node = self.root.at(address)
        return [] if node is None else node.items

    def kind(self, address: Address) -> FactKind | None:
        """The kind of fact that is named at an address, if there is one of that name."""
        return self.kinds.get(self.text(address))

    def in_language(self, address: Address, otherwise: str = "") -> str:
        """A text of both languages in that of the reader."""
        language = "en" if current_language().startswith("en") else "zh"
        return self.text((*address, language)) or self.text((*address, "zh")) or otherwise

    def parameters(self) -> list[Declared]:
        """The parameters that the rule declares so far."""
        return [self._declared(name) for name in self.entries((*RULE, "parameters"))]

    def _declared(self, name: str) -> Declared:
        address = (*RULE, "parameters", name)
        is_list = self.text((*address, "type")) == "list"
        written = self.text((*address, "of" if is_list else "type"))
        known = FieldType(written) if written in list(FieldType) else None
        return Declared(name, self.in_language((*address, "label"), name), known, is_list)

    def path(self, text: str, shape: FactKind) -> Path | None:
        """The path of a text, if there is one."""
        return path_named(text, shape, self.kinds)

    # --- inputs -----------------------------------------------------------------------------------

    def choice(
        self, address: Address, label: str, offers: Iterable[Offer], **more: object
    ) -> Control:
        """An input in which one of several is chosen."""
        return Control(address, label, self.text(address), "select", offers=list(offers), **more)  # type: ignore[arg-type]

    def paths(
        self,
        address: Address,
        label: str,
        shape: FactKind | None,
        fits: Callable[[Path], bool] = lambda _path: True,
        **more: object,
    ) -> Control:
        """An input in which a path is chosen."""
        offers = [] if shape is None else offered(shape, self.kinds, fits)
        return self.choice(address, label, offers, **more)

    def dates(
        self, address: Address, label: str, shape: FactKind | None, **more: object
    ) -> Control:
        """An input in which the path of a date is chosen."""
        return self.paths(address, label, shape, lambda p: p.type is FieldType.DATE, **more)

    def written(self, address: Address, label: str, kind: str = "text", **more: object) -> Control:
        """An input in which something is typed."""
        return Control(address, label, self.text(address), kind, **more)  # type: ignore[arg-type]

    def fact(self, address: Address, label: str, names: Iterable[str] | None = None) -> Control:
        """An input in which a kind of fact is chosen."""
        chosen = self.kinds if names is None else names
        offers = [Offer(name, str(self.kinds[name].title)) for name in chosen]
        return self.choice((*address, "fact"), label, offers, verb="fact")

    def typed(self, address: Address, label: str, field: Field) -> Control:
        """An input for a value of a field's type."""
        if field.choices:
            offers = [Offer(each, str(word)) for each, word in field.choices.items()]
            return self.choice(address, label, offers, blank="—")
        if field.to in FOUND:
            return self.written(address, label, "lookup", hint=str(field.to))
        if field.type is FieldType.BOOLEAN:
            return self.choice(address, label, truths(), blank="—")
        return self.written(address, label, _INPUTS.get(field.type, "text"))

    def number(self, address: Address, label: str) -> list[Control]:
        """Inputs for a number: written here, or that of a parameter."""
        return self.constant(address, label, Field("", FieldType.INTEGER, label))

    def constant(self, address: Address, label: str, field: Field) -> list[Control]:
        """Inputs for a value of a type: written here, or that of a parameter of the type."""
        fitting = [
            Offer(f"${each.name}", each.label, _("Parameters"))
            for each in self.parameters()
            if each.type is field.type and not each.is_list
        ]
        written = self.text(address)
        if not fitting and not written.startswith("$"):
            return [self.typed(address, label, field)]
        source = self.choice(address, label, fitting, verb="source", blank=_("a fixed value"))
        if written.startswith("$"):
            return [source]
        source.value = ""
        return [source, self.typed(address, _("Value"), field)]

    def drop(self, address: Address, label: str = "") -> Action:
        """The button that takes away what stands at an address."""
        return Action("drop", address, label or _("Remove"))

    def append(self, address: Address, label: str, value: Plain) -> Action:
        """The button that adds an item to a list."""
        return Action("append", address, label, value)

    def add(self, address: Address, label: str, value: Plain) -> Action:
        """The button that adds what is not there yet."""
        return Action("put", address, label, value)


def truths() -> list[Offer]:
    """The two values of a boolean."""
    return [Offer("true", _("yes")), Offer("false", _("no"))]


def known_from(kind: FactKind) -> list[str]:
    """The dates from which a row of a kind is known: without any of them no rule sees it."""
    return [name for name in kind.principal if "." not in name]


def free_name(taken: Iterable[str], stem: str) -> str:
    """A name that is none of those taken."""
    known = set(taken)
    number = next(n for n in range(1, len(known) + 2) if f"{stem}{n}" not in known)
    return f"{stem}{number}"
