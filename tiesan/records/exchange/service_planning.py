"""What an import makes of persons' service: their postings, and what their own rows say of them.

Source: exchange.md, postings.csv and cadres.csv. Where the files have postings of a person, these
say everything; where they have none, the person's row is read as ``people.postings.revised`` says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.columns import CODE
from tiesan.i18n import _
from tiesan.people.models import Posting
from tiesan.people.postings import (
    PostingRefused,
    Service,
    Span,
    begins_anew,
    begun,
    in_order,
    overlaps,
    revised,
    service_of,
)
from tiesan.records.exchange.parsing import ParsedFile, Row
from tiesan.records.exchange.planning import Plan, Planned, Planner, Stored, Values
from tiesan.records.exchange.problems import Remark, shown
from tiesan.records.exchange.targets import Registry, narrowed
from tiesan.records.kinds import table_of

CADRE = "cadre"
_SAID = ("organization", "joined_on", "left_on")


class Postings:
    """The postings of everybody concerned by an import: stored, brought by a file, and to be."""

    def __init__(
        self,
        session: Session,
        registry: Registry,
        parsed: ParsedFile | None,
        planned: Sequence[Planned],
    ) -> None:
        """Take the file of postings, if there is one, and its sound rows."""
        self._session = session
        self._parsed = parsed
        self._unknown = _of_wrong_rows(registry, parsed)
        self._stored: dict[int, list[Span]] = {}
        self._brought: dict[int, list[Planned]] = defaultdict(list)
        for each in planned:
            self._brought[each.values[0]].append(each)
        self._load(list(self._brought))
        self._wanted: dict[int, list[Span]] = {}
        self._torn: set[int] = set()
        for cadre_id in self._brought:
            self._merge(cadre_id)

    def _load(self, cadre_ids: Sequence[int]) -> None:
        """Read the stored postings of these, once."""
        missing = [each for each in dict.fromkeys(cadre_ids) if each not in self._stored]
        found: dict[int, list[Span]] = {each: [] for each in missing}
        columns = table_of(Posting).c
        statement = narrowed(select(Posting.__table__), columns.cadre_id, missing)
        for row in self._session.execute(statement.order_by(columns.from_on)):
            if row.cadre_id in found:
                span = Span(row.organization_id, row.from_on, row.until_on, row.id)
                found[row.cadre_id].append(span)
        self._stored.update(found)

    def load(self, cadre_ids: Iterable[int]) -> None:
        """Read the stored postings of further persons."""
        self._load([each for each in cadre_ids if each > 0])

    # --- what the file of postings says ----------------------------------------------------------

    def _merge(self, cadre_id: int) -> None:
        """Put the brought postings of one person over the stored ones, and note overlaps."""
        by_first = {each.from_on: each for each in self._stored[cadre_id]}
        rows: dict[date, Planned] = {}
        for each in self._brought[cadre_id]:
            _cadre, organization_id, first, last = each.values
            row_id = None if each.before is None else each.before.id
            by_first[first] = Span(organization_id, first, last, row_id)
            rows[first] = each
        spans = in_order(list(by_first.values()))
        for earlier, later in overlaps(spans):
            self._torn.add(cadre_id)
            self._blame(rows, earlier, later)
        self._wanted[cadre_id] = spans

    def _blame(self, rows: Mapping[date, Planned], earlier: Span, later: Span) -> None:
        brought, field = rows.get(later.from_on), "from"
        if brought is None:
            brought, field = rows.get(earlier.from_on), "until"
        other = earlier if field == "from" else later
        if brought is None or self._parsed is None:
            return
        found = shown(brought.row.values[self._parsed.file.position[field]])
        text = _("overlaps the posting from %(first)s on; found: %(found)s")
        self._parsed.blame(brought.row, field, text % {"first": other.from_on, "found": found})

    # --- what the persons' own rows say ----------------------------------------------------------

    def says(self, cadre_id: int) -> bool:
        """Whether the files have postings of a person."""
        return cadre_id in self._brought or cadre_id in self._unknown

    def before(self, cadre_id: int) -> Sequence[Span]:
        """The stored postings of a person, in order."""
        return self._stored.get(cadre_id, ())

    def after(self, cadre_id: int) -> Sequence[Span]:
        """The postings of a person as they are to be, in order."""
        return self._wanted.get(cadre_id, self.before(cadre_id))

    def sound(self, cadre_id: int) -> bool:
        """Whether the brought postings of a person go together."""
        return cadre_id not in self._torn and cadre_id not in self._unknown

    def want(self, cadre_id: int, spans: list[Span]) -> None:
        """Keep what becomes of the postings of a person of whom the files have none."""
        self._wanted[cadre_id] = spans

    def by_rows(self) -> dict[int, tuple[Sequence[Span], Sequence[Span]]]:
        """The postings, before and after, of persons whose own rows say what becomes of them."""
        return {
            cadre_id: (self.before(cadre_id), after)
            for cadre_id, after in self._wanted.items()
            if cadre_id not in self._brought
        }

    def every_before(self) -> Iterable[tuple[int, Sequence[Span]]]:
        """Everybody of whom the files say something, with their stored postings."""
        return ((cadre_id, self.before(cadre_id)) for cadre_id in self._wanted)

    def by_file(self) -> dict[int, Service]:
        """What the file of postings makes of persons' own rows."""
        services = ((each, service_of(self._wanted[each])) for each in self._brought)
        return {cadre_id: service for cadre_id, service in services if service is not None}

    def rows_of(self, cadre_id: int) -> Sequence[Planned]:
        """The rows of the file of postings that are of a person."""
        return self._brought.get(cadre_id, ())


def _of_wrong_rows(registry: Registry, parsed: ParsedFile | None) -> set[int]:
    """The persons of whom the file has a posting that cannot be read."""
    if parsed is None:
        return set()
    place, ids = parsed.file.position[CADRE], registry[CADRE].ids
    wrong = (row.values[place] for row in parsed.rows if not row.sound)
    return {ids[code] for code in wrong if isinstance(code, str) and code in ids}


class CadrePlanner(Planner):
    """Plans the rows of persons: what they say of their service is settled with the postings."""

    def __init__(
        self,
        session: Session,
        registry: Registry,
        parsed: ParsedFile,
        postings: Postings,
        day: date,
    ) -> None:
        """Take the postings, and the day on which a move begins that has no day."""
        super().__init__(session, registry, parsed)
        self.remarks: list[Remark] = []
        self._postings = postings
        self._day = day
        self._said = [self.file.position[name] for name in _SAID]
        place, ids = self.file.position[CODE], registry[CADRE].ids
        codes = (row.values[place] for row in parsed.rows)
        postings.load(ids[code] for code in codes if isinstance(code, str) and code in ids)

    def _leave_alone(self, values: Values, before: Stored) -> None:
        """Who joins anew has not left yet, if the file does not say."""
        super()._leave_alone(values, before)
        _organization, joined, left = self._said
        if left in self._absent and begins_anew(self._postings.before(before.id), values[joined]):
            values[left] = None

    def _plan(self, row: Row) -> Planned | None:
        planned = super()._plan(row)
        if planned is not None and row.sound:
            self._settle(planned)
        return planned

    def _settle(self, planned: Planned) -> None:
        said = Service(*(planned.values[place] for place in self._said))
        if self._postings.says(planned.id):
            if not self._postings.sound(planned.id):
                return
            service = service_of(self._postings.after(planned.id))
            self._compare(planned, said, service)
        else:
            try:
                after = self._after(planned, said)
            except PostingRefused as refused:
                place = self.file.position[refused.field]
                found = shown(planned.values[place])
                text = _("%(wrong)s; found: %(found)s", wrong=refused.text, found=found)
                self.parsed.blame(planned.row, refused.field, text)
                return
            self._postings.want(planned.id, after)
            service = service_of(after)
        if service is not None:
            for place, value in zip(self._said, service, strict=True):
                planned.values[place] = value

    def _after(self, planned: Planned, said: Service) -> list[Span]:
        if planned.before is None:
            return begun(said)
        return revised(self._postings.before(planned.id), said, self._day)

    def _compare(self, planned: Planned, said: Service, service: Service | None) -> None:
        """Remark on what a person's row says otherwise than the postings in the same files."""
        if service is None:
            return
        for name, place, own, other in zip(_SAID, self._said, said, service, strict=True):
            firsts = {each.from_on for each in self._postings.after(planned.id)}
            if (
                own != other
                and place not in self._absent
                and not (name == "joined_on" and own in firsts)
            ):
                text = _("the postings say otherwise, and they count")
                remark = self.parsed.remark(planned.row, name, text)
                self.remarks.append(remark)


def refuse_leaving_the_district(postings: Postings, plan: Plan, registry: Registry) -> None:
    """Note postings that would carry a person off to another district.

    Of a person in the files as well, the person's own row is told so.
    """
    places, persons = registry["organization"].district, registry[CADRE].district
    for cadre_id, service in postings.by_file().items():
        district, place = persons.get(cadre_id), places.get(service.organization_id)
        if cadre_id < 0 or district is None or place is None or district == place:
            continue
        row = max(postings.rows_of(cadre_id), key=lambda planned: planned.values[2]).row
        found = shown(row.values[plan.file.position["organization"]])
        text = _("an organization of another district; found: %(found)s", found=found)
        plan.parsed.blame(row, "organization", text)
