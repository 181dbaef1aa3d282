"""The views that a plugin names: loaded when the pages are made, and refused in one line."""

from itertools import count
from pathlib import Path

import pytest

from plugins.study.models import StudyAttendance, StudySession
from plugins.study.views import StudyAttendanceView, StudySessionView
from tiesan.admin.records.offered import views_of
from tiesan.errors import UserError
from tiesan.i18n import use_language
from tiesan.plugin import Plugin, load_named

_NUMBERS = count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that nobody has imported yet, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / f"offered_{next(_NUMBERS)}.py"


def plugin(views: str | None) -> Plugin:
    """A plugin with the records of study and these views."""
    records = (StudySession, StudyAttendance)
    return Plugin(name="study", title="Study", contract=1, records=records, views=views)


def test_views_stand_in_the_order_of_the_module() -> None:
    assert views_of(plugin("plugins.study.views")) == (StudySessionView, StudyAttendanceView)
    assert views_of(plugin(None)) == ()


def test_a_name_may_say_what_is_asked_of_the_module(module: Path) -> None:
    module.write_text("from plugins.study.views import views as pages\n")
    assert views_of(plugin(f"{module.stem}:pages")) == (StudySessionView, StudyAttendanceView)


def test_what_is_not_asked_for_is_not_loaded(module: Path) -> None:
    module.write_text("raise ValueError('loaded')\n")
    named = plugin(module.stem)
    with pytest.raises(UserError, match="loaded"):
        load_named(named, "views")
    assert load_named(named, "courses") is None


STUDY = "from plugins.study.views import *\nfrom tiesan.admin.records.view import RecordView\n"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import no_such_package", " cannot be loaded: ModuleNotFoundError: No module named"),
        ("", " cannot be loaded: AttributeError: module "),
        (f"{STUDY}views = StudySessionView", ": they are no tuple of subclasses of RecordView"),
        (f"{STUDY}views = (RecordView,)", ": they are no tuple of subclasses of RecordView"),
        (f"{STUDY}views = (1,)", ": they are no tuple of subclasses of RecordView"),
        (f"{STUDY}views += views", ": “study_session” has more than one"),
        (
            f"{STUDY}class Open(StudySessionView):\n    policy = None\nviews = (Open,)",
            ": that of “study_session” states “policy”, which the policy of the record says",
        ),
        (
            f"{STUDY}class Open(StudySessionView):\n    roles = frozenset()\nviews = (Open,)",
            ": that of “study_session” states “roles”, which the policy of the record says",
        ),
        ("from plugins.meetings.views import views", ": “meeting” is no kind of its own records"),
    ],
)
def test_what_are_no_views_is_said_in_one_line(module: Path, source: str, problem: str) -> None:
    module.write_text(f"{source}\n")
    with use_language("en"), pytest.raises(UserError) as refused:
        views_of(plugin(module.stem))
    [line] = refused.value.lines
    assert line.startswith(f"Plugin study: its views ({module.stem}){problem}")
