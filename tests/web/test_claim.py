"""The way of one expense claim, as docs/architecture.md tells it, held against a traced request."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pytest
from flask import Flask

from tests.docs.pages import DOCS, REPOSITORY, section
from tests.web.entering import expense
from tiesan.admin.shell.background import Background
from tiesan.testing.browsing import person
from tiesan.testing.world import World

_FLAG = re.compile(r"/flags/\d+")
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
HEADING = "## One expense claim, from the form to the flag"
# What is no function of the request: declarations, and the file of the rule.
DECLARED = ("class ", "discipline.")


@dataclass
class Trace:
    """The functions of the project that were called, each at its first call, and their files."""

    functions: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    changes_of_file: int = 0
    _known: set[str] = field(default_factory=set)
    _last: str = ""

    def called(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note a call; everything else that a profile function is told is passed over."""
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(OWN):
            return
        file = str(Path(path).relative_to(REPOSITORY))
        self.changes_of_file += file != self._last
        self._last = file
        if file not in self.files:
            self.files.append(file)
        name = f"{file} {frame.f_code.co_name}"
        if name not in self._known:
            self._known.add(name)
            self.functions.append(name)


OWN = tuple(f"{REPOSITORY / each}/" for each in ("tiesan", "plugins"))


@contextmanager
def traced() -> Iterator[Trace]:
    """Trace what is called meanwhile, here and in threads that begin meanwhile."""
    trace = Trace()
    threading.setprofile(trace.called)
    sys.setprofile(trace.called)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def steps() -> list[tuple[str, str]]:
    """The rows of the documented way: file and function."""
    found = []
    for line in section(DOCS / "architecture.md", HEADING).splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) == 3 and "/" in cells[1]:
            found.append((cells[1], cells[2]))
    return found


@ON_SQLITE
def test_the_way_of_a_claim_is_the_documented_one(
    app: Flask, world: World, record_property: Callable[[str, object], None]
) -> None:
    supervisor = person(app, "supervisor")
    form = "/records/expense/new/"
    sent = supervisor.filled(form, expense(world, "O"))
    # What is evaluated beside the request is traced in a thread that begins with it.
    app.extensions["background"].close()
    app.extensions["background"] = Background()
    with traced() as trace:
        answer = supervisor.client.post(form, data=sent)
        record = supervisor.client.get(answer.location)
        raised = _FLAG.search(record.text)
        assert raised is not None, record.text
        page = supervisor.client.get(raised[0])
    assert (answer.status_code, record.status_code, page.status_code) == (302, 200, 200)
    record_property("files", len(trace.files))
    record_property("changes of file", trace.changes_of_file)
    way = [f"{file} {name}" for file, name in steps() if not name.startswith(DECLARED)]
    assert [step for step in way if step not in trace.functions] == []
    assert [step for step in trace.functions if step in way] == way


def test_what_is_declared_on_the_way_is_there() -> None:
    declared = [(file, name) for file, name in steps() if name.startswith(DECLARED)]
    assert declared
    for file, name in declared:
        assert name in (REPOSITORY / file).read_text(encoding="utf-8"), (file, name)
