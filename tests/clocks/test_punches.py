"""From what clocks say to one row a day, whatever the order."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from plugins.discipline.clocks.planning import DAY, PUNCHES, Kept, spans_of
from plugins.discipline.clocks.punches import Said, Span, days_read, of_punches, widened

DAY_1 = 739_000


def read(*punches: tuple[int, int]) -> dict[int, Span]:
    """The rows of punches, each by the number of its day and its minute, with the numbers."""
    said = [Said("clock", DAY_1 + day, frozenset({minute})) for day, minute in punches]
    united: dict[int, set[int]] = {}
    for each in said:
        united.setdefault(each.day, set()).update(each.punches)
    found = days_read(Said("clock", day, frozenset(each)) for day, each in united.items())
    return {day - DAY_1: span for day, span in found.items()}


def test_the_first_is_in_and_the_last_is_out() -> None:
    assert read((0, 535), (0, 725), (0, 790), (0, 800), (0, 1082)) == {0: (535, 1082)}


def test_one_alone_is_in_before_noon_and_out_from_then_on() -> None:
    assert read((0, 719)) == {0: (719, None)}
    assert read((0, 720)) == {0: (None, 720)}


def test_punches_within_half_an_hour_are_one() -> None:
    assert of_punches([535, 565]) == (535, None)
    assert of_punches([535, 566]) == (535, 566)
    assert of_punches([1050, 1080]) == (None, 1080)


def test_after_midnight_belongs_to_the_day_before_if_that_has_a_punch() -> None:
    assert read((0, 535), (1, 40)) == {0: (535, 1480)}
    assert read((0, 535), (1, 299), (1, 540), (1, 1080)) == {0: (535, 1739), 1: (540, 1080)}
    assert read((1, 40), (1, 540)) == {1: (40, 540)}
    assert read((0, 535), (1, 300)) == {0: (535, None), 1: (300, None)}


def test_another_source_widens() -> None:
    assert widened([(535, 1080), (530, None), (None, 1090)]) == (530, 1090)
    # Somebody cannot have gone before having come.
    assert widened([(660, None), (None, 600)]) == (600, 660)


MINUTES = st.integers(0, 1439)
PIECES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 4), MINUTES), min_size=1, max_size=24
)


def kept(pieces: Sequence[tuple[str, int, int]]) -> dict[int, list[Kept]]:
    found: dict[int, list[Kept]] = {}
    for source, day, minute in pieces:
        found.setdefault(DAY_1 + day, []).append(Kept(source, PUNCHES, frozenset({minute})))
    return found


@given(PIECES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_and_any_split_gives_the_same_rows(
    pieces: list[tuple[str, int, int]], random: object, files: int
) -> None:
    """What is said is only ever united, so that files can come as they like."""
    whole = spans_of(kept(pieces))
    shuffled = list(pieces)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    together: dict[int, list[Kept]] = {}
    for start in range(files):
        for day, each in kept(shuffled[start::files]).items():
            together.setdefault(day, []).extend(each)
    assert spans_of(together) == whole


@given(st.lists(st.tuples(st.integers(0, 4), MINUTES), min_size=1, max_size=24))
def test_days_made_of_punches_are_the_rows_of_the_punches(pieces: list[tuple[int, int]]) -> None:
    rows = spans_of(kept([("a", day, minute) for day, minute in pieces]))
    again = {day: [Kept("a", DAY, frozenset(), span)] for day, span in rows.items()}
    assert spans_of(again) == rows
