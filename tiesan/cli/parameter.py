"""`tiesan parameter`: dated values of the rules' parameters."""

from datetime import datetime

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.evaluate import DATE
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.flags.catalog import read_catalog
from tiesan.flags.services import set_parameter
from tiesan.i18n import _, _l


@click.group(help=_l("Dated values of the rules' parameters."))
def command() -> None:
    """Group the commands on parameters."""


@command.command("set", help=_l("Give a rule's parameter a value from a day on."))
@click.argument("rule")
@click.argument("name")
@click.argument("value")
@click.option("--from", "valid_from", type=DATE, required=True, help=_l("First day (YYYY-MM-DD)."))
@click.option("--reason", help=_l("Why the value changes."))
def set_value(rule: str, name: str, value: str, valid_from: datetime, reason: str | None) -> None:
    """Set a dated value; one on a date that has one replaces it."""
    with stored_session() as session:
        row = set_parameter(
            COMMAND_LINE,
            session,
            read_catalog(session, today()),
            rule=rule,
            name=name,
            value=value,
            valid_from=valid_from.date(),
            now=now(),
            reason=reason,
        )
        session.commit()
        value = row.value
    named = {"rule": rule, "name": name, "value": value, "day": valid_from.date().isoformat()}
    click.echo(_("%(rule)s: %(name)s is %(value)s from %(day)s on.") % named)
