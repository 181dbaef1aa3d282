"""The command itself: its language, its exit statuses, and that it never shows a traceback."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tiesan.cli import COMMANDS, environment_language, take_language
from tiesan.testing.command import COMMAND, Tiesan
from tiesan.testing.resident import Resident, resident

Speaks = Callable[[str], Tiesan]


@pytest.fixture(scope="session")
def processes() -> Iterator[dict[str, Resident]]:
    """One process for each language: click keeps some of its texts as they were asked for first."""
    with resident() as english, resident() as chinese:
        yield {"en": english, "zh": chinese}


@pytest.fixture
def speaking(tmp_path: Path, processes: dict[str, Resident]) -> Speaks:
    """The command in the process of a language."""
    return lambda language: Tiesan(tmp_path, elsewhere=processes[language].run)


def test_help_lists_every_command_in_both_languages(speaking: Speaks) -> None:
    english = speaking("en")("--help").stdout
    chinese = speaking("zh")("--help", lang="zh").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in english
        assert f"\n  {name} " in chinese
    assert "Show this message and exit." in english
    assert "显示本说明后退出。" in chinese
    assert "Language of messages; may stand behind the command too." in english
    assert "提示信息的语言；也可以写在命令之后。" in chinese
    assert "Show the version and exit." in english
    assert "显示版本后退出。" in chinese


@pytest.mark.parametrize("group", ["", "rules", "parameter", "plugins", "user"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_of_commands_says_what_each_does(
    speaking: Speaks, group: str, language: str
) -> None:
    """What is too long for a line of the list would be cut; Chinese, which has no blanks, whole."""
    shown = speaking(language)(*group.split(), "--help", lang=language).stdout
    assert [line for line in shown.splitlines() if line.endswith("...") and "[" not in line] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_both_languages(speaking: Speaks, name: str) -> None:
    assert speaking("en")(name, "--help").stdout.startswith(f"Usage: tiesan {name} ")
    chinese = speaking("zh")(name, "--help", "--lang", "zh").stdout
    assert chinese.startswith(f"用法： tiesan {name} ")


def test_the_version_is_the_package_s(tiesan: Tiesan) -> None:
    assert tiesan("--version").stdout == "tiesan 0.1.0\n"


def test_wrong_usage_exits_with_2(tiesan: Tiesan) -> None:
    assert "No such command 'nothing'" in tiesan("nothing", status=2).stderr
    assert "没有命令 'nothing'" in tiesan("nothing", lang="", status=2).stderr
    assert "'fr' is not one of 'zh', 'en'" in tiesan("--lang", "fr", "user", status=2).stderr
    assert "requires an argument" in tiesan("--lang", status=2).stderr
    tiesan(status=2)


@pytest.mark.parametrize(
    ("words", "language", "rest"),
    [
        (["import", "x"], None, ["import", "x"]),
        (["--lang", "en", "import", "x"], "en", ["import", "x"]),
        (["import", "--lang=zh", "x"], "zh", ["import", "x"]),
        (["import", "--lang", "zh", "x", "--lang", "en"], "en", ["import", "x"]),
        (["import", "--", "--lang", "en"], None, ["import", "--", "--lang", "en"]),
        (["import", "--lang", "fr"], None, ["import", "--lang", "fr"]),
        (["import", "--lang=fr"], None, ["import", "--lang=fr"]),
        (["import", "--lang"], None, ["import", "--lang"]),
    ],
)
def test_the_language_may_be_asked_for_anywhere(
    words: list[str], language: str | None, rest: list[str]
) -> None:
    assert take_language(words) == (language, rest)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "zh_Hans_CN"),
        ({"LANG": "C.UTF-8"}, "zh_Hans_CN"),
        ({"LANG": "fr_FR.UTF-8"}, "zh_Hans_CN"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh_Hans_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "en"),
    ],
)
def test_the_environment_says_the_language(environ: dict[str, str], language: str) -> None:
    assert environment_language(environ) == language


def test_a_terminal_that_knows_no_chinese_gets_escapes(tiesan: Tiesan) -> None:
    done = tiesan("nothing", lang="zh", status=2, env={"PYTHONIOENCODING": "latin-1"})
    assert "\\u6ca1\\u6709\\u547d\\u4ee4" in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////",
        "sqlite:////dev/null/x.db",
        "postgresql+psycopg://nobody@127.0.0.1:1/x",
        "nothing://here",
        "no-url-at-all",
    ],
)
def test_a_database_that_cannot_be_used_is_refused(tiesan: Tiesan, url: str) -> None:
    assert tiesan("init-db", database=url, status=1).stderr.strip()


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [COMMAND, "--help"], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert done.stderr == b""


def test_an_interrupt_shows_no_traceback(tmp_path: Path) -> None:
    program = (
        "import os, signal, click, tiesan.cli as cli, tiesan.cli.late as late\n"
        "late.import_module = lambda name: type('module', (), {'command': click.Command('user',\n"
        "    callback=lambda: os.kill(os.getpid(), signal.SIGINT))})\n"
        "cli.main(['user', '--lang', 'en'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "Aborted!"
