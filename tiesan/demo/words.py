"""Word lists of the demo records, kept in TOML files beside the modules that use them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Words = Mapping[str, Any]


def words_beside(module: str, name: str) -> Words:
    """Read the file ``name`` beside a module, which gives its own ``__file__``; read once."""
    return _read(Path(module).with_name(name))


@cache
def _read(path: Path) -> Words:
    with path.open("rb") as file:
        return tomllib.load(file)
