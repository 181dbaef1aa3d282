"""`tiesan audit`: the chain of the audit trail is verified, and where it ends is printed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection, select

from tiesan.audit.heads import KnownHead, chain_codes, current_heads, head_line, read_heads
from tiesan.audit.models import INSTALLATION
from tiesan.audit.verifying import Finding, Wrong, chains, verify_chain
from tiesan.cli.stored import stored_session
from tiesan.clock import SHANGHAI, today
from tiesan.database import begin_reading
from tiesan.errors import UserError
from tiesan.i18n import _, _l, ngettext
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.kinds import table_of

# Of one chain; whatever forged it, somebody has to look by then.
_MOST_SHOWN = 50
_WORDS = {
    Wrong.CHANGED: _l("changed"),
    Wrong.MISSING: _l("missing"),
    Wrong.ADDED: _l("added past the application"),
    Wrong.REORDERED: _l("not in its place"),
    Wrong.CUT: _l("the end was cut off"),
    Wrong.REPLACED: _l("replaced: it had another hash when it was written down"),
    Wrong.REMOVED: _l("marked as removed by retention, of which no entry tells"),
}


@click.group(help=_l("The audit trail and its chain."))
def command() -> None:
    """Group the commands on the audit trail."""


@command.command("verify", help=_l("Verify that no entry was changed, added or taken away."))
@click.option(
    "--heads",
    type=click.Path(path_type=Path),
    help=_l("Also against the heads in this file, by which a cut end is found."),
)
@click.option("--district", metavar="CODE", help=_l("Only the chain of this district."))
def verify(heads: Path | None, district: str | None) -> None:
    """Print for each chain whether it is in order; the exit status is 1 if one is not."""
    known = read_heads(heads) if heads else []
    with stored_session() as session:
        begin_reading(session)
        connection = session.connection()
        codes = chain_codes(connection)
        named = {each.chain for each in known}
        chosen = (
            sorted({*chains(connection), *named})
            if district is None
            else [_district(connection, district)]
        )
        wrong = [each for each in chosen if not _verified(connection, each, known, codes)]
    if wrong:
        raise click.exceptions.Exit(1)


@command.command("heads", help=_l("Print where each chain ends, as lines of a file of heads."))
def heads() -> None:
    """Print the lines that the daily run would add today."""
    with stored_session() as session:
        for head in current_heads(session.connection()):
            click.echo(head_line(head, today()))


def _district(connection: Connection, code: str) -> int:
    place = table_of(Organization)
    statement = select(place.c.id).where(
        place.c.code == code, place.c.kind == OrganizationKind.DISTRICT.value
    )
    found = connection.scalar(statement)
    if found is None:
        raise UserError(_("There is no district with the code %(code)s.", code=code))
    return int(found)


def _verified(
    connection: Connection, chain: int, known: Sequence[KnownHead], codes: Mapping[int, str]
) -> bool:
    """Print what is wrong with a chain, or that it is in order; returns which."""
    name = _("Installation") if chain == INSTALLATION else codes.get(chain, f"#{chain}")
    found = 0
    for finding in verify_chain(connection, chain, [each for each in known if each.chain == chain]):
        found += 1
        if found <= _MOST_SHOWN:
            click.echo(f"{name} · {_line(finding)}")
    if found > _MOST_SHOWN:
        click.echo(f"{name} · " + ngettext(
            "and %(num)d more", "and %(num)d more", found - _MOST_SHOWN))  # fmt: skip
    if not found:
        heads = current_heads(connection, [chain])
        number, hash_ = (heads[0].number, heads[0].hash.hex()) if heads else (0, "-")
        click.echo(_("%(chain)s: in order, number %(number)d, hash %(hash)s",
                     chain=name, number=number, hash=hash_))  # fmt: skip
    return not found


def _line(finding: Finding) -> str:
    """What is wrong: the number, what is known of the entry, and what happened to it."""
    where = [] if finding.number is None else [_("number %(number)d", number=finding.number)]
    if finding.entry_id is not None:
        where.append(_("entry %(id)d", id=finding.entry_id))
    where.extend(filter(None, [finding.what, _moment(finding.when)]))
    said = str(_WORDS[finding.wrong])
    if finding.wrong is Wrong.CUT:
        said += " " + _("(now it ends with number %(number)d)", number=finding.other or 0)
    elif finding.wrong is Wrong.REORDERED and finding.other is not None:
        said += " " + _("(it belongs to number %(number)d)", number=finding.other)
    return " · ".join([*where, said])


def _moment(kept: str) -> str:
    """A moment of the database in local time; what is none any more as it stands there."""
    try:
        at = datetime.fromisoformat(kept + "+00:00")
    except ValueError:
        return kept
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
