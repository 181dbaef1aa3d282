"""Files that are sent with what somebody says: kept, and shown to whom they may be shown."""

import re
import stat
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.attachments import files
from tests.attachments.files import docx, photo, picture
from tests.web.entering import rows
from tests.web.test_courses import hidden
from tiesan.audit import Actor, AuditEntry
from tiesan.clock import now, today
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.records.attachments.fit import Fit
from tiesan.records.attachments.models import JPEG, LARGEST_FILE, PDF, Attachment
from tiesan.records.attachments.services import MOST_UNUSED, hang_on, keep_file
from tiesan.records.attachments.store import FileStore
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import PEOPLE, World

JSON = {"Accept": "application/json"}
NEW = "/attachments/new"


def send(somebody: Person, content: bytes, name: str = "a.jpg") -> Any:
    """Send a file as the script of a page does."""
    token = hidden(somebody, "/")["csrf_token"]
    form = {"csrf_token": token, "file": (BytesIO(content), name)}
    return somebody.client.post(NEW, data=form, headers=JSON)


def sent(somebody: Person, content: bytes | None = None, name: str = "a.jpg") -> int:
    """Send a file that is kept; returns its id."""
    answer = send(somebody, picture() if content is None else content, name)
    assert answer.status_code == 200, answer.text
    return int(answer.json["file"])


def explain(somebody: Person, flag_id: int, **given: Any) -> Any:
    """Explain a flag, as the page of the flag sends it."""
    form = hidden(somebody, f"/flags/{flag_id}") | {"text": "当时外出办事", **given}
    return somebody.client.post(f"/flags/{flag_id}/explain", data=form, headers=JSON)


def store(app: Flask) -> FileStore:
    found: FileStore = app.extensions["attachments"]
    return found


def contents(app: Flask) -> list[Path]:
    """The contents that are kept."""
    return sorted(Path(app.instance_path, "attachments").glob("??/*"))


def event_files(app: Flask, flag_id: int) -> list[list[int]]:
    """What hangs on the events of a flag that people wrote."""
    return [
        each.attachments
        for each in sorted(rows(app, FlagEvent), key=lambda event: event.id)
        if each.flag_id == flag_id and each.verb != "raised"
    ]


def test_a_flag_is_explained_with_a_photo_and_a_document(app: Flask, world: World) -> None:
    flag_id, cadre = world.flags["cO"], person(app, "cadre")
    ids = [sent(cadre, photo(6), "现场.jpg"), sent(cadre, files.PDF, "证明.pdf")]
    before = len(rows(app, AuditEntry))
    answer = explain(cadre, flag_id, files=[str(each) for each in ids])
    assert (answer.status_code, answer.json) == (200, {"flag": flag_id, "state": "explained"})
    assert event_files(app, flag_id) == [ids]
    assert len(rows(app, AuditEntry)) == before + 1
    entry = next(each for each in rows(app, AuditEntry) if each.verb == "explain")
    assert (entry.object_id, entry.details["attachments"]) == (flag_id, ids)
    for row in rows(app, Attachment):
        assert (row.kind, row.row_id, row.sent_by_id) == ("flag", flag_id, world.accounts["cadre"])

    supervisor = person(app, "supervisor")
    told = supervisor.client.get(f"/flags/{flag_id}", headers=JSON).get_json()["events"][-1]
    assert [(each["file"], each["name"], each["type"]) for each in told["attachments"]] == [
        (ids[0], "现场.jpg", JPEG),
        (ids[1], "证明.pdf", PDF),
    ]
    page = supervisor.get(f"/flags/{flag_id}").text
    for part in ("现场.jpg", "证明.pdf", f'src="/attachments/{ids[0]}/thumbnail"', " B<"):
        assert part in page, part
    shown = supervisor.get(f"/attachments/{ids[0]}")
    assert shown.headers["Content-Type"] == JPEG
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert files.SECRET not in shown.data
    assert Image.open(BytesIO(shown.data)).size == (40, 60)
    small = supervisor.get(f"/attachments/{ids[0]}/thumbnail")
    assert Image.open(BytesIO(small.data)).size == (40, 60)
    saved = supervisor.get(f"/attachments/{ids[1]}")
    assert (saved.data, saved.headers["Content-Type"]) == (files.PDF, PDF)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "%E8%AF%81%E6%98%8E.pdf" in saved.headers["Content-Disposition"]
    assert supervisor.get(f"/attachments/{ids[1]}/thumbnail").status_code == 404


def test_a_remedy_is_reported_with_files(lite_app: Flask, lite_world: World) -> None:
    flag_id = lite_world.flags["cO"]
    supervisor, cadre = person(lite_app, "supervisor"), person(lite_app, "cadre")
    form = hidden(supervisor, f"/flags/{flag_id}") | {"text": "属实"}
    assert supervisor.client.post(f"/flags/{flag_id}/confirm", data=form).status_code == 303
    ids = [sent(cadre, docx(), "整改报告.docx"), *(sent(cadre) for _number in range(4))]
    form = hidden(cadre, f"/flags/{flag_id}") | {"text": "已整改"}
    form |= {"files": [str(each) for each in ids]}  # type: ignore[dict-item] # repeated in the form
    answer = cadre.client.post(f"/flags/{flag_id}/report_remedy", data=form, headers=JSON)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "confirmed")
    assert event_files(lite_app, flag_id) == [[], ids]
    assert "整改报告.docx" in supervisor.get(f"/flags/{flag_id}").text


def test_contents_are_for_their_owner_and_kept_once(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    cadre, chair = person(lite_app, "cadre"), person(lite_app, "chair")
    assert sent(cadre) != sent(cadre)
    sent(chair, name="../../../b.jpg")
    found = contents(lite_app)
    assert len(found) == len({row.sha256 for row in rows(lite_app, Attachment)}) == 1
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert cadre.get(f"/attachments/{path.name}").status_code == 404
        assert (
            cadre.get(f"{lite_app.static_url_path}/../attachments/{path.name}").status_code == 404
        )
    assert {row.name for row in rows(lite_app, Attachment)} == {"a.jpg", "b.jpg"}


@pytest.fixture
def on_flags(lite_app: Flask, lite_world: World) -> Mapping[str, int]:
    """A file on each flag, sent by the cadre of O."""
    fit = Fit(b"%PDF-", PDF)
    with lite_app.app_context(), Session(db.engine) as session:
        actor = Actor(lite_world.accounts["cadre"], "cadre")
        found = {}
        for name, flag_id in lite_world.flags.items():
            row = keep_file(actor, session, store(lite_app), fit, "a.pdf", at=now())
            hang_on(actor, session, [row.id], "flag", flag_id, at=now())
            found[name] = row.id
        session.commit()
    return found


def test_a_file_opens_for_whoever_may_see_the_flag(
    lite_app: Flask, lite_world: World, on_flags: Mapping[str, int]
) -> None:
    opened = 0
    for name in PEOPLE:
        somebody = person(lite_app, name)
        for flag, file_id in on_flags.items():
            seen = somebody.get(f"/flags/{lite_world.flags[flag]}").status_code == 200
            status = somebody.get(f"/attachments/{file_id}").status_code
            expected = 302 if name == "stranger" else 200 if seen else 404
            assert status == expected, (name, flag)
            opened += seen
    assert opened > 40


def test_each_opening_of_what_is_confidential_is_in_the_trail(
    lite_app: Flask, lite_world: World, on_flags: Mapping[str, int]
) -> None:
    committee = person(lite_app, "committee")
    for flag in ("cO", "mO", "kO"):
        committee.get(f"/attachments/{on_flags[flag]}")
    committee.get(f"/attachments/{on_flags['kO']}")
    looks = [each for each in rows(lite_app, AuditEntry) if each.verb == "look"]
    expected = (lite_world.flags["kO"], {"attachments": [on_flags["kO"]]}, "committee")
    assert [(each.object_id, each.details, each.actor_name) for each in looks] == [expected] * 2
    committee.get(f"/flags/{lite_world.flags['kO']}")
    looks = [each for each in rows(lite_app, AuditEntry) if each.verb == "look"]
    assert (len(looks), {} in [each.details for each in looks]) == (3, True)


# --- what is refused ------------------------------------------------------------------------------


def _anothers(app: Flask, cadre: Person) -> list[int]:
    return [sent(cadre), sent(person(app, "chair"))]


def _used(app: Flask, cadre: Person) -> list[int]:
    used = sent(cadre)
    with app.app_context():
        flag_id = db.session.scalar(select(Flag.id).where(Flag.key == "cO"))
    assert explain(cadre, flag_id or 0, files=str(used)).status_code == 200
    return [used]


def _too_many(_app: Flask, cadre: Person) -> list[int]:
    return [sent(cadre) for _number in range(6)]


def _of_yesterday(app: Flask, cadre: Person) -> list[int]:
    old = sent(cadre)
    with app.app_context():
        before = now() - timedelta(hours=24)
        db.session.execute(update(Attachment.__table__).values(sent_at=before))  # type: ignore[arg-type] # a table
        db.session.commit()
    return [old]


def _none(_app: Flask, _cadre: Person) -> list[Any]:
    return ["7", "x", "-1", "1 OR 1=1", "９", "9" * 40]


@pytest.mark.parametrize("case", [_anothers, _used, _too_many, _of_yesterday, _none])
def test_only_own_unused_files_are_taken(case: Any, lite_app: Flask, lite_world: World) -> None:
    flag_id, cadre = lite_world.flags["cO"], person(lite_app, "cadre")
    ids = case(lite_app, cadre)
    before = event_files(lite_app, flag_id)
    for some in [ids] if case is _too_many else [[each] for each in ids[-6:]]:
        if case is _anothers and some == ids[:1]:
            continue
        answer = explain(cadre, flag_id, files=[str(each) for each in some])
        assert (answer.status_code, answer.json["field"]) == (422, "files"), some
    assert event_files(lite_app, flag_id) == before
    # What is named twice is one file.
    again = str(sent(cadre))
    assert explain(cadre, flag_id, files=[again, again]).status_code == 200
    assert event_files(lite_app, flag_id)[-1] == [int(again)]


def test_what_hangs_on_nothing_is_its_senders_alone(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    file_id = sent(person(lite_app, "cadre"))
    for name in PEOPLE[1:]:
        expected = 200 if name == "cadre" else 404
        for address in (f"/attachments/{file_id}", f"/attachments/{file_id}/thumbnail"):
            assert person(lite_app, name).get(address).status_code == expected, name


def test_two_forms_cannot_use_one_file(app: Flask, world: World) -> None:
    actor, at = Actor(world.accounts["cadre"], "cadre"), now()
    with app.app_context(), Session(db.engine) as session:
        row = keep_file(actor, session, store(app), Fit(b"%PDF-", PDF), "", at=at)
        hang_on(actor, session, [row.id], "flag", world.flags["cO"], at=at)
        with pytest.raises(UserError):
            hang_on(actor, session, [row.id], "flag", world.flags["oO"], at=at)
        session.commit()


def test_files_go_with_one_flag_and_only_with_verbs_that_take_them(
    lite_app: Flask, lite_world: World
) -> None:
    flag_id, supervisor = lite_world.flags["cO"], person(lite_app, "supervisor")
    file_id = str(sent(supervisor))
    form = hidden(supervisor, f"/flags/{flag_id}") | {"text": "已核实", "files": file_id}
    named = f"{flag_id}:open:1:{form['seen_events']}"
    many = supervisor.client.post("/flags/bulk/explain", data=form | {"ids": named}, headers=JSON)
    assert (many.status_code, many.get_json()["field"]) == (422, "files")
    done = supervisor.client.post(f"/flags/{flag_id}/confirm", data=form, headers=JSON)
    assert done.status_code == 200
    assert event_files(lite_app, flag_id) == [[]]


def _large(somebody: Person, address: str, size: int, token: str = "") -> int:
    """Send a PDF of so many bytes; returns the status. Its body is written by hand."""
    part = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = part.format("csrf_token", "").encode() + token.encode() + b"\r\n"
    body += part.format("file", '; filename="a.pdf"').encode() + files.PDF.ljust(size, b"\0")
    kind = "multipart/form-data; boundary=x"
    options: dict[str, Any] = {"data": body + b"\r\n--x--\r\n", "content_type": kind}
    return somebody.client.post(address, headers=JSON, **options).status_code


def test_what_is_too_large_is_refused(lite_app: Flask, lite_world: World) -> None:
    cadre, most = person(lite_app, "cadre"), LARGEST_FILE
    token = hidden(cadre, "/")["csrf_token"]
    assert _large(cadre, NEW, most, token) == 200
    assert _large(cadre, NEW, most + 1, token) == 422
    assert _large(cadre, NEW, 3 * most, token) == 413
    assert _large(person(lite_app), NEW, most) == 401
    # No other address takes as much.
    flag_id = lite_world.flags["cO"]
    for address in ("/flags/bulk/explain", f"/flags/{flag_id}", "/records/expense/new/"):
        assert _large(cadre, address, most, token) in {405, 413}, address
    assert _large(cadre, f"/flags/{flag_id}/explain", 6 * most, token) == 413
    assert send(person(lite_app, "nobody"), picture()).status_code == 403


def test_nobody_fills_the_disk(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    sent(cadre)
    with lite_app.app_context():
        first = rows(lite_app, Attachment)[0]
        copied = {
            column.name: getattr(first, column.name)
            for column in Attachment.__table__.columns
            if column.name != "id"
        }
        db.session.add_all(Attachment(**copied) for _number in range(MOST_UNUSED - 1))
        db.session.commit()
    assert send(cadre, picture()).status_code == 422
    assert lite_world.flags


# --- without scripts ------------------------------------------------------------------------------

_TICKED = re.compile(r'name="files" value="(\d+)" checked')


def test_a_form_brings_its_files_along(app: Flask, world: World) -> None:
    flag_id, cadre = world.flags["cO"], person(app, "cadre")
    shown = cadre.get(f"/flags/{flag_id}").text
    assert 'enctype="multipart/form-data"' in shown
    assert 'accept="image/jpeg,image/png,application/pdf"' in shown
    address, form = f"/flags/{flag_id}/explain", hidden(cadre, f"/flags/{flag_id}")
    given: dict[str, Any] = {
        "text": "见附件",
        "files": [
            (BytesIO(picture("PNG")), "a.png"),
            (BytesIO(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "b.heic"),
            (BytesIO(docx()), "c.docx"),
        ],
    }
    answer = cadre.client.post(address, data=form | given)
    assert answer.status_code == 422
    assert "HEIC" in answer.text
    assert "见附件" in answer.text
    # What could be kept is sent once more without being picked again.
    kept = _TICKED.findall(answer.text)
    assert [row.name for row in rows(app, Attachment)][::-1] == ["a.png", "c.docx"]
    assert len(kept) == 2
    again = dict(re.findall(r'name="(seen_\w+|once|csrf_token)" value="([^"]*)"', answer.text))
    given = {"text": "见附件", "files": [*kept, (BytesIO(b""), "")]}
    answer = cadre.client.post(address, data=again | given, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert event_files(app, flag_id) == [[int(each) for each in kept]]


def test_a_form_that_comes_back_names_its_files_still(lite_app: Flask, lite_world: World) -> None:
    flag_id, cadre = lite_world.flags["cO"], person(lite_app, "cadre")
    file_id, other = str(sent(cadre)), str(sent(person(lite_app, "chair")))
    given = {"text": "当时外出", "files": [file_id, other], "csrf_token": "of another day"}
    answer = cadre.client.post(f"/flags/{flag_id}/explain", data=given)
    assert (answer.status_code, "当时外出" in answer.text) == (400, True)
    # What is somebody else's is not named.
    assert _TICKED.findall(answer.text) == [file_id]


def test_six_files_of_a_form_are_refused(lite_app: Flask, lite_world: World) -> None:
    flag_id, cadre = lite_world.flags["cO"], person(lite_app, "cadre")
    answer = explain(cadre, flag_id, files=[(BytesIO(picture()), "a.jpg") for _n in range(6)])
    assert (answer.status_code, answer.json["field"]) == (422, "files")
    assert event_files(lite_app, flag_id) == []


def test_an_expense_takes_the_photo_of_its_receipt(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre, new = person(lite_app, "cadre"), "/records/expense/new/request"
    assert 'enctype="multipart/form-data"' in cadre.get(new).text
    form = hidden(cadre, new) | {"payee": "甲店", "amount": "50", "files": str(sent(cadre))}
    answer = cadre.client.post(new, data=form, headers=JSON)
    assert answer.status_code == 200, answer.text
    row_id = answer.get_json()["expense"]
    page = f"/records/expense/details/?id={row_id}"
    form = hidden(cadre, page) | {"spent_on": today().isoformat(), "amount": "50"}
    photo = {"files": [(BytesIO(picture()), "票.jpg")]}
    answer = cadre.client.post(f"/records/expense/{row_id}/spend", data=form | photo)
    assert answer.status_code == 303
    first, second = sorted(row.id for row in rows(lite_app, Attachment))
    # Whoever may see the expense opens them, nobody else.
    for name, status in {"chair": 200, "supervisor": 200, "committee": 200, "keeper": 200}.items():
        somebody = person(lite_app, name)
        assert somebody.get(page).status_code == status
        assert "票.jpg" in somebody.get(page).text
        for each in (first, second):
            assert somebody.get(f"/attachments/{each}").status_code == status
    assert person(lite_app, "nobody").get(f"/attachments/{first}").status_code == 404
