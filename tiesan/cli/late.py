"""A group of commands, each of which is a module that is loaded when it is wanted.

So one command does not wait for the libraries of the others.
"""

import keyword
from importlib import import_module
from typing import Any

import click


class LateGroup(click.Group):
    """A group whose commands are modules of one package.

    A command's module has its name (``init-db`` in ``init_db.py``, ``import`` in ``import_.py``,
    because ``import`` is a word of Python) and offers it as ``command``, a click command or group.
    """

    def __init__(self, *words: Any, package: str, modules: tuple[str, ...], **rest: Any) -> None:
        """Take what a group takes; ``modules`` are the names of the commands, in order."""
        super().__init__(*words, **rest)
        self._package, self._modules = package, modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands in their order."""
        return list(self._modules)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command, or return None when there is none of that name."""
        if cmd_name not in self._modules:
            return None
        module = import_module(f"{self._package}.{_module_name(cmd_name)}")
        if not isinstance(module.command, click.Command):
            message = f"{module.__name__}.command is no click command"
            raise TypeError(message)
        return module.command


def _module_name(command_name: str) -> str:
    name = command_name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) or name in _BUILT_IN else name


# Modules of these names would hide what Python itself calls so.
_BUILT_IN = frozenset({"list"})
