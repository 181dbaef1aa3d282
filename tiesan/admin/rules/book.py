"""The lines of the book: of each rule its flags by month, whether it is evaluated, who changed it.

All of it is read by statements for all rules at once, and kept until anything has been written. How
long a rule takes is not stored with an evaluation, so nothing is said of it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import extract, func, select

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.rules.page import (
    FORMS,
    active_flags,
    latest_evaluations,
    states_of_rules,
    unknowns,
)
from tiesan.admin.shell.remembered import remembered
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.flags.versions import PUBLISHED, RuleVersion
from tiesan.i18n import _, current_language
from tiesan.records.kinds import table_of
from tiesan.rules import Rule, explain
from tiesan.words.flags import severity_badge
from tiesan.words.rows import who

MONTHS = 12
# The height and the width of the line, and the room above and below it.
_WIDTH, _HEIGHT, _ROOM = 96, 24, 2
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed last of a rule, by whom and when."""

    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What is stored about all rules, by rule, as far as the viewer may see it.

    ``evaluated`` is the day of which all of the viewer's districts were last judged, None without
    one; ``not_evaluated`` names the districts in which a rule was not.
    """

    flags: Mapping[str, int]
    months: Mapping[str, Mapping[Month, int]]
    evaluated: date | None
    not_evaluated: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the list; ``months`` are its active flags by the month in which they occurred."""

    rule: Rule
    title: str
    severity: str
    form: str
    active_flags: int
    months: Sequence[tuple[Month, int]]
    evaluated: date | None
    not_evaluated: Sequence[str]
    state: str
    words: str
    changed: Change | None

    @property
    def points(self) -> str:
        """The points of the line, for SVG."""
        most = max((number for _month, number in self.months), default=0) or 1
        step, height = _WIDTH / (MONTHS - 1), _HEIGHT - 2 * _ROOM
        return " ".join(
            f"{at * step:.1f},{_HEIGHT - _ROOM - height * number / most:.1f}"
            for at, (_month, number) in enumerate(self.months)
        )

    @property
    def months_said(self) -> str:
        """The same in numbers."""
        return _(", ").join(f"{year}-{month:02}: {n}" for (year, month), n in self.months)


def rule_lines(catalog: Catalog, *, changes: bool) -> Callable[[Rule], RuleLine]:
    """Return what gives the line of a rule; who changed it last is told where ``changes`` says."""
    language, day = current_language(), today()
    health = remembered("rule book", _health, current_viewer(), day)
    states, months = states_of_rules(), months_until(day)
    changed = last_changes() if changes else {}

    def line(rule: Rule) -> RuleLine:
        by_month = health.months.get(rule.id, {})
        return RuleLine(
            rule,
            rule.title.in_language(language),
            severity_badge(rule.severity),
            str(FORMS[type(rule.form)]),
            health.flags.get(rule.id, 0),
            [(month, by_month.get(month, 0)) for month in months],
            health.evaluated,
            health.not_evaluated.get(rule.id, ()),
            states.get(rule.id, _("In force") if rule.enabled else _("Switched off")),
            " ".join(each.text for each in explain(rule, catalog.kinds, rules=catalog.rules)),
            changed.get(rule.id),
        )

    return line


def months_until(day: date) -> list[Month]:
    """Return the last twelve months, that of a day last."""
    last = day.year * 12 + day.month - 1
    found = (divmod(each, 12) for each in range(last - MONTHS + 1, last + 1))
    return [(year, month + 1) for year, month in found]


def _health(_viewer: Viewer, day: date) -> Health:
    """What is stored, as the reads of this request's session show it to the viewer."""
    evaluations = latest_evaluations()
    missing: dict[str, list[str]] = defaultdict(list)
    for each in unknowns(evaluations):
        if each.district not in missing[each.rule]:
            missing[each.rule].append(each.district)
    evaluated = min((each.as_of for each, _district in evaluations), default=None)
    return Health(active_flags(), _flags_by_month(day), evaluated, dict(missing))


def _flags_by_month(day: date) -> Mapping[str, Mapping[Month, int]]:
    """The active flags that the viewer may see, by rule and the month in which they occurred."""
    year, month = months_until(day)[0]
    of_year, of_month = extract("year", Flag.occurred_on), extract("month", Flag.occurred_on)
    statement = (
        select(Flag.rule, of_year, of_month, func.count(Flag.id))
        .where(Flag.active, Flag.occurred_on >= date(year, month, 1))
        .group_by(Flag.rule, of_year, of_month)
    )
    found: dict[str, dict[Month, int]] = defaultdict(dict)
    for rule, in_year, in_month, number in db.session.execute(statement):
        found[rule][int(in_year), int(in_month)] = number
    return dict(found)


def last_changes() -> Mapping[str, Change]:
    """Return by rule what was published or set last; nothing of what is as it was shipped."""
    found = _versions()
    for rule, change in _parameters().items():
        known = found.get(rule)
        if known is None or known.at < change.at:
            found[rule] = change
    return found


def _versions() -> dict[str, Change]:
    latest = (
        select(func.max(RuleVersion.published_at), RuleVersion.rule)
        .where(RuleVersion.state == PUBLISHED)
        .group_by(RuleVersion.rule)
        .subquery()
    )
    at, rule = latest.c
    statement = select(RuleVersion).join(
        latest, (RuleVersion.rule == rule) & (RuleVersion.published_at == at)
    )
    found = {}
    for each in db.session.scalars(statement.order_by(RuleVersion.number)):
        by_id, name = each.approver_id, each.approver_name
        if name is None:
            by_id, name = each.author_id, each.author_name
        if each.published_at is not None:
            what = _("Version %(number)d", number=each.number)
            found[each.rule] = Change(what, who(name, by_id), each.published_at)
    return found


def _parameters() -> dict[str, Change]:
    # The plain table: whoever is told administers everything.
    entry = table_of(AuditEntry)
    latest = (
        select(func.max(entry.c.id))
        .where(entry.c.object_kind == "parameter", entry.c.verb == "set parameter")
        .group_by(entry.c.object_code)
    )
    statement = select(entry).where(entry.c.id.in_(latest))
    return {
        str(each.object_code): Change(_("Parameter"), who(each.actor_name, each.actor_id), each.at)
        for each in db.session.execute(statement)
    }
