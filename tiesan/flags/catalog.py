"""What an installation consists of: its plugins, fact kinds and rules, read once.

The rules are those of the files, and on top of them the versions that administrators published.
What else an administrator set (parameters, exceptions, plugins switched off) is read for each
evaluation.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tiesan.discovery import Plugins, load_plugins
from tiesan.facts.kinds import FactKinds
from tiesan.flags.versions import (
    LOCAL,
    Published,
    changes_of_book,
    is_local,
    published_versions,
)
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kinds, record_kind
from tiesan.rules import (
    FLAG,
    NotEvaluated,
    Parameter,
    Rule,
    RuleFile,
    RuleFileError,
    RuleSet,
    Sources,
    kinds_needed,
    load_rule_files,
    load_rule_text,
    parse_value,
    reaches_subject,
    refuse_share,
    within,
)
from tiesan.rules import is_local as judges_by_subject

# Of a value that is no list.
LONGEST_SINGLE_VALUE = 200
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of a rule and the first day on which it is in force; shipped ones are since ever.

    ``base_digest`` is the hash of the shipped rule on which a version was written.
    """

    since: date
    rule: Rule
    base_digest: str | None = None


@dataclass(frozen=True)
class Catalog:
    """The plugins, fact kinds and rules of an installation.

    ``versions`` are those that were published, by first day; ``unread`` the rules of which one
    cannot be read any more: they are not evaluated, and what was shipped does not stand in for
    them. ``changes`` is how far the rule book was read, ``day`` the one whose rules are shown.
    """

    plugins: Plugins
    kinds: FactKinds
    files: tuple[RuleFile, ...]
    versions: tuple[InForce, ...] = ()
    unread: tuple[NotEvaluated, ...] = ()
    changes: int = 0
    day: date = date.max

    @cached_property
    def shipped(self) -> Mapping[str, Rule]:
        """The rules of the files by id."""
        return {rule.id: rule for each in self.files for rule in each.rules}

    @cached_property
    def in_force(self) -> Mapping[str, Sequence[InForce]]:
        """Each rule in all its versions, the earliest first; what is shipped comes before all."""
        found = {rule.id: [InForce(date.min, rule)] for rule in self.shipped.values()}
        for each in self.versions:
            found.setdefault(each.rule.id, []).append(each)
        return found

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by id, each as it is in force on the day; one to come as it will be."""
        return {
            rule_id: self.on(rule_id, self.day) or found[0].rule
            for rule_id, found in self.in_force.items()
        }

    @cached_property
    def judging(self) -> Sequence[Rule]:
        """The rules by which is judged: each version for the days on which it is in force."""
        unread = {each.rule for each in self.unread}
        return [
            rule
            for rule_id, found in self.in_force.items()
            if rule_id not in unread
            for rule in in_turn(found)
        ]

    @cached_property
    def every(self) -> Sequence[Rule]:
        """All rules in all their versions, also those that cannot be judged by."""
        return [each.rule for found in self.in_force.values() for each in found]

    def on(self, rule_id: str, day: date) -> Rule | None:
        """The version of a rule that is in force on a day, if one is."""
        found = self.in_force.get(rule_id, ())
        return next((each.rule for each in reversed(found) if each.since <= day), None)

    def version(self, rule_id: str, digest: str) -> Rule | None:
        """The version of a rule that has a digest; as it is in force if there is none such."""
        known = {each.rule.digest: each.rule for each in self.in_force.get(rule_id, ())}
        return known.get(digest, self.rules.get(rule_id))

    @property
    def changed_beneath(self) -> Sequence[Rule]:
        """The latest versions of rules whose shipped text has changed since they were written."""
        latest = (found[-1] for found in self.in_force.values())
        return [
            each.rule
            for each in latest
            if each.base_digest is not None
            and each.rule.id in self.shipped
            and self.shipped[each.rule.id].digest != each.base_digest
        ]

    @cached_property
    def digest(self) -> str:
        """A hash of the rule set: every rule as its file has it, and where each plugin comes from.

        So is every version with its first day. Values of parameters are not in it: they have a
        history of their own.
        """
        rules = sorted((rule.id, rule.digest) for rule in self.shipped.values())
        plugins = [(each.plugin.name, each.origin) for each in self.plugins.found]
        said: list[object] = [rules, plugins]
        if self.versions or self.unread:
            said += [(v.rule.name, v.since, v.rule.digest) for v in self.versions]
            said += sorted(each.rule for each in self.unread)
        return hashlib.sha256(repr(tuple(said)).encode()).hexdigest()[:16]

    @cached_property
    def sources(self) -> Sources:
        """What a world of this installation is made with."""
        return Sources(self.kinds, self.plugins.derivations, self.plugins.excuses)

    @cached_property
    def records(self) -> Mapping[str, type[Record]]:
        """The record classes by the name of their fact kind."""
        return {record_kind(model).name: model for model in self.plugins.records}

    @cached_property
    def _needed(self) -> dict[tuple[str, str], frozenset[str]]:
        """What is known of ``needed`` so far."""
        return {}

    def needed(self, rule: Rule) -> frozenset[str]:
        """Every kind whose facts may change a rule's answer, see ``kinds_needed``.

        Each save asks it of all rules, whose texts are what tells one from the other.
        """
        text = rule.name, rule.digest
        if text not in self._needed:
            self._needed[text] = kinds_needed(rule, self.kinds)
        return self._needed[text]

    @cached_property
    def _concerns(self) -> Mapping[str, tuple[str, ...]]:
        return {name: model.concerns for name, model in self.records.items()}

    @cached_property
    def _judged(self) -> dict[tuple[str, str, str | None], bool]:
        """What is known of ``judged_by_subject`` so far."""
        return {}

    def judged_by_subject(self, rule: Rule, kind: str | None = None) -> bool:
        """Whether a rule judges some people as exactly as everybody.

        With a ``kind`` also whether those whom a record of it concerns are all of whom the rule
        may answer differently, see ``reaches_subject``.
        """
        asked = rule.name, rule.digest, kind
        if asked not in self._judged:
            self._judged[asked] = judges_by_subject(rule, self._concerns) and (
                kind is None or reaches_subject(rule, self.kinds, self._concerns, kind)
            )
        return self._judged[asked]

    @cached_property
    def confidential_rules(self) -> frozenset[str]:
        """The rules whose flags rest on confidential records, in whichever of their versions."""
        return frozenset(
            rule_id
            for rule_id, found in self.in_force.items()
            if any(self.needed(each.rule) & self.plugins.confidential for each in found)
        )

    def rule_set(self, off: frozenset[str] = frozenset()) -> RuleSet:
        """The rules of the plugins that are not switched off, each in all its versions.

        A rule that names the flags of a rule whose plugin is off finds none of them.
        """
        if off not in self._rule_sets:
            rules = (rule for rule in self.judging if rule.plugin not in off)
            self._rule_sets[off] = RuleSet(rules, outside=self.rules.values())
        return self._rule_sets[off]

    @cached_property
    def _rule_sets(self) -> dict[frozenset[str], RuleSet]:
        """The sets that were asked for so far."""
        return {}

    @property
    def parameter_check(self) -> Callable[[str, str, str], str | None]:
        """The check of a dated parameter value: None when it is accepted, else what is wrong."""
        return lambda rule, name, value: parameter_problem(self.rules, rule, name, value)


def in_turn(found: Sequence[InForce]) -> Iterable[Rule]:
    """Versions by first day as they follow each other, each until the day before the next."""
    following = [*(each.since - _ONE_DAY for each in found[1:]), None]
    for each, last in zip(found, following, strict=True):
        first = None if each.since == date.min else each.since
        yield within(each.rule, first, last)


def parameter_problem(rules: Mapping[str, Rule], rule: str, name: str, value: str) -> str | None:
    """What is wrong with a value for a rule's parameter; None when the rule accepts it."""
    if rule not in rules:
        return _("unknown rule '%s'") % rule
    parameters = rules[rule].parameters
    if name not in parameters:
        allowed = ", ".join(parameters) or _("none")
        text = _("the rule %(rule)s has no parameter '%(name)s'; it has: %(allowed)s")
        return text % {"rule": rule, "name": name, "allowed": allowed}
    try:
        parameter_text(parameters[name], value)
        refuse_share(rules[rule].form, name, parse_value(value, parameters[name]))
    except ValueError as error:
        return str(error)
    return None


def parameter_text(parameter: Parameter, value: str) -> str:
    """A value as it is stored: a list in the one way of writing it, any other as it was written.

    Raises ValueError with a message when the parameter does not accept it.
    """
    read = parse_value(value, parameter)
    if parameter.is_list:
        return parameter.written(read)
    if len(value) > LONGEST_SINGLE_VALUE:
        text = _("longer than %(most)d characters; found: %(number)d")
        raise ValueError(text % {"most": LONGEST_SINGLE_VALUE, "number": len(value)})
    return value


def build_catalog(plugins: Plugins) -> Catalog:
    """The catalogue of these plugins; raises RuleFileError when one of the rule files is wrong."""
    kinds = fact_kinds(plugins.records, plugins.derivations, [FLAG])
    with_rules = [(each.name, each.rules) for each in plugins if each.rules is not None]
    files = load_rule_files([path for _name, path in with_rules], kinds)
    for file, (name, _path) in zip(files, with_rules, strict=True):
        if file.plugin != name:
            text = _("%(file)s: the rules are those of the plugin “%(other)s”, not of “%(name)s”")
            raise RuleFileError([text % {"file": file.name, "other": file.plugin, "name": name}])
    if problems := [line for file in files for line in local_problems(file)]:
        raise RuleFileError(problems)
    return Catalog(plugins, kinds, tuple(files))


def local_problems(file: RuleFile) -> Iterable[str]:
    """The rules of a package's file that bear the name of a rule of the house."""
    text = _("'%(rule)s': names that begin with '%(local)s' are those of rules of the house")
    for rule in file.rules:
        if is_local(rule.id):
            yield f"{rule.position}: {text % {'rule': rule.id, 'local': LOCAL}}"


def with_versions(
    catalog: Catalog, published: Iterable[Published], day: date, changes: int = 0
) -> Catalog:
    """A catalogue of files with published versions on top, as it stands on a day.

    A version of a plugin that is not installed counts for nothing: its data has no rules either.
    """
    versions: list[InForce] = []
    unread: dict[str, NotEvaluated] = {}
    for each in published:
        if each.plugin not in catalog.plugins.by_name:
            continue
        try:
            rule = read_version(catalog.kinds, each.rule, each.text, each.number)
            versions.append(InForce(each.since, rule, each.base_digest))
        except RuleFileError as error:
            unread[each.rule] = NotEvaluated(each.rule, _("all facts"), error.lines[0])
    found = replace(catalog, versions=tuple(versions), changes=changes, day=day)
    return _without_unsound(replace(found, unread=tuple(unread.values())))


def _without_unsound(catalog: Catalog) -> Catalog:
    """A catalogue without the rules that do not hold together with the others."""
    try:
        catalog.rule_set()
    except RuleFileError:
        known = list(catalog.unread)
        for rule in catalog.rules.values():
            known.extend(_unsound(catalog, rule, known))
        return replace(catalog, unread=tuple(known))
    return catalog


def _unsound(catalog: Catalog, rule: Rule, known: Iterable[NotEvaluated]) -> Iterable[NotEvaluated]:
    if any(each.rule == rule.id for each in known):
        return
    versions = [each for each in catalog.judging if each.id == rule.id]
    try:
        RuleSet(versions, outside=catalog.rules.values())
    except RuleFileError as error:
        yield NotEvaluated(rule.id, _("all facts"), error.lines[0])


def read_version(kinds: FactKinds, rule_id: str, text: str, number: int) -> Rule:
    """The one rule of a version's text, which bears that id; raises RuleFileError."""
    file = load_rule_text(text, kinds, f"{rule_id}@{number}")
    if [rule.id for rule in file.rules] != [rule_id]:
        wrong = _("%(place)s: here stands the one rule '%(rule)s' and nothing else")
        raise RuleFileError([wrong % {"place": file.place, "rule": rule_id}])
    return replace(file.rules[0], number=number)


@cache
def installed_catalog() -> Catalog:
    """The catalogue of the installed plugins as their files have it, read once per process."""
    return build_catalog(load_plugins())


def read_catalog(session: Session | Connection, day: date, known: Catalog | None = None) -> Catalog:
    """The catalogue of an installation with all that is published in its database, on a day.

    ``known`` is one that was read before, by default the rules of the installed files; it is given
    back where nothing has changed since.
    """
    base, changes = known or installed_catalog(), changes_of_book(session)
    if changes == base.changes and (changes == 0 or day == base.day):
        return base
    return with_versions(base, published_versions(session), day, changes)
