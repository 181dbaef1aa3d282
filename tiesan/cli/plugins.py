"""`tiesan plugins`: list the plugins, switch them on and off, remove their tables."""

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.stored import stored_session
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.flags.installed import plugins_off
from tiesan.i18n import _, _l
from tiesan.migrate import remove_plugin
from tiesan.plugin import Plugin
from tiesan.records.switches import switch_plugin
from tiesan.schema import require_current

_NAME = click.argument("name")


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


@command.command(
    "enable",
    help=_l("Switch a plugin on: its rules are evaluated and its pages shown."),
    short_help=_l("Switch a plugin on."),
)
@_NAME
def enable(name: str) -> None:
    """Switch a plugin on."""
    _switch(name, enabled=True)


@command.command(
    "disable",
    help=_l(
        "Switch a plugin off: its rules are not evaluated and its pages left out of the navigation."
        " Its records stay facts, so that an approved leave still excuses."
    ),
    short_help=_l("Switch a plugin off."),
)
@_NAME
def disable(name: str) -> None:
    """Switch a plugin off."""
    _switch(name, enabled=False)


def _switch(name: str, *, enabled: bool) -> None:
    plugin = _installed(name)
    with stored_session() as session:
        changed = switch_plugin(COMMAND_LINE, session, plugin.name, enabled=enabled, at=now())
        session.commit()
    if not changed:
        click.echo(_("%(name)s was so already; nothing changed.", name=name))
    elif enabled:
        click.echo(_("%(name)s is on; the next evaluation raises its flags.", name=name))
    else:
        click.echo(_("%(name)s is off; the next evaluation clears its flags.", name=name))


@command.command(
    "remove",
    help=_l("Drop a plugin's tables with all its records, before it is uninstalled."),
    short_help=_l("Drop a plugin's tables with all its records."),
)
@_NAME
@click.option("--yes", is_flag=True, help=_l("Do not ask."))
def remove(name: str, *, yes: bool) -> None:
    """Drop a plugin's tables; its flags stay and are cleared by the next evaluation."""
    plugin = _installed(name)
    engine = make_engine(database_url())
    try:
        require_current(engine, load_plugins())
        if not yes:
            question = _("Drop all records of %(name)s? They cannot be brought back.", name=name)
            click.confirm(question, abort=True, err=True)
        remove_plugin(COMMAND_LINE, engine, plugin, at=now())
    finally:
        engine.dispose()
    text = _(
        "The tables of %(name)s are gone. Uninstall its package now; as long as it is installed,"
        " `tiesan init-db` would create them anew, empty.",
        name=name,
    )
    click.echo(text)


def _installed(name: str) -> Plugin:
    plugins = load_plugins()
    if name not in plugins.by_name:
        names = ", ".join(plugins.by_name)
        text = _("No plugin named %(name)s is installed; installed are: %(names)s")
        raise UserError(text % {"name": name, "names": names})
    return plugins.by_name[name]
