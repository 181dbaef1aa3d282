"""The page on courses says what the courses say."""

from tests.docs.courses import PAGE, page
from tests.docs.pages import text_of


def test_the_page_is_what_the_courses_print() -> None:
    assert text_of(PAGE) == page(), "run `python -m tests.docs.courses`"
