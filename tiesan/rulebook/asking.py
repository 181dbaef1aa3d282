"""What the verbs on versions of rules ask for, and who may do what."""

from datetime import date
from typing import Any

from tiesan.access.installation import installed
from tiesan.access.of_rules import approves_version, publishes_alone, writes_rules
from tiesan.courses.errors import Wrong
from tiesan.courses.given import check
from tiesan.courses.values import Case, Given, Input, Who
from tiesan.flags.catalog import Catalog, read_catalog
from tiesan.i18n import _, _l
from tiesan.rulebook.checking import LONGEST_YAML, known_rule
from tiesan.rulebook.publishing import earlier_versions

RULE, YAML, SINCE, EARLIER, CONFIRMED = "rule", "yaml", "since", "earlier", "confirmed"

# --- persons --------------------------------------------------------------------------------------

_ONLY_ADMINISTRATORS = _l("Only an administrator of the whole installation changes rules.")

WRITER = Who("administrator", _l("administrator"), writes_rules, _ONLY_ADMINISTRATORS)
APPROVER = Who(
    "approver",
    _l("another administrator"),
    approves_version,
    _l("Another administrator of the whole installation publishes it, not its author."),
)
ALONE = Who(
    "alone",
    _l("the only administrator"),
    publishes_alone,
    _l("Another administrator of the whole installation publishes it, not its author."),
)

# --- what is given --------------------------------------------------------------------------------


def rules_of(case: Case) -> Catalog:
    """All rules as they are published at this moment."""
    return read_catalog(case.session, case.day, installed())


def rule() -> Given:
    """The rule: one that there is, or a new one of the house."""

    def reads(value: str, case: Case) -> str:
        wrong = known_rule(rules_of(case), value)
        if wrong is not None:
            raise Wrong(RULE, wrong)
        return value

    return Given(RULE, _l("Rule"), Input.TEXT, reads)


def yaml() -> Given:
    """The text; what is wrong with it is told, and keeps nobody from storing a draft."""

    def reads(value: str, case: Case) -> str:  # noqa: ARG001 - as all that read
        if len(value) > LONGEST_YAML:
            named = {"most": LONGEST_YAML, "number": len(value)}
            wrong = _("A text has at most %(most)d characters; found: %(number)d.")
            raise Wrong(YAML, wrong % named)
        return value.replace("\r\n", "\n") + "\n"

    return Given(YAML, _l("Text of the rule"), Input.TEXT, reads)


def since() -> Given:
    """The day from which it is in force."""

    def reads(value: Any, case: Case) -> date:  # noqa: ARG001 - as all that read
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Wrong(SINCE, _("No day: %(found)s", found=value)) from None

    return Given(SINCE, _l("In force from"), Input.DAY, reads)


def confirmed() -> Given:
    """That the only administrator knows what it does."""
    ticked = check(CONFIRMED, _l("I have seen what it changes, and there is nobody else"))

    def reads(value: Any, case: Case) -> bool | None:
        return ticked.reads(value, case) or None

    return Given(CONFIRMED, ticked.label, Input.CHECK, reads, where_alone)


def where_alone(case: Case) -> bool:
    """Where nobody else could publish it."""
    return case.capacity_is(ALONE)


def where_it_reaches_back(case: Case) -> bool:
    """Where it is in force from a day before today: flags of those days change."""
    since: date | None = case.given.get(SINCE)
    return since is not None and since < case.day


def earlier() -> Given:
    """What is to hold again: an earlier version, what was shipped, or nothing."""

    def choices(case: Case) -> list[tuple[str, str]]:
        return earlier_versions(case.session, rules_of(case), case.row)

    def reads(value: str, case: Case) -> str:
        known = dict(choices(case))
        if value not in known:
            allowed = ", ".join(known)
            raise Wrong(EARLIER, _("Not among those that there are: %(allowed)s", allowed=allowed))
        return value

    return Given(EARLIER, _l("What holds again from today"), Input.CHOICE, reads, choices=choices)
