"""The figures of accountability: letters, mistakes, and cases."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(
        name="letters",
        title=_l("Responsibility letters signed"),
        kind="responsibility_letter",
        date="signed_on",
    ),
    Figure(name="mistakes", title=_l("Mistakes reported"), kind="mistake", date="reported_on"),
    Figure(
        name="cases",
        title=_l("Accountability cases opened"),
        kind="accountability_case",
        date="opened_on",
    ),
    Figure(
        name="decided",
        title=_l("Accountability cases decided"),
        kind="accountability_case",
        date="decided_on",
    ),
)
