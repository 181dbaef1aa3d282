"""All that is wrong with a version of a rule, at once: its text, its place among others, its tests.

What can be read is not yet what can be published: a rule needs a test that flags and one that does
not, and all its tests have to pass.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.installed import changed_parameters
from tiesan.flags.versions import LOCAL, is_local
from tiesan.i18n import _, current_language
from tiesan.records.settings import RuleParameterValue
from tiesan.rules import Decide, Level, Rule, RuleFileError, RuleSet
from tiesan.rules.scenarios import (
    Scenario,
    TestedFile,
    affordable,
    check_given_flags,
    load_tested_text,
    run_scenario,
)

Found = TypeVar("Found")
# So long may the text of a version be, and so many lines are told of what its tests find.
LONGEST_YAML = 100_000
_MOST_LINES = 100
_KEPT = "checked text"


@dataclass(frozen=True)
class Checked:
    """What became of reading a text: its file if it can be read, and all that is wrong with it.

    ``problems`` keep it from being used at all, ``lacking`` from being published.
    """

    file: TestedFile | None
    problems: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule | None:
        """The rule; None where the text cannot be read, or does not fit."""
        return None if self.file is None or self.problems else self.file.rules[0]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with it and nothing lacks."""
        return not self.problems and not self.lacking


def known_rule(catalog: Catalog, rule_id: str) -> str | None:
    """Why there can be no version of a rule of this id; None where there can be one."""
    if rule_id in catalog.in_force:
        return None
    plugin, _dot, name = rule_id.partition(".")
    if plugin in catalog.plugins.by_name and is_local(rule_id) and name != LOCAL:
        return None
    text = _(
        "'%(rule)s': a new rule is called <institution>.%(local)s<name>; institutions: %(all)s"
    )
    named = ", ".join(catalog.plugins.by_name)
    return text % {"rule": rule_id, "local": LOCAL, "all": named}


def read(catalog: Catalog, rule_id: str, text: str) -> Checked:
    """Read the text of a version; every problem as ``file:line:column: text``."""
    if (problem := too_long(text)) is not None:
        return Checked(None, (problem,))
    try:
        file = load_tested_text(text, catalog.kinds, rule_id)
    except RuleFileError as error:
        return Checked(None, tuple(error.lines))
    wrong = [known_rule(catalog, rule_id)]
    if [rule.id for rule in file.rules] != [rule_id]:
        named = {"place": file.place, "rule": rule_id}
        wrong.append(_("%(place)s: here stands the one rule '%(rule)s' and nothing else") % named)
    elif wrong == [None]:
        wrong.extend(_beside_others(catalog, file))
    return Checked(file, tuple(line for line in wrong if line is not None))


def too_long(text: str) -> str | None:
    """Why a text is too long to be read; None where it is not."""
    if len(text) <= LONGEST_YAML:
        return None
    named = {"most": LONGEST_YAML, "number": len(text)}
    return _("A text has at most %(most)d characters; found: %(number)d.") % named


def _beside_others(catalog: Catalog, file: TestedFile) -> Iterator[str]:
    """What is wrong with a rule beside all others, its own other versions among them."""
    [rule] = file.rules
    others = [each for each in catalog.judging if each.id != rule.id]
    versions = [each for each in catalog.judging if each.id == rule.id]
    known = {*catalog.in_force, rule.id}
    yield from _refusals(lambda: RuleSet([*versions, _numbered(rule)], outside=others))
    yield from _refusals(lambda: RuleSet(others, outside=[rule]))
    yield from _refusals(lambda: check_given_flags([file], known))


def _numbered(rule: Rule) -> Rule:
    """A rule as the version that it is not yet: of no number that there is."""
    return replace(rule, number=-1)


def _refusals(check: Callable[[], Found]) -> Iterable[str]:
    try:
        check()
    except RuleFileError as error:
        return error.lines
    return ()


def check(session: Session, catalog: Catalog, rule_id: str, text: str, decide: Decide) -> Checked:
    """Read a text, hold it against what is stored, and run its tests."""
    found = _checked(session, catalog, rule_id, text, decide)
    if found.rule is None or found.file is None:
        return found
    refused = tuple(_refused_values(session, found.rule))
    return replace(found, problems=refused)


def _checked(
    session: Session, catalog: Catalog, rule_id: str, text: str, decide: Decide
) -> Checked:
    """A text with its tests run, once in a session: a page and each of its gates asks."""
    key = rule_id, text, catalog.digest, current_language()
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] == key:
        known: Checked = kept[1]
        return known
    found = read(catalog, rule_id, text)
    if found.rule is not None and found.file is not None:
        lacking = [*_untested(found.file), *failed_tests(catalog, found.file, decide)]
        found = replace(found, lacking=tuple(lacking))
    session.info[_KEPT] = key, found
    return found


def _refused_values(session: Session, rule: Rule) -> Iterator[str]:
    """Stored values of parameters that the rule would not take: it could not be evaluated."""
    statement = select(RuleParameterValue).where(RuleParameterValue.rule == rule.id)
    changes: dict[str, dict[date, str]] = {}
    for row in session.scalars(statement):
        changes.setdefault(row.name, {})[row.valid_from] = row.value
    try:
        changed_parameters(rule, changes)
    except ValueError as error:
        yield f"{rule.position}: {error}"


def _untested(file: TestedFile) -> Iterator[str]:
    """What tests lack: one that flags, and one that does not."""
    if not any(each.flags for each in file.scenarios):
        yield _("No test of this rule expects a flag.")
    if all(each.flags for each in file.scenarios):
        yield _("No test of this rule expects that nothing is flagged.")


def failed_tests(catalog: Catalog, file: TestedFile, decide: Decide) -> list[str]:
    """One line for each difference between what tests expect and what the rule finds.

    There are only so many lines, and only so many tests are run as a text may cost.
    """
    levels = {rule.id: rule.level for rule in (*catalog.every, *file.rules)}
    chosen = affordable(file.scenarios)
    lines = list(islice(_differences(catalog, chosen, decide, levels), _MOST_LINES))
    if len(chosen) < len(file.scenarios):
        first = file.scenarios[len(chosen)]
        text = _(
            "The tests from here on are too much to be run: give fewer records, or have"
            " records be judged from a later day (tracked_from)."
        )
        lines.append(f"{first.position}: {text}")
    return lines


def _differences(
    catalog: Catalog, scenarios: Iterable[Scenario], decide: Decide, levels: Mapping[str, Level]
) -> Iterator[str]:
    for each in scenarios:
        for line in run_scenario(each, catalog.sources, decide, levels):
            yield f"{each.position}: {each.name}: {line}"


def refuse_unsound(found: Checked) -> None:
    """Raise UserError with all that keeps a version from being published."""
    if not found.is_sound:
        raise UserError([*found.problems, *found.lacking])
