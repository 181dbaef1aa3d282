"""Who may open what and whose rows they see: every address, every person, against a table.

`access.csv` is that table; ``tiesan.testing.surface`` says what its cells are.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.web.empty_places import EMPTY_PLACES
from tests.web.looks_at_rights import of_rights
from tests.web.sent_places import COURSES, SENT
from tests.web.world import notice_of
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import Flag
from tiesan.testing.surface import (
    Kept,
    Look,
    Row,
    Walk,
    expected,
    going_on,
    looks_at_lookups,
    looks_of,
    looks_of_course,
    looks_of_grid,
    looks_of_kind,
    marked,
    opening,
    page,
    read_table,
    walked,
)
from tiesan.testing.world import ORGANIZATIONS, PEOPLE, PLACES, World

# Who sees what is settled above the database; scoping itself is tested on both kinds of it.
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

TABLE = Path(__file__).with_name("access.csv")
FILES = {"static", "admin.static"}

_PLACE_NAMES = {code: name for code, name, _kind, _parent in ORGANIZATIONS}
# About which sorts of flags there are notices.
NOTICES = ("c", "o", "k")
FLAGS = {
    "c": "about a cadre",
    "o": "about an organization",
    "m": "about money",
    "k": "confidential",
}


@ON_SQLITE
@pytest.mark.parametrize("name", PEOPLE)
def test_every_address_answers_as_the_table_says(name: str, app: Flask, world: World) -> None:
    with app.app_context():
        add_notices(db.session(), world)
    found = walked(app, world, name, _looks())
    assert found == expected(TABLE, name, found)


def test_the_table_names_every_address(lite_app: Flask) -> None:
    named = {row[0] for row in read_table(TABLE)}
    known = {rule.endpoint for rule in lite_app.url_map.iter_rules()}
    assert known - SENT - FILES == named


# The places of whose rows each person may ever see any, however the address is asked.
IN_SIGHT = {
    "stranger": "",
    "nobody": "",
    "cadre": "O",
    "chair": "O",
    "supervisor": "O B",
    "district": "O B S P",
    "committee": "O B S P",
    "keeper": "O B",
    "admin": "O B S P X",
}
# Who may write rows of records at all: not who only configures.
WRITING = ("create_view", "edit_view", "void_view")


def test_the_table_has_no_leak() -> None:
    """Neither does anybody see a row out of their reach, nor does who configures write one."""
    places = set(PLACES)
    for (address, of), cells in read_table(TABLE).items():
        for name, cell in cells.items():
            shown = {part.rstrip("*") for part in cell.split()} & places
            assert shown <= set(IN_SIGHT[name].split()), (address, of, name, cell)
            if address.startswith("record_") and address.endswith(WRITING):
                assert name not in {"keeper", "admin"} or cell in {"403", "-"}, (address, name)


def _looks() -> dict[Row, Look]:
    records = looks_of(installed_catalog().records.values())
    grids = dict(each for grid in installed_catalog().plugins.grids for each in looks_of_grid(grid))
    courses = dict(each for course in COURSES.values() for each in looks_of_course(course))
    return {
        **records,
        **grids,
        **courses,
        **dict(
            [
                *_of_people(),
                *_of_flags(),
                *_of_notices(),
                *_of_waivers(),
                *_of_corrections(),
                *_of_runs(),
                *_of_pages(),
            ]
        ),
    }


def _kept(name: str, world: World) -> Mapping[str, int]:
    """Which ids a world keeps for a kind of row, by place."""
    core = {"organization": PLACES, "cadre": {place: f"C{place}" for place in PLACES}}
    if name in core:
        ids = {"organization": world.organizations, "cadre": world.cadres}[name]
        return {place: ids[code] for place, code in core[name].items()}
    if name == "account":
        return world.accounts
    if name in ("run", "waiver", "correction"):
        kept = {"run": world.runs, "waiver": world.waivers, "correction": world.corrections}
        return kept[name]
    if name.startswith("notice "):
        return {place: world.notices[f"{name[-1]}{place}"] for place in PLACES}
    sort = name.removeprefix("flag ")
    return {place: world.flags[f"{sort}{place}"] for place in PLACES}


def _of_people() -> Iterator[tuple[Row, Look]]:
    organizations = {place: f",{code}," for place, code in PLACES.items()}
    cadres = {place: f",C{place}," for place in PLACES}
    accounts = {name: f"\n{name}," for name in PEOPLE[1:]}
    for name, base, exported in (
        ("organization", "/people/organizations", organizations),
        ("cadre", "/people/cadres", cadres),
        ("account", "/people/accounts", accounts),
    ):
        yield from looks_of_kind(name, base, partial(_kept, name), exported)
        yield (f"{name}.create_view", ""), page(f"{base}/new/")
        if name != "account":
            yield (f"{name}.edit_view", ""), opening(f"{base}/edit/", partial(_kept, name))
    for endpoint, further in (
        ("person_view", ""),
        ("year_view", "/year/2026"),
        ("year_export", "/year/2026/csv/"),
    ):
        yield (f"person.{endpoint}", ""), partial(_persons, further=further)
    yield from of_rights()
    for verb in ("move", "leave", "return", "merge"):
        looked = opening(f"/people/cadres/{verb}/", partial(_kept, "cadre"))
        yield (f"cadre.{verb}_view", ""), looked
    lookups = {"parent": "organization", "chair": "cadre", "filter_organization": "organization"}
    yield from looks_at_lookups("organization", "/people/organizations", lookups)
    lookups = {"organization": "organization", "filter_organization": "organization"}
    lookups |= {"merged": "cadre"}
    yield from looks_at_lookups("cadre", "/people/cadres", lookups)
    lookups = {"cadre": "cadre", "organization": "organization"}
    yield from looks_at_lookups("account", "/people/accounts", lookups)


def _persons(walk: Walk, further: str) -> str:
    """The places of the cadres whose own page opens."""
    answers = {place: walk.status(f"/persons/C{place}{further}") for place in PLACES}
    if set(answers.values()) == {"to /login"}:
        return "to /login"
    return " ".join(place for place, status in answers.items() if status == "200") or "-"


def _of_flags() -> Iterator[tuple[Row, Look]]:
    for sort, of in FLAGS.items():
        exported = {place: f",{sort}{place}\r" for place in PLACES}
        kept = partial(_kept, f"flag {sort}")
        yield from looks_of_kind("flag", "/flags", kept, exported, of, link="")
        yield ("flag.sheet_view", of), going_on("/flags", "sheet", kept)
        for verb in ("explain", "confirm"):
            yield ("flag.verb_view", f"{verb} {of}"), going_on("/flags", verb, kept)
        yield ("inbox.index_view", of), partial(_listed, "/inbox", 'flag={}"', kept)
        yield ("own_flags.index_view", of), partial(_listed, "/my/flags", 'href="/flags/{}"', kept)
    lookups = {
        "cadre": "cadre",
        "organization": "organization",
        "cadre_code": "cadre",
        "organization_code": "organization",
    }
    yield from looks_at_lookups("flag", "/flags", lookups)


def add_notices(session: Session, world: World) -> None:
    """At each place a notice about the cadre's flag, the organization's, and the secret one."""
    for sort in NOTICES:
        for place in PLACES:
            flag = session.get_one(Flag, world.flags[f"{sort}{place}"])
            notice = notice_of(flag, prefix=f"{sort}{place}", number=len(world.notices) + 1)
            session.add(notice)
            session.flush()
            world.notices[f"{sort}{place}"] = notice.id
    session.commit()


def _of_notices() -> Iterator[tuple[Row, Look]]:
    for sort in NOTICES:
        exported = {place: f"\n{sort}{place}〔" for place in PLACES}
        kept, of = partial(_kept, f"notice {sort}"), FLAGS[sort]
        yield from looks_of_kind("notice", "/notices", kept, exported, of, link="")
        yield ("notice.print_view", of), going_on("/notices", "print", kept)
        yield ("notice.document_view", of), going_on("/notices", "notice.docx", kept)
        for verb in ("receive", "accept"):
            yield ("notice.verb_view", f"{verb} {of}"), going_on("/notices", verb, kept)
        yield ("notice.begin_view", of), partial(_beginning, partial(_kept, f"flag {sort}"))
    lookups = {"cadre": "cadre", "organization": "organization"}
    yield from looks_at_lookups("notice", "/notices", lookups)


def _beginning(kept: Kept, walk: Walk) -> str:
    """The places of whose flags a notice could be asked for; nobody has confirmed them yet."""
    answers = {
        place: walk.status(f"/notices/new?flags={flag}") for place, flag in kept(walk.world).items()
    }
    if set(answers.values()) == {"to /login"}:
        return "to /login"
    assert set(answers.values()) <= {"403", "404", "409"}, answers
    return " ".join(f"{place}*" for place, status in answers.items() if status == "409") or "-"


def _of_waivers() -> Iterator[tuple[Row, Look]]:
    """Waivers of the organizations themselves: who sees them, and whose end may be changed."""
    kept = partial(_kept, "waiver")
    yield ("waiver.details_view", ""), lambda walk: walk.forms("/waivers", "", kept(walk.world))
    yield ("waiver.verb_view", "end"), going_on("/waivers", "end", kept)


def _of_corrections() -> Iterator[tuple[Row, Look]]:
    """Requests about the attendance of the cadres: who sees, decides and takes back which."""
    kept, address = partial(_kept, "correction"), "/corrections"
    mark = 'href="/corrections/{}"'
    yield ("correction.index_view", ""), partial(_listed, f"{address}/", mark, kept)
    yield ("correction.details_view", ""), lambda walk: walk.forms(address, "", kept(walk.world))
    for verb in ("grant", "refuse", "withdraw"):
        yield ("correction.verb_view", verb), going_on(address, verb, kept)
    for kind in ("attendance", "conflict", "conduct_report"):
        yield ("correction.new_view", kind), partial(_asking, kind)


def _asking(kind: str, walk: Walk) -> str:
    """The places of whose records somebody can say that they are wrong."""
    answers = {
        place: walk.status(f"/corrections/new?about={kind}:{row}")
        for place, row in walk.world.records[kind].items()
    }
    assert set(answers.values()) <= {"200", "403", "404", "to /login"}, answers
    if set(answers.values()) == {"to /login"}:
        return "to /login"
    return " ".join(place for place, status in answers.items() if status == "200") or "-"


def _listed(address: str, mark: str, kept: Kept, walk: Walk) -> str:
    """The places of the flags that stand on a page."""
    return walk.places(
        address, {place: mark.format(row) for place, row in kept(walk.world).items()}
    )


def _of_runs() -> Iterator[tuple[Row, Look]]:
    """Runs are of districts: the places are those of the districts' own organizations."""
    yield ("operation.details_view", ""), opening("/operation/details/", partial(_kept, "run"))
    districts = {"P": "甲区总工会", "X": "乙区总工会"}
    yield ("operation.export", ""), marked("/operation/export/csv/", districts)


def _of_pages() -> Iterator[tuple[Row, Look]]:
    # Whose organizations stand there: those that one chairs, or that nobody chairs in one's reach.
    names = {place: _PLACE_NAMES[code] for place, code in PLACES.items()}
    yield ("owed.index_view", ""), marked("/owed/", names)
    for endpoint, address in (
        ("admin.index", "/"),
        ("admin.first", "/first"),
        ("admin.behind_view", "/behind/"),
        ("log.index_view", "/log"),
        ("enter.index_view", "/enter"),
        ("own_records.index_view", "/my/records"),
        ("all_records.index_view", "/records"),
        ("person.own_view", "/persons/"),
        ("away.index_view", "/away"),
        # Whose numbers stand there is in ``tests/reports``.
        ("overview.index_view", "/overview"),
        ("overview.export", "/overview/flags/csv/"),
        ("overview.rows_view", "/overview/rows?table=ages&line=0&column=minor"),
        ("profile.index_view", "/my/profile"),
        ("profile.codes_view", "/my/profile/codes"),
        ("account.link_view", "/people/accounts/link/"),
        ("invitation.open_link", "/invitation/none"),
        ("invitation.set_first_password", "/invitation/"),
        ("sign_in_settings.index_view", "/settings/sign-in"),
        ("notification.index_view", "/notifications/"),
        ("notification.choices_view", "/notifications/choices"),
        ("days.day_view", "/days/2026-11-28"),
        ("installing.manifest", "/manifest.webmanifest"),
        ("inbox.phrases_view", "/inbox/phrases"),
        ("security.login", "/login"),
        ("rule.index_view", "/rules/"),
        ("requests.deputies_view", "/requests/deputies"),
        ("requests.index_view", "/requests/"),
        ("requests.queue_view", "/requests/queue"),
        ("waiver.index_view", "/waivers"),
        ("waiver.new_view", "/waivers/new"),
        ("rule.details_view", "/rules/discipline.late/"),
        # About whom the answer is given is in ``test_why``.
        ("why.index_view", "/why"),
        # Nobody has looked at an effect; who opens one is in ``test_effect``.
        ("rule.effect_view", "/rules/discipline.late/effect/1"),
        # Nobody has written a version; who opens one is in ``test_rule_book``.
        ("rule_version.index_view", "/rule-versions/"),
        ("rule_version.new_view", "/rule-versions/new"),
        ("rule_version.details_view", "/rule-versions/1"),
        ("rule_version.text_view", "/rule-versions/1/text"),
        ("rule_version.verb_view", "/rule-versions/1/publish"),
        ("rule_version.record_view", "/rule-versions/1/record"),
        # What a test is made of is in ``test_made``.
        ("rule_version.test_view", "/rule-versions/test"),
        ("calendar_exception.index_view", "/calendar/"),
        ("calendar_exception.export", "/calendar/export/csv/"),
        ("calendar_exception.create_view", "/calendar/new/"),
        ("calendar_exception.details_view", "/calendar/details/?id=1"),
        ("calendar_exception.edit_view", "/calendar/edit/?id=1"),
        ("calendar_exception.ajax_lookup", "/calendar/ajax/lookup/?name=day&offset=0"),
        # Nobody has sent a file; who opens one is in ``test_attachments``.
        ("attachment.show", "/attachments/1"),
        ("attachment.thumbnail", "/attachments/1/thumbnail"),
        ("audit.index_view", "/audit/"),
        ("audit.export", "/audit/export/csv/"),
        ("audit.details_view", "/audit/details/?id=1"),
        ("operation.ajax_lookup", "/operation/ajax/lookup/?name=day&offset=0"),
        # Nobody has brought anything in; who opens an import is in ``tests/clocks``.
        ("imports.index_view", "/imports/"),
        ("imports.details_view", "/imports/1"),
        ("imports.template_view", "/imports/template.xlsx"),
        ("imports.marked_view", "/imports/1/marked.xlsx"),
        ("imports.file_view", "/imports/1/files/0"),
        ("operation.index_view", "/operation/"),
        *EMPTY_PLACES,
        ("health.healthz", "/healthz"),
        ("health.readyz", "/readyz"),
        ("metrics.metrics", "/metrics"),
        ("audit.ajax_lookup", "/audit/ajax/lookup/?name=actor&offset=0"),
    ):
        yield (endpoint, ""), page(address)
