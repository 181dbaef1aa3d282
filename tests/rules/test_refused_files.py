"""Rule files that must be refused, each with its place and the words that its error must hold.

`broken/NAME.yaml` is refused with one problem; each line of `broken/NAME.txt` is part of its
error, the first of them being the file, line and column.
"""

from pathlib import Path

import pytest

from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.positions import RuleFileError
from tiesan.rules.reading.files import load_rule_file
from tiesan.rules.reading.reader import MAX_BYTES
from tiesan.rules.scenarios.files import load_tested_files

BROKEN = Path(__file__).with_name("broken")
FILES = sorted(BROKEN.glob("*.yaml"))


def problems_of(path: Path) -> list[str]:
    """The problems of a file that must be refused, in English."""
    with use_language("en"), pytest.raises(RuleFileError) as refused:
        load_tested_files([path], installed_catalog().kinds)
    return str(refused.value).splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_file_is_refused_with_place_and_words(path: Path) -> None:
    """One problem, at the right place, that says what is wrong and what is allowed."""
    wanted = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    problems = problems_of(path)
    assert len(problems) == 1, problems
    assert wanted, "no words are wanted"
    assert [words for words in wanted if words not in problems[0]] == [], problems[0]


def test_every_broken_file_has_its_words() -> None:
    """Neither a file without words nor words without a file."""
    assert {path.stem for path in FILES} == {path.stem for path in BROKEN.glob("*.txt")}


def test_file_over_one_megabyte_is_refused(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    path = tmp_path / "large.yaml"
    text = "plugin: discipline\nrules: []\n#"
    path.write_text(text + "x" * (MAX_BYTES - len(text)), encoding="utf-8")
    assert load_rule_file(path, installed_catalog().kinds).rules == ()
    path.write_text(text + "x" * (MAX_BYTES - len(text) + 1), encoding="utf-8")
    assert problems_of(path) == [f"{path}:1:1: the file is larger than 1 MB"]


def test_all_problems_of_a_file_are_listed_in_order(tmp_path: Path) -> None:
    """One bad rule does not hide the next."""
    path = tmp_path / "two.yaml"
    first = (BROKEN / "bad_severity.yaml").read_text(encoding="utf-8")
    second = (BROKEN / "unknown_field.yaml").read_text(encoding="utf-8").split("rules:\n")[1]
    path.write_text(first + second, encoding="utf-8")
    problems = problems_of(path)
    assert len(problems) == 2
    assert "'grave'" in problems[0]
    assert "'amonut'" in problems[1]


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is a problem like any other."""
    problems = problems_of(tmp_path / "nowhere.yaml")
    assert len(problems) == 1
    assert problems[0].endswith("nowhere.yaml:1:1: there is no such file")


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Editors on Chinese desktops write it."""
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbfplugin: discipline\nrules: []\n")
    assert load_rule_file(path, installed_catalog().kinds).plugin == "discipline"


def test_json_is_yaml(tmp_path: Path) -> None:
    """A rule file may be written as JSON."""
    path = tmp_path / "file.json"
    path.write_text('{"plugin": "discipline", "rules": []}', encoding="utf-8")
    assert load_rule_file(path, installed_catalog().kinds).plugin == "discipline"
