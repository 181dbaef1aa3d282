"""Flags and what was not evaluated, printed as table, JSON or CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import click
import orjson

from tiesan.i18n import _, current_language
from tiesan.rules import SEVERITY_LABELS, Hit, NotEvaluated

FORMATS = ("table", "json", "csv")
_FIELDS = ("rule", "severity", "subject_kind", "subject", "key", "occurred_on", "message")
# A wide character takes two columns of a terminal.
_WIDE = frozenset("WF")


def flag_entry(hit: Hit) -> dict[str, Any]:
    """A flag as the exchange format's JSON has it."""
    return {
        "rule": hit.rule,
        "severity": str(hit.severity),
        "subject_kind": hit.subject_kind,
        "subject": hit.subject,
        "key": hit.key,
        "occurred_on": hit.occurred_on.isoformat(),
        "message": message_of(hit),
        "evidence": hit.evidence,
    }


def message_of(hit: Hit) -> str:
    """What a flag says, in the current language."""
    return hit.message["en" if current_language().startswith("en") else "zh"]


def not_evaluated_entry(entry: NotEvaluated) -> dict[str, str]:
    """What could not be decided, as the exchange format's JSON has it."""
    return {"rule": entry.rule, "scope": entry.scope, "error": entry.error}


def as_json(content: object) -> str:
    """JSON for people and programs: two spaces, keys as given."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def flags_as_csv(hits: Iterable[Hit]) -> str:
    """Flags as CSV, one per line, with a header row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_FIELDS)
    for hit in hits:
        entry = flag_entry(hit)
        writer.writerow([entry[name] for name in _FIELDS])
    return text.getvalue().rstrip("\n")


def flags_as_table(hits: Sequence[Hit]) -> str:
    """Flags as a table of aligned columns."""
    header = [
        _("Occurred on"),
        _("Severity"),
        _("Subject"),
        _("Rule"),
        _("Key"),
        _("Message"),
    ]
    rows = [
        [
            hit.occurred_on.isoformat(),
            str(SEVERITY_LABELS[hit.severity]),
            hit.subject,
            hit.rule,
            hit.key,
            message_of(hit),
        ]
        for hit in hits
    ]
    return table([header, *rows])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as aligned columns, the first row being the header."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip(row, widths, strict=True)
    return "  ".join(cell + " " * (width - _width(cell)) for cell, width in cells)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in _WIDE else 1 for letter in text)


def check_output(output: str | None) -> None:
    """See that a file can be written before work begins; raises OSError when it cannot.

    What is in it stays, and a new file is not left behind. A pipe or device is not tried: whoever
    reads from it would take the trial for the end.
    """
    if output is None:
        return
    path = Path(output)
    existed = path.exists()
    if existed and not path.is_file():
        return
    path.open("ab").close()
    if not existed:
        path.unlink()


def write(text: str, output: str | None, *, marked: bool = False) -> None:
    """Print a text, or write it to a file; raises OSError when that cannot be written.

    A file is ``marked`` with its byte order where spreadsheets would take it for GB18030 otherwise.
    """
    if output is None:
        click.echo(text)
        return
    if not Path(output).exists():
        # It names persons, like an export: whoever asked for it reads it, nobody else.
        Path(output).touch(mode=0o600)
    encoding = "utf-8-sig" if marked else "utf-8"
    with open(output, "w", encoding=encoding, newline="\n") as file:  # noqa: PTH123 - as named.
        file.write(f"{text}\n")


def with_not_evaluated(table: str, entries: Iterable[NotEvaluated]) -> str:
    """A table that is read by itself, with what could not be decided below it."""
    return "\n".join((table, *_not_evaluated_lines(entries)))


def warn_not_evaluated(entries: Iterable[NotEvaluated]) -> None:
    """Say on standard error what could not be decided."""
    for line in _not_evaluated_lines(entries):
        click.echo(line, err=True)


def _not_evaluated_lines(entries: Iterable[NotEvaluated]) -> Iterator[str]:
    for entry in entries:
        named = {"rule": entry.rule, "scope": entry.scope, "error": entry.error}
        yield _("NOT EVALUATED %(rule)s (%(scope)s): %(error)s") % named
