"""Whatever page shows a confidential row, the look stands in the audit trail."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask, Response, stream_with_context
from sqlalchemy import event, func, select
from werkzeug.routing import Rule

from plugins.discipline.models import ConductReport
from tests.web.entering import rows
from tests.web.test_two_at_once import writing
from tiesan.audit import AuditEntry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagRevision
from tiesan.people.models import Account, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.scheduler.jobs import FIND_EFFECT
from tiesan.scheduler.models import JobRun
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, World

KIND, RULE = "conduct_report", "discipline.conduct_unhandled"
# The values of addresses' own parts.
Parts = Mapping[str, object]
PARTS: dict[str, object] = {
    "rule_id": RULE,
    "verb": "approve",
    "filename": "style.css",
    "path": "x",
}
PARTS |= {
    "table": "flags",
    "year": 2026,
    "code": "CO",
    "day": "2026-03-20",
    "kind": KIND,
    "course": "leave",
}
PARTS |= {"scheme": "wecombot", "number": 0}
# What a list is asked for besides; a search for a name, so that the page repeats no mark.
LISTS = {
    "flag.index_view": (f"flt_rule={RULE}", "search=保密", "flt_cadre={cadre}", "flt_state=all"),
    "flag.export": (f"flt_rule={RULE}",),
    f"record_{KIND}.index_view": ("search=陈欧", "flt_cadre={cadre}", "flt_voided=yes", "sort=0"),
    "audit.index_view": (f"flt_verb=create&search={KIND}",),
    "audit.export": (f"flt_verb=create&search={KIND}",),
}
SHOWN = {
    "admin.index",
    "audit.details_view",
    "audit.export",
    "audit.index_view",
    "flag.details_view",
    "flag.export",
    "flag.index_view",
    *(f"record_{KIND}.{page}_view" for page in ("index", "details", "edit", "void")),
    f"record_{KIND}.export",
}

Seen = set[tuple[str, int | None]]


@pytest.fixture
def marked(lite_app: Flask, lite_world: World) -> dict[str, tuple[str, int]]:
    """What tells each confidential row on a page; an administrator supervises as well."""
    marks = {f"{KIND}-{place}": (KIND, row) for place, row in lite_world.records[KIND].items()}
    with lite_app.app_context():
        session = db.session()
        for name, row in lite_world.flags.items():
            if name.startswith("k"):
                flag = session.get_one(Flag, row)
                flag.message_zh = flag.message_en = f"保密事项{name}。"
                flag.severity = "major"
                marks[flag.message_zh] = ("flag", row)
        account = session.scalars(select(Account).where(Account.username == "admin")).one()
        place = session.get_one(Organization, lite_world.organizations["D1"])
        grant_role(ACTOR, session, account, RoleName.SUPERVISOR, place, at=now())
        session.commit()
    return marks


def test_every_address_that_shows_a_confidential_row_notes_it(
    lite_app: Flask, lite_world: World, marked: dict[str, tuple[str, int]]
) -> None:
    admin, showing = person(lite_app, "admin"), set[str]()
    value = {"name": "days", "value": "29", "valid_from": "2026-01-01", "reason": "试算"}
    admin.send(f"/rules/{RULE}/parameter", {**value, "effect": "1"}, form=f"/rules/{RULE}/")
    for endpoint, address in _addresses(lite_app, lite_world):
        before = _last_entry(lite_app)
        answer = admin.client.get(address)
        said = _text(answer.get_data())
        answer.close()
        seen: Seen = {row for mark, row in marked.items() if mark in said}
        noted: Seen = _noted(lite_app, before)
        if endpoint.startswith("audit.") and not re.search("verb=create|details", address):
            # Entries about looks name a row and keep nothing of it.
            continue
        if endpoint.endswith(".export") and seen:
            kind = endpoint.removesuffix(".export").removeprefix("record_")
            seen = {(kind, None)}
        assert seen <= noted, address
        showing |= {endpoint} if seen else set()
    assert showing >= SHOWN


def _addresses(app: Flask, world: World) -> Iterator[tuple[str, str]]:
    adapter = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    with app.app_context():
        entries = select(AuditEntry.id).where(AuditEntry.object_kind == KIND)
        trail = [f"id={number}" for number in db.session.scalars(entries.limit(3))]
        effects = select(JobRun.id).where(JobRun.job == FIND_EFFECT.name)
        own = PARTS | {"run_id": db.session.scalars(effects).one()}
    for rule in rules:
        for parts in _parts(rule, world, own):
            address = adapter.build(rule.endpoint, parts)
            for query in _queries(rule.endpoint, world, trail):
                yield rule.endpoint, f"{address}?{query}"


def _parts(rule: Rule, world: World, own: Parts) -> Iterable[dict[str, object]]:
    if "export_type" in rule.arguments:
        further = {name: own[name] for name in rule.arguments if name in own}
        return [{"export_type": each, **further} for each in ("csv", "xlsx")]
    if not rule.arguments:
        return [{}]
    known = [
        {**own, **dict.fromkeys(("id", "row_id", "deputy_id", "phrase_id"), row)}
        for row in (world.records[KIND]["O"], world.flags["kO"])
    ]
    return [{name: parts[name] for name in rule.arguments} for parts in known]


def _queries(endpoint: str, world: World, trail: Iterable[str]) -> Iterator[str]:
    yield "name=cadre&offset=0&limit=50" if endpoint.endswith("ajax_lookup") else ""
    if not endpoint.endswith((".export", ".ajax_lookup")):
        yield f"id={world.records[KIND]['O']}"
        yield f"id={world.flags['kO']}"
    for query in LISTS.get(endpoint, ()):
        yield query.format(cadre=world.cadres["CO"])
    if endpoint == "audit.details_view":
        yield from trail


def _text(body: bytes) -> str:
    """What a page or a workbook says."""
    if not is_zipfile(io.BytesIO(body)):
        return body.decode()
    with ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def _last_entry(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def _noted(app: Flask, before: int) -> Seen:
    with app.app_context():
        looks = select(AuditEntry).where(
            AuditEntry.id > before, AuditEntry.verb.in_(["look", "export"])
        )
        return {(entry.object_kind, entry.object_id) for entry in db.session.scalars(looks)}


def test_who_may_not_see_it_leaves_no_entry(lite_app: Flask, lite_world: World) -> None:
    report, before = lite_world.records[KIND]["O"], _last_entry(lite_app)
    for name in ("cadre", "chair", "supervisor", "keeper", "admin"):
        somebody = person(lite_app, name)
        for page in ("details", "edit", "void"):
            assert somebody.get(f"/records/{KIND}/{page}/?id={report}").status_code in {403, 404}
        somebody.get("/flags/")
        somebody.get("/")
    assert _noted(lite_app, before) == set()


def test_a_list_notes_each_row_once_and_only_confidential_ones(app: Flask, world: World) -> None:
    committee = person(app, "committee")
    committee.get("/flags/?flt_state=all")
    noted = [entry for entry in rows(app, AuditEntry) if entry.actor_name == "committee"]
    assert sorted((each.verb, each.object_id) for each in noted) == sorted(
        ("look", world.flags[f"k{place}"]) for place in "OBSP"
    )
    assert {each.object_code for each in noted} == {f"k{place}" for place in "OBSP"}


def test_an_export_notes_how_many(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    committee = person(lite_app, "committee")
    for file in ("csv", "xlsx"):
        committee.get(f"/flags/export/{file}/")
        entry = rows(lite_app, AuditEntry)[0]
        assert (entry.verb, entry.object_kind, entry.details) == ("export", "flag", {"rows": 4})


# --- pages that are yet to be written -------------------------------------------------------------


def _first_report() -> ConductReport:
    return db.session.scalars(select(ConductReport).order_by(ConductReport.id)).all()[0]


def test_a_new_page_need_not_remember(lite_app: Flask, lite_world: World) -> None:
    def shown() -> str:
        frozen = db.session.scalars(select(FlagRevision).order_by(FlagRevision.id)).all()
        return f"{_first_report().code} {len(frozen)}"

    lite_app.add_url_rule("/new/", "new", shown)
    before = _last_entry(lite_app)
    assert person(lite_app, "committee").get("/new/").status_code == 200
    expected = {("flag", lite_world.flags[f"k{place}"]) for place in "OBSP"}
    expected |= {(KIND, lite_world.records[KIND][place]) for place in "OBSP"}
    assert _noted(lite_app, before) == expected


def test_a_new_export_that_notes_nothing_sends_nothing(lite_app: Flask, lite_world: World) -> None:
    def lines() -> Iterator[str]:
        yield "codes\n"
        yield _first_report().code

    def sent() -> Response:
        return Response(stream_with_context(lines()), mimetype="text/plain")

    assert lite_world.records
    lite_app.add_url_rule("/sent/", "sent", sent)
    with pytest.raises(RuntimeError, match=re.escape("(ConductReport) is sent that nobody noted")):
        person(lite_app, "committee").get("/sent/")


def test_what_cannot_be_noted_is_not_shown(lite_app: Flask, lite_world: World) -> None:
    def impatient(connection: object, *_others: object) -> None:
        connection.execute("PRAGMA busy_timeout=1")  # type: ignore[attr-defined] # SQLite's

    with lite_app.app_context():
        event.listen(db.engine, "checkout", impatient)
    address = f"/records/{KIND}/details/?id={lite_world.records[KIND]['O']}"
    with writing(lite_app):
        answer = person(lite_app, "committee").get(address)
    assert (answer.status_code, f"{KIND}-O" in answer.text) == (503, False)
