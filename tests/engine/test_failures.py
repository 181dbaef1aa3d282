"""The child dies, hangs, lies or talks nonsense: rules are not evaluated, never without hits."""

from dataclasses import replace

import pytest

from tests.engine.conftest import MakeEngine
from tests.engine.support import CLAIM, World, batch, compare, decision, fact
from tiesan.engine import process
from tiesan.engine.deciding import Engine
from tiesan.engine.patience import Patience
from tiesan.facts.kinds import Fact
from tiesan.i18n import use_language
from tiesan.rules import Batch, NotEvaluated, Verdicts

SERIOUS = [
    *("die", "crash", "raise_an_error", "leave", "babble", "claim_a_long_answer"),
    *("lose_the_canary", "double_the_canary", "give_wrong_ids", "give_wrong_rules", "give_words"),
]
DECIDED = {"first": [0, 2, 4], "second": [1, 3], "third": [4]}


def claims(count: int = 5) -> list[Fact]:
    return [
        fact(CLAIM, code=f"E{at}", note="n", count=at, urgent=at % 2 == 0) for at in range(count)
    ]


def work(facts: list[Fact]) -> Batch:
    return batch(
        facts,
        decision("first", compare("urgent", "eq", value=True)),
        decision("second", compare("urgent", "eq", value=False)),
        decision("third", compare("count", "gte", 4)),
    )


def poisoned(facts: list[Fact]) -> Batch:
    """As before, and a rule with a word that the child stumbles on."""
    poison = decision("poison", compare("note", "ne", "poison"), compare("count", "lt", 2))
    return batch(facts, *work(facts).decisions[:2], poison, work(facts).decisions[2])


def decide(engine: Engine, *batches: Batch) -> Verdicts:
    world = World()
    with use_language("en"):
        return engine.decide(batches, world.binding, world.of_kind)


@pytest.mark.parametrize("failure", SERIOUS)
def test_a_rule_that_the_child_fails_on_is_not_evaluated_and_all_others_are(
    misbehaving: MakeEngine, failure: str
) -> None:
    verdicts = decide(misbehaving(failure, "rule:poison"), poisoned(claims()))
    assert verdicts.hits == DECIDED
    (lost,) = verdicts.not_evaluated
    assert lost.rule == "poison"
    assert lost.scope == "claim: E0"
    assert lost.error.startswith("the engine failed: it ")


def test_what_a_form_derives_is_named_by_its_form(misbehaving: MakeEngine) -> None:
    derived = replace(poisoned(claims()), name="tally:discipline.often")
    (lost,) = decide(misbehaving("die", "rule:poison"), derived).not_evaluated
    assert lost.scope == "tally: E0"


@pytest.mark.parametrize("failure", SERIOUS)
def test_a_fact_that_the_child_fails_on_costs_the_rules_and_says_which_fact(
    misbehaving: MakeEngine, failure: str
) -> None:
    facts = claims()
    facts[1] = fact(CLAIM, code="E1", note="poisonous", count=1, urgent=False)
    verdicts = decide(misbehaving(failure, "fact:poison"), poisoned(facts))
    # Only the poisonous rule sends the note; without it the fact is harmless.
    assert verdicts.hits == DECIDED
    assert [(each.rule, each.scope) for each in verdicts.not_evaluated] == [("poison", "claim: E1")]


def test_a_rule_that_cannot_be_loaded_is_not_evaluated(misbehaving: MakeEngine) -> None:
    verdicts = decide(misbehaving("crash", "load:poison"), poisoned(claims()))
    assert verdicts.hits == DECIDED
    error = "the engine failed: it was ended by signal SIGABRT"
    assert verdicts.not_evaluated == [NotEvaluated("poison", "claim: E0 … E4", error)]


def test_a_child_that_hangs_is_ended(
    misbehaving: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CHUNK_SECONDS", 0.3)
    verdicts = decide(misbehaving("hang", "rule:poison"), poisoned(claims()))
    assert verdicts.hits == DECIDED
    (lost,) = verdicts.not_evaluated
    assert lost.error == "the engine failed: it gave no answer within 0.3 seconds"


def test_a_child_that_hangs_for_good_is_ended_by_its_own_alarm(misbehaving: MakeEngine) -> None:
    verdicts = decide(misbehaving("hang_after_the_parent", "rule:poison"), poisoned(claims(1)))
    assert verdicts.hits == {"first": [0], "second": [], "third": []}
    (lost,) = verdicts.not_evaluated
    assert lost.error == "the engine failed: it was ended by signal SIGALRM"


def test_a_child_that_never_comes_up_decides_nothing(misbehaving: MakeEngine) -> None:
    verdicts = decide(misbehaving("leave", "start"), work(claims()))
    assert verdicts.hits == {}
    error = "the engine failed: it ended with status 3: "
    assert [(each.rule, each.error) for each in verdicts.not_evaluated] == [
        (rule, error) for rule in DECIDED
    ]


def test_a_command_that_does_not_exist_decides_nothing() -> None:
    verdicts = decide(Engine(("/nonexistent/child",)), work(claims()))
    assert verdicts.hits == {}
    assert {each.rule for each in verdicts.not_evaluated} == set(DECIDED)


def test_a_lost_hit_is_a_disagreement(misbehaving: MakeEngine) -> None:
    verdicts = decide(misbehaving("lose_a_hit", "rule:poison"), poisoned(claims()))
    disagreement = "the engine and the plain evaluator disagree"
    # All rules share the ruleset, and each lost its first hit.
    assert verdicts.hits == {}
    assert verdicts.not_evaluated == [
        NotEvaluated("first", "claim: E0", disagreement),
        NotEvaluated("second", "claim: E1", disagreement),
        NotEvaluated("poison", "claim: E0", disagreement),
        NotEvaluated("third", "claim: E4", disagreement),
    ]


def test_a_failure_in_one_of_many_chunks_loses_nothing_else(misbehaving: MakeEngine) -> None:
    facts = claims(5_000)
    facts[3_210] = fact(CLAIM, code="E3210", note="poison", count=0, urgent=True)
    verdicts = decide(misbehaving("die", "fact:poison"), poisoned(facts))
    assert verdicts.hits["first"] == list(range(0, 5_000, 2))
    assert verdicts.hits["second"] == list(range(1, 5_000, 2))
    assert len(verdicts.hits["third"]) == 4_995
    assert verdicts.not_evaluated == [
        NotEvaluated("poison", "claim: E3210", "the engine failed: it was ended by signal SIGKILL")
    ]


def test_two_poisonous_rules_are_both_found(misbehaving: MakeEngine) -> None:
    facts = claims()
    rules = poisoned(facts).decisions
    other = decision("other", compare("remark", "ne", "poison"))
    verdicts = decide(misbehaving("die", "rule:poison"), batch(facts, other, *rules))
    assert verdicts.hits == DECIDED
    assert {each.rule for each in verdicts.not_evaluated} == {"other", "poison"}


def test_a_child_that_fails_all_the_time_comes_to_an_end(
    misbehaving: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiesan.engine.deciding.MOST_FAILURES", 3)
    verdicts = decide(misbehaving("die", "fact:id"), work(claims(50)))
    assert verdicts.hits == {}
    assert {each.rule for each in verdicts.not_evaluated} == set(DECIDED)


def test_the_next_evaluation_starts_afresh(misbehaving: MakeEngine) -> None:
    engine = misbehaving("die", "rule:poison")
    assert decide(engine, poisoned(claims())).not_evaluated
    assert decide(engine, work(claims())) == Verdicts(DECIDED, [], 5, 0)


def test_who_does_not_wait_for_long_is_told_that_it_is_not_evaluated(
    misbehaving: MakeEngine,
) -> None:
    """A child that hangs over every chunk costs the patience once, not once for each part."""
    engine, world = misbehaving("hang", "rule:"), World()
    deciding = engine.within(0.5)
    with use_language("en"):
        first, second = (
            deciding([poisoned(claims())], world.binding, world.of_kind) for _ in range(2)
        )
    for verdicts in (first, second):
        assert verdicts.hits == {}
        rules = {lost.rule for lost in verdicts.not_evaluated}
        assert rules == {"first", "second", "poison", "third"}
        assert all("answer" in lost.error for lost in verdicts.not_evaluated)
    with engine._process(Patience()) as child:
        # Half a second is less than a chunk has, and what was left of it started no other child.
        assert child.starts == 1
