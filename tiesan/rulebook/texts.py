"""Rules as texts of their own: that of a shipped rule, and the lines by which two differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.rules import Rule, RuleFile

_HEAD = "plugin: {plugin}\nrules:\n"


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of two texts side by side; blank where one has none, ``same`` where both have it."""

    before: str
    after: str
    same: bool


def shipped_text(catalog: Catalog, rule_id: str) -> str | None:
    """A shipped rule as the text of a file of its own; None where no such rule is shipped."""
    rule = catalog.shipped.get(rule_id)
    if rule is None:
        return None
    lines = _HEAD.format(plugin=rule.plugin) + "\n".join(_block(catalog, rule)).rstrip()
    return f"{lines}\n"


def _block(catalog: Catalog, rule: Rule) -> list[str]:
    """The lines of a rule in its file: from its first one up to the next rule."""
    path = catalog.plugins.by_name[rule.plugin].rules
    if path is None:
        return []
    of_file = (each for each in catalog.shipped.values() if each.plugin == rule.plugin)
    later = sorted(
        each.position.line for each in of_file if each.position.line > rule.position.line
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[rule.position.line - 1 : later[0] - 1 if later else None]


def text_in_force(session: Session, catalog: Catalog, rule_id: str) -> str | None:
    """The text that judges now: that of the version in force, or as shipped; None without one."""
    present = catalog.rules.get(rule_id)
    if present is None or not present.number:
        return shipped_text(catalog, rule_id)
    statement = select(RuleVersion.text).where(
        RuleVersion.rule == rule_id, RuleVersion.number == present.number
    )
    return session.scalars(statement).one()


def source_of(catalog: Catalog, rule_id: str) -> str:
    """A shipped rule as its file has it; blank where no such rule is shipped."""
    rule = catalog.shipped.get(rule_id)
    return "" if rule is None else "\n".join(_block(catalog, rule)).rstrip()


def side_by_side(before: str, after: str) -> list[Compared]:
    """Two texts line by line, what differs beside each other."""
    return list(_compared(before.splitlines(), after.splitlines()))


def _compared(before: list[str], after: list[str]) -> Iterator[Compared]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, one, end, other, last in matcher.get_opcodes():
        left, right = before[one:end], after[other:last]
        for at in range(max(len(left), len(right))):
            here = left[at] if at < len(left) else ""
            there = right[at] if at < len(right) else ""
            yield Compared(here, there, what == "equal")


def texts_of(file: RuleFile, text: str) -> list[tuple[str, str]]:
    """Each rule of a file as a text of its own, with its id.

    Raises UserError where rules share a line, so that they cannot be taken apart.
    """
    if len(file.rules) == 1:
        return [(file.rules[0].id, text)]
    starts = [rule.position.line for rule in file.rules]
    if len(set(starts)) < len(starts) or file.place.line >= min(starts):
        raise UserError(_("%s: each rule has to begin on a line of its own") % file.name)
    lines, head = text.splitlines(), _HEAD.format(plugin=file.plugin)
    first = [_with_comments(lines, start) for start in sorted(starts)]
    ends = [*first[1:], len(lines)]
    blocks = (lines[start:end] for start, end in zip(first, ends, strict=True))
    in_turn = sorted(file.rules, key=lambda rule: rule.position.line)
    return [
        (rule.id, head + "\n".join(block).rstrip() + "\n")
        for rule, block in zip(in_turn, blocks, strict=True)
    ]


def _with_comments(lines: list[str], start: int) -> int:
    """The index of the first line of what begins in a line (from 1), its comments included."""
    at = start - 1
    while at > 0 and lines[at - 1].strip().startswith("#"):
        at -= 1
    return at


def switched_off(text: str) -> str:
    """The text of one rule with ``enabled: false`` in it."""
    lines = [line for line in text.splitlines() if not line.strip().startswith("enabled:")]
    at, line = next((at, each) for at, each in enumerate(lines) if each.strip().startswith("- id:"))
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return "\n".join([*lines[: at + 1], f"{indent}enabled: false", *lines[at + 1 :]]) + "\n"
