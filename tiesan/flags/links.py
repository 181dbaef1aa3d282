"""Links from flags to the rows that their present evidence rests on.

Evidence names rows as files do, by code or by cadre and day, and no more than sixty of them; a
record's page has to find the flags that rest on it among all. So every evaluation brings the links
of what it found in line with it: with a query per kind of rows, never one per flag.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from tiesan.extensions import Base
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.flags.naming import NamedRows
from tiesan.people.models import Cadre
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.rules import Reference

CADRE = record_kind(Cadre).name
_LINK, _FLAG = table_of(EvidenceLink), table_of(Flag)
# More flags than this are asked for by their district, not one by one.
_FEW = 400

Rests: TypeAlias = Mapping[int, frozenset[Reference]]
_Link: TypeAlias = tuple[int, str, int]


def keep_links(
    session: Session, records: Mapping[str, type[Record]], rests: Rests, district_id: int
) -> None:
    """Link flags, all of one district, to the rows on which they rest by their references.

    ``records`` are the classes by kind; of other kinds only cadres are linked. Links that no
    longer hold are kept as not present.
    """
    if rests:
        _Linking(session, records, rests, district_id).run()


class _Linking:
    def __init__(
        self,
        session: Session,
        records: Mapping[str, type[Record]],
        rests: Rests,
        district_id: int,
    ) -> None:
        models: dict[str, type[Base]] = {**records, CADRE: Cadre}
        self._session, self._rests = session, rests
        self._rows = {kind: NamedRows(session, model) for kind, model in models.items()}
        few = len(rests) <= _FEW
        flags = select(_FLAG.c.id).where(_FLAG.c.district_id == district_id)
        self._of_flags = _LINK.c.flag_id.in_(sorted(rests) if few else flags)

    def run(self) -> None:
        stored = self._stored()
        known = self._known([link for link, present in stored.items() if present])
        ids = self._missing_ids(known)
        wanted: set[_Link] = set()
        for flag_id, references in self._rests.items():
            for reference in references:
                row_id = known[flag_id].get(reference) or ids.get(reference)
                if row_id is not None:
                    wanted.add((flag_id, reference[0], row_id))
        self._write(stored, wanted)

    def _stored(self) -> dict[_Link, bool]:
        """All links of these flags, and whether each is present."""
        columns = (_LINK.c.flag_id, _LINK.c.kind, _LINK.c.row_id, _LINK.c.present)
        found = self._session.execute(select(*columns).where(self._of_flags))
        return {(flag, kind, row): held for flag, kind, row, held in found if flag in self._rests}

    def _known(self, links: Iterable[_Link]) -> Mapping[int, dict[Reference, int]]:
        """What the linked rows are called now, by flag.

        A record that was voided is called nothing: entered again it is another row.
        """
        flags_of: dict[tuple[str, int], list[int]] = defaultdict(list)
        for flag_id, kind, row_id in links:
            flags_of[kind, row_id].append(flag_id)
        found: dict[int, dict[Reference, int]] = defaultdict(dict)
        for kind in sorted({kind for kind, _row in flags_of} & self._rows.keys()):
            for row_id, reference in self._rows[kind].among(self._linked(kind)):
                for flag_id in flags_of.get((kind, row_id), ()):
                    found[flag_id][reference] = row_id
        return found

    def _linked(self, kind: str) -> Select[int]:
        present: ColumnElement[bool] = _LINK.c.present
        return select(_LINK.c.row_id).where(_LINK.c.kind == kind, present, self._of_flags)

    def _missing_ids(self, known: Mapping[int, Mapping[Reference, int]]) -> dict[Reference, int]:
        missing: dict[str, set[Reference]] = defaultdict(set)
        for flag_id, references in self._rests.items():
            for reference in references - known[flag_id].keys():
                missing[reference[0]].add(reference)
        found: dict[Reference, int] = {}
        for kind in sorted(missing.keys() & self._rows.keys()):
            found |= self._rows[kind].ids(missing[kind])
        return found

    def _write(self, stored: Mapping[_Link, bool], wanted: set[_Link]) -> None:
        new = [_row(link, present=True) for link in sorted(wanted - stored.keys())]
        turned = [
            _row(link, present=link in wanted, prefix="of_")
            for link, present in stored.items()
            if present is not (link in wanted)
        ]
        if new:
            self._session.execute(insert(EvidenceLink), new)
        if turned:
            self._session.connection().execute(_TURN, turned)


def _row(link: _Link, *, present: bool, prefix: str = "") -> dict[str, int | str | bool]:
    values: tuple[int | str | bool, ...] = (*link, present)
    names = ("flag_id", "kind", "row_id", "present")
    return {f"{prefix}{name}": value for name, value in zip(names, values, strict=True)}


_TURN = (
    update(_LINK)
    .where(
        _LINK.c.flag_id == bindparam("of_flag_id"),
        _LINK.c.kind == bindparam("of_kind"),
        _LINK.c.row_id == bindparam("of_row_id"),
    )
    .values(present=bindparam("of_present"))
)
