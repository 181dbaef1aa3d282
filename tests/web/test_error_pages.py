"""What a page says when something is not there, not allowed or not possible, and the way on."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from plugins.research.models import InfoReport
from tests.web.entering import rows
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.testing.browsing import person
from tiesan.testing.world import World


def _no_room(connection: Any, *_others: object) -> None:
    # Its file may not grow by a page any more, as on a disk that is full.
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


@pytest.mark.parametrize(
    ("address", "code"), [("/nowhere", 404), ("/people/accounts/", 403), ("/flags/999999", 404)]
)
def test_who_is_signed_in_finds_the_way_on(
    address: str, code: int, lite_app: Flask, lite_world: World
) -> None:
    answer = person(lite_app, "cadre").get(address)
    assert answer.status_code == code
    assert '<nav class="side"' in answer.text
    assert 'href="/records/work_log/"' in answer.text
    assert '<nav class="side"' not in person(lite_app).get("/nowhere").text


def test_a_full_disk_is_no_busy_database(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    long = {"title": "长文", "content": "正文" * 4000, "submitted_on": f"{today():%Y-%m-%d}"}
    sent = cadre.filled("/records/info_report/new/", long)
    before = len(rows(lite_app, InfoReport))
    with lite_app.app_context():
        event.listen(db.engine, "checkout", _no_room)
    answer = cadre.client.post("/records/info_report/new/", data=sent)
    assert answer.status_code == 507
    assert "磁盘已满" in answer.text
    assert "正忙" not in answer.text
    assert cadre.get("/records/info_report/").status_code == 200
    assert len(rows(lite_app, InfoReport)) == before
