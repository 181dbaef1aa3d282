"""`tiesan doctor`: how it stands with everything that the installation needs."""

import os
from collections.abc import Sequence

import click
import orjson

from tiesan.cli import NOT_EVALUATED, REFUSED
from tiesan.clock import now
from tiesan.config import database_url, instance_folder
from tiesan.engine.deciding import Engine
from tiesan.i18n import _, _l
from tiesan.operating.backup import Installation
from tiesan.operating.doctor import TITLES, examine
from tiesan.operating.findings import LEVELS, Finding, Level, Patient, gravest

_STATUS = {Level.WELL: 0, Level.WARNING: NOT_EVALUATED, Level.FAULT: REFUSED}


@click.command(
    help=_l(
        "Look at everything that the installation needs; changes nothing. Exit status 0: all is"
        " well, 3: something is to be seen to, 1: something does not work."
    ),
    short_help=_l("Look whether anything ails the installation."),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help=_l("How it is written."),
)
def command(form: str) -> None:
    """Look, and say of each thing how it stands."""
    engine = Engine()
    what = Installation(database_url(), instance_folder())
    try:
        findings = list(examine(Patient(what, os.environ, engine, now())))
    finally:
        engine.close()
    click.echo(_written(findings) if form == "json" else _said(findings))
    status = _STATUS[gravest(findings)]
    if status:
        raise click.exceptions.Exit(status)


def _said(findings: Sequence[Finding]) -> str:
    lines = []
    for each in findings:
        title = str(TITLES[each.check])
        said = _("%(title)s: %(text)s", title=title, text=each.text)
        lines.append(f"[{LEVELS[each.level]}] {said}")
    return "\n".join(lines)


def _written(findings: Sequence[Finding]) -> str:
    said = {"state": gravest(findings), "findings": findings}
    return orjson.dumps(said, option=orjson.OPT_INDENT_2).decode()
