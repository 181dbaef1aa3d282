"""What stands in a bulletin: numbers that count what they say, frozen, and nothing in secret."""

import io
import re
from datetime import timedelta

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import text
from werkzeug.http import parse_options_header

from tests.bulletins.desk import Desk
from tests.reviews.conftest import Clock
from tests.reviews.following import Office
from tests.reviews.world import World
from tiesan.flags.models import Flag
from tiesan.reports.bulletins.frozen import FrozenNumbers

RAISED = "raised:discipline"
# What the program does not share with its numbers: which flags are told of which federation.
COUNTED = text(
    "SELECT count(*) FROM flag LEFT JOIN cadre ON cadre.id = flag.cadre_id"
    " JOIN organization ON organization.id = coalesce(flag.organization_id, cadre.organization_id)"
    " WHERE NOT flag.confidential AND flag.rule LIKE 'discipline.%'"
    " AND flag.occurred_on BETWEEN '2026-02-01' AND '2026-02-28'"
    " AND (organization.code = :code OR organization.parent_id ="
    " (SELECT id FROM organization WHERE code = :code))"
)


@pytest.fixture
def desk(world: World, clock: Clock) -> Desk:
    return Desk(world, clock)


def federations(desk: Desk, bulletin_id: int) -> dict[str, int]:
    """The flags raised, by the codes of the federations."""
    frozen = FrozenNumbers(desk.row(bulletin_id).numbers)
    return {
        place.code: frozen.cell(place.id, RAISED).value
        for place in frozen.places
        if place.kind != "district"
    }


def counted(desk: Desk) -> dict[str, int]:
    """The same by a statement that knows nothing of the program."""
    desk.world.session.rollback()
    return {
        code: int(desk.world.session.scalar(COUNTED, {"code": code}) or 0)
        for code in ("F1", "F2", "F4")
    }


def test_numbers_equal_a_statement_of_their_own(desk: Desk) -> None:
    for cadre in ("A1", "A2", "A3", "CE"):
        desk.world.flag(cadre=cadre)
    found = desk.drafted()
    assert federations(desk, found) == counted(desk)
    assert counted(desk)["F1"] >= 3


def test_numbers_are_frozen_until_they_are_made_anew(desk: Desk) -> None:
    found = desk.drafted()
    before = federations(desk, found)
    desk.world.flag(cadre="A3")
    assert federations(desk, found) == before
    assert desk.acts("supd", found, "refresh", as_of=desk.day.isoformat()) == 200
    after = federations(desk, found)
    assert after == counted(desk)
    assert after["F2"] == before["F2"] + 1


def test_what_is_confidential_is_in_no_number(desk: Desk) -> None:
    """With and without it all numbers are the same, and no row of it is named."""
    before = desk.row(desk.drafted()).numbers
    secret = desk.world.flag(cadre="A2", confidential=True)
    after = desk.row(desk.drafted()).numbers
    assert after == before
    rows = [tuple(row) for cell in after["cells"] for row in cell["rows"]]
    assert ("flag", secret) not in rows


def test_a_number_leads_to_its_rows(desk: Desk) -> None:
    """As far as the viewer may open them; the others are counted as not to be seen."""
    flag = desk.world.flag(cadre="A1")
    found = desk.issued()
    place = desk.world.organizations["F1"]
    query = f"/bulletins/{found}/numbers/rows?organization={place}&column={RAISED}"
    assert f'href="/flags/{flag}"' in desk.get("supd", query).text
    assert f'href="/flags/{flag}"' not in desk.get("sup2", query).text
    assert "无权查看" in desk.get("sup2", query).text
    for wrong in (f"organization={place}&column=none", "organization=x&column=y", ""):
        assert desk.get("supd", f"/bulletins/{found}/numbers/rows?{wrong}").status_code == 404


def test_the_numbers_as_a_workbook(desk: Desk) -> None:
    found = desk.drafted()
    answer = desk.get("supd", f"/bulletins/{found}/numbers.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.values)  # type: ignore[union-attr]
    assert rows[0][:2] == ("编号", "组织")
    frozen = FrozenNumbers(desk.row(found).numbers)
    assert [row[0] for row in rows[1:]] == [place.code for place in frozen.places]


def test_a_draft_can_be_read_as_a_document(desk: Desk) -> None:
    """Without a number, and only until it is issued; then there are its files."""
    found = desk.drafted()
    answer = desk.get("supd", f"/bulletins/{found}/draft.docx")
    # A server sends no header that is not plain; browsers read the name out of it.
    assert answer.headers["Content-Disposition"].isascii()
    _kind, named = parse_options_header(answer.headers["Content-Disposition"])
    assert named["filename"] == "关于2026年2月工会工作情况的通报.docx"
    said = "\n".join(each.text for each in Document(io.BytesIO(answer.data)).paragraphs)
    assert "关于2026年2月工会工作情况的通报" in said
    assert "〔2026〕" not in said
    assert desk.get("supd", f"/bulletins/{found}/draft.pdf").data.startswith(b"%PDF")
    assert desk.get("supd", f"/bulletins/{found}/draft.doc").status_code == 404
    assert desk.get("sup1", f"/bulletins/{found}/draft.docx").status_code == 404
    assert desk.acts("supd", found, "submit") == 200
    assert desk.acts("chair_d", found, "sign") == 200
    assert desk.get("supd", f"/bulletins/{found}/draft.docx").status_code == 404


def test_a_notice_in_the_official_form(desk: Desk) -> None:
    office = Office(desk.world, desk.clock)
    notice = office.issued(office.confirmed())
    number = office.notice(notice)["number"]
    answer = desk.get("sup1", f"/notices/{notice}/notice.docx")
    said = "\n".join(each.text for each in Document(io.BytesIO(answer.data)).paragraphs)
    for part in (number, "督办单", "立即整改", "查岗时不在岗", "2026年3月20日"):
        assert part in said
    assert desk.get("sup1", f"/notices/{notice}/notice.pdf").data.startswith(b"%PDF")
    assert desk.get("sup2", f"/notices/{notice}/notice.docx").status_code == 404


def test_demands_are_followed_up(desk: Desk) -> None:
    """Met, or made a notice to that organization; the next bulletin tells what became of them."""
    place = desk.world.organizations["F1"]
    old = desk.drafted(period="2026-01")
    demands = {f"demand-place-{at}": str(place) for at in range(3)}
    demands |= {f"demand-text-{at}": f"要求{at}" for at in range(3)}
    demands |= {f"demand-due-{at}": "" for at in range(3)}
    assert desk.writes("supd", old, **demands) == 303
    ids = [each.id for each in desk.row(old).demands]
    follow = f"/bulletins/{old}/demands/"
    desk.post("supd", f"{follow}{ids[0]}", {}, page=True)
    assert desk.row(old).demands[0].settled_on is None
    assert desk.acts("supd", old, "submit") == 200
    assert desk.acts("chair_d", old, "sign") == 200
    for who in ("sup1", "chair1", "chair_d"):
        desk.post(who, f"{follow}{ids[0]}", {}, page=True)
        assert desk.row(old).demands[0].settled_on is None
    desk.post("supd", f"{follow}{ids[0]}", {}, page=True)
    office = Office(desk.world, desk.clock)
    notice, other = office.issued(office.confirmed()), office.confirmed(by="sup2", cadre="A3")
    elsewhere = office.issued(other, who="sup2")
    desk.post("supd", f"{follow}{ids[1]}", {"notice": str(elsewhere)}, page=True)
    assert desk.row(old).demands[1].notice_id is None
    desk.post("supd", f"{follow}{ids[1]}", {"notice": str(notice)}, page=True)
    row = desk.row(old)
    became = [(each.settled_on, each.notice_id) for each in row.demands]
    assert became == [(desk.day, None), (None, notice), (None, None)]
    new = desk.drafted(period="2026-02")
    page = desk.get("supd", f"/bulletins/{new}").text
    said = re.sub(r"\s+", "", page)
    reference = office.notice(notice)["number"]
    for part in ("上期要求落实情况", "已于2026年3月2日落实", f"督办单{reference}，已下达",
                 "要求2", "尚未落实"):  # fmt: skip
        assert part in said


def test_praise_is_of_cadres_of_the_district(desk: Desk) -> None:
    found = desk.drafted()
    for cadre, told, status in (("CX", "好", 422), ("A1", "", 422), ("A1", "成绩突出。", 303)):
        praise = {"praise-cadre-0": str(desk.world.cadres[cadre]), "praise-text-0": told}
        assert desk.writes("supd", found, **praise) == status
    assert [each.praise for each in desk.row(found).names] == ["成绩突出。"]


def test_only_its_administrator_sets_the_prefix(desk: Desk) -> None:
    """From the next bulletin on; those that were issued keep theirs."""
    old = desk.row(desk.issued()).reference
    for who, done in (("adm_f1", False), ("supd", False), ("adm", True)):
        form = {"district": "D1", "prefix": f"试{who[:2]}通"}
        answer = desk.post(who, "/bulletins/prefix", form, page=True)
        assert answer.status_code == (303 if done else 404)
    new = desk.row(desk.issued())
    assert new.reference.startswith("试ad通〔2026〕")
    assert old in desk.get("supd", f"/bulletins/{new.id - 1}").text
    answer = desk.post(
        "adm", "/bulletins/prefix", {"district": "D2", "prefix": "试ad通"}, page=True
    )
    assert "另一个区已使用这一字头" in desk.get("adm", "/bulletins/").text


def test_a_flag_that_named_somebody_may_fall_later(desk: Desk) -> None:
    """What was issued stays; a correction does not take the name over."""
    session = desk.world.session
    flag_id = desk.world.flag(cadre="A5")
    flag = session.get_one(Flag, flag_id)
    flag.review = "confirmed"
    flag.occurred_on = desk.day - timedelta(days=4)
    session.commit()
    old = desk.drafted()
    assert desk.writes("supd", old, flags=[str(flag_id)]) == 303
    assert desk.acts("supd", old, "submit") == 200
    assert desk.acts("chair_d", old, "sign") == 200
    session.rollback()
    flag = session.get_one(Flag, flag_id, populate_existing=True)
    flag.review = "dismissed"
    session.commit()
    given = {"corrects": str(old), "as_of": desk.day.isoformat()}
    new = int(desk.post("supd", "/bulletins/correct", given).json["bulletin"])
    assert [each.flag_id for each in desk.row(old).names] == [flag_id]
    assert desk.row(new).names == []
