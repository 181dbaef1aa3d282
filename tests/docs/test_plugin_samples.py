"""The page on writing a plugin shows the files of a plugin that the tests install and run."""

import re

import pytest

from tests.docs.pages import DOCS, fences, text_of
from tests.ninth.conftest import INSTALLED
from tiesan.plugin import Plugin

PAGE = DOCS / "writing-a-plugin.md"
SAMPLES = [
    pytest.param(note, sample, id=note)
    for note, language, sample in fences(PAGE)
    if language not in {"sh", "text"}
]


@pytest.mark.parametrize(("note", "sample"), SAMPLES)
def test_a_sample_is_a_piece_of_the_file_that_it_names(note: str, sample: str) -> None:
    found = re.fullmatch(r"from (\S+)", note)
    assert found is not None, f"a sample does not say where it is from: {sample}"
    assert sample in text_of(INSTALLED / found[1])


def test_the_page_shows_every_kind_of_file() -> None:
    shown = {param.values[0] for param in SAMPLES}
    files = {
        f"from {path.relative_to(INSTALLED)}"
        for path in INSTALLED.rglob("*")
        if path.suffix in {".py", ".yaml", ".po", ".txt"} and "__pycache__" not in path.parts
    }
    assert files <= shown


def test_the_page_explains_every_field_of_the_contract() -> None:
    page = text_of(PAGE)
    fields = Plugin.__dataclass_fields__
    assert [name for name in fields if f"| `{name}` |" not in page] == []
