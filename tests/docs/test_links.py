"""What the documentation points to is there, and what there is it names."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, REPOSITORY, text_of

_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
_VARIABLE = re.compile(r"\bTIESAN_[A-Z_]+[A-Z]\b")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [target for target, _anchor in _LINK.findall(text_of(page))]
    inside = [target for target in links if not target.startswith("https://")]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    linked = {target for target, _anchor in _LINK.findall(text_of(REPOSITORY / "README.md"))}
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} <= linked
    images = {path.relative_to(DOCS).as_posix() for path in (DOCS / "images").iterdir()}
    shown = {target for page in PAGES for target, _anchor in _LINK.findall(text_of(page))}
    assert {image for image in images if not any(each.endswith(image) for each in shown)} == set()


def test_every_variable_of_the_program_is_explained() -> None:
    used = {
        name
        for path in (REPOSITORY / "tiesan").rglob("*.py")
        # What is for tests stands where tests are explained.
        if "testing" not in path.parts
        for name in _VARIABLE.findall(text_of(path))
    }
    explained = set(re.findall(r"^\| `(TIESAN_\w+)`", text_of(DOCS / "operating.md"), re.MULTILINE))
    assert used == explained


def test_every_package_of_the_program_has_its_place_in_the_architecture() -> None:
    page = text_of(DOCS / "architecture.md")
    packages = [path.parent.name for path in (REPOSITORY / "tiesan").glob("*/__init__.py")]
    assert [name for name in packages if f"`{name}/`" not in page] == []
    plugins = [path.parent.name for path in (REPOSITORY / "plugins").glob("*/__init__.py")]
    assert [name for name in plugins if f"`{name}`" not in page] == []


def test_every_target_of_make_is_named_in_the_readme() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", text_of(REPOSITORY / "Makefile"), re.MULTILINE)
    readme = text_of(REPOSITORY / "README.md")
    assert [name for name in targets if f"make {name}" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|yaml|toml|md))`", text_of(page))
    assert [name for name in named if not (REPOSITORY / name).is_file()] == []


def test_the_way_of_an_expense_leads_over_what_is_there() -> None:
    page = text_of(DOCS / "architecture.md")
    steps = re.findall(r"^\| [^|]+ \| `([^`]+\.(?:py|yaml))` \| `([^`]+)` \|$", page, re.MULTILINE)
    assert len(steps) > 15
    for file, name in steps:
        defined = name if name.startswith("class ") else rf"(def|id:) {name}"
        assert re.search(rf"\b{defined}\b", text_of(REPOSITORY / file)), (file, name)
