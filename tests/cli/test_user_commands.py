"""The commands user and plugins, as a person runs them."""

import subprocess
from contextlib import ExitStack

from tests.exchange.importing import WORLD
from tiesan.testing.command import COMMAND, Tiesan

SECRET = "correct horse battery\n"


def test_accounts_are_created_listed_and_get_new_passwords(
    tiesan: Tiesan, database_url: str
) -> None:
    tiesan("import", WORLD, database=database_url)
    create = ["user", "create", "--password-stdin"]
    tiesan(*create, "boss", "--role", "administrator", database=database_url, stdin=SECRET)
    words = ["li", "--role", "cadre", "--organization", "F1", "--cadre", "C2"]
    done = tiesan(*create, *words, database=database_url, stdin=SECRET)
    assert done.stdout == "Created: li\n"
    listed = tiesan("user", "list", database=database_url).stdout
    assert listed == "boss\tactive\t-\tadministrator@*\nli\tactive\tC2\tcadre@F1\n"
    changed = tiesan(
        "user",
        "set-password",
        "li",
        "--password-stdin",
        database=database_url,
        stdin="x" * 10 + "\n",
    )
    assert "li" in changed.stdout


REFUSED: tuple[tuple[list[str], str, str], ...] = (
    (["x", "--role", "supervisor"], SECRET, "Only an administrator"),
    (["x", "--role", "supervisor", "--organization", "Q404"], SECRET, "Q404"),
    (["x", "--role", "cadre", "--organization", "F1", "--cadre", "C404"], SECRET, "C404"),
    (["x", "--role", "cadre", "--organization", "F1"], SECRET, "stands for a cadre"),
    (["x", "--role", "supervisor", "--organization", "\udcff"], SECRET, "no organization"),
    (["x", "--role", "cadre", "--organization", "F1", "--cadre", "\udcff"], SECRET, "no cadre"),
    (["x", "--role", "administrator"], "short\n", "at least 10"),
    (["x", "--role", "administrator"], "long enough \udcff\n", "no valid UTF-8"),
    (["x", "--role", "administrator"], "long enough \0\n", "character U+0000"),
    (["x y", "--role", "administrator"], SECRET, "user name"),
)


def test_what_is_refused_creates_nothing(tiesan: Tiesan, sqlite_url: str) -> None:
    tiesan("import", WORLD, database=sqlite_url)
    create = ["user", "create", "--password-stdin"]
    for words, stdin, said in REFUSED:
        done = tiesan(*create, *words, database=sqlite_url, stdin=stdin, status=1)
        assert said in done.stderr, words
    assert tiesan("user", "list", database=sqlite_url).stdout == ""


def test_a_name_that_is_no_text_has_no_account(tiesan: Tiesan, sqlite_url: str) -> None:
    words = ["user", "set-password", "\udcff", "--password-stdin"]
    done = tiesan(*words, database=sqlite_url, stdin=SECRET, status=1)
    assert "There is no account named" in done.stderr


def test_a_name_is_given_once(tiesan: Tiesan, sqlite_url: str) -> None:
    create = ["user", "create", "boss", "--role", "administrator", "--password-stdin"]
    tiesan(*create, database=sqlite_url, stdin=SECRET)
    done = tiesan(*create, database=sqlite_url, stdin=SECRET, status=1)
    assert "named boss already" in done.stderr


def test_an_unknown_account(tiesan: Tiesan, sqlite_url: str) -> None:
    words = ["user", "set-password", "nobody", "--password-stdin"]
    assert "nobody" in tiesan(*words, database=sqlite_url, stdin=SECRET, status=1).stderr


def test_an_unknown_role_is_wrong_usage(tiesan: Tiesan, sqlite_url: str) -> None:
    tiesan("user", "create", "x", "--role", "king", database=sqlite_url, status=2)


def test_the_plugins_with_where_they_come_from(tiesan: Tiesan, sqlite_url: str) -> None:
    lines = tiesan("plugins", "list", database=sqlite_url).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [
        "accountability",
        "discipline",
        "efficiency",
        "harmony",
        "innovation",
        "meetings",
        "research",
        "study",
    ]
    assert lines[-1] == "study\tSelf-directed study\ttiesan 0.1.0\tenabled"
    chinese = tiesan("plugins", "list", database=sqlite_url, lang="zh").stdout
    assert "study\t自觉学习制度\ttiesan 0.1.0\t已启用\n" in chinese


def test_an_account_is_created_while_another_is(tiesan: Tiesan, sqlite_url: str) -> None:
    """The first has looked around and waits for its password when the second is stored."""
    tiesan("import", WORLD, database=sqlite_url)
    create = ["user", "create", "--password-stdin", "--role", "cadre", "--organization", "F1"]
    first = subprocess.Popen(
        [COMMAND, *create, "li", "--cadre", "C2"],
        env=tiesan._environment(sqlite_url, "en"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    words = ["--password-stdin", "--role", "administrator"]
    tiesan("user", "create", "zhang", *words, database=sqlite_url, stdin=SECRET)
    said, _nothing = first.communicate(SECRET, timeout=100)
    assert (first.returncode, said) == (0, "Created: li\n")


def test_accounts_that_are_created_at_once_are_all_created(
    tiesan: Tiesan, database_url: str
) -> None:
    """They wait for each other; none of them finds the database locked."""
    names = [f"admin{number}" for number in range(4)]
    create = ["user", "create", "--password-stdin", "--role", "administrator"]
    with ExitStack() as open_ones:
        started = [
            open_ones.enter_context(
                subprocess.Popen(
                    [COMMAND, *create, name],
                    env=tiesan._environment(database_url, "en"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                )
            )
            for name in names
        ]
        for each in started:
            # All of them have begun, and get their passwords as good as together.
            assert each.stdin is not None
            each.stdin.write(SECRET)
            each.stdin.flush()
        said = [each.communicate(timeout=100)[0] for each in started]
    assert said == [f"Created: {name}\n" for name in names]
    listed = tiesan("user", "list", database=database_url).stdout.splitlines()
    assert [line.partition("\t")[0] for line in listed] == names
