"""Codes of entries that were merged into others: a file that has them means the entry kept.

Rows of records name the person by either code. What a file says of the entry that is gone itself,
in the files of persons and of postings, is left alone: it is said under the code that was kept.
"""

from collections.abc import Iterable, Mapping

from tiesan.columns import CODE
from tiesan.i18n import _
from tiesan.people.models import Cadre, Posting
from tiesan.records.exchange.parsing import ParsedFile
from tiesan.records.exchange.planning import Planned
from tiesan.records.exchange.problems import Remark, shown

_PERSON: Mapping[object, str] = {Cadre: CODE, Posting: "cadre"}


def leave_merged(files: Iterable[ParsedFile], aliases: Mapping[str, int]) -> list[Remark]:
    """Leave out the rows of entries that are gone, and return a remark on each."""
    remarks = []
    for parsed in files if aliases else ():
        column = _PERSON.get(parsed.file.model)
        if column is None:
            continue
        place = parsed.file.position[column]
        gone = [row for row in parsed.rows if row.values[place] in aliases]
        text = _("this entry was merged into another one: the row is left alone")
        remarks += [parsed.remark(row, column, text, row.values[place]) for row in gone]
        parsed.rows[:] = [row for row in parsed.rows if row.values[place] not in aliases]
    return remarks


def refuse_twins(
    parsed: ParsedFile, planned: list[Planned], aliases: Mapping[str, int]
) -> list[Planned]:
    """Note rows of a file that are one and the same as two codes mean one person; give the others.

    Codes themselves stand once in a file, which was looked at before.
    """
    if not aliases or parsed.file.coded:
        return planned
    lines: dict[tuple[object, ...], int] = {}
    for each in planned:
        key = tuple(each.values[place] for place in parsed.file.identity)
        first = lines.setdefault(key, each.row.line)
        if first != each.row.line:
            place = parsed.file.identity[0]
            found = shown(each.row.values[place])
            text = _("stands twice in this file (first in line %(line)d); found: %(found)s")
            name = parsed.file.fields[place].name
            parsed.blame(each.row, name, text % {"line": first, "found": found})
    return [each for each in planned if each.row.sound]
