"""What an import would raise and clear, before it is stored: it is stored, judged, and taken back.

What would be raised anyway, because days have passed or something else waits to be judged, is not
the import's: the districts are judged without it and with it, and what differs is its effect.
SQLite has one writer at a time, whom others would wait for: there it is tried on a copy.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.of_people import cadres_within, organizations_within
from tiesan.access.viewer import Viewer
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, districts, evaluate_district
from tiesan.flags.models import DistrictState
from tiesan.i18n import _
from tiesan.imports.asking import ask_storing_tried
from tiesan.imports.everything.previewing import counts_of, show, show_problems
from tiesan.imports.everything.run import Run, deciding
from tiesan.imports.everything.showing import of_planning
from tiesan.people.models import Cadre, Organization
from tiesan.records.exchange.checking import Planning
from tiesan.records.exchange.marks import digest_of
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.exchange.reading import Reading
from tiesan.records.imports.models import DataImport, State
from tiesan.records.policy import STAFF
from tiesan.rules import Hit, NotEvaluated
from tiesan.scheduler.work import Outcome, Work

# More than so many flags are looked at before anything is stored.
MOST_UNASKED = 20
MOST_LISTED = 40
_COPY = "copy-"

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """The effect of a plan, what tells the plan from others, and how it is shown."""

    effect: dict[str, Any]
    digest: str
    preview: dict[str, Any]


def find_effect(work: Work) -> Outcome:
    """Find the effect of an import; what is to be stored then is stored, if it is small."""
    run = Run(work)
    if not run.is_at(State.TRYING):
        return {}
    try:
        with run.path() as path, run.session() as session:
            catalog = run.catalog(session)
            reading = run.read(path, catalog)
            session.rollback()
            try:
                with _scratch(run) as database:
                    found = _found(run, database, reading, catalog)
            except ImportRefused as refused:
                show_problems(run, path, refused)
                return {}
    except UserError as error:
        show(run, State.REFUSED, {"said": error.lines})
        return {}
    _keep(run, found)
    return {}


def _keep(run: Run, found: _Found) -> None:
    """Keep the effect with the preview; go on to storing where that was asked and it is small."""
    storing = run.work.given.get("then") == State.STORING
    with run.session() as session:
        begin_writing(session)
        row = session.get_one(DataImport, run.import_id)
        if row.state != State.TRYING:
            return
        stale, large = row.plan_digest != found.digest, found.effect["raised"] > MOST_UNASKED
        preview = found.preview if stale else run.files.read_preview()
        run.files.write_preview({**preview, "effect": {**found.effect, "digest": found.digest}})
        row.state, row.plan_digest = State.PREVIEWED.value, found.digest
        row.said = _said(found, stale=stale, large=large and storing)
        session.flush()
        if storing and not stale and not large:
            ask_storing_tried(run.work.actor, session, row, run.work.given, run.work.now)
        session.commit()


def _said(found: _Found, *, stale: bool, large: bool) -> list[str]:
    """What is said of what is not stored yet."""
    said = [_("Something has changed since you looked: please look again.")] if stale else []
    if large:
        text = _("Nothing is stored yet: it would raise %(num)d flags. Look at them below, and "
                 "confirm once more if that is meant.", num=found.effect["raised"])  # fmt: skip
        said.append(text)
    return said


# --- where it is tried ----------------------------------------------------------------------------


@contextmanager
def _scratch(run: Run) -> Iterator[Database]:
    """Give a database on which it can be tried: SQLite's a copy, which is gone afterwards."""
    database = run.work.database
    if database.dialect.name != "sqlite":
        yield database
        return
    # Of a run that was killed there may be another copy still.
    for left in run.files.folder.glob(f"{_COPY}*"):
        rmtree(left)
    with TemporaryDirectory(dir=run.files.folder, prefix=_COPY) as folder:
        path = f"{folder}/copy.sqlite"
        _copy(database, path)
        copy = make_engine(read_database_url(f"sqlite:///{path}"))
        try:
            yield copy
        finally:
            copy.dispose()


def _copy(database: Database, path: str) -> None:
    source = database.raw_connection()
    try:
        driver = source.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError("only SQLite copies itself")
        with closing(sqlite3.connect(path)) as target:
            driver.backup(target)
    finally:
        source.close()


# --- what is found --------------------------------------------------------------------------------


def _found(run: Run, database: Database, reading: Reading, catalog: Catalog) -> _Found:
    with run.session(database) as session, deciding(catalog, run.work) as task:
        begin_writing(session)
        planning = run.plan(session, reading, catalog)
        digest = digest_of(planning.plans, planning.postings)
        shown = {**of_planning(session, planning), **counts_of(planning)}
        every = {
            each.district_id for plan in planning.plans for each in (*plan.added, *plan.changed)
        }
        stored = {each for each in every if each is not None and each > 0}
        if None in every:
            stored |= {each for each, _code in districts(session)}
        run.work.progress(1, 4)
        before, unsure = _hits(session, task, stored)
        run.work.progress(2, 4)
        run.write(session, planning, catalog)
        run.work.progress(3, 4)
        after, unsure_after = _hits(session, task, stored | _districts(planning))
        names = _names(session, run.viewer(session))
        session.rollback()
    hidden = catalog.confidential_rules
    raised = [hit for key, hit in after.items() if key not in before and hit.rule not in hidden]
    cleared = [hit for key, hit in before.items() if key not in after and hit.rule not in hidden]
    effect = _summary(raised, cleared, [*unsure, *unsure_after], names)
    return _Found(effect, digest, shown)


def _districts(planning: Planning) -> set[int]:
    """The districts of the rows that were written, which have ids by now."""
    written = (each for plan in planning.plans for each in (*plan.added, *plan.changed))
    return {each.district_id for each in written if each.district_id is not None}


def _hits(
    session: Session, task: Task, wanted: Iterable[int]
) -> tuple[dict[Identity, Hit], list[NotEvaluated]]:
    session.flush()
    codes, found, unsure = dict(districts(session)), dict[Identity, Hit](), list[NotEvaluated]()
    for district_id in sorted(set(wanted) & codes.keys()):
        state = session.get(DistrictState, district_id)
        scope = Scope(district_id, codes[district_id])
        outcome = evaluate_district(session, task, scope, state, store=False).evaluation
        found |= {hit.identity: hit for hit in outcome.hits}
        unsure += outcome.not_evaluated
    return found, unsure


def _names(session: Session, viewer: Viewer) -> dict[str, str]:
    """The names, by code, of the persons and organizations whom the viewer answers for."""
    reach = viewer.acting_reach(STAFF)
    persons = select(Cadre.code, Cadre.name).where(cadres_within(reach))
    places = select(Organization.code, Organization.name).where(organizations_within(reach))
    found = [*session.execute(persons), *session.execute(places)]
    return {code: name for code, name in found}  # noqa: C416 - rows are no pairs


def _summary(
    raised: list[Hit], cleared: list[Hit], unsure: Iterable[NotEvaluated], names: Mapping[str, str]
) -> dict[str, Any]:
    """Numbers in all, by rule and by whom they are about; of others than those named no word."""
    hits = {"raised": raised, "cleared": cleared}
    rules = {name: Counter(hit.rule for hit in each) for name, each in hits.items()}
    subjects = {name: Counter(hit.subject for hit in each) for name, each in hits.items()}
    return {
        "raised": len(raised),
        "cleared": len(cleared),
        "rules": _lines(rules, None),
        "subjects": _lines(subjects, names),
        "not_evaluated": sorted({f"{each.rule}: {each.error}" for each in unsure}),
    }


def _lines(
    counted: Mapping[str, Counter[str]], names: Mapping[str, str] | None
) -> list[dict[str, Any]]:
    every = counted["raised"] + counted["cleared"]
    return [
        {
            "code": code,
            "name": "" if names is None else names[code],
            "raised": counted["raised"][code],
            "cleared": counted["cleared"][code],
        }
        for code, _number in every.most_common()
        if names is None or code in names
    ][:MOST_LISTED]
