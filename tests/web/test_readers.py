"""Who reads a record is one thing, whether a page asks for a person or a course for an account."""

import pytest
from flask import Flask
from sqlalchemy import literal, select

from tiesan.access.criterion import permitted
from tiesan.access.policies import reader_of
from tiesan.access.viewer import read_viewer
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.people.models import Account
from tiesan.records.policy import CONFIDENTIAL, Verb
from tiesan.testing.world import PEOPLE, World

RECORDS = installed_catalog().plugins.records


def test_the_policy_of_a_course_gives_the_rows_of_the_pages(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    with lite_app.app_context():
        session = db.session()
        for name in PEOPLE[1:]:
            account = session.scalars(select(Account).where(Account.username == name)).one()
            viewer = read_viewer(session, account, today())
            for row in RECORDS:
                if row.policy.confidential:
                    continue
                reads = reader_of(row, row.policy.access)
                by_course = select(row.id).where(reads(row, literal(account.id), literal(today())))
                by_page = select(row.id).where(permitted(row, Verb.READ, viewer))
                found = [set(session.scalars(each)) for each in (by_course, by_page)]
                assert found[0] == found[1], (name, row.__name__)


def test_confidential_records_are_not_opened_by_it() -> None:
    [record] = [each for each in RECORDS if each.policy.confidential]
    with pytest.raises(ValueError, match="confidential"):
        reader_of(record, CONFIDENTIAL)
