"""Deciding with the plain evaluator alone: for the checks of the engine and where it is absent."""

from collections.abc import Callable, Sequence

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import Batch, Verdicts
from tiesan.rules.judging.sweeps import Sweep


def decide_plainly(
    batches: Sequence[Batch], binding: Binding, of_kind: Callable[[str], Sequence[Fact]]
) -> Verdicts:
    """The answers of the plain evaluator to all decisions of all batches."""
    verdicts = Verdicts(facts=sum(len(batch.facts) for batch in batches))
    for batch in batches:
        sweep = Sweep(batch.decisions, batch.shape, binding, of_kind)
        found = sweep.hits(batch.facts, sweep.eras(batch.facts))
        for decision, hits in zip(batch.decisions, found, strict=True):
            verdicts.hits[decision.rule_id] = hits
    return verdicts
