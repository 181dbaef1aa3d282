"""Deciding with the plain evaluator alone: for the checks of the engine and where it is absent."""

from collections.abc import Callable, Sequence

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import NOT_JUDGED, Batch, Decision, Verdicts


def decide_plainly(
    batches: Sequence[Batch], binding: Binding, of_kind: Callable[[str], Sequence[Fact]]
) -> Verdicts:
    """The answers of the plain evaluator to all decisions of all batches."""
    verdicts = Verdicts(facts=sum(len(batch.facts) for batch in batches))
    for batch in batches:
        for decision in batch.decisions:
            verdicts.hits[decision.rule_id] = plain_hits(batch, decision, binding, of_kind)
    return verdicts


def plain_hits(
    batch: Batch, decision: Decision, binding: Binding, of_kind: Callable[[str], Sequence[Fact]]
) -> list[int]:
    """The positions of the facts of a batch that a decision hits."""
    judge = plain_test(batch, decision, binding, of_kind)
    return [position for position, fact in enumerate(batch.facts) if judge(fact)]


def plain_test(
    batch: Batch, decision: Decision, binding: Binding, of_kind: Callable[[str], Sequence[Fact]]
) -> Callable[[Fact], bool]:
    """The function that says of a fact of the batch whether the decision hits it."""
    test = binding.test(decision.condition, batch.shape, batch.shape)
    related, eras, era_of = decision.related, decision.eras, decision.era_of
    if related is None:

        def judge(fact: Fact) -> bool:
            era = era_of(fact)
            return era != NOT_JUDGED and test(fact, fact, eras[era])

        return judge
    found = binding.related(related, batch.shape, of_kind(related.kind))

    def judge_related(fact: Fact) -> bool:
        era = era_of(fact)
        if era == NOT_JUDGED or not test(fact, fact, eras[era]):
            return False
        return found.any(fact, eras[era]) is not related.negated

    return judge_related
