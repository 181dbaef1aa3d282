"""What becomes of postings: on plain values, whatever was there before."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.i18n import use_language
from tiesan.people.postings import (
    PostingRefused,
    Service,
    Span,
    begun,
    ended,
    in_order,
    moved,
    overlaps,
    resumed,
    revised,
    service_of,
)

ONE_DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
PLACES = st.integers(1, 3)


def day(number: int) -> date:
    """The day of January 2026."""
    return FIRST + timedelta(days=number - 1)


@st.composite
def some_spans(draw: st.DrawFn) -> list[Span]:
    """Postings that go together, in order."""
    found: list[Span] = []
    first = draw(DAYS)
    for _each in range(draw(st.integers(1, 4))):
        last = first + timedelta(days=draw(st.integers(0, 20)))
        found.append(Span(draw(PLACES), first, last, len(found) + 1))
        first = last + timedelta(days=draw(st.integers(1, 20)))
    if draw(st.booleans()):
        open_one = found.pop()
        found.append(Span(open_one.organization_id, open_one.from_on, None, open_one.id))
    return found


def in_post(spans: list[Span], each: date) -> bool:
    """Whether one of the postings covers a day."""
    return any(span.from_on <= each <= (span.until_on or date.max) for span in spans)


@given(spans=some_spans(), place=PLACES, joined=DAYS, left=st.none() | DAYS, at=DAYS)
def test_postings_stay_in_order_whatever_a_row_says(
    spans: list[Span], place: int, joined: date, left: date | None, at: date
) -> None:
    try:
        after = revised(spans, Service(place, joined, left), at)
    except PostingRefused:
        return
    assert after == in_order(after)
    assert list(overlaps(after)) == []
    assert all(span.until_on is None or span.from_on <= span.until_on for span in after)
    service = service_of(after)
    if service is not None:
        assert (service.organization_id, service.left_on) == (place, left)


@given(spans=some_spans(), at=DAYS)
def test_what_a_row_says_already_changes_nothing(spans: list[Span], at: date) -> None:
    service = service_of(spans)
    assert service is not None
    for joined in (span.from_on for span in spans):
        assert revised(spans, service._replace(joined_on=joined), at) == spans


@given(spans=some_spans(), place=PLACES, first=DAYS)
def test_coming_back_leaves_every_earlier_day_as_it_was(
    spans: list[Span], place: int, first: date
) -> None:
    last = spans[-1].until_on
    if last is None or first <= last:
        with pytest.raises(PostingRefused):
            resumed(spans, place, first)
        return
    after = resumed(spans, place, first)
    assert after[:-1] == spans
    assert after[-1] == Span(place, first)


@given(spans=some_spans(), place=PLACES, first=DAYS, each=DAYS)
def test_moving_changes_where_somebody_is_and_not_when(
    spans: list[Span], place: int, first: date, each: date
) -> None:
    try:
        after = moved(spans, place, first)
    except PostingRefused:
        assert spans[-1].until_on is not None or first < spans[-1].from_on
        return
    assert in_post(after, each) == in_post(spans, each)
    assert list(overlaps(after)) == []
    assert after[-1].organization_id == place


@given(spans=some_spans(), left=DAYS)
def test_leaving_ends_the_last_posting(spans: list[Span], left: date) -> None:
    if spans[-1].until_on is not None or left <= spans[-1].from_on:
        with pytest.raises(PostingRefused):
            ended(spans, left)
        return
    after = ended(spans, left)
    assert after[:-1] == spans[:-1]
    assert in_post(after, left - ONE_DAY)
    assert not in_post(after, left)


def test_a_new_cadre_is_in_post_until_the_day_before_leaving() -> None:
    assert begun(Service(1, day(5), None)) == [Span(1, day(5))]
    assert begun(Service(1, day(5), day(6))) == [Span(1, day(5), day(5))]
    assert begun(Service(1, day(5), day(5))) == []
    assert service_of([]) is None


def test_the_last_representable_day_is_no_day_of_leaving() -> None:
    assert service_of([Span(1, FIRST, date.max)]) == Service(1, FIRST, None)


def test_every_overlap_is_found_with_the_posting_that_lasts_longest() -> None:
    long, inside, later = Span(1, day(1)), Span(1, day(2), day(3)), Span(1, day(5))
    assert list(overlaps([long, inside, later])) == [(long, inside), (long, later)]
    touching = [Span(1, day(1), day(4)), Span(1, day(5), day(5)), Span(1, day(6))]
    assert list(overlaps(touching)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: ended([], day(5)), "this person is not in post"),
        (lambda: ended([Span(1, day(5))], day(5)), "lies not after the first day of the last"),
        (lambda: resumed([Span(1, day(5))], 2, day(9)), "this person is in post"),
        (lambda: resumed([Span(1, day(5), day(9))], 2, day(9)), "lies not after the end"),
        (lambda: moved([Span(1, day(5), day(9))], 2, day(10)), "not in post on that day"),
        (lambda: moved([Span(1, day(5))], 2, day(4)), "begins only on 2026-01-05"),
    ],
)
def test_what_cannot_be_is_refused_in_words(change: Callable[[], list[Span]], words: str) -> None:
    with use_language("en"), pytest.raises(PostingRefused, match=words):
        change()
