"""The `tiesan` command: one module of this package per command.

A command stands in `COMMANDS`; its module has its name (`init-db` in `init_db.py`, `import` in
`import_.py`, because `import` is a word of Python) and offers it as `command`, a click command or
group. A module is loaded when its command is wanted, so that one command does not wait for the
libraries of the others.

What a command may count on: the language is chosen (`--lang`, else `LC_ALL`, `LC_MESSAGES`,
`LANG`; Chinese when these are unclear), help texts may be lazy (`help=_l("…")`), a `UserError`
is printed on standard error and exits with 1, and so is a file or database that cannot be opened.
Exit status 2 is wrong usage, 3 (`raise click.exceptions.Exit(NOT_EVALUATED)`) says that something
was not evaluated.
"""

import gettext as catalogues
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from tiesan.cli.late import LateGroup
from tiesan.collecting import collecting_seldom
from tiesan.errors import UserError
from tiesan.i18n import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    TRANSLATIONS,
    _,
    _l,
    current_language,
    language_of,
    use_language,
)

COMMANDS = (
    "init-db",
    "import",
    "export",
    "template",
    "evaluate",
    "rules",
    "parameter",
    "plugins",
    "user",
    "audit",
    "demo",
    "serve",
    "scheduler",
    "run-due",
    "backup",
    "restore",
    "doctor",
)

REFUSED = 1
NOT_EVALUATED = 3


class CommandLine(LateGroup):
    """The group of all commands: chooses the language and turns refusals into plain lines."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command line in the language that it or the environment asks for."""
        words = list(sys.argv[1:] if args is None else args)
        tag, words = take_language(words)
        language = tag or environment_language(os.environ)
        with use_language(language), _click_texts(), collecting_seldom():
            _write_anything()
            return super().main(words, *rest, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it refuses is printed line by line, without a traceback."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            _refuse(error.lines)
        except (DatabaseError, ArgumentError) as error:
            if not _is_unusable(error):
                raise
            reason = str(getattr(error, "orig", None) or error).strip()
            _refuse([_("The database cannot be used: %(reason)s", reason=reason)])
        except BrokenPipeError:
            raise
        except OSError as error:
            where = error.filename or _("Input or output")
            _refuse([f"{where}: {error.strerror or error}"])


def _is_unusable(error: DatabaseError | ArgumentError) -> bool:
    """Whether the database is at fault, and not a statement of the program.

    A file that is no database, or a damaged one, is a `DatabaseError` of no further kind.
    """
    return isinstance(error, OperationalError | ArgumentError) or type(error) is DatabaseError


class LateOption(click.Option):
    """An option whose help is looked up when it is shown.

    Click reads the help of an option when it is declared; that of the command itself is declared
    before the language is known.
    """

    def __init__(self, *words: Any, help: str, **rest: Any) -> None:  # noqa: A002 - click's name
        """Take what an option takes; ``help`` is a lazy text."""
        super().__init__(*words, **rest)
        self._text = help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the current language."""
        self.help = str(self._text)
        return super().get_help_record(ctx)


def take_language(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the language that the last `--lang` names, and the words without any.

    `--lang zh` and `--lang=en` may stand anywhere before a `--`. A `--lang` with another value
    stays among the words, where it is refused as wrong usage.
    """
    tag, rest, remaining = None, [], list(words)
    while remaining and remaining[0] != "--":
        word = remaining.pop(0)
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and remaining and language_of(remaining[0]):
            tag = remaining.pop(0)
        elif value is not None and language_of(value):
            tag = value
        else:
            rest.append(word)
    return tag, rest + remaining


def environment_language(environ: Mapping[str, str]) -> str:
    """Return the language of the first locale variable that names one of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        language = language_of(environ.get(name, ""))
        if language is not None:
            return language
    return DEFAULT_LANGUAGE


def _refuse(lines: Sequence[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    raise click.exceptions.Exit(REFUSED)


def _write_anything() -> None:
    """Let no character stop a message: what the terminal cannot show is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def _click_texts() -> Iterator[None]:
    """Have click's own texts (usage, wrong options) in the current language.

    Click asks Python's gettext, which finds its language in the environment.
    """
    before = os.environ.get("LANGUAGE"), catalogues.textdomain()
    os.environ["LANGUAGE"] = current_language()
    catalogues.bindtextdomain("click", str(TRANSLATIONS))
    catalogues.textdomain("click")
    try:
        yield
    finally:
        catalogues.textdomain(before[1])
        if before[0] is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before[0]


@click.group(
    cls=CommandLine,
    name="tiesan",
    package=__name__,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_l("Turns activity records into flags that people review and follow up."),
)
@click.option(
    "--lang",
    cls=LateOption,
    type=click.Choice([language.split("_")[0] for language in LANGUAGES]),
    expose_value=False,
    help=_l("Language of messages; may stand behind the command too."),
)
@click.version_option(
    package_name="tiesan",
    cls=LateOption,
    message="%(prog)s %(version)s",
    help=_l("Show the version and exit."),
)
def main() -> None:
    """Run the `tiesan` command."""
