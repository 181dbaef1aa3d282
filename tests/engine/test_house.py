"""What holds of the package as a whole."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

from tiesan.paths import PACKAGE

ALLOWED = {
    "create_ruleset",
    "assert_fact",
    "start_action_for_state",
    "complete_and_start_action",
    "retract_fact",
}


def imports_the_engine(path: Path) -> bool:
    return any(
        name.partition(".")[0] in ("durable_rules_engine", "durable")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    )


def test_only_the_child_imports_the_engine() -> None:
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "plugins").rglob("*.py")]
    assert [path for path in sources if imports_the_engine(path)] == [PACKAGE / "engine/child.py"]


def test_the_child_uses_only_what_was_measured() -> None:
    tree = ast.parse((PACKAGE / "engine/child.py").read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "durable_rules_engine"
    }
    assert used == ALLOWED


def test_only_python_versions_that_the_engine_runs_on_are_allowed() -> None:
    project = PACKAGE.parent / "pyproject.toml"
    required = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["requires-python"]
    allowed = SpecifierSet(required)
    tried = [f"3.{minor}" for minor in range(9, 15) if f"3.{minor}" in allowed]
    assert tried == ["3.11", "3.12"]


def test_the_child_starts_without_the_application() -> None:
    code = (
        "import sys, tiesan.engine.child;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "durable_rules_engine" in shown
    assert not {"flask", "sqlalchemy", "babel", "durable", "threading"} & set(shown)
