"""`tiesan rules import`: texts of rules as drafts of their next versions."""

from pathlib import Path

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.rules.loading import SUFFIXES
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.errors import UserError
from tiesan.flags.catalog import read_catalog
from tiesan.i18n import _, _l
from tiesan.rulebook.services import store_drafts
from tiesan.rulebook.texts import texts_of
from tiesan.rules import RuleFileError, load_rule_file


@click.command(
    help=_l("Store the rules of a file, or of all files of a folder, as drafts."),
    short_help=_l("Store rules as drafts."),
)
@click.argument("path", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Store drafts; what an installation says already is left out."""
    files = _files(path)
    with stored_session() as session:
        catalog = read_catalog(session, today())
        texts: list[tuple[str, str]] = []
        lines: list[str] = []
        for file in files:
            try:
                loaded = load_rule_file(file, catalog.kinds)
                texts.extend(texts_of(loaded, file.read_text(encoding="utf-8-sig")))
            except RuleFileError as error:
                lines.extend(error.lines)
        if lines:
            raise RuleFileError(lines)
        drafts = store_drafts(COMMAND_LINE, session, catalog, texts, now())
        session.commit()
    for each in drafts:
        named = {"rule": each.rule, "number": each.number}
        click.echo(_("%(rule)s: version %(number)d is a draft now.") % named)
    if len(texts) > len(drafts):
        number = len(texts) - len(drafts)
        click.echo(_("What says nothing new was left out: %(number)d.") % {"number": number})


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
    if not found:
        raise UserError(_("%s: there is no rule file here") % path)
    return found
