"""Stored rows without names: persons, organizations, records and texts by stand-ins.

What comes into the text of a rule is read by everybody who reads the rule. So whom a made test is
about is one of the standing world, records are numbered anew, and of a text only what the rule
itself compares it with is kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from tiesan.facts.folding import folded
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.item_list import ItemList
from tiesan.rules.judging.reach import paths_of_rule
from tiesan.rules.judging.world import World
from tiesan.rules.literals import parse_text
from tiesan.rules.parameters import Parameter
from tiesan.rules.parts import TextPart
from tiesan.rules.reads import selections_of
from tiesan.rules.scenarios.standing_world import WORLD, Row
from tiesan.rules.tree import Comparison, Condition, Literal, Rule

_LETTERS = {"district": "D", "federation": "F", "enterprise": "E"}
_SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_STANDING: Mapping[str, Mapping[str, Row]] = {
    kind: {str(row["code"]): row for row in rows} for kind, rows in WORLD.items()
}


class Nameless:
    """Writes the facts of one world as rows of a scenario, whose subject is C1, or one of D1 to E1.

    The same stands for the same in all of them.
    """

    def __init__(
        self, world: World, rule: Rule, parameters: Mapping[str, Parameter], subject: str
    ) -> None:
        """Take the world, the rule with its final parameters, and the subject's code."""
        self._world, self._rule = world, rule
        self._people: dict[tuple[str, str], str] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._texts: dict[str, str] = {}
        self._compared = sorted(_texts_of(rule, parameters), key=lambda each: (-len(each), each))
        parts = [path.part for path in paths_of_rule(rule)]
        self._counts_characters = TextPart.LENGTH in parts
        self._folds = TextPart.FOLDED in parts or any(
            comparison.op == "matches_text" for comparison in _comparisons(rule)
        )
        self.subject = self.person(rule.subject_kind, subject) or subject

    def person(self, kind: str, code: str) -> str | None:
        """Who stands for a cadre or an organization; None for who is not known in the world."""
        known = kind, code
        if known not in self._people:
            fact = self._world.by_code(kind).get(code)
            if fact is None:
                return None
            # Whoever is above comes first, so that the standing tree fits where it can.
            above = self._value(kind, fact, "organization" if kind == "cadre" else "parent")
            if above is not None:
                self.person("organization", str(above))
            letter = "C" if kind == "cadre" else _LETTERS.get(
                str(self._value(kind, fact, "kind")), "O"
            )  # fmt: skip
            taken = set(self._people.values())
            free = (name for number in count(1) if (name := f"{letter}{number}") not in taken)
            self._people[known] = next(free)
        return self._people[known]

    def people(self, fields: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, Row]]:
        """The rows that make the standing world the one of those who were named so far.

        ``fields`` are by kind those that are given; what stands there already is left out.
        """
        for (kind, code), stand_in in sorted(self._people.items(), key=lambda each: each[1]):
            standing = _STANDING[kind].get(stand_in)
            row = self._person_row(kind, self._world.by_code(kind)[code], stand_in, fields[kind])
            if standing is not None:
                row = {"code": stand_in, **{
                    name: value for name, value in row.items() if standing.get(name) != value
                }}  # fmt: skip
            if standing is None or len(row) > 1:
                yield kind, row

    def others(self) -> list[tuple[str, str]]:
        """Kind and code of those of the standing world who stand for nobody."""
        taken = set(self._people.values())
        return [
            (kind, code) for kind, rows in _STANDING.items() for code in rows if code not in taken
        ]

    def row(self, kind: FactKind, fact: Fact, fields: Iterable[str]) -> Row:
        """A fact with some of its fields; blanks, and references to nobody, are left out."""
        chosen, row = set(fields), dict[str, Value]()
        for field in kind.fields:
            if field.name in chosen and not field.derived:
                value = self._stand_in(kind, field, fact[kind.index[field.name]])
                if value is not None:
                    row[field.name] = value
        return row

    def _person_row(self, kind: str, fact: Fact, stand_in: str, fields: Iterable[str]) -> Row:
        known = self._world.kinds[kind]
        names = [name for name in fields if known.by_name[name].type is not FieldType.TEXT]
        row = dict(self.row(known, fact, names))
        if stand_in not in _STANDING[kind]:
            row = {"name": stand_in, **_since(kind), **row}
        return {"code": stand_in, **row}

    def _stand_in(self, kind: FactKind, field: Field, value: Value) -> Value:
        if value is None or (kind is FLAG and field.name == "rule"):
            return value
        if field.to in ("cadre", "organization"):
            return self.person(str(field.to), str(value))
        if field.to is not None:
            return self._code(field.to, str(value))
        if field.name == "code":
            return self._code(kind.name, str(value))
        return self._text(str(value)) if field.type is FieldType.TEXT else value

    def _code(self, kind: str, code: str) -> str:
        return self._codes.setdefault((kind, code), f"R{len(self._codes) + 1}")

    def _text(self, text: str) -> str:
        """A text that is to the rule what the stored one is."""
        same = (folded(text) or text) if self._folds else text
        if same not in self._texts:
            self._texts[same] = self._kept(text) or self._sign(text)
        return self._texts[same]

    def _kept(self, text: str) -> str:
        """Of a text what the rule compares with, in the order in which it stands there."""
        if any(each == text for each in self._compared):
            return text
        if self._folds:
            same = (each for each in self._compared if folded(each) == folded(text))
            if (found := next(same, None)) is not None:
                return found
        if self._counts_characters:
            return ""
        within = sorted((text.index(each), each) for each in self._compared if each in text)
        return "".join(each for _at, each in within)

    def _sign(self, text: str) -> str:
        number = len(self._texts)
        sign = _SIGNS[number % len(_SIGNS)] + (str(number) if number >= len(_SIGNS) else "")
        if not self._counts_characters:
            return sign
        return (sign * len(text))[: len(text)]

    def _value(self, kind: str, fact: Fact, name: str) -> Value:
        return fact[self._world.kinds[kind].index[name]]


def _since(kind: str) -> Row:
    """From when somebody stands who is not of the standing world: as all who are."""
    standing = WORLD[kind][-1]
    name = "joined_on" if kind == "cadre" else "founded_on"
    return {name: standing[name]}


def _texts_of(rule: Rule, parameters: Mapping[str, Parameter]) -> set[str]:
    """The texts that a rule compares with: those it names, and those of its parameters."""
    found = set[str]()
    for comparison in _comparisons(rule):
        given = comparison.right if isinstance(comparison.right, tuple) else (comparison.right,)
        found |= {
            each.value
            for each in given
            if isinstance(each, Literal) and isinstance(each.value, str)
        }
    for parameter in parameters.values():
        for _since_when, value in parameter.values:
            items = value.items if isinstance(value, ItemList) else (value,)
            found |= {parse_text(each) for each in items if isinstance(each, str) and each.strip()}
    return found


def _comparisons(rule: Rule) -> Iterator[Comparison]:
    for _kind, where in selections_of(rule.form):
        yield from _within(where)


def _within(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
        return
    for each in condition.parts:
        yield from _within(each)
