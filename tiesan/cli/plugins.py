"""`tiesan plugins`: which institutions are installed."""

import click

from tiesan.cli.stored import stored_session
from tiesan.flags.installed import plugins_off
from tiesan.i18n import _, _l
from tiesan.plugin import load_plugins


@click.group(help=_l("The installed plugins."))
def command() -> None:
    """Group the commands on plugins."""


@command.command("list", help=_l("List the plugins, where each comes from, and whether it is on."))
def list_plugins() -> None:
    """Print one line per plugin: name, title, origin, on or off."""
    plugins = load_plugins()
    with stored_session() as session:
        off = plugins_off(session)
    for found in plugins.found:
        name = found.plugin.name
        state = _("disabled") if name in off else _("enabled")
        click.echo("\t".join([name, str(found.plugin.title), found.origin, state]))
