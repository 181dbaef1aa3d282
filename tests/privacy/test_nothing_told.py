"""What is given to a person differs by nothing that they are not to be told of."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from plugins.discipline.choices import CONDUCT_KINDS
from plugins.discipline.models import ConductReport
from tests.privacy.packing import made, read
from tests.privacy.test_complete import GIVEN
from tests.reviews.conftest import Clock
from tests.reviews.following import DUE, Office
from tests.reviews.test_escalation import cases_of, escalates
from tests.reviews.test_notice_files import file_of
from tests.reviews.world import DAY_0, World
from tiesan.audit import AuditEntry, Subject, record_entry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.flags.models import EvidenceLink, Flag, FlagRevision
from tiesan.people.models import Account, Cadre
from tiesan.people.notifications import Notification
from tiesan.people.sessions import AccountSession
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.services import create_record

# Who is reported, who handles it, and who reviews everything else about the same person.
PEOPLE = ("cadre1", "aud1", "supd", "sup1")
WORDS = "有人反映其工作时间饮酒"


@pytest.fixture
def office(office_world: World, clock: Clock) -> Office:
    return Office(office_world, clock)


def given(office: Office, name: str) -> Path:
    """What somebody is given."""
    with office.world.app.app_context():
        return made(db.engine, Path(office.world.app.instance_path), name)


def packed(office: Office) -> dict[str, bytes]:
    """What each of them is given, byte by byte."""
    # In the tests every request begins a session anew.
    session = _session(office)
    session.execute(sa.delete(AccountSession))
    session.commit()
    return {name: given(office, name).read_bytes() for name in PEOPLE}


def lines(archives: dict[str, bytes]) -> set[str]:
    """What archives say, line by line with where, so that a failure shows what differs."""
    found = set()
    for name, content in archives.items():
        with ZipFile(BytesIO(content)) as archive:
            for part in archive.namelist():
                if part.endswith(".json"):
                    said = archive.read(part).decode().splitlines()
                    found |= {f"{name} {part} {line}" for line in said}
    return found


def something_open(office: Office, cadre: str = "A1", account: str = "cadre1") -> None:
    """A flag with a notice and an answer with a file, all of which is told."""
    notice = office.issued(office.confirmed(cadre=cadre))
    office.acts(account, notice, "receive")
    file = file_of(office, account, "整改.jpg")
    assert office.acts(account, notice, "answer", files=[file]) == 200


def everything_secret(office: Office) -> None:
    """A report with a flag, a notice with a file, a case, what rests on it, and looks at it."""
    report = _report(office)
    flag = office.confirmed(by="aud1", confidential=True, rule="discipline.conduct_unhandled")
    session = _session(office)
    session.add(EvidenceLink(flag_id=flag, kind="conduct_report", row_id=report, present=True))
    session.commit()
    notice = office.issued(flag, who="aud1")
    assert office.acts("aud1", notice, "receive", witness="aud1") == 200
    file = file_of(office, "supd", "核实材料.jpg")
    assert office.acts("supd", notice, "answer", files=[file], witness="aud1") == 200
    assert escalates(office, "aud1", flag, level="major").status_code == 200
    [case] = cases_of(office, flag)
    assert case.mistake is not None
    case_id, mistake_id = case.id, case.mistake.id
    _rests_on(office, "accountability_case", case_id)
    _told_of(office, "accountability_case", case_id)
    _counts(office, flag)
    _corrected(office, "mistake", mistake_id)
    for who in ("supd", "aud1"):
        for address in (f"/flags/{flag}", f"/records/conduct_report/details/?id={report}"):
            assert office.get(who, address, page=True).status_code == 200
        assert office.get(who, "/records/conduct_report/export/csv/", page=True).status_code == 200


def _session(office: Office) -> Session:
    """The session of the world, which reads anew."""
    office.world.session.rollback()
    return office.world.session


def _report(office: Office) -> int:
    session = _session(office)
    account = session.scalars(sa.select(Account).filter_by(username="aud1")).one()
    values = {
        "cadre": session.get_one(Cadre, office.world.cadres["A1"]),
        "kind": next(iter(CONDUCT_KINDS)),
        "reported_on": DAY_0,
        "summary": WORDS,
    }
    row = create_record(account.actor, session, ConductReport, values, at=now())
    session.commit()
    return row.id


def _rests_on(office: Office, kind: str, row_id: int) -> None:
    """An open flag on the same person that rests on a row."""
    account_id, session = _account(office, "cadre1"), _session(office)
    flag = office.world.flag()
    session.add(EvidenceLink(flag_id=flag, kind=kind, row_id=row_id, present=True))
    told = Notification(account_id=account_id, at=now(), kind="flag raised",
                        row_kind="flag", row_id=flag,
                        details={"rule": "discipline.off_post", "day": "2026-02-27"})  # fmt: skip
    session.add(told)
    session.commit()


def _counts(office: Office, flag_id: int) -> None:
    """A flag on the same person that counts another one."""
    counting = office.world.flag(rule="accountability.repeat_violations")
    session = _session(office)
    key = session.get_one(Flag, flag_id).key
    counted = {"fact": "flag", "rule": "discipline.conduct_unhandled", "cadre": "A1",
               "organization": None, "key": key}  # fmt: skip
    session.execute(
        sa.update(FlagRevision).where(FlagRevision.flag_id == counting).values(evidence=[counted])
    )
    session.commit()


def _told_of(office: Office, kind: str, row_id: int) -> None:
    account_id, session = _account(office, "cadre1"), _session(office)
    session.add(Notification(account_id=account_id, at=now(),
                             kind="request decided", row_kind=kind, row_id=row_id,
                             details={"code": "ZJ"}))  # fmt: skip
    session.commit()


def _corrected(office: Office, kind: str, row_id: int) -> None:
    """A correction that the person asks for, with its entry."""
    account_id, session = _account(office, "cadre1"), _session(office)
    asked = CorrectionRequest(
        district_id=office.world.organizations["D1"], kind=kind, row_id=row_id,
        cadre_id=office.world.cadres["A1"], account_id=account_id, text="不属实",
        wished={}, voids=True, asked_on=DAY_0, asked_at=now(),
    )  # fmt: skip
    session.add(asked)
    session.flush()
    account = session.get_one(Account, account_id)
    subject = Subject("correction", asked.id, f"#{asked.id}")
    record_entry(session, account.actor, "request", subject, at=now())
    session.commit()


def _account(office: Office, name: str) -> int:
    found = office.world.session.scalar(sa.select(Account.id).filter_by(username=name))
    office.world.session.rollback()
    assert found is not None
    return int(found)


def _entries(office: Office) -> int:
    counted = sa.select(sa.func.count()).select_from(AuditEntry)
    number = _session(office).scalar(counted) or 0
    _session(office)
    return number


def test_nothing_tells_of_a_report_nor_of_what_rests_on_it(office: Office) -> None:
    something_open(office)
    before = packed(office)
    number = _entries(office)
    everything_secret(office)
    # It has left its mark, and none that is given to anybody.
    assert _entries(office) > number + 10
    after = packed(office)
    assert lines(after) ^ lines(before) == set()
    assert after == before
    # What is told makes a difference.
    office.confirmed()
    after = packed(office)
    assert after["cadre1"] != before["cadre1"]
    assert after["sup1"] != before["sup1"]


def test_what_is_told_is_there_by_name_and_without_numbers_of_rows(
    office: Office,
) -> None:
    something_open(office, "A5", "cadre5")
    path = given(office, "cadre5")
    parts = read(path)
    assert set(GIVEN.values()) <= parts.keys()
    flags, notices = parts["flags"]["rows"], parts["notices"]["rows"]
    assert {each["message"] for each in flags} == {"查岗时不在岗"}
    assert notices[-1]["findings"] == ["查岗时不在岗"]
    assert notices[-1]["due_on"] == DUE
    assert notices[-1]["by"] == "sup1"
    said = {(each["verb"], each["by"]) for each in parts["steps"]["rows"]}
    assert {by for _verb, by in said} == {"sup1", "干部A5"}
    [*_others, file] = parts["files"]["rows"]
    assert (file["name"], file["sent_by"]) == ("整改.jpg", "干部A5")
    with ZipFile(path) as archive:
        assert archive.read(file["path"]).startswith(b"\xff\xd8")
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "举报" not in "".join(archive.namelist())
    for name, part in parts.items():
        for row in part["rows"] if name != "index" else ():
            assert not {each for each in row if each == "id" or each.endswith("_id")}, name
