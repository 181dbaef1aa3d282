"""The jobs of imports: reading and planning, storing, undoing, each in a child process.

What a person has to know is kept with the import and not thrown: a run that has said so is done.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true
from sqlalchemy.orm import Session

from tiesan.access.belonging import cadres_of
from tiesan.access.viewer import NOWHERE, Reach, Viewer, read_viewer
from tiesan.audit import Actor, AuditEntry, Subject, record_entry
from tiesan.clock import day_of, now
from tiesan.database import begin_reading, begin_writing
from tiesan.discovery import load_plugins
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.i18n import _, current_language, use_language
from tiesan.imports.asking import SUBJECT
from tiesan.imports.everything.effect import find_effect
from tiesan.imports.everything.previewing import preview
from tiesan.imports.everything.storing import store
from tiesan.imports.everything.undoing import undo
from tiesan.imports.installed import load_imports
from tiesan.imports.own_hand import leave_out_own
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import (
    EVERYTHING,
    DataImport,
    ImportColumns,
    ImportRow,
    ImportSaid,
    State,
)
from tiesan.records.imports.storing import digest_of, store_plan
from tiesan.records.imports.values import ImportKind, Plan, Sent, Setting
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.pending import await_people, leave_to_whole, take_awaited
from tiesan.rules import Review
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.work import Outcome, Work

_PROBLEMS_KEPT = 200
_MOST_AT_ONCE = 400
_UNDECIDED = frozenset({Review.OPEN, Review.ACKNOWLEDGED, Review.EXPLAINED})
_STEPS = 3


def read_import(work: Work) -> Outcome:
    """Read the files of an import, plan what would become of them, and keep that as a preview."""
    with use_language(work.given["language"]):
        return preview(work) if _is_of_everything(work) else _Run(work).read()


def try_import(work: Work) -> Outcome:
    """Find what storing an import of everything would raise and clear."""
    with use_language(work.given["language"]):
        return find_effect(work)


def store_import(work: Work) -> Outcome:
    """Store what was previewed, all of it or nothing; refused when it would come out otherwise."""
    with use_language(work.given["language"]):
        return store(work) if _is_of_everything(work) else _Run(work).store()


def undo_import(work: Work) -> Outcome:
    """Bring the rows of an import back to what is said without it, all of them or none."""
    with use_language(work.given["language"]):
        return undo(work) if _is_of_everything(work) else _Run(work).undo()


def _is_of_everything(work: Work) -> bool:
    # Runs that were asked for before there was this kind do not name theirs.
    return work.given.get("kind") == EVERYTHING


class _Run:
    """One run of one of the three jobs."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._id: int = work.given["import"]
        self._files = KeptFiles(Path(work.given["folder"]), self._id)
        self._day = day_of(work.now)

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> Outcome:
        with self._session() as session:
            row = session.get_one(DataImport, self._id)
            if row.state != State.READING:
                return {}
            kind, names = self._kind(row), [each["name"] for each in row.files]
            told = self._told(session, kind)
        self._work.progress(1, _STEPS)
        readings = self._readings(kind, names, told)
        self._work.progress(2, _STEPS)
        if readings.problems or (readings.headings and not readings.entries):
            state = State.REFUSED if readings.problems else State.ASKING
            self._show(state, _of_readings(readings))
            return {}
        return self._preview(kind, readings)

    def _readings(self, kind: ImportKind, names: Iterable[str], told: list[Any]) -> Any:
        sent = [Sent(self._files.path(at), name) for at, name in enumerate(names)]
        return kind.read(sent, told, self._day)

    def _told(self, session: Session, kind: ImportKind) -> list[Mapping[str, Any]]:
        columns = select(ImportColumns).where(ImportColumns.kind == kind.name)
        return [{**each.columns, "name": each.name}
                for each in session.scalars(columns.order_by(ImportColumns.id.desc()))]  # fmt: skip

    def _preview(self, kind: ImportKind, readings: Any) -> Outcome:
        plan, _newest = self._planned(kind, readings)
        try:
            with self._session() as session, _deciding() as task:
                begin_writing(session)
                self._leave_out_own(session, kind, plan, task)
                session.rollback()
        except UserError as error:
            self._show(State.REFUSED, {"said": error.lines})
            return {}
        self._show(State.PREVIEWED, {**_of_readings(readings), **_of_plan(plan)}, digest_of(plan))
        return {}

    def _planned(self, kind: ImportKind, readings: Any) -> tuple[Plan, int]:
        """What would become of it, and the newest entry of the trail by then.

        It takes its time, in which others are to write: whoever stores it looks whether they did.
        """
        with self._session() as session:
            begin_reading(session)
            newest = _newest_entry(session)
            return kind.plan(self._setting(session, self._viewer(session), kind), readings), newest

    def _leave_out_own(
        self, session: Session, kind: ImportKind, plan: Plan, task: Callable[[Actor], Task]
    ) -> None:
        viewer = self._viewer(session)
        if viewer.cadre_id is not None and plan.changes:
            setting = self._setting(session, viewer, kind)
            leave_out_own(setting, kind, plan, viewer, task(setting.actor))

    def _viewer(self, session: Session) -> Viewer:
        account = session.get_one(Account, self._work.actor.account_id)
        return read_viewer(session, account, self._day)

    def _setting(self, session: Session, viewer: Viewer, kind: ImportKind) -> Setting:
        reach = NOWHERE if viewer.left else viewer.reach(kind.roles)
        return Setting(
            session=session,
            actor=viewer.actor,
            day=self._day,
            at=self._work.now,
            reached=_cadres_within(reach),
            own_cadre_id=viewer.cadre_id,
            answers=self._files.read_answers(),
            import_id=self._id,
        )

    def _show(self, state: State, preview: Mapping[str, Any], digest: str | None = None) -> None:
        self._files.write_preview(preview)
        with self._session() as session:
            begin_writing(session)
            row = session.get_one(DataImport, self._id)
            row.state, row.plan_digest = state.value, digest
            row.said = [*preview.get("said", ())]
            session.commit()

    # --- storing ----------------------------------------------------------------------------------

    def store(self) -> Outcome:
        with self._session() as session:
            row = session.get_one(DataImport, self._id)
            if row.state != State.STORING:
                return {}
            kind, names = self._kind(row), [each["name"] for each in row.files]
            told = self._told(session, kind)
        readings = self._readings(kind, names, told)
        self._work.progress(1, _STEPS)
        plan, newest = self._planned(kind, readings)
        self._work.progress(2, _STEPS)
        with self._session() as session, _deciding() as task:
            begin_writing(session)
            try:
                if _newest_entry(session) != newest:
                    setting = self._setting(session, self._viewer(session), kind)
                    plan = kind.plan(setting, readings)
                self._leave_out_own(session, kind, plan, task)
                self._refuse_open(plan)
            except UserError as error:
                session.rollback()
                self._show(State.REFUSED, {"said": error.lines})
                return {}
            row = session.get_one(DataImport, self._id)
            if digest_of(plan) != row.plan_digest:
                session.rollback()
                said = [_("Something has changed since you looked: please look again.")]
                preview = {**_of_readings(readings), **_of_plan(plan), "said": said}
                self._show(State.PREVIEWED, preview, digest_of(plan))
                return {}
            self._store(session, kind, row, plan)
            session.commit()
        self._files.remove()
        return {"stored": True}

    def _refuse_open(self, plan: Plan) -> None:
        answers = self._files.read_answers()
        open_ones = [each for each in plan.questions if each.key not in answers]
        if open_ones:
            raise UserError([each.text for each in open_ones])

    def _store(self, session: Session, kind: ImportKind, row: DataImport, plan: Plan) -> None:
        actor, at = self._work.actor, self._work.now
        store_plan(session, actor, kind.record, plan, import_id=row.id, at=at)
        row.state, row.stored_at = State.STORED.value, at
        row.district_id = next(iter(plan.districts)) if len(plan.districts) == 1 else None
        row.result = {"counts": plan.counts, "skipped": plan.skipped}
        details = {
            "files": [{"file": each["name"], "sha256": each["sha256"]} for each in row.files],
            **row.result,
        }
        subject = Subject(SUBJECT, row.id, kind.name, row.district_id)
        record_entry(session, actor, "import", subject, at=at, details=details)
        self._await(session, actor, kind, plan)

    def _await(self, session: Session, actor: Actor, kind: ImportKind, plan: Plan) -> None:
        """Have whom the rows are about evaluated, by a run that is queued with them."""
        name = record_kind(kind.record).name
        by_district: dict[int, set[int]] = {}
        for each in plan.changes:
            by_district.setdefault(each.district_id, set()).add(each.cadre_id)
        for district_id, cadre_ids in sorted(by_district.items()):
            codes = _codes(session, cadre_ids)
            people = {"cadre": codes, "organization": []}
            await_people(actor, session, district_id, people, name, at=self._work.now)
        if by_district:
            leave_to_whole(session, take_awaited(session))
            ask_evaluation(actor, session, by_district, now=self._work.now)

    # --- undoing ----------------------------------------------------------------------------------

    def undo(self) -> Outcome:
        with self._session() as session:
            begin_writing(session)
            row = session.get_one(DataImport, self._id)
            if row.state != State.UNDOING:
                return {}
            kind, viewer = self._kind(row), self._viewer(session)
            setting = self._setting(session, viewer, kind)
            plan = kind.replan(setting, _keys_of(session, kind, row.id))
            barred = [*plan.barred, *_decided(session, kind, row.id)]
            if barred:
                row.state = State.STORED.value
                row.said = [_("It cannot be undone; against it stand:"), *barred[:_PROBLEMS_KEPT]]
                session.commit()
                return {}
            self._undo(session, kind, row, plan)
            session.commit()
        return {"undone": True}

    def _undo(self, session: Session, kind: ImportKind, row: DataImport, plan: Plan) -> None:
        actor, at, why = self._work.actor, self._work.now, self._work.given["reason"]
        said = table_of(ImportSaid)
        session.execute(delete(said).where(said.c.import_id == row.id, ~said.c.stays))
        store_plan(session, actor, kind.record, plan, import_id=row.id, at=at, reason=why)
        row = session.get_one(DataImport, self._id)
        row.state, row.undone_at, row.undo_reason = State.UNDONE.value, at, why
        row.undone_by_id = actor.account_id
        details = {"reason": why, "counts": plan.counts}
        subject = Subject(SUBJECT, row.id, kind.name, row.district_id)
        record_entry(session, actor, "undo import", subject, at=at, details=details)
        self._await(session, actor, kind, plan)

    # --- both -------------------------------------------------------------------------------------

    def _kind(self, row: DataImport) -> ImportKind:
        return load_imports(load_plugins())[row.kind][1]

    def _session(self) -> Session:
        return Session(self._work.database)


@contextmanager
def _deciding() -> Iterator[Callable[[Actor], Task]]:
    """Give what makes a live evaluation of now, and end its engine afterwards."""
    engine = Engine()
    try:
        yield lambda actor: _task(actor, engine)
    finally:
        engine.close()


def _task(actor: Actor, engine: Engine) -> Task:
    moment = now()
    return Task(actor, installed_catalog(), engine.decide, day_of(moment), None, moment)


def _newest_entry(session: Session) -> int:
    """The newest entry of the trail: whatever is written leaves one."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def _cadres_within(reach: Reach) -> ColumnElement[bool]:
    """The cadres who are posted where a reach extends to."""
    if reach.everywhere:
        return true()
    place = table_of(Organization)
    of_districts = select(place.c.id).where(place.c.district_id.in_(sorted(reach.districts)))
    cadre = table_of(Cadre)
    return or_(cadre.c.organization_id.in_(of_districts), cadres_of(reach.organizations))


def _codes(session: Session, cadre_ids: Iterable[int]) -> list[str]:
    cadre, wanted, found = table_of(Cadre), sorted(cadre_ids), list[str]()
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        some = cadre.c.id.in_(wanted[start : start + _MOST_AT_ONCE])
        found += session.scalars(select(cadre.c.code).where(some))
    return found


def _rows_of(kind: ImportKind, import_id: int) -> ColumnElement[bool]:
    row = table_of(ImportRow)
    return and_(row.c.import_id == import_id, row.c.kind == record_kind(kind.record).name)


def _keys_of(session: Session, kind: ImportKind, import_id: int) -> list[tuple[int, date]]:
    """Of whom and which day the rows are that an import wrote."""
    row, record = table_of(ImportRow), table_of(kind.record)
    statement = (
        select(record.c.cadre_id, record.c.day)
        .join(row, row.c.row_id == record.c.id)
        .where(_rows_of(kind, import_id))
    )
    return [(cadre_id, day) for cadre_id, day in session.execute(statement)]


def _decided(session: Session, kind: ImportKind, import_id: int) -> list[str]:
    """What the flags say that rest on the rows of an import, and on which somebody has decided.

    Confidential ones are not told of.
    """
    flag, link, row = table_of(Flag), table_of(EvidenceLink), table_of(ImportRow)
    statement = (
        select(flag.c.message_zh, flag.c.message_en)
        .join(link, link.c.flag_id == flag.c.id)
        .join(row, and_(row.c.row_id == link.c.row_id, row.c.kind == link.c.kind))
        .where(_rows_of(kind, import_id), link.c.present, flag.c.active, ~flag.c.confidential)
        .where(flag.c.review.not_in(sorted(_UNDECIDED)))
        .distinct()
    )
    at = 1 if current_language() == "en" else 0
    return [each[at] for each in session.execute(statement)]


def _of_readings(readings: Any) -> dict[str, Any]:
    problems = sorted(readings.problems, key=lambda problem: problem.place)
    return {
        "problems": [
            {"file": each.file, "line": each.line, "column": each.column, "text": each.text}
            for each in problems[:_PROBLEMS_KEPT]
        ],
        "problem_count": len(problems),
        "headings": list(readings.headings),
        "rows": len(readings.entries),
    }


def _of_plan(plan: Plan) -> dict[str, Any]:
    return {
        "questions": [asdict(each) for each in plan.questions],
        "lists": [asdict(each) for each in plan.lists],
        "counts": dict(Counter(plan.counts)),
    }
