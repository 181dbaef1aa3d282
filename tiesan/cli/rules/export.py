"""`tiesan rules export`: what is published here, as files that another installation imports."""

from pathlib import Path

import click

from tiesan.cli.stored import stored_session
from tiesan.errors import UserError
from tiesan.flags.versions import published_versions
from tiesan.i18n import _, _l


@click.command(
    help=_l("Write the published versions of rules to a folder, one file each."),
    short_help=_l("Write published rules to a folder."),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("rules", nargs=-1)
def command(folder: Path, rules: tuple[str, ...]) -> None:
    """Write the latest published version of each rule, or of those named."""
    with stored_session() as session:
        latest = {each.rule: each for each in published_versions(session)}
    if missing := sorted(set(rules) - latest.keys()):
        text = _("nothing is published of the rule '%s'")
        raise UserError([text % name for name in missing])
    folder.mkdir(parents=True, exist_ok=True)
    for name in rules or sorted(latest):
        file = folder / f"{name}.yaml"
        file.write_text(latest[name].text, encoding="utf-8")
        named = {"file": file, "number": latest[name].number, "day": latest[name].since}
        click.echo(_("%(file)s: version %(number)d, in force from %(day)s") % named)
