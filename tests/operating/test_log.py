"""The log of what serves and of what runs jobs: objects for programs, and no texts of anybody."""

import json
import logging

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from tests.operating.places import Place
from tiesan.admin.shell.request_log import JsonLine
from tiesan.cli.log_lines import telling
from tiesan.extensions import db
from tiesan.scheduler.claims import Claim, Ended
from tiesan.scheduler.jobs import installed_jobs
from tiesan.scheduler.runner import Runner


def test_runs_are_objects_of_their_own(lite: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tiesan.runs")
    told = telling(Runner(lite.what.url, installed_jobs(), lambda: pytest.fail("no clock")), "json")
    claim = Claim(7, "token", "evaluate")
    told(claim, None)
    told(claim, Ended(well=False, output="张一 of nobody's business"))
    begun, failed = (json.loads(JsonLine().format(each)) for each in caplog.records)
    assert (begun["run"], begun["job"], begun["state"]) == (7, "evaluate", "begun")
    assert (failed["state"], failed["level"]) == ("not finished", "WARNING")
    assert "token" not in str(begun)
    assert "张一" not in str(failed)


def test_an_error_of_the_database_says_nothing_of_what_was_to_be_stored(app: Flask) -> None:
    with app.app_context(), pytest.raises(DatabaseError) as refused:
        db.session.execute(sa.text("SELECT * FROM nothing WHERE name = :name"), {"name": "张一"})
    assert "nothing" in str(refused.value)
    assert "张一" not in str(refused.value)
