"""The fact kind ``flag``: what rules over flags may look at.

Source: rules-language.md, "Flags as facts"; review states of institutions.md, "What review adds".
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.i18n import _l
from tiesan.rules.choices import Severity


class Review(StrEnum):
    """Where the review of a flag stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WAIVED = "waived"
    APPEALED = "appealed"
    REMEDIED = "remedied"
    CLOSED = "closed"


SEVERITY_LABELS: Mapping[str, str] = {
    Severity.NOTICE: _l("Notice"),
    Severity.MINOR: _l("Minor"),
    Severity.SERIOUS: _l("Serious"),
    Severity.MAJOR: _l("Major"),
}
REVIEW_LABELS: Mapping[str, str] = {
    Review.OPEN: _l("Open"),
    Review.ACKNOWLEDGED: _l("Acknowledged"),
    Review.EXPLAINED: _l("Explained"),
    Review.CONFIRMED: _l("Confirmed"),
    Review.DISMISSED: _l("Dismissed"),
    Review.WAIVED: _l("Waived"),
    Review.APPEALED: _l("Appealed"),
    Review.REMEDIED: _l("Remedied"),
    Review.CLOSED: _l("Closed"),
}
SUBJECT_LABELS: Mapping[str, str] = {
    "cadre": _l("Cadre"),
    "organization": _l("Organization"),
}

FLAG = FactKind(
    name="flag",
    title=_l("Flag"),
    fields=(
        Field("rule", FieldType.TEXT, _l("Rule"), required=True),
        Field("severity", FieldType.CHOICE, _l("Severity"), required=True, choices=SEVERITY_LABELS),
        Field(
            "subject_kind",
            FieldType.CHOICE,
            _l("Kind of subject"),
            required=True,
            choices=SUBJECT_LABELS,
        ),
        Field("cadre", FieldType.REFERENCE, _l("Cadre"), to="cadre"),
        Field("organization", FieldType.REFERENCE, _l("Organization"), to="organization"),
        Field("key", FieldType.TEXT, _l("Key"), required=True),
        Field("occurred_on", FieldType.DATE, _l("Occurred on"), required=True),
        Field("review", FieldType.CHOICE, _l("Review"), required=True, choices=REVIEW_LABELS),
    ),
    identity=("rule", "cadre", "organization", "key"),
)


def flag_fact(
    rule: str,
    severity: str,
    subject: tuple[str, str],
    key: str,
    occurred_on: date,
    review: str,
) -> Fact:
    """A flag as rules over flags see it; ``subject`` is its kind and its code."""
    kind, code = subject
    values: Mapping[str, Value] = {
        "rule": rule,
        "severity": str(severity),
        "subject_kind": kind,
        kind: code,
        "key": key,
        "occurred_on": occurred_on,
        "review": str(review),
    }
    return tuple(values.get(field.name) for field in FLAG.fields)
