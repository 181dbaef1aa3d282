"""What a rule reads of the evidence: what is weighed when it is asked whether evidence changed.

Source: institutions.md, "What review adds": a flag has new evidence when its date, its severity or
what its rule reads of the evidence changes. Other fields of a record stand in the evidence for its
readers; the rule would say the same whatever they hold.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tiesan.facts.kinds import FactKinds
from tiesan.rules.judging.reach import anchor_kind, paths_of_rule
from tiesan.rules.tree import Rule

Entry = Mapping[str, Any]


def fields_read(rule: Rule) -> Mapping[str, frozenset[str]]:
    """The fields that a rule reads of each kind of records: anywhere but over a reference.

    Of what it reads over a reference only the reference itself is evidence.
    """
    read: dict[str, set[str]] = defaultdict(set)
    for path in paths_of_rule(rule):
        kind = anchor_kind(rule) if path.kind == rule.shape.name else path.kind
        read[kind].add(path.field.name)
    return {kind: frozenset(names) for kind, names in read.items()}


def weighed(rule: Rule, kinds: FactKinds, evidence: Iterable[Entry]) -> list[Entry]:
    """The evidence without the fields of records that the rule does not read.

    What identifies a record, what a form derives, and parameters are weighed whole.
    """
    read = fields_read(rule)
    return [_weighed(entry, kinds, read) for entry in evidence]


def _weighed(entry: Entry, kinds: FactKinds, read: Mapping[str, frozenset[str]]) -> Entry:
    kind = kinds.get(str(entry["fact"]))
    if kind is None or "more" in entry:
        return entry
    wanted = {*read.get(kind.name, ()), *kind.identity}
    # A field that the kind did not have when the evidence was frozen was blank then.
    return {"fact": kind.name, **{name: entry.get(name) for name in sorted(wanted)}}
