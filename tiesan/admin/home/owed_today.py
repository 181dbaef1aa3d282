"""Which kinds of records the rules ask of the viewer for this very day, as the evaluator says.

It is read from what the viewer owes, which the list below on the page shows as well.
"""

from collections.abc import Mapping
from datetime import date

from tiesan.access.viewer import Viewer
from tiesan.admin.owed.at_home import DAYS_AT_HOME
from tiesan.admin.owed.lines import owings, read
from tiesan.rules import Duty, Owed


def asked_of(viewer: Viewer, day: date) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Return the kinds of records that are asked of the viewer for a day and are not there yet.

    Each has the rules that ask it, with the key of what is owed.
    """
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for owing in owings(viewer, day):
        for each in read(owing, day, DAYS_AT_HOME):
            if isinstance(each.rule.form, Duty) and _is_of(each, viewer, day):
                kind, asked = each.rule.form.counts.kind, (each.rule.id, each.key)
                found[kind] = found.get(kind, frozenset()) | {asked}
    return found


def _is_of(owed: Owed, viewer: Viewer, day: date) -> bool:
    """Whether something is owed by the viewer for one day alone."""
    own = owed.subject_kind == "cadre" and owed.subject == viewer.cadre_code
    return own and owed.first_day == day == owed.last_day
