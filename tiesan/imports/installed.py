"""The kinds of imports of the plugins that are installed; a plugin names the module with them."""

from collections.abc import Mapping

from tiesan.discovery import Plugins
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.plugin import Plugin, load_named
from tiesan.records.imports.values import ImportKind


def load_imports(plugins: Plugins) -> Mapping[str, tuple[str, ImportKind]]:
    """Return the kinds of imports of all plugins by name, each with the name of its plugin.

    Raises UserError for a module that has none, and for a name that two have.
    """
    found: dict[str, tuple[str, ImportKind]] = {}
    for plugin in plugins:
        for kind in imports_of(plugin):
            if kind.name in found:
                text = _("Plugin %(name)s: there is an import “%(kind)s” already")
                raise UserError(text % {"name": plugin.name, "kind": kind.name})
            found[kind.name] = (plugin.name, kind)
    return found


def imports_of(plugin: Plugin) -> tuple[ImportKind, ...]:
    """Return the kinds of imports of one plugin; raises UserError when it names no tuple of them.

    Each writes a record of the plugin's own.
    """
    found = load_named(plugin, "imports")
    if found is None:
        return ()
    right = isinstance(found, tuple) and all(
        isinstance(each, ImportKind) and each.record in plugin.records for each in found
    )
    if not right or not isinstance(found, tuple):
        text = _(
            "Plugin %(name)s: %(module)s has no tuple named imports, of imports of its records"
        )
        raise UserError(text % {"name": plugin.name, "module": plugin.imports})
    return found
