"""Undoing an import: all of it, or nothing and what stands against it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from tiesan.access.clearing import own_flags
from tiesan.audit import Subject, record_entry
from tiesan.database import begin_reading, begin_writing
from tiesan.errors import UserError
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.i18n import _, current_language
from tiesan.imports.asking import SUBJECT
from tiesan.imports.everything.run import Run, deciding
from tiesan.imports.everything.storing import have_evaluated
from tiesan.people.models import Cadre, Organization
from tiesan.records.exchange.files import ExchangeFile, exchange_files
from tiesan.records.exchange.undoing import MOST_BARRED, Undoing
from tiesan.records.imports.models import EVERYTHING, DataImport, ImportRow, State
from tiesan.records.kinds import record_kind, table_of
from tiesan.rules import Review
from tiesan.scheduler.work import Outcome, Work

_UNDECIDED = frozenset({Review.OPEN, Review.ACKNOWLEDGED, Review.EXPLAINED})


def undo(work: Work) -> Outcome:
    """Undo an import of everything; where something stands against it, nothing is changed."""
    run = Run(work)
    if not run.is_at(State.UNDOING):
        return {}
    with run.session() as session:
        begin_reading(session)
        newest, files = run.newest(session), exchange_files(run.catalog(session).plugins.records)
        undoing = _undoing(run, session)
        undoing.compare(files)
        session.rollback()
    if not undoing.barred:
        # It takes its time, in which others are to write; whether they did is looked at.
        undoing = _undone(run, files, newest)
    if undoing.barred:
        _say(run, undoing.barred)
    return {"undone": not undoing.barred}


def _undoing(run: Run, session: Session) -> Undoing:
    work = run.work
    row = session.get_one(DataImport, run.import_id)
    undoing = Undoing(session, work.actor, row.id, work.now, work.given["reason"])
    undoing.barred += _decided(session, row)
    return undoing


def _undone(run: Run, files: Sequence[ExchangeFile], newest: int) -> Undoing:
    """Undo it all; what stands against it is found now as well, and then nothing is committed."""
    with run.session() as session:
        begin_writing(session)
        undoing = _undoing(run, session)
        if run.newest(session) != newest:
            undoing.compare(files)
        row = session.get_one(DataImport, run.import_id)
        concerned = _districts(session, row, files)
        try:
            _undo(run, session, undoing, files)
        except UserError as error:
            undoing.barred += error.lines
        if undoing.barred:
            session.rollback()
            return undoing
        _finish(run, session, undoing, concerned)
        session.commit()
    return undoing


def _undo(run: Run, session: Session, undoing: Undoing, files: Sequence[ExchangeFile]) -> None:
    if undoing.barred:
        return
    viewer = run.viewer(session)
    if viewer.cadre_id is None and not viewer.chaired:
        undoing.undo(files)
        return
    with deciding(run.catalog(session), run.work) as task:
        watched = own_flags(session.connection(), task, viewer)
        undoing.undo(files)
        if not undoing.barred:
            watched.refuse_cleared(session.connection())


def _say(run: Run, barred: Iterable[str]) -> None:
    with run.session() as session:
        begin_writing(session)
        row = session.get_one(DataImport, run.import_id)
        row.state = State.STORED.value
        row.said = [_("It cannot be undone; against it stand:"), *list(barred)[:MOST_BARRED]]
        session.commit()


def _finish(run: Run, session: Session, undoing: Undoing, concerned: frozenset[int] | None) -> None:
    work, why = run.work, undoing.reason
    row = session.get_one(DataImport, run.import_id)
    row.state, row.undone_at, row.undo_reason = State.UNDONE.value, work.now, why
    row.undone_by_id, row.said = work.actor.account_id, []
    details = {"reason": why, "counts": dict(undoing.counts)}
    subject = Subject(SUBJECT, row.id, EVERYTHING, row.district_id)
    record_entry(session, work.actor, "undo import", subject, at=work.now, details=details)
    have_evaluated(run, session, concerned or frozenset(), everywhere=concerned is None)


# --- what it concerns -----------------------------------------------------------------------------


def _rows(row: DataImport, kind: str) -> Select[tuple[int]]:
    kept = table_of(ImportRow)
    return select(kept.c.row_id).where(kept.c.import_id == row.id, kept.c.kind == kind)


def _kinds(session: Session, row: DataImport) -> set[str]:
    kept = table_of(ImportRow)
    return set(session.scalars(select(kept.c.kind).where(kept.c.import_id == row.id).distinct()))


def _districts(
    session: Session, row: DataImport, files: Iterable[ExchangeFile]
) -> frozenset[int] | None:
    """The districts whose rows were written; None where settings were, which concern all."""
    kinds, found = _kinds(session, row), set[int | None]()
    for file in files:
        if file.kind.name not in kinds:
            continue
        if not file.kind.belongs_to:
            return None
        found |= set(session.scalars(_district_of(file, _rows(row, file.kind.name))))
    return frozenset(each for each in found if each is not None)


def _district_of(file: ExchangeFile, ids: Select[tuple[int]]) -> Select[tuple[int | None]]:
    places, cadres = table_of(Organization), table_of(Cadre)
    if file.is_record:
        return select(file.table.c.district_id).where(file.table.c.id.in_(ids)).distinct()
    if file.model is Organization:
        return select(places.c.district_id).where(places.c.id.in_(ids)).distinct()
    # Postings are kept under their person.
    joined = places.join(cadres, cadres.c.organization_id == places.c.id)
    return select(places.c.district_id).select_from(joined).where(cadres.c.id.in_(ids)).distinct()


def _decided(session: Session, row: DataImport) -> list[str]:
    """What the flags say that the import raised, and on which somebody has decided.

    They rest on its rows or are about persons and organizations that it brought. Confidential ones
    are not told of.
    """
    flag, link, kept = table_of(Flag), table_of(EvidenceLink), table_of(ImportRow)
    rests_on = (
        select(link.c.flag_id)
        .join(kept, (kept.c.row_id == link.c.row_id) & (kept.c.kind == link.c.kind))
        .where(kept.c.import_id == row.id, link.c.present)
    )
    about: ColumnElement[bool] = or_(
        flag.c.id.in_(rests_on),
        flag.c.cadre_id.in_(_new(row, record_kind(Cadre).name)),
        flag.c.organization_id.in_(_new(row, record_kind(Organization).name)),
    )
    statement = select(flag.c.message_zh, flag.c.message_en).where(
        about,
        flag.c.raised_at >= row.stored_at,
        ~flag.c.confidential,
        flag.c.review.not_in(sorted(_UNDECIDED)),
    )
    at = 1 if current_language() == "en" else 0
    text = _("decided already: %(flag)s")
    return [text % {"flag": each[at]} for each in session.execute(statement.limit(MOST_BARRED))]


def _new(row: DataImport, kind: str) -> Select[tuple[int]]:
    return _rows(row, kind).where(table_of(ImportRow).c.before.is_(None))
