"""`tiesan rules facts`: the facts and fields that rules may read."""

import click

from tiesan.facts.kinds import Field
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import _, _l


@click.command(help=_l("List the facts and fields that rules may read."))
def command() -> None:
    """Print every fact kind with its fields."""
    for kind in installed_catalog().kinds.values():
        click.echo(f"{kind.name} · {kind.title}")
        for field in kind.fields:
            click.echo(f"  {field.name}: {_described(field)} · {field.label}")


def _described(field: Field) -> str:
    described = str(field.type)
    if field.to is not None:
        described += f" {field.to}"
    if field.choices:
        described += f" ({', '.join(field.choices)})"
    return described + (f" [{_('derived')}]" if field.derived else "")
