"""What a text of a rule says in plain words, and all that is wrong with it, for its writer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _, current_language, ngettext
from tiesan.rulebook.checking import Checked, check
from tiesan.rules import Line, Rule, decide_plainly, explain

# Whoever has made more mistakes corrects these first.
_MOST_PROBLEMS = 100
_PLACED = re.compile(r"^[^:\n]*:(\d+):(\d+): (.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where in the text, counted from 1; line 0 where it is nowhere."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as its writer sees it: what it says, what is wrong, and what it still lacks."""

    title: str
    lines: list[Line]
    problems: list[Problem]
    lacking: list[Problem]

    @property
    def is_sound(self) -> bool:
        """Whether it could be published as far as its text goes."""
        return not self.problems and not self.lacking


def reading_of(catalog: Catalog, rule_id: str, text: str) -> Reading:
    """Read a text and run its tests; the text is stored nowhere."""
    found = check(db.session(), catalog, rule_id, text, decide_plainly)
    rule = found.file.rules[0] if found.file is not None and found.file.rules else None
    return Reading(
        "" if rule is None else rule.title.in_language(current_language()),
        [] if rule is None else words_of(catalog, rule),
        _problems(found.problems),
        _problems(found.lacking),
    )


def words_of(catalog: Catalog, rule: Rule) -> list[Line]:
    """A rule in plain words, with its parameters as its text has them."""
    return explain(rule, catalog.kinds, rules={**catalog.rules, rule.id: rule})


def words_of_text(catalog: Catalog, rule_id: str, text: str) -> list[Line]:
    """A text in plain words; one line that says so where it cannot be read."""
    found: Checked = check(db.session(), catalog, rule_id, text, decide_plainly)
    if found.file is None or not found.file.rules:
        return [Line(_("This text cannot be read as a rule."), 0)]
    return words_of(catalog, found.file.rules[0])


def _problems(lines: Iterable[str]) -> list[Problem]:
    found = []
    for each in lines:
        placed = _PLACED.match(each)
        found.append(
            Problem(int(placed[1]), int(placed[2]), placed[3]) if placed else Problem(0, 0, each)
        )
    shown = sorted(found, key=lambda each: each.line)[:_MOST_PROBLEMS]
    more = len(found) - len(shown)
    if more:
        text = ngettext(
            "%(num)d further thing is wrong.", "%(num)d further things are wrong.", more
        )
        shown.append(Problem(0, 0, text))
    return shown
