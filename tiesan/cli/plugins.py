"""`tiesan plugins`: list the plugins, switch them on and off, remove their tables."""

from collections.abc import Sequence

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.stored import stored_session
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.discovery import Plugins, load_plugins
from tiesan.errors import UserError
from tiesan.flags.installed import plugins_off
from tiesan.i18n import _, _l, ngettext
from tiesan.migrate import left_over_plugins, remove_plugin
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
        left_over = left_over_plugins(session.get_bind().engine, plugins)
    for found in plugins.found:
        name = found.plugin.name
        state = _("disabled") if name in off else _("enabled")
        click.echo("\t".join([name, str(found.plugin.title), found.origin, state]))
    for name in left_over:
        click.echo("\t".join([name, "", _("not installed"), _("its data is there")]))


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
    """Drop a plugin's tables and clear its flags; its package may be gone already."""
    plugins = load_plugins()
    engine = make_engine(database_url())
    try:
        require_current(engine, plugins)
        _refuse_unknown(name, plugins, left_over_plugins(engine, plugins))
        if not yes:
            question = _("Drop all records of %(name)s? They cannot be brought back.", name=name)
            click.confirm(question, abort=True, err=True)
        number = remove_plugin(COMMAND_LINE, engine, plugins, name, at=now())
    finally:
        engine.dispose()
    if number:
        click.echo(ngettext("%(num)d flag cleared.", "%(num)d flags cleared.", number))
    if name not in plugins.by_name:
        click.echo(_("The tables of %(name)s are gone.", name=name))
        return
    text = _(
        "The tables of %(name)s are gone. Uninstall its package now; as long as it is installed,"
        " `tiesan init-db` would create them anew, empty.",
        name=name,
    )
    click.echo(text)


def _installed(name: str) -> Plugin:
    plugins = load_plugins()
    _refuse_unknown(name, plugins)
    return plugins.by_name[name]


def _refuse_unknown(name: str, plugins: Plugins, left_over: Sequence[str] = ()) -> None:
    """Raise UserError for a plugin that is neither installed nor has left anything over."""
    if name not in plugins.by_name and name not in left_over:
        names = ", ".join(plugins.by_name)
        text = _("No plugin named %(name)s is installed; installed are: %(names)s")
        raise UserError(text % {"name": name, "names": names})
