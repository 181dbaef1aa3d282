"""The ninth plugin: a package that is installed beside the application, not part of it.

`installed/` is laid out as an environment's folder of packages. Whoever has it on the path has the
plugin installed; the tests give it to the commands that they start, never to themselves.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.command import Tiesan

# It has tests of its own, which need it installed.
collect_ignore = ["installed"]

INSTALLED = Path(__file__).parent / "installed"
RECORDS = Path(__file__).parent / "records"
# The variables with which a child process has the plugin installed.
WHERE = {"PYTHONPATH": str(INSTALLED)}

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def with_ninth(tiesan: Tiesan) -> Command:
    """The command where the plugin is installed."""
    return partial(tiesan, env=WHERE)


@pytest.fixture
def stored(with_ninth: Command, database_url: str) -> str:
    """The address of a database with the plugin's tables and records, not evaluated yet."""
    with_ninth("init-db", database=database_url)
    with_ninth("import", RECORDS, database=database_url)
    return database_url
