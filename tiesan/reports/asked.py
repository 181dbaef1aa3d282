"""What numbers are asked for: of which organizations, of which days, known as of which day."""

from dataclasses import dataclass
from datetime import date

from tiesan.flags.catalog import Catalog
from tiesan.reports.places import Places
from tiesan.reports.spans import Span


@dataclass(frozen=True)
class Asked:
    """The installation, the organizations, the span, and the day as of which is told.

    ``off`` are the plugins that are switched off: nothing is told of their rules and records. With
    an ``institution``, only of that plugin is told.
    """

    catalog: Catalog
    places: Places
    span: Span
    as_of: date
    off: frozenset[str] = frozenset()
    institution: str = ""

    def tells_of_plugin(self, plugin: str) -> bool:
        """Whether a plugin is on, and told of."""
        return plugin not in self.off and self.institution in ("", plugin)

    @property
    def last_day(self) -> date:
        """The last day of the span that is known."""
        return self.span.ends(self.as_of)

    def tells_of(self, rule: str) -> bool:
        """Whether a rule is told of: it is there, its plugin is on, and it is not confidential."""
        known = self.catalog.rules.get(rule)
        secret = rule in self.catalog.confidential_rules
        return known is not None and not secret and self.tells_of_plugin(known.plugin)


@dataclass(frozen=True, slots=True)
class Counted:
    """A row that counts in a column for an organization: by how much, and of how much if of any."""

    key: str
    place_id: int
    row: tuple[str, int]
    value: int = 1
    of: int | None = None
