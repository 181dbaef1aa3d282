"""What became of each of many rows, as a file that the page itself holds.

Nothing of it is stored: the rows say what they are now, and the results were told once.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from tiesan.admin.lists.exporting import csv_text
from tiesan.clock import today
from tiesan.courses.many import Results
from tiesan.courses.values import Course
from tiesan.i18n import _


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its name, and its content as an address."""

    name: str
    address: str


def results_export(course: Course, verb: str, results: Results, names: Mapping[int, str]) -> Export:
    """Return the results of a verb on many rows; rows without a name stand by their id."""
    done = [
        (row_id, names.get(row_id, ""), _("Carried out"), str(course.state(state).word))
        for row_id, state in results.done
    ]
    refused = [
        (row_id, names.get(row_id, ""), _("Refused"), " ".join(error.lines))
        for row_id, error in results.refused
    ]
    titles = (_("Number"), str(course.title), _("Outcome"), _("State or reason"))
    content = b64encode(csv_text(titles, [*done, *refused]).encode()).decode("ascii")
    name = f"{course.name}-{verb}-{today():%Y%m%d}.csv"
    return Export(name, f"data:text/csv;charset=utf-8;base64,{content}")
