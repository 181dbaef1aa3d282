"""The benchmark runs through, and whom it compares finds the same hits. Nothing here is timed."""

from collections.abc import Iterator

import pytest

from tests.bench.__main__ import SECTIONS, main, show
from tests.bench.claims import CONDITIONS, made_up
from tests.bench.contestants import CONTESTANTS, Contestant
from tests.bench.databases import Size, Store, store
from tests.bench.deciding import measure
from tests.bench.evaluating import exponent


@pytest.mark.parametrize("contestant", CONTESTANTS, ids=lambda each: each.title)
def test_a_contestant_finds_what_the_plain_evaluator_finds(contestant: Contestant) -> None:
    claims = made_up(3_000, seed=7)
    measured = measure(contestant, claims, runs=1)
    assert measured.facts == max(1, round(3_000 * contestant.share))
    assert len(measured.seconds) == 1


def test_every_rule_is_hit_by_some_fact_and_none_by_all() -> None:
    claims = made_up(20_000, seed=7)
    measured = measure(CONTESTANTS[3], claims, runs=1)
    assert len(measured.hits) == len(CONDITIONS) == 30
    assert all(0 < len(positions) < 2_000 for positions in measured.hits.values())


@pytest.fixture(scope="module")
def kept() -> Iterator[Store]:
    """The databases of all sections."""
    with store() as found:
        yield found


@pytest.mark.parametrize("section", SECTIONS)
def test_quick_measurements_print_their_tables(
    section: str, kept: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    show(kept, section, 3, quick=True)
    # A morning on each database.
    tables = 2 if section == "morning" else 1
    assert capsys.readouterr().out.count(f"## {section.title()}") == tables


def test_the_machine_and_the_sections_that_are_asked_for_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["--quick", "engine"])
    printed = capsys.readouterr().out
    assert "cores usable" in printed
    assert "durable-rules 2.0.28" in printed
    assert printed.count("## ") == printed.count("## Engine") == 1


@pytest.mark.parametrize("power", [0.5, 1.0, 1.1, 2.0])
def test_the_exponent_is_fitted(power: float) -> None:
    sizes = [40_000, 120_000, 400_000]
    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_an_unknown_section_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert (
        "there are engine, evaluation, import, clocks, growth, inbox, bulk, queue, starting, "
        "pages, owing, overviews, morning, grids" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (Size(0), "the small district"),
        (Size(1), "1 district, 1 year"),
        (Size(10), "10 districts, 1 year"),
        (Size(1, times=3), "1 district 3 times as large, 1 year"),
        (Size(1, years=5), "1 district, 5 years"),
    ],
)
def test_sizes_are_told_in_words(size: Size, text: str) -> None:
    assert str(size) == text
