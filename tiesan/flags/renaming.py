"""Frozen evidence under the present codes of persons.

Evidence stays as it was frozen. Where two entries of one person were merged it names the person by
a code that is an alias by now: that is no new evidence.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tiesan.facts.kinds import FactKinds

_CADRE = "cadre"


def under_present_codes(
    evidence: Iterable[Mapping[str, Any]], kinds: FactKinds, codes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return evidence in which ``codes`` are given for those of merged entries."""
    return [_renamed(entry, kinds, codes) for entry in evidence]


def _renamed(
    entry: Mapping[str, Any], kinds: FactKinds, codes: Mapping[str, str]
) -> dict[str, Any]:
    naming = _naming(str(entry["fact"]), kinds)
    return {
        name: codes.get(value, value) if name in naming and isinstance(value, str) else value
        for name, value in entry.items()
    }


def _naming(fact: str, kinds: FactKinds) -> set[str]:
    """The fields of a fact that hold codes of cadres; of what a rule derived those called so."""
    if fact == _CADRE:
        return {"code"}
    kind = kinds.get(fact)
    if kind is None:
        return {_CADRE}
    return {field.name for field in kind.fields if field.to == _CADRE}
