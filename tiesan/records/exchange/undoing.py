"""An import undone: changed rows say again what they said before, new ones count no more.

All of it or nothing: where a row was changed or voided since, or another row refers to a new one,
it is said which, and the caller rolls back. New settings (exceptions, parameters) go, and so do new
postings; records, persons and organizations are voided and stay.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.i18n import _
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.people.postings import Span, service_of, write_postings
from tiesan.records.base import folded_texts
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.keeping import (
    MARK,
    POSTINGS,
    SPANS,
    plain_spans,
    read_spans,
)
from tiesan.records.exchange.marks import SERVICE, mark_of, marked_columns
from tiesan.records.exchange.naming import named_rows
from tiesan.records.exchange.referring import Referring
from tiesan.records.imports.models import ImportRow
from tiesan.records.kinds import table_of

MOST_BARRED = 200
_PIECE = 400


@dataclass(slots=True)
class Undoing:
    """Undoes one import; ``barred`` says what stands against it, ``counts`` what was done."""

    session: Session
    actor: Actor
    import_id: int
    at: datetime
    reason: str
    barred: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def compare(self, files: Iterable[ExchangeFile]) -> None:
        """Find the rows that were changed or voided since; needs no lock, and takes its time."""
        for file in files:
            self._compare(file)

    def undo(self, files: Iterable[ExchangeFile]) -> None:
        """Undo what was compared; nothing is to be committed if something is ``barred`` then."""
        files = list(files)
        for file in files:
            self._undo(file)
        self._undo_voiding_people(files)
        refresh_ancestry(self.session)
        self.session.expire_all()
        referring = Referring(self.session, self.import_id, files)
        self.barred += referring.lines(MOST_BARRED)

    # --- what stands against it -------------------------------------------------------------------

    def _compare(self, file: ExchangeFile) -> None:
        if file.model is Posting:
            self._compare_postings()
            return
        for kept in self._kept(file.kind.name):
            columns = marked_columns(file)
            chosen = select(*columns).where(columns[0].in_([each.row_id for each in kept]))
            marks = {row_id: mark_of(values) for row_id, *values in self.session.execute(chosen)}
            wrong = [each.row_id for each in kept if marks.get(each.row_id) != each.after[MARK]]
            self._bar(file, wrong)

    def _compare_postings(self) -> None:
        for kept in self._kept(POSTINGS):
            spans = read_spans(self.session, [each.row_id for each in kept])
            marks = {cadre_id: mark_of(plain_spans(each)) for cadre_id, each in spans.items()}
            wrong = [each.row_id for each in kept if marks[each.row_id] != each.after[MARK]]
            self._bar(ExchangeFile(Cadre), wrong)

    def _bar(self, file: ExchangeFile, ids: Sequence[int]) -> None:
        ids = ids[: MOST_BARRED - len(self.barred)]
        names = named_rows(self.session, file, ids)
        for row_id in ids:
            text = _("%(kind)s %(row)s: changed or voided since")
            named = {"kind": file.kind.title, "row": names.get(row_id, f"#{row_id}")}
            self.barred.append(text % named)

    def _kept(self, kind: str) -> Iterator[Sequence[Any]]:
        """What the import wrote of a kind, in pieces."""
        row, last = table_of(ImportRow), 0
        of_kind = select(row.c.row_id, row.c.before, row.c.after).where(
            row.c.import_id == self.import_id, row.c.kind == kind
        )
        while True:
            statement = of_kind.where(row.c.row_id > last).order_by(row.c.row_id).limit(_PIECE)
            found = self.session.execute(statement).all()
            if not found:
                return
            yield found
            last = found[-1].row_id

    # --- undoing ----------------------------------------------------------------------------------

    def _undo(self, file: ExchangeFile) -> None:
        if file.model is Posting:
            self._undo_postings()
            return
        for kept in self._kept(file.kind.name):
            changed = [each for each in kept if each.before is not None]
            new = [each.row_id for each in kept if each.before is None]
            self.counts["restored"] += len(changed)
            self.counts["voided"] += len(new)
            self._restore(file, changed)
            if file.is_record:
                self._void(file, new)
            elif new and not file.can_be_voided:
                chosen = file.table.c.id.in_(new)
                self.session.execute(delete(file.table).where(chosen))

    def _restore(self, file: ExchangeFile, kept: Sequence[Any]) -> None:
        rows = []
        for each in kept:
            values = {
                column.name: _typed(column.type.python_type, each.before[column.name])
                for column in file.columns
            }
            rows.append(values | folded_texts(file.model, values) | {"row": each.row_id})
        if rows:
            table = file.table
            self.session.execute(update(table).where(table.c.id == bindparam("row")), rows)

    def _void(self, file: ExchangeFile, ids: Sequence[int]) -> None:
        if ids:
            values = {"voided_at": self.at, "void_reason": self.reason,
                      "voided_by_id": self.actor.account_id}  # fmt: skip
            chosen = file.table.c.id.in_(ids)
            self.session.execute(update(file.table).where(chosen).values(values))

    def _undo_voiding_people(self, files: Iterable[ExchangeFile]) -> None:
        """Void new persons and organizations, which nobody chairs any more."""
        for file in files:
            if file.is_record or not file.can_be_voided:
                continue
            values: dict[str, Any] = {"voided_at": self.at}
            if file.model is Organization:
                values["chair_id"] = None
            for kept in self._kept(file.kind.name):
                new = [each.row_id for each in kept if each.before is None]
                if new:
                    chosen = update(file.table).where(file.table.c.id.in_(new))
                    self.session.execute(chosen.values(values))

    def _undo_postings(self) -> None:
        for kept in self._kept(POSTINGS):
            now = read_spans(self.session, [each.row_id for each in kept])
            before = {each.row_id: _spans(each.before[SPANS]) for each in kept}
            wanted = {
                cadre_id: (spans, _with_ids(before[cadre_id], spans))
                for cadre_id, spans in now.items()
            }
            write_postings(self.session, wanted)
            self._restore_service(before)

    def _restore_service(self, before: dict[int, list[Span]]) -> None:
        """Have persons' own rows say what their postings say again; new ones have none."""
        services = {cadre_id: service_of(spans) for cadre_id, spans in before.items()}
        rows = [
            {"row": cadre_id, **dict(zip(SERVICE, service, strict=True))}
            for cadre_id, service in services.items()
            if service is not None
        ]
        if rows:
            table = table_of(Cadre)
            self.session.execute(update(table).where(table.c.id == bindparam("row")), rows)


def _typed(kind: type[Any], value: Any) -> Any:
    """A value as its column holds it, from plain JSON."""
    if value is not None and kind in (date, time):
        return kind.fromisoformat(value)
    return value


def _spans(plain: Iterable[Sequence[Any]]) -> list[Span]:
    return [
        Span(place, date.fromisoformat(first), None if last is None else date.fromisoformat(last))
        for place, first, last in plain
    ]


def _with_ids(wanted: Iterable[Span], stored: Iterable[Span]) -> list[Span]:
    """Postings as they are to be, those that begin as a stored one taking its place."""
    ids = {each.from_on: each.id for each in stored}
    return [
        Span(each.organization_id, each.from_on, each.until_on, ids.get(each.from_on))
        for each in wanted
    ]
