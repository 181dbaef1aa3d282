"""The pieces that a plugin names: loaded when the pages are made, and refused in one line."""

from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from plugins.discipline.home import home
from tiesan.admin.home.pieces import add_pieces, pieces_of
from tiesan.errors import UserError
from tiesan.i18n import use_language
from tiesan.plugin import Plugin

_NUMBERS = count()
ONE = "from tiesan.admin.home.pieces import Piece\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that nobody has imported yet, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / f"pieces_{next(_NUMBERS)}.py"


def plugin(home: str | None) -> Plugin:
    """A plugin with these pieces and nothing else."""
    return Plugin(name="garden", title="Garden", contract=1, home=home)


def refusal(home: str) -> str:
    """The one line by which an application refuses a plugin with these pieces."""
    with use_language("en"), pytest.raises(UserError) as refused:
        add_pieces(Flask("garden"), [plugin(home)])
    [line] = refused.value.lines
    return line


def test_pieces_stand_in_the_order_of_the_module() -> None:
    assert pieces_of(plugin("plugins.discipline.home")) == home
    assert pieces_of(plugin(None)) == ()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import no_such_package", " cannot be loaded: ModuleNotFoundError: No module named"),
        ("", " cannot be loaded: AttributeError: module "),
        (f"{ONE}home = Piece('a.html', print)", ": it is no tuple of Piece"),
        ("home = (1,)", ": it is no tuple of Piece"),
        (f"{ONE}home = (Piece('none.html', print),)", ": there is no template "),
        (
            f"{ONE}home = (Piece('wrong.html', print),)",
            ": its template wrong.html is wrong: Unexpected end of template.",
        ),
        (
            f"{ONE}home = (Piece('filtered.html', print),)",
            ": its template filtered.html is wrong: No filter named 'nothing'",
        ),
    ],
)
def test_what_are_no_pieces_is_said_in_one_line(module: Path, source: str, problem: str) -> None:
    templates = module.parent / "templates"
    templates.mkdir()
    (templates / "wrong.html").write_text("{% if piece %}")
    (templates / "filtered.html").write_text("{{ piece | nothing }}")
    module.write_text(f"{source}\n")
    line = refusal(module.stem)
    assert line.startswith(f"Plugin garden: its home ({module.stem}){problem}")


def test_a_template_is_its_plugins_own(module: Path) -> None:
    """Whatever the application calls its own templates."""
    templates = module.parent / "templates"
    templates.mkdir()
    (templates / "today.html").write_text("{{ piece }} of the garden")
    module.write_text(f"{ONE}home = (Piece('today.html', lambda today: 'The day'),)\n")
    app = Flask("garden")
    [offered] = add_pieces(app, [plugin(module.stem)])
    shown = app.jinja_env.get_template(offered.template).render(piece="The day")
    assert (offered.plugin, shown) == ("garden", "The day of the garden")
