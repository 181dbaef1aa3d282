"""A confirmed flag is made a case by HTTP: who, when, what is opened, how the two are linked."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.accountability.models import AccountabilityCase, Mistake
from tests.reviews.conftest import Clock
from tests.reviews.following import DUE, Office
from tests.reviews.test_sequences import seen
from tests.reviews.world import DAY_0, World
from tiesan.flags.follow_up import EscalatedFlag
from tiesan.flags.models import Flag, ranked
from tiesan.records.settings import PluginState
from tiesan.rules import Severity

MEASURE = "约谈并限期改正"


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    return Office(world, clock)


def escalates(office: Office, who: str, flag_id: int, **given: Any) -> Any:
    """Send what makes a flag a case; gives the answer."""
    form = {"level": "", "measure": MEASURE, "due_on": DUE}
    form |= seen(office.world, flag_id, office.clock) | given
    return office.post(who, f"/flags/{flag_id}/escalate", form)


def cases_of(office: Office, flag_id: int) -> list[AccountabilityCase]:
    """The cases of a flag, the oldest first."""
    links = sa.select(EscalatedFlag.row_id).where(EscalatedFlag.flag_id == flag_id)
    session = office.world.session
    session.rollback()
    session.expire_all()
    cases = sa.select(AccountabilityCase).where(AccountabilityCase.id.in_(links))
    return list(session.scalars(cases.order_by(AccountabilityCase.id)))


def test_a_flag_becomes_a_case_with_the_mistake_that_it_pursues(office: Office) -> None:
    flag = office.confirmed()
    answer = escalates(office, "sup1", flag, level="major")
    assert (answer.status_code, answer.json) == (200, {"flag": flag, "state": "confirmed"})
    [case] = cases_of(office, flag)
    assert case.cadre_id == office.world.cadres["A1"]
    assert (case.opened_on, case.decided_on) == (DAY_0, None)
    assert case.mistake is not None
    assert (case.mistake.level, case.mistake.occurred_on) == ("major", DAY_0 - timedelta(days=3))
    assert case.mistake.summary == "查岗时不在岗"
    code, case_id = case.code, case.id
    shown = office.get("sup1", f"/flags/{flag}").json
    assert shown["cases"] == [code]
    assert (shown["events"][-1]["verb"], shown["events"][-1]["text"]) == ("escalate", MEASURE)
    # Linked both ways, with measure and deadline.
    page = office.get("cadre1", f"/flags/{flag}", page=True).text
    address = f"/records/accountability_case/details/?id={case_id}"
    assert address in page
    of_case = office.get("sup1", address, page=True).text
    assert f"/flags/{flag}" in of_case
    for said in (MEASURE, "2026年3月20日"):
        assert said in page
        assert said in of_case
    # Its decision shows on the flag; what becomes of the flag shows on the case.
    office.world.session.rollback()
    case.decided_on, case.decision = DAY_0, "诫勉谈话"
    office.world.session.commit()
    assert "诫勉谈话" in office.get("cadre1", f"/flags/{flag}", page=True).text
    assert "另有变动" not in of_case
    assert office.does("sup1", flag, "reopen") == 200
    assert "已重新核查" in (again := office.get("sup1", address, page=True).text)
    assert "另有变动" in again
    [case] = cases_of(office, flag)
    assert case.voided_at is None


def test_without_a_level_there_is_no_mistake(office: Office) -> None:
    flag = office.confirmed()
    before = office.world.session.scalar(sa.select(sa.func.count()).select_from(Mistake))
    assert escalates(office, "sup1", flag).status_code == 200
    [case] = cases_of(office, flag)
    assert case.mistake_id is None
    after = office.world.session.scalar(sa.select(sa.func.count()).select_from(Mistake))
    assert after == before


def test_once_unless_the_case_was_voided(office: Office) -> None:
    flag = office.confirmed()
    form = {"once": "one case"}
    assert escalates(office, "sup1", flag, **form).status_code == 200
    assert escalates(office, "sup1", flag, **form).status_code == 200
    assert escalates(office, "sup1b", flag).status_code == 409
    assert "escalate" not in office.get("sup1b", f"/flags/{flag}").json["verbs"]
    office.world.session.rollback()
    [case] = cases_of(office, flag)
    case.voided_at, case.void_reason = office.clock.now(), "立错了案"
    office.world.session.commit()
    assert "escalate" in office.get("sup1b", f"/flags/{flag}").json["verbs"]
    assert escalates(office, "sup1b", flag).status_code == 200
    first, second = cases_of(office, flag)
    assert office.get("sup1", f"/flags/{flag}").json["cases"] == [second.code]
    links = sa.select(EscalatedFlag.superseded).where(EscalatedFlag.flag_id == flag)
    assert list(office.world.session.scalars(links.order_by(EscalatedFlag.id))) == [True, False]
    office.world.session.rollback()
    link = {"kind": "accountability_case", "row_id": 0, "day": DAY_0, "due_on": DAY_0}
    office.world.session.add(EscalatedFlag(flag_id=flag, measure=MEASURE, **link))
    with pytest.raises(sa.exc.IntegrityError, match="escalated_flag"):
        office.world.session.flush()
    office.world.session.rollback()
    assert first.id < second.id


def changed(office: Office, flag_id: int, **values: Any) -> None:
    """Change a flag as no verb does."""
    office.world.session.execute(sa.update(Flag).where(Flag.id == flag_id).values(**values))
    office.world.session.commit()


def test_when_it_is_refused(office: Office) -> None:
    open_one, minor, marked, gone = (
        office.world.flag(), office.confirmed(), office.confirmed(), office.confirmed(),
    )  # fmt: skip
    changed(office, minor, **ranked(Severity.MINOR))
    office.world.new_evidence(marked, DAY_0)
    office.world.no_longer_active(gone, DAY_0)
    place = office.confirmed(by="sup2", org="F2", rule="efficiency.task_unclear")
    for who, flag in (
        ("sup1", open_one), ("sup1", minor), ("sup1", marked), ("sup1", gone), ("sup2", place),
    ):  # fmt: skip
        assert escalates(office, who, flag).status_code == 409
        assert "escalate" not in office.get(who, f"/flags/{flag}").json["verbs"]
    flag = office.confirmed()
    for who, status in (("cadre1", 409), ("adm", 409), ("sup2", 404), ("chair1", 404)):
        assert escalates(office, who, flag).status_code == status
    for given, field in (
        ({"measure": " "}, "measure"),
        ({"measure": "字" * 2001}, "measure"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": (DAY_0 - timedelta(days=1)).isoformat()}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({"level": "enormous"}, "level"),
        ({"seen_events": ""}, "seen_events"),
    ):
        answer = escalates(office, "sup1", flag, **given)
        assert (answer.status_code, answer.json["field"]) == (422, field), given
    assert escalates(office, "sup1", flag, seen_events="1").status_code == 409
    assert cases_of(office, flag) == []
    # Also what is remedied can still be made one.
    assert office.does("sup1", flag, "remedy") == 200
    assert escalates(office, "sup1", flag).status_code == 200


def test_nobody_makes_a_case_of_what_is_about_themself(office: Office) -> None:
    flag = office.world.flag(cadre="A4")
    assert office.does("sup1", flag, "confirm") == 200
    assert escalates(office, "multi", flag).status_code == 409


def test_an_institution_that_is_switched_off_takes_none(office: Office) -> None:
    flag = office.confirmed()
    session = office.world.session
    session.add(PluginState(name="accountability", enabled=False, changed_at=office.clock.now()))
    session.commit()
    assert escalates(office, "sup1", flag).status_code == 409
    session.execute(sa.delete(PluginState))
    session.commit()
    assert escalates(office, "sup1", flag).status_code == 200


def test_a_case_of_what_is_secret_says_nothing_of_it(office: Office) -> None:
    flag = office.confirmed(by="aud1", confidential=True)
    assert escalates(office, "aud1", flag, level="major").status_code == 200
    [case] = cases_of(office, flag)
    assert case.mistake is not None
    assert case.mistake.summary is None
    address = f"/records/accountability_case/details/?id={case.id}"
    for who in ("cadre1", "sup1"):
        page = office.get(who, address, page=True).text
        assert f"/flags/{flag}" not in page
        assert MEASURE not in page
    assert MEASURE in office.get("supd", address, page=True).text


def test_it_has_a_form_with_the_levels(office: Office) -> None:
    flag = office.confirmed()
    page = office.get("sup1", f"/flags/{flag}/escalate", page=True).text
    for said in ('name="level"', "重大失误", 'name="measure"', 'name="due_on"'):
        assert said in page
    answer = office.post(
        "sup1",
        f"/flags/{flag}/escalate",
        {"measure": MEASURE, "due_on": DUE, **seen(office.world, flag, office.clock)},
        headers={},
    )
    assert answer.status_code == 303
    assert answer.location.endswith(f"/flags/{flag}")
