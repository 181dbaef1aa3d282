"""`tiesan rules history`: the versions of a rule."""

import click
from sqlalchemy import select

from tiesan.cli.output import as_json, table
from tiesan.cli.stored import stored_session
from tiesan.clock import today
from tiesan.errors import UserError
from tiesan.flags.catalog import read_catalog
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _, _l


@click.command(help=_l("List the versions of a rule."))
@click.argument("rule")
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table")
def command(rule: str, shape: str) -> None:
    """Print every version, the shipped one first; the one in force is marked."""
    with stored_session() as session:
        catalog = read_catalog(session, today())
        statement = select(RuleVersion).where(RuleVersion.rule == rule)
        rows = session.scalars(statement.order_by(RuleVersion.number)).all()
    if rule not in catalog.in_force and not rows:
        raise UserError(_("unknown rule '%s'") % rule)
    found = catalog.on(rule, today())
    in_force = None if found is None else found.number
    entries = [_entry(row, in_force) for row in rows]
    if rule in catalog.shipped:
        shipped = {"number": 0, "state": "shipped", "in_force": in_force == 0}
        entries.insert(0, {**shipped, "digest": catalog.shipped[rule].digest})
    click.echo(as_json(entries) if shape == "json" else _as_table(entries))


def _entry(row: RuleVersion, in_force: int | None) -> dict[str, object]:
    return {
        "number": row.number,
        "state": row.state,
        "in_force": row.number == in_force,
        "from": None if row.since is None else row.since.isoformat(),
        "author": row.author_name,
        "approver": row.approver_name,
        "reason": row.reason,
        "digest": row.digest,
    }


def _as_table(entries: list[dict[str, object]]) -> str:
    header = ["", _("Version"), _("State"), _("From"), _("Author"), _("Published by"), _("Reason")]
    names = ("number", "state", "from", "author", "approver", "reason")
    rows = [
        ["*" if each["in_force"] else "", *(str(each.get(name) or "") for name in names)]
        for each in entries
    ]
    for row, each in zip(rows, entries, strict=True):
        row[1] = str(each["number"])
    return table([header, *rows])
