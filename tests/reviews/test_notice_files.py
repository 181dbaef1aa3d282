"""Files that come with the answer to a rectification notice, and who opens them."""

from io import BytesIO

import pytest
import sqlalchemy as sa

from tests.attachments.files import picture
from tests.reviews.conftest import Clock
from tests.reviews.following import Office
from tests.reviews.world import World
from tiesan.audit import AuditEntry


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    return Office(world, clock)


def file_of(office: Office, who: str, name: str) -> str:
    """A picture that somebody has sent, by its id."""
    form = {"file": (BytesIO(picture()), name)}
    answer = office.post(who, "/attachments/new", form)
    assert answer.status_code == 200, answer.text
    return str(answer.json["file"])


def opened(office: Office, who: str, address: str) -> int:
    """How somebody is answered who opens a file."""
    with office.get(who, address, page=True) as answer:
        answer.get_data()
        return int(answer.status_code)


def test_an_answer_has_files_that_open_for_who_sees_the_notice(office: Office) -> None:
    flag = office.confirmed()
    notice = office.issued(flag)
    office.acts("cadre1", notice, "receive")
    files = [file_of(office, "cadre1", f"整改{number}.jpg") for number in range(6)]
    assert office.acts("cadre1", notice, "answer", files=files) == 422
    assert office.acts("cadre1", notice, "answer", files=files[:5]) == 200
    told = office.notice(notice)["events"][-1]
    assert [str(each["file"]) for each in told["attachments"]] == files[:5]
    assert office.notice(notice)["events"][0]["attachments"] == []
    # They belong to the notice alone; what it brings its flags has the text.
    assert office.get("sup1", f"/flags/{flag}").json["events"][-1]["attachments"] == []
    for who, status in (("sup1", 200), ("cadre1", 200), ("cadre5", 404), ("sup2", 404)):
        shown = office.get(who, f"/notices/{notice}", page=True)
        assert ("整改4.jpg" in shown.text) is (status == 200)
        for address in (f"/attachments/{files[0]}", f"/attachments/{files[0]}/thumbnail"):
            assert opened(office, who, address) == status, (who, address)


def test_opening_a_file_of_a_confidential_notice_is_in_the_trail(office: Office) -> None:
    notice = office.issued(office.confirmed(by="aud1", confidential=True), who="aud1")
    office.acts("aud1", notice, "receive", witness="aud1")
    file = file_of(office, "supd", "整改.jpg")
    assert office.acts("supd", notice, "answer", files=[file], witness="aud1") == 200
    assert opened(office, "cadre1", f"/attachments/{file}") == 404
    assert opened(office, "aud1b", f"/attachments/{file}") == 200
    found = sa.select(AuditEntry.object_kind, AuditEntry.object_id, AuditEntry.details)
    last = office.world.session.execute(found.order_by(AuditEntry.id.desc()).limit(1)).one()
    office.world.session.rollback()
    assert tuple(last) == ("notice", notice, {"attachments": [int(file)]})
