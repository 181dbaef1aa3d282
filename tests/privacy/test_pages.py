"""The pages: one's own data is for oneself alone, retention is looked at before it is set."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.privacy.packing import work_of
from tiesan.audit import AuditEntry, Subject, record_entry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.privacy.own.gathering import gather
from tiesan.privacy.own.models import OwnArchive
from tiesan.privacy.retention.models import Retention
from tiesan.records.attachments.models import PDF, Attachment
from tiesan.scheduler.models import JobRun
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import PEOPLE, World

OWN, ASK, ZIP = "/my/data", "/my/data/ask", "/my/data/archive.zip"


@pytest.fixture
def database(lite_app: Flask) -> Engine:
    with lite_app.app_context():
        return db.engine


@pytest.fixture
def app(lite_app: Flask, database: Engine, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, in which a run is done here and not in a child process."""

    def call_for(run_id: int, _seconds: float) -> bool:
        with Session(database) as session:
            work = work_of(database, session.get_one(JobRun, run_id))
        gather(work)
        return True

    monkeypatch.setattr(lite_app.extensions["runner"], "call_for", call_for)
    return lite_app


def asks(app: Flask, name: str) -> list[str]:
    """Have somebody's data gathered; gives what they are told."""
    somebody = person(app, name)
    answer = somebody.send(ASK, form=OWN)
    assert answer.status_code == 303
    return messages(somebody.get(OWN))


def entries(database: Engine, kind: str) -> list[tuple[str, str | None, dict[str, object]]]:
    """What the trail says of a kind."""
    with Session(database) as session:
        found = sa.select(AuditEntry).where(AuditEntry.object_kind == kind)
        rows = session.scalars(found.order_by(AuditEntry.id))
        return [(row.verb, row.object_code, row.details) for row in rows]


def test_what_is_kept_on_oneself_is_gathered_looked_at_and_fetched(
    app: Flask, database: Engine
) -> None:
    cadre = person(app, "cadre")
    assert cadre.get(ZIP).status_code == 404
    assert asks(app, "cadre") == ["您的数据已汇集完毕。"]
    shown = cadre.get(OWN).text
    assert "考勤" in shown
    part = cadre.get("/my/data/part?name=records/attendance").text
    assert "2026-03-20" in part
    assert "陈欧" in cadre.get("/my/data/part?name=cadres").text
    for name in ("index", "../index", "conduct_reports", "records/conduct_reports", ""):
        assert cadre.get(f"/my/data/part?name={name}").status_code == 404
    answer = cadre.get(ZIP)
    assert answer.headers["Cache-Control"] == "no-store"
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"README.txt", "index.json", "records/leaves.csv", "trail.json"} <= set(names)
    assert [verb for verb, *_ in entries(database, "own_data")] == [
        "ask for own data", "fetch own data"
    ]  # fmt: skip


def test_who_opened_one_s_certificate_is_told_by_name(
    app: Flask, database: Engine, lite_world: World
) -> None:
    with Session(database) as session:
        chair = session.scalars(sa.select(Account).filter_by(username="chair")).one()
        subject = Subject("leave", lite_world.records["leave"]["O"], "leave-O")
        record_entry(session, chair.actor, "look", subject, at=now())
        session.commit()
    asks(app, "cadre")
    shown = person(app, "cadre").get("/my/data/part?name=trail").text
    assert "查看" in shown
    assert "周主席" in shown


def test_it_is_nobody_else_s_and_not_for_long(app: Flask, database: Engine) -> None:
    asks(app, "cadre")
    for name in set(PEOPLE) - {"stranger", "cadre"}:
        assert person(app, name).get(ZIP).status_code == 404, name
    with Session(database) as session:
        row = session.scalars(sa.select(OwnArchive)).one()
        assert row.until is not None
        [path] = (Path(app.instance_path) / "own_data").iterdir()
        assert (path.name, path.stat().st_mode & 0o777) == (f"{row.token}.zip", 0o600)
        # A run in somebody else's name gathers nothing.
        run = session.get_one(JobRun, row.run_id)
        row.made_at = row.until = row.size = None
        run.actor_id = session.scalar(sa.select(Account.id).filter_by(username="admin"))
        session.commit()
        assert gather(work_of(database, run)) == {}
        session.refresh(row)
        assert row.made_at is None
        row.made_at, row.size = row.asked_at, 1
        row.until = row.asked_at - timedelta(seconds=1)
        session.commit()
    assert person(app, "cadre").get(ZIP).status_code == 404


def test_asked_twice_it_is_gathered_once(
    app: Flask, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["runner"], "call_for", lambda _run, _seconds: False)
    assert asks(app, "cadre") == []
    assert "正在汇集" in person(app, "cadre").get(OWN).text
    assert asks(app, "cadre") == ["已经在汇集了。"]
    with Session(database) as session:
        runs = sa.select(sa.func.count()).where(JobRun.job == "gather_own")
        assert session.scalar(runs) == 1


def test_retention_is_looked_at_before_it_is_set(app: Flask, database: Engine) -> None:
    admin, address = person(app, "admin"), "/retention"
    given = {"notifications": "6", "sendings": "", "imported_files": "12", "reason": ""}
    preview = admin.send(address, {**given, "do": "preview"})
    assert "目前没有要清除的" in preview.text
    assert "请看" not in preview.text
    refused = admin.send(address, {**given, "do": "save"})
    assert "必须填写理由" in refused.text or "理由" in refused.text
    too_few = admin.send(address, {**given, "notifications": "2", "reason": "x", "do": "save"})
    assert "请填 6 至 600 个月，或留空。" in too_few.text
    with Session(database) as session:
        assert session.scalars(sa.select(Retention)).all() == []
    saved = admin.send(address, {**given, "reason": "按规定", "do": "save"})
    assert saved.status_code == 303
    assert "调整了 1 类" in admin.get(address).text
    assert entries(database, "retention") == [
        ("set retention", "notifications",
         {"changed": {"months": [None, 6]}, "reason": "按规定"})
    ]  # fmt: skip
    # What is set stands at once on the page for everybody.
    kept = person(app, "cadre").get("/kept").text
    assert "6 个月" in kept
    assert "违纪举报" in kept


def test_a_file_that_retention_took_away_is_named_and_not_opened(
    app: Flask, database: Engine, lite_world: World
) -> None:
    with Session(database) as session:
        account = session.scalars(sa.select(Account).filter_by(username="cadre")).one()
        file = Attachment(sent_by_id=account.id, sent_at=account.created_at, name="证明.pdf",
                          media_type=PDF, size=9, sha256="0" * 64, kind="leave",
                          row_id=lite_world.records["leave"]["O"],
                          removed_at=account.created_at)  # fmt: skip
        session.add(file)
        session.commit()
        number = file.id
    cadre = person(app, "cadre")
    assert cadre.get(f"/attachments/{number}").status_code == 404
    shown = cadre.get(f"/records/leave/details/?id={lite_world.records['leave']['O']}").text
    assert "已按保存期限清除" in shown
    assert f"/attachments/{number}" not in shown
