"""Flags that are not stored, as plain JSON: what is kept of them to be looked at.

Source: the page on the rule book, "samples linked to records".
"""

from collections.abc import Collection, Iterable
from typing import Any

from tiesan.flags.evaluation import said
from tiesan.rules import Hit


def listed(hits: Iterable[Hit], kinds: Collection[str], most: int) -> list[dict[str, Any]]:
    """The newest of some hits, each with its rule and the first fact that it rests on.

    ``kinds`` are those of facts that have a page.
    """
    newest = sorted(hits, key=lambda hit: (hit.occurred_on, hit.identity), reverse=True)[:most]
    return [
        {**words, "rule": hit.rule, "fact": _first(hit, kinds)}
        for words, hit in zip(said(newest), newest, strict=True)
    ]


def _first(hit: Hit, kinds: Collection[str]) -> dict[str, Any] | None:
    """The first of the evidence that has a page; None for what was never recorded."""
    entries = (each for each in hit.evidence if each["fact"] in kinds and "more" not in each)
    return next(entries, None)
