"""Names, ids and keys that the engine's 32-bit hash tells apart."""

from itertools import islice

from tests.engine.support import CLAIM, batch, compare, decision, fact
from tiesan.engine.names import RESERVED, Names, hash_of
from tiesan.engine.ruleset import Part, plan


def test_the_hash_is_the_engine_s() -> None:
    # As written in the engine's sources: HASH_ID and HASH_SID.
    assert (hash_of("id"), hash_of("sid")) == (926444256, 3593476751)


def test_two_words_can_have_one_hash() -> None:
    assert hash_of("costarring") == hash_of("liquid")


def test_no_two_names_have_one_hash() -> None:
    names = Names()
    given = [names.new() for _number in range(5_000)]
    assert len({hash_of(name) for name in (*given, *RESERVED)}) == len(given) + len(set(RESERVED))
    assert max(map(len, given)) == 3


def test_a_name_whose_hash_is_taken_is_passed_over() -> None:
    class Colliding(Names):
        def __init__(self) -> None:
            super().__init__()
            self._candidates = iter(["costarring", "liquid", "id", "mine"])

    names = Colliding()
    assert [names.new(), names.new()] == ["costarring", "mine"]


def test_ids_and_keys_are_numbers_that_all_have_a_hash_of_their_own() -> None:
    assert len({hash_of(str(number)) for number in range(100_000)}) == 100_000


def test_field_names_with_one_hash_are_told_apart() -> None:
    facts = [fact(CLAIM, costarring=1, liquid=2), fact(CLAIM, costarring=2, liquid=1)]
    work = batch(
        facts,
        decision("costarring", compare("costarring", "eq", 1)),
        decision("liquid", compare("liquid", "eq", 1)),
    )
    (shard,) = plan([Part(work, 0, 2, tuple(work.decisions))])
    assert b"costarring" not in shard.ruleset.text
    assert b"liquid" not in shard.ruleset.text
    assert len(set(islice(shard.lots[0].slots.values(), 4))) == 4
