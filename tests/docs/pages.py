"""The pages of the documentation, as the tests read them."""

import re
from collections.abc import Iterator
from pathlib import Path

from tiesan.paths import PACKAGE

REPOSITORY = PACKAGE.parent
DOCS = REPOSITORY / "docs"
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "README.zh.md",
    REPOSITORY / "CHANGELOG.md",
    *sorted(DOCS.glob("*.md")),
]
_FENCE = re.compile(
    r"^(?:<!-- (?P<note>[^>]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)


def text_of(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def fences(page: Path) -> Iterator[tuple[str, str, str]]:
    """The fenced samples of a page: the comment before each, its language, its text."""
    for found in _FENCE.finditer(text_of(page)):
        yield found["note"] or "", found["language"], found["text"]


def shell_lines(page: Path) -> Iterator[str]:
    """The lines of a page that a person is to type: indented, or fenced as `sh`."""
    text = text_of(page)
    for note_language in _FENCE.finditer(text):
        if note_language["language"] in {"sh", "console"}:
            yield from _lines(note_language["text"])
    for block in _INDENTED.finditer(_FENCE.sub("", text)):
        yield from _lines(block[0])


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        typed = line.partition("  #")[0].strip()
        if typed:
            yield typed


def section(page: Path, heading: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    pattern = rf"^{re.escape(heading)}$\n(.*?)(?=^#{{1,{level}}} |\Z)"
    found = re.search(pattern, text_of(page), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page.name} has no heading {heading}"
    return found[1]
