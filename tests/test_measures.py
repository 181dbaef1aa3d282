"""The measures that the code keeps: short functions, short files, one name per plugin."""

import ast
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from statistics import median

import pytest

from tiesan.paths import PACKAGE

REPOSITORY = PACKAGE.parent
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 8
LONGEST_FILE = 400
BUILT_IN = sorted(
    point.name for point in distribution("tiesan").entry_points.select(group="tiesan.plugins")
)


def modules(*folders: str) -> list[Path]:
    return sorted(path for each in folders for path in (REPOSITORY / each).rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function of a module with the number of its lines, docstring left out."""
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            described = len(text.splitlines()) if text is not None else 0
            length = (node.end_lineno or 0) - node.lineno + 1 - described
            yield f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}", length


def test_no_function_is_long() -> None:
    found = [each for path in modules("tiesan", "plugins") for each in functions(path)]
    assert [name for name, lines in found if lines > LONGEST_FUNCTION] == []
    assert median(lines for _name, lines in found) <= MEDIAN_FUNCTION


def test_no_file_is_long() -> None:
    lengths = {
        str(path.relative_to(REPOSITORY)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules("tiesan", "plugins", "tests")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_folder_is_named_for_nothing_in_particular() -> None:
    vague = {"data", "handlers", "helpers", "info", "manager", "managers", "misc", "utils"}
    assert [path for path in modules("tiesan", "plugins", "tests") if path.stem in vague] == []


def test_there_are_eight_built_in_plugins() -> None:
    assert len(BUILT_IN) == 8


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_plugin_is_one_name_in_four_places(name: str) -> None:
    assert (REPOSITORY / "plugins" / name / "__init__.py").is_file()
    assert (REPOSITORY / "rules" / f"{name}.yaml").is_file()
    assert (REPOSITORY / "migrations" / name).is_dir()
    assert list((REPOSITORY / "tests/plugins" / name).glob("test_*.py"))


def test_no_plugin_is_in_one_place_only() -> None:
    def folders(path: str) -> list[str]:
        found = (each for each in (REPOSITORY / path).iterdir() if each.is_dir())
        return sorted(each.name for each in found if each.name != "__pycache__")

    assert folders("plugins") == BUILT_IN
    assert sorted(path.stem for path in (REPOSITORY / "rules").iterdir()) == BUILT_IN
    assert sorted({*folders("migrations"), "core"}) == sorted([*BUILT_IN, "core"])
