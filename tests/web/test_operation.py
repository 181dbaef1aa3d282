"""The page of the daily run, evaluations in the background, and what a proxy is told."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from tiesan.app import create_app
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.config import read_database_url
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.scheduler.beat import Beat
from tiesan.scheduler.models import JobRun, State
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import PEOPLE, World

INDEX = "/operation/"


def fail(app: Flask, run_id: int) -> None:
    """Let a run have failed three times."""
    with app.app_context():
        failed = {"state": State.FAILED.value, "attempts": 3, "output": "Traceback\nMemoryError"}
        db.session.execute(update(JobRun).where(JobRun.id == run_id).values(failed))
        db.session.commit()


def runs(app: Flask) -> list[JobRun]:
    """All runs."""
    with app.app_context():
        return list(db.session.scalars(select(JobRun).order_by(JobRun.id)))


def test_what_has_failed_is_red_on_the_first_page_of_administrators(
    lite_app: Flask, lite_world: World
) -> None:
    assert "每日运行任务失败" not in person(lite_app, "admin").get("/").text
    fail(lite_app, lite_world.runs["X"])
    for address in ("/", INDEX):
        page = person(lite_app, "admin").get(address).text
        assert re.search(r'class="message message-error".*乙区总工会.*MemoryError', page, re.DOTALL)
        assert "Traceback" not in page
    for name in PEOPLE[1:]:
        if name != "admin":
            assert "MemoryError" not in person(lite_app, name).get("/").text
    page = person(lite_app, "admin").get(f"/operation/details/?id={lite_world.runs['X']}").text
    assert "Traceback\nMemoryError" in page


def test_what_has_failed_is_run_again(app: Flask, world: World) -> None:
    fail(app, world.runs["X"])
    admin = person(app, "admin")
    page = f"/operation/details/?id={world.runs['X']}"
    answer = admin.send(f"/operation/again/?id={world.runs['X']}", form=page)
    assert answer.location == INDEX
    app.extensions["runner"].join()
    [run] = [each for each in runs(app) if each.id == world.runs["X"]]
    assert (run.state, run.attempts) == ("done", 1)
    assert "已完成" in admin.get(page).text
    again = admin.send(f"/operation/again/?id={world.runs['X']}", form=INDEX)
    assert messages(admin.get(again.location))[0] == "只有多次失败后停止的任务才能重新执行。"
    with app.app_context():
        entries = select(AuditEntry).where(AuditEntry.verb == "run job")
        assert len(db.session.scalars(entries).all()) == 1


def test_a_job_is_done_now_in_every_district(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    assert "按昨日评估" in admin.get(INDEX).text
    admin.send("/operation/run/?job=evaluate", form=INDEX)
    lite_app.extensions["runner"].join()
    done = [run for run in runs(lite_app) if run.id not in lite_world.runs.values()]
    assert [(run.state, run.asked) for run in done] == [("done", "")] * 2
    # The run of March is made up for: the days after it are named.
    assert {run.covers_from for run in done} == {runs(lite_app)[0].day + timedelta(days=1)}
    assert "一并补办2026年4月1日至" in admin.get(INDEX).text
    assert admin.send("/operation/run/?job=evaluate_now", form=INDEX).status_code == 403
    assert admin.send("/operation/run/?job=nothing", form=INDEX).status_code == 403


@pytest.mark.parametrize("name", [name for name in PEOPLE[1:] if name != "admin"])
@pytest.mark.parametrize("verb", ["run/?job=evaluate", "again/?id=1", "back/"])
def test_nobody_else_has_anything_done(
    name: str, verb: str, lite_app: Flask, lite_world: World
) -> None:
    answer = person(lite_app, name).send(f"/operation/{verb}", form="/")
    assert answer.status_code == (404 if (name, verb[0]) == ("keeper", "a") else 403)


def test_runs_of_days_to_come_are_taken_back(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    assert "存在未来日期的运行记录" not in admin.get(INDEX).text
    with lite_app.app_context():
        run = db.session.get(JobRun, lite_world.runs["P"])
        assert run is not None
        run.day = today() + timedelta(days=100)
        db.session.commit()
    assert "存在未来日期的运行记录" in admin.get(INDEX).text
    admin.send("/operation/back/", form=INDEX)
    assert "存在未来日期的运行记录" not in admin.get(INDEX).text
    assert [run.id for run in runs(lite_app)] == [lite_world.runs["X"]]


def test_who_is_not_kept_waiting_sees_how_far_it_is(app: Flask, world: World) -> None:
    app.config["PATIENCE_SECONDS"] = 0
    admin = person(app, "admin")
    answer = admin.send("/evaluate", form="/")
    page = admin.get(answer.location)
    run = runs(app)[-1]
    assert answer.location == f"/operation/details/?id={run.id}&then=/"
    assert "共2个区" in page.text
    assert 'data-run="open"' in page.text
    app.extensions["runner"].join()
    page = admin.get(answer.location)
    assert 'data-run="over"' in page.text
    assert messages(page)[0].startswith("已评估到当前时刻：新产生预警标记")
    assert '<a class="btn btn-primary" href="/">继续</a>' in page.text
    # Whose it is sees it, and nobody else below the administrator of everything.
    assert person(app, "keeper").get(answer.location).status_code == 404


def test_it_leads_to_this_site_only(lite_app: Flask, lite_world: World) -> None:
    address = f"/operation/details/?id={lite_world.runs['P']}&then=https://example.org/"
    page = person(lite_app, "admin").get(address).text
    assert '<a class="btn btn-primary" href="/">继续</a>' in page
    assert 'href="https://example.org' not in page


def test_what_is_to_be_evaluated_is_written_with_what_asks_for_it(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ends between the two loses nothing: the run waits for the next one."""
    runner = lite_app.extensions["runner"]
    monkeypatch.setattr(runner, "call_for", lambda *_given: False)
    admin = person(lite_app, "admin")
    given = {"reason": "不再放假"}
    answer = admin.send("/calendar/remove/?id=1", given, form="/calendar/details/?id=1")
    assert answer.location.startswith("/operation/details/?id=")
    run = runs(lite_app)[-1]
    assert (run.state, run.actor_name) == ("waiting", "admin")
    runner.run_due()
    assert runs(lite_app)[-1].state == "done"


def test_health_is_told_to_everybody(lite_app: Flask) -> None:
    for address in ("/healthz", "/readyz"):
        answer = lite_app.test_client().get(address)
        assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
        assert "Set-Cookie" not in answer.headers


def ready(app: Flask) -> tuple[int, str]:
    """What a proxy is told."""
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.text.strip()


def test_an_engine_that_does_not_start_is_said(lite_app: Flask) -> None:
    lite_app.extensions["engine"].close()
    lite_app.extensions["engine"] = Engine(["/bin/false"])
    assert ready(lite_app) == (503, "engine")
    assert lite_app.test_client().get("/healthz").status_code == 200


def test_a_scheduler_that_has_stopped_is_said(lite_app: Flask) -> None:
    beat = Beat(lite_app.extensions["runner"])
    lite_app.extensions["beat"] = beat
    beat.start()
    assert ready(lite_app) == (200, "ok")
    beat.stop()
    assert ready(lite_app) == (503, "scheduler")


def test_a_database_that_is_behind_or_gone_is_said(tmp_path: Path, empty_database_url: str) -> None:
    url = read_database_url(empty_database_url)
    app = create_app(url=url, instance=tmp_path / "instance")
    assert ready(app) == (503, "schema")
    with app.app_context():
        db.engine.dispose()


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    url = read_database_url("postgresql://nobody@127.0.0.1:1/nothing")
    app = create_app(url=url, instance=tmp_path / "instance")
    assert ready(app) == (503, "database")
    assert app.test_client().get("/healthz").status_code == 200
