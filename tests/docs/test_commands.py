"""The documentation names every command and option, and every command line in it can be typed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.docs.pages import DOCS, PAGES, section, shell_lines, text_of
from tiesan.cli import COMMANDS, main, take_language

PAGE = DOCS / "command-line.md"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, by what is typed."""
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            for word in command.list_commands(context):
                each = command.get_command(context, word)
                assert each is not None
                yield f"{name} {word}", each
        else:
            yield name, command


ALL = dict(commands())
TYPED = [
    pytest.param(line, id=f"{page.name}: {line}")
    for page in PAGES
    for line in dict.fromkeys(shell_lines(page))
    if line.startswith("tiesan ")
]


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_its_section_with_every_argument_option_and_an_example(name: str) -> None:
    text = section(PAGE, f"### tiesan {name}")
    options = {
        word
        for parameter in ALL[name].params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for word in (*parameter.opts, *parameter.secondary_opts)
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) >= options
    assert re.search(rf"^    tiesan {name}\b", text, re.MULTILINE)


def test_no_section_is_about_a_command_that_is_not_there() -> None:
    headings = re.findall(r"^### tiesan (.+)$", text_of(PAGE), re.MULTILINE)
    assert sorted(headings) == sorted(ALL)


@pytest.mark.parametrize("line", TYPED)
def test_what_is_to_be_typed_can_be_typed(line: str) -> None:
    _language, words = take_language(shlex.split(line)[1:])
    if words == ["--version"] or "--help" in words:
        return
    name = words[0] if words[0] in ALL else " ".join(words[:2])
    context = ALL[name].make_context(name, words[len(name.split()) :])
    assert context.command is ALL[name]


def test_every_page_was_read() -> None:
    assert {page.name for page in PAGES} >= {"README.md", "command-line.md", "operating.md"}
    assert isinstance(PAGES[0], Path)
    assert len(TYPED) > len(ALL)
