"""A bulletin from its draft to its correction, on both databases: who, from where, and what for."""

import hashlib
import re
from datetime import timedelta

import pytest

from plugins.meetings.courses import MEETING
from plugins.meetings.models import Meeting
from tests.bulletins.desk import Desk
from tests.courses.world import TESTER
from tests.reviews.conftest import Clock
from tests.reviews.world import AT, World
from tiesan.courses.standing import read_standings
from tiesan.flags.models import Flag
from tiesan.people.models import Organization
from tiesan.records.services import create_record


@pytest.fixture
def desk(world: World, clock: Clock) -> Desk:
    return Desk(world, clock)


def test_only_a_supervisor_at_the_district_drafts(desk: Desk) -> None:
    """Also not who supervises a part of it, or another district."""
    for who in ("sup1", "sup2", "chair_d", "chair1", "cadre1", "aud1", "adm", "supx"):
        answer = desk.drafts(who)
        assert answer.status_code == 422, who
        assert answer.json["field"] == "district"
    assert desk.drafts("supd").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("period", "2026-13"), ("period", "2026-H1"), ("period", "2027-01"), ("period", ""),
     ("as_of", "2026-03-05"), ("as_of", "yesterday"), ("district", "F1"), ("district", "")],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_is_named(desk: Desk, field: str, value: str) -> None:
    answer = desk.drafts("supd", **{field: value})
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_verb_by_actor_by_state(desk: Desk) -> None:
    """In each state everybody tries everything; a refusal changes nothing."""
    people = ("supd", "supd2", "chair_d", "sup1", "chair1", "aud1", "cadre1", "adm", "supx")
    verbs = ("refresh", "submit", "sign", "return", "recall", "discard")
    allowed = {
        "drafted": {"supd", "supd2"},
        "submitted": {"supd", "supd2", "chair_d"},
        "issued": set(),
    }
    may = {
        ("drafted", "refresh"): {"supd", "supd2"},
        ("drafted", "submit"): {"supd", "supd2"},
        ("drafted", "discard"): {"supd", "supd2"},
        ("submitted", "sign"): {"supd2", "chair_d"},
        ("submitted", "return"): {"supd2", "chair_d"},
        ("submitted", "recall"): {"supd", "supd2"},
    }
    given = {"text": "理由", "as_of": desk.day.isoformat()}
    for state in allowed:
        for verb in verbs:
            found = desk.drafted()
            if state != "drafted":
                assert desk.acts("supd", found, "submit") == 200
            if state == "issued":
                assert desk.acts("chair_d", found, "sign") == 200
            yes = may.get((state, verb), set())
            for who in people:
                if who not in yes:
                    assert desk.acts(who, found, verb, **given) in {404, 409}, (state, verb, who)
                    assert desk.row(found).state == state
            if yes:
                assert desk.acts(min(yes), found, verb, **given) == 200, (state, verb)


def test_nobody_signs_what_they_wrote(desk: Desk) -> None:
    """Who has written in it does not, be it only once, and be it the numbers."""
    found = desk.drafted("supd")
    assert desk.writes("supd2", found, introduction="另一位写的。") == 303
    assert desk.acts("supd", found, "submit") == 200
    for who in ("supd", "supd2"):
        assert desk.acts(who, found, "sign") == 409
        assert desk.acts(who, found, "return", text="改") == 409
    assert desk.acts("chair_d", found, "return", text="请补充") == 200
    assert desk.row(found).state == "drafted"
    again = desk.drafted("supd")
    assert desk.acts("supd2", again, "refresh", as_of=desk.day.isoformat()) == 200
    assert desk.acts("supd", again, "submit") == 200
    assert desk.acts("supd2", again, "sign") == 409
    assert desk.acts("chair_d", again, "sign") == 200


def test_nobody_signs_who_is_named_in_it(desk: Desk) -> None:
    found = desk.drafted("supd2")
    praised = {"praise-cadre-0": str(desk.world.cadres["CZ"]), "praise-text-0": "成绩突出。"}
    assert desk.writes("supd2", found, **praised) == 303
    assert desk.acts("supd2", found, "submit") == 200
    assert desk.acts("chair_d", found, "sign") == 409
    assert desk.acts("supd", found, "sign") == 200


def test_a_draft_is_not_for_everybody(desk: Desk) -> None:
    """The chair of the district sees it once it is submitted, the others once it is issued."""
    found = desk.drafted()
    address = f"/bulletins/{found}"

    def readers() -> set[str]:
        people = ("supd", "supd2", "chair_d", "sup1", "chair1", "chair_e", "aud1", "cadre1",
                  "adm", "supx", "cadrey")  # fmt: skip
        return {who for who in people if desk.get(who, address).status_code == 200}

    assert readers() == {"supd", "supd2"}
    assert desk.acts("supd", found, "submit") == 200
    assert readers() == {"supd", "supd2", "chair_d"}
    assert desk.acts("chair_d", found, "sign") == 200
    assert readers() == {
        "supd", "supd2", "chair_d", "sup1", "chair1", "chair_e", "aud1", "adm",
    }  # fmt: skip
    assert desk.get("cadre1", "/bulletins/").text.count(address) == 0


def test_edits_are_not_lost(desk: Desk) -> None:
    """Who has not seen what another wrote is told so, and finds their own text still there."""
    found = desk.drafted()
    form = desk.written_form(found, introduction="我的文字。")
    assert desk.writes("supd2", found, introduction="他人的文字。") == 303
    answer = desk.post("supd", f"/bulletins/{found}/write", form, page=True)
    assert answer.status_code == 409
    assert "我的文字。" in answer.text
    assert desk.row(found).introduction == "他人的文字。"


def test_what_is_written_stands_in_it(desk: Desk) -> None:
    place = desk.world.organizations["F1"]
    found = desk.drafted()
    written = {
        f"comment-{place}": "工作扎实。",
        "demand-place-0": str(place), "demand-text-0": "补开学习会", "demand-due-0": "2026-03-31",
        "demand-place-1": "", "demand-text-1": "", "demand-due-1": "",
    }  # fmt: skip
    assert desk.writes("supd", found, columns=[], **written) == 303
    row = desk.row(found)
    assert row.comments == {str(place): "工作扎实。"}
    assert [(each.organization_id, each.text) for each in row.demands] == [(place, "补开学习会")]
    assert set(row.left_out) == {each["key"] for each in row.numbers["columns"]}
    page = desk.get("supd", f"/bulletins/{found}").text
    for said in ("工作扎实。", "补开学习会", "2026年3月31日"):
        assert said in page
    wrong = desk.written_form(found, **{"demand-text-0": "x", "demand-due-0": "31.3."})
    answer = desk.post("supd", f"/bulletins/{found}/write", wrong, page=True)
    assert answer.status_code == 422
    assert [each.text for each in desk.row(found).demands] == ["补开学习会"]


def test_a_number_is_given_with_the_signature(desk: Desk) -> None:
    """By district and year, without gaps; a draft that is discarded has none."""
    first = desk.row(desk.issued()).number
    thrown = desk.drafted()
    assert desk.acts("supd", thrown, "discard", text="不发了") == 200
    row = desk.row(desk.issued())
    assert (row.number, row.year, row.prefix) == ((first or 0) + 1, 2026, desk.row(row.id).prefix)
    assert re.fullmatch(r".+〔2026〕\d+号", row.reference)
    assert desk.row(thrown).number is None


def test_files_are_made_once(desk: Desk) -> None:
    """The same bytes on each download, also after all that it was made of has changed."""
    found = desk.issued()
    addresses = desk.files("chair1", found)
    assert len(addresses) == 2
    before = [desk.content("chair1", each) for each in addresses]
    assert [each[:4] for each in before] == [b"PK\x03\x04", b"%PDF"]
    digests = [hashlib.sha256(each).hexdigest() for each in before]
    desk.clock.moment += timedelta(days=1)
    assert desk.files("supd", found) == addresses
    again = [hashlib.sha256(desk.content("supd", each)).hexdigest() for each in addresses]
    assert again == digests
    for each in addresses:
        assert desk.get("cadre1", each).status_code == 404
        assert desk.get("supx", each).status_code == 404


def test_chairs_sign_for_it(desk: Desk) -> None:
    """Each for their organization, once; who has not is listed."""
    found = desk.issued()
    assert desk.receives("chair1", found, "F2") == 404
    assert desk.receives("sup1", found, "F1") in {404, 409}
    assert 'id="receipt"' in desk.get("chair1", f"/bulletins/{found}").text
    assert 'id="bulletins"' in desk.get("chair1", "/").text
    for each in desk.waiting("F1"):
        assert desk.receives("chair1", each, "F1") == 200
    assert desk.receives("chair1", found, "F1") == 409
    assert 'id="bulletins"' not in desk.get("chair1", "/").text
    page = desk.get("supd", f"/bulletins/{found}").text
    assert "1/3" in page
    row = desk.row(found)
    assert [each.received_on for each in row.receipts] == [desk.day, None, None]


def test_a_correction_is_a_new_one(desk: Desk) -> None:
    """It names the old one, which stays as it is, and there is one correction of each."""
    old = desk.issued()
    before = desk.row(old)
    kept = (before.reference, before.introduction, before.numbers, before.state)
    files = [desk.content("supd", each) for each in desk.files("supd", old)]
    as_of = desk.day.isoformat()
    for who, status in (("chair_d", 422), ("sup1", 422), ("supd2", 200), ("supd", 422)):
        given = {"corrects": str(old), "as_of": as_of}
        answer = desk.post(who, "/bulletins/correct", given)
        assert answer.status_code == status, (who, answer.text)
        if status == 200:
            new = int(answer.json["bulletin"])
    assert desk.row(new).introduction == kept[1]
    assert desk.acts("supd2", new, "submit") == 200
    assert desk.acts("supd", new, "sign") == 200
    row = desk.row(new)
    assert (row.corrects_id, row.number) == (old, (desk.row(old).number or 0) + 1)
    assert kept[0] in desk.get("chair1", f"/bulletins/{new}").text
    assert row.reference in desk.get("chair1", f"/bulletins/{old}").text
    before = desk.row(old)
    assert (before.reference, before.introduction, before.numbers, before.state) == kept
    assert [desk.content("supd", each) for each in desk.files("supd", old)] == files


def test_only_flags_that_stand_name_somebody(desk: Desk) -> None:
    """Not before the time to appeal is over, never a light or confidential one, nor by number."""
    session = desk.world.session
    ids = {name: desk.world.flag(cadre="A2") for name in ("over", "runs", "open", "minor", "hush")}
    for name, flag_id in ids.items():
        flag = session.get_one(Flag, flag_id)
        flag.review = "open" if name == "open" else "confirmed"
        flag.appeal_until = {
            "over": desk.day - timedelta(days=1), "runs": desk.day
        }.get(name)  # fmt: skip
        flag.severity = "minor" if name == "minor" else "serious"
        flag.confidential = name == "hush"
        flag.occurred_on = desk.day - timedelta(days=5)
    session.commit()
    found = desk.drafted()
    page = desk.get("supd", f"/bulletins/{found}/write").text
    offered = {name for name, flag_id in ids.items() if f'id="flag-{flag_id}"' in page}
    assert offered == {"over"}
    for name in ids.keys() - {"over"}:
        assert desk.writes("supd", found, flags=[str(ids[name])]) == 422
    assert desk.row(found).names == []
    assert desk.writes("supd", found, flags=[str(ids["over"])]) == 303
    assert [each.flag_id for each in desk.row(found).names] == [ids["over"]]
    assert desk.acts("supd", found, "submit") == 200
    session.rollback()
    flag = session.get_one(Flag, ids["over"])
    flag.review, flag.appeal_until = "dismissed", None
    session.commit()
    assert desk.acts("chair_d", found, "sign") == 409
    assert desk.row(found).state == "submitted"


def test_a_meeting_of_chairs_names_the_bulletin_given(desk: Desk) -> None:
    """Chosen among those issued by its day; the meeting then says that one was given."""
    session = desk.world.session
    early = desk.issued()
    row = desk.row(early)
    kinds = {"chairs": desk.day, "office": desk.day, "before": desk.day - timedelta(days=1)}
    meetings = {}
    for name, day in kinds.items():
        district = session.get_one(Organization, desk.world.organizations["D1"])
        values = {"code": f"HY-{name}-{early}", "organization": district, "held_on": day,
                  "kind": "office" if name == "office" else "chairs"}  # fmt: skip
        meetings[name] = create_record(TESTER, session, Meeting, values, at=AT).id
    session.commit()

    def gives(who: str, name: str, reference: str) -> int:
        session.rollback()
        meeting = session.get_one(Meeting, meetings[name], populate_existing=True)
        found = read_standings(session, MEETING, [meeting.id], None, desk.day)[meeting.id]
        seen = found.seen(MEETING)
        form = {"text": reference, "seen_state": seen.state, "seen_version": seen.version,
                "seen_events": str(seen.events)}  # fmt: skip
        session.rollback()
        address = f"/records/meeting/{meetings[name]}/give"
        return int(desk.post(who, address, form).status_code)

    reference = row.reference
    assert gives("supd", "office", reference) == 409
    assert gives("supd", "before", reference) == 422
    assert gives("supd", "chairs", "铁工通〔1999〕1号") == 422
    assert gives("chair1", "chairs", reference) in {404, 409}
    assert gives("supd", "chairs", reference) == 200
    assert gives("supd", "chairs", reference) == 409
    session.rollback()
    assert session.get_one(Meeting, meetings["chairs"], populate_existing=True).bulletin
    events = read_standings(session, MEETING, [meetings["chairs"]], None, desk.day)
    assert events[meetings["chairs"]].events[-1].text == reference
