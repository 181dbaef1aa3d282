"""`tiesan rules publish`: a draft comes into force from a day on."""

from contextlib import closing
from datetime import datetime

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.evaluate import DATE
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import read_catalog
from tiesan.i18n import _, _l
from tiesan.rulebook.services import publish_version


@click.command(help=_l("Publish the draft of a rule from a day on."))
@click.argument("rule")
@click.option("--number", type=click.IntRange(min=1), help=_l("Which version (default: latest)."))
@click.option("--from", "since", type=DATE, required=True, help=_l("First day (YYYY-MM-DD)."))
@click.option("--reason", help=_l("Why; needed for a day that has passed."))
def command(rule: str, number: int | None, since: datetime, reason: str | None) -> None:
    """Check the draft, run its tests and publish it; nobody else approves."""
    with stored_session() as session, closing(Engine()) as engine:
        row = publish_version(
            COMMAND_LINE,
            session,
            read_catalog(session, today()),
            engine.decide,
            rule_id=rule,
            number=number,
            since=since.date(),
            day=today(),
            at=now(),
            reason=reason,
        )
        session.commit()
    named = {"rule": row.rule, "number": row.number, "day": since.date().isoformat()}
    click.echo(_("%(rule)s: version %(number)d is in force from %(day)s on.") % named)
