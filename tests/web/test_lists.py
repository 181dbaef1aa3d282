"""Lists: search, filters, sorting, pages, look-ups and exports."""

import gc
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event

from plugins.discipline.models import Expense
from plugins.research.models import InfoReport
from tiesan.admin.lists import view as lists
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import ACTOR, AT, World


def shown(page: Any, kind: str, world: World) -> str:
    """The places whose rows are in a list."""
    rows = world.records[kind].items()
    return "".join(place for place, row in rows if f'{kind}/details/?id={row}"' in page.text)


def write_expenses(app: Flask, world: World, *amounts: int) -> None:
    """Further expenses of the cadre at O, one for each amount in fen, a day apart."""
    with app.app_context():
        cadre = db.session.get(Cadre, world.cadres["CO"])
        for number, amount in enumerate(amounts):
            values = {
                "code": f"N{number:03}",
                "cadre": cadre,
                "payee": f"店{number}",
                "amount": amount,
                "spent_on": date(2026, 2, 1 + number % 27),
            }
            create_record(ACTOR, db.session(), Expense, values, at=AT)
        db.session.commit()


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        ("search=expense-O", "O"),
        ("search=陈欧", "O"),
        ("search=expense", "OBSP"),
        ("search=陈欧 expense-O", "O"),
        ("search=陈欧 expense-B", ""),
        ("search=陈欧\u3000expense-O", "O"),
        ("search=CX", ""),
        ("search=%00", "OBSP"),
        ("flt_spent_on_from=2026-03-20", "OBSP"),
        ("flt_spent_on_from=2026-03-21", ""),
        ("flt_spent_on_to=2026-03-20", "OBSP"),
        ("flt_spent_on_to=2026-03-19", ""),
        ("flt_amount_from=123.45", "OBSP"),
        ("flt_amount_from=123.46", ""),
        ("flt_amount_to=123.45", "OBSP"),
        ("flt_receipt=no", "OBSP"),
        ("flt_receipt=yes", ""),
        ("page=99", ""),
        ("page=-5", "OBSP"),
        ("page=99999999999999999999", ""),
        ("sort=999&desc=1", "OBSP"),
        ("nonsense=1", "OBSP"),
    ],
)
def test_search_and_filters(arguments: str, places: str, app: Flask, world: World) -> None:
    page = person(app, "district").get(f"/records/expense/?{arguments}")
    assert page.status_code == 200
    assert shown(page, "expense", world) == places


@pytest.mark.parametrize(("organization", "places"), [("D1", "OBSP"), ("F1", "OB"), ("E1", "B")])
def test_an_organization_means_everything_below(
    organization: str, places: str, app: Flask, world: World
) -> None:
    number = world.organizations[organization]
    for kind in ("expense", "expense_approval", "study_session", "asset_count"):
        page = person(app, "district").get(f"/records/{kind}/?flt_organization={number}")
        assert shown(page, kind, world) == places


def test_a_filter_may_name_only_what_is_in_scope(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    for place in ("CS", "CX"):
        page = supervisor.get(f"/records/expense/?flt_cadre={lite_world.cadres[place]}")
        assert len(messages(page)) == 1
        assert "石诗" not in page.text
        assert shown(page, "expense", lite_world) == "OB"
    page = supervisor.get(f"/records/expense/?flt_cadre={lite_world.cadres['CB']}")
    assert shown(page, "expense", lite_world) == "B"


@pytest.mark.parametrize("wrong", ["flt_spent_on_from=soon", "flt_amount_to=much", "flt_receipt=x"])
def test_a_filter_that_fits_nothing_is_named(
    wrong: str, lite_app: Flask, lite_world: World
) -> None:
    page = person(lite_app, "district").get(f"/records/expense/?{wrong}")
    assert "未生效" in messages(page)[0]
    assert shown(page, "expense", lite_world) == "OBSP"


def test_a_filter_that_is_set_is_shown_and_can_be_removed(
    lite_app: Flask, lite_world: World
) -> None:
    page = person(lite_app, "district").get(
        "/records/expense/?flt_receipt=no&flt_spent_on_from=2026-03-01&search=expense"
    )
    assert "有票据：否" in page.text
    assert "2026年3月1日" in page.text
    assert 'href="/records/expense/?flt_spent_on_from=2026-03-01&amp;search=expense"' in page.text


@pytest.mark.parametrize("name", ["export_type", "endpoint", "_method", "_scheme", "_external"])
def test_an_argument_that_means_nothing_is_not_passed_on(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    arguments = f"{name}=x&flt_receipt=no&search=expense-O"
    page = person(lite_app, "district").get(f"/records/expense/?{arguments}")
    assert page.status_code == 200
    assert shown(page, "expense", lite_world) == "O"
    export = re.search(r'href="(/records/expense/export/csv/[^"]*)"', page.text)
    assert export is not None
    assert sorted(parse_qs(urlsplit(unescape(export[1])).query)) == ["flt_receipt", "search"]


def test_every_column_sorts_both_ways(app: Flask, world: World) -> None:
    district = person(app, "district")
    for name in world.records:
        columns = district.get(f"/records/{name}/").text.count("<th ")
        assert columns > 1
        for column in range(columns):
            for desc in ("", "&desc=1"):
                page = district.get(f"/records/{name}/?sort={column}{desc}")
                assert page.status_code == 200


def test_sorting_goes_by_the_value(app: Flask, world: World) -> None:
    write_expenses(app, world, 900, 10_000, 5)
    cadre = person(app, "cadre")
    amount = 4
    found = cadre.get(f"/records/expense/?sort={amount}").text
    assert [found.index(f">{text}<") for text in ("0.05", "9.00", "100.00", "123.45")] == sorted(
        found.index(f">{text}<") for text in ("0.05", "9.00", "100.00", "123.45")
    )


def test_the_newest_come_first_and_pages_lead_on(lite_app: Flask, lite_world: World) -> None:
    write_expenses(lite_app, lite_world, *range(1, 31))
    cadre = person(lite_app, "cadre")
    first = cadre.get("/records/expense/").text
    assert "共31条" in first
    assert "expense-O" in first
    assert 'href="/records/expense/?page=1&amp;page_size=25"' in first
    second = cadre.get("/records/expense/?page=1").text
    assert second.count("<tr>") == 31 - 25
    assert "expense-O" not in second
    beyond = cadre.get("/records/expense/?page=2&sort=4").text
    assert "列表没有这一页" in beyond
    assert 'href="/records/expense/?sort=4&amp;page_size=25"' in beyond
    assert "录入第一条" not in beyond
    assert 'class="pages"' not in beyond


def test_no_page_repeats_a_row_of_another(lite_app: Flask, lite_world: World) -> None:
    write_expenses(lite_app, lite_world, *range(1, 61))
    cadre = person(lite_app, "cadre")
    for column in range(8):
        pages = (cadre.get(f"/records/expense/?sort={column}&page={each}") for each in range(3))
        rows = [re.findall(r"details/\?id=(\d+)", page.text) for page in pages]
        assert [len(each) for each in rows] == [25, 25, 11]
        assert len(set().union(*rows)) == 61


def test_the_number_of_statements_does_not_grow_with_the_rows(
    lite_app: Flask, lite_world: World
) -> None:
    cadre = person(lite_app, "cadre")
    cadre.get("/records/expense/")  # remembers what waits
    few = _statements(lite_app, lambda: cadre.get("/records/expense/"))
    write_expenses(lite_app, lite_world, *range(1, 21))
    cadre.get("/records/expense/")  # works off what was written and not evaluated yet
    assert _statements(lite_app, lambda: cadre.get("/records/expense/")) == few


def _statements(app: Flask, look: Callable[[], object]) -> int:
    """How many statements a look takes."""
    seen: list[str] = []

    def note(*given: Any) -> None:
        seen.append(str(given[2]))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    look()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


# --- look-ups -----------------------------------------------------------------------------------


def _found(somebody: Person, address: str) -> list[str]:
    return [text for _row, text in somebody.get(address).json or []]


def test_a_lookup_finds_by_name_and_code(app: Flask, world: World) -> None:
    district = person(app, "district")
    address = "/records/expense/ajax/lookup/?name=cadre&offset=0&query="
    assert _found(district, address + "陈") == ["陈欧 · 东城联合会 · CO"]
    assert _found(district, address + "cb") == ["白贝 · 东城纺织工会 · CB"]
    assert _found(district, address + "%25") == []
    assert _found(district, address + "徐") == []
    assert _found(district, address + "%00") == _found(district, address)


def test_a_lookup_gives_at_most_fifty(lite_app: Flask, lite_world: World) -> None:
    write_expenses(lite_app, lite_world, *range(1, 61))
    district = person(lite_app, "district")
    address = "/records/expense_approval/ajax/lookup/?name=expense"
    assert len(_found(district, f"{address}&limit=1000&offset=0")) == 50
    assert len(_found(district, f"{address}&limit=-3&offset=-7")) == 1
    assert _found(district, f"{address}&offset=99999999999999999999") == []
    assert district.get("/records/expense/ajax/lookup/?name=payee").status_code == 404


# --- addresses that nobody made by clicking -----------------------------------------------------


@pytest.mark.parametrize("name", ["export_type", "endpoint", "_external", "_scheme", "_anchor"])
def test_a_list_passes_on_only_its_own_arguments(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    page = person(lite_app, "district").get(f"/records/expense/?{name}=javascript&search=expense")
    assert page.status_code == 200
    assert 'href="/records/expense/export/csv/?search=expense"' in page.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_audit_trail_knows_the_first_and_the_last_day(
    day: str, lite_app: Flask, lite_world: World
) -> None:
    admin = person(lite_app, "admin")
    for end in ("from", "to"):
        assert admin.get(f"/audit/?flt_at_{end}={day}").status_code == 200


# --- exports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_gives_its_connection_back(form: str, app: Flask, world: World) -> None:
    """Not only when Python gets round to collecting what nobody refers to any more."""
    with app.app_context():
        pool = db.engine.pool
    gc.collect()
    gc.disable()
    try:
        for _time in range(2):
            person(app, "district").get(f"/records/expense/export/{form}/")
        assert "Current Checked out connections: 0" in pool.status()
    finally:
        gc.enable()


def test_an_export_has_every_field_and_the_filters(app: Flask, world: World) -> None:
    answer = person(app, "district").get("/records/expense/export/csv/?search=expense-O")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=expenses-")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert lines == [
        "编号,工会干部,收款单位,开支事项,开支金额（元）,开支日期,申请日期,报销日期,有票据,撤回日期",
        "expense-O,陈欧,expense-O,,123.45,2026-03-20,,,否,",
    ]


def test_a_workbook_holds_days_and_amounts_as_such(app: Flask, world: World) -> None:
    answer = person(app, "cadre").get("/records/expense/export/xlsx/")
    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:2] == ["编号", "工会干部"]
    assert rows[1][5] == datetime(2026, 3, 20)  # noqa: DTZ001 - as a workbook has it
    amount = sheet["E2"]
    assert (amount.data_type, str(amount.value), amount.number_format) == (
        "n",
        "123.45",
        "#,##0.00",
    )


@pytest.mark.parametrize(
    "beginning",
    ["=1+1|cmd", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A1", "﹦1"],
)
def test_no_cell_is_a_formula(beginning: str, lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        row = db.session.get(InfoReport, lite_world.records["info_report"]["O"])
        assert row is not None
        row.title = beginning
        db.session.commit()
    cadre = person(lite_app, "cadre")
    csv = cadre.get("/records/info_report/export/csv/").get_data().decode("utf-8-sig")
    assert f"'{beginning}" in csv
    book = cadre.get("/records/info_report/export/xlsx/").get_data()
    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_too_long_an_export_is_refused_in_words(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 3)
    district = person(lite_app, "district")
    answer = district.get("/records/expense/export/csv/")
    assert answer.status_code == 302
    assert "超过3行" in messages(district.get(answer.location))[0]
    assert district.get("/records/expense/export/csv/?search=expense-O").status_code == 200


def test_no_other_format_is_offered(lite_app: Flask, lite_world: World) -> None:
    assert person(lite_app, "district").get("/records/expense/export/json/").status_code == 404


# --- flags --------------------------------------------------------------------------------------


def test_flags_are_listed_gravest_first_and_active_ones(app: Flask, world: World) -> None:
    with app.app_context():
        cleared = db.session.get(Flag, world.flags["oS"])
        assert cleared is not None
        cleared.active, cleared.cleared_at, cleared.cleared_reason = False, AT, "condition"
        db.session.commit()
    district = person(app, "district")
    page = district.get("/flags/").text
    gravest = page.index(f'/flags/{world.flags["cO"]}"')
    assert gravest < page.index(f'/flags/{world.flags["oO"]}"')
    link = f'/flags/{world.flags["oS"]}"'
    assert link not in page
    assert link in district.get("/flags/?flt_state=all").text
    assert link in district.get("/flags/?flt_state=cleared").text
    assert f'/flags/{world.flags["oO"]}"' not in district.get("/flags/?flt_state=cleared").text


@pytest.mark.parametrize(
    ("arguments", "flags"),
    [
        ("flt_severity=minor", {"o", "k"}),
        ("flt_severity=serious", {"c", "m"}),
        ("flt_rule=discipline.late", {"c"}),
        ("flt_institution=study", {"o"}),
        ("flt_institution=discipline", {"c", "m", "k"}),
        ("flt_review=open", {"c", "o", "m", "k"}),
        ("flt_review=closed", set()),
        ("flt_occurred_on_from=2026-03-20", {"c", "o", "m", "k"}),
        ("flt_occurred_on_to=2026-03-19", set()),
        ("search=东城联合会", {"c", "o", "m", "k"}),
        ("search=kO", {"k"}),
        ("search=nothing", set()),
    ],
)
def test_flags_are_filtered(arguments: str, flags: set[str], app: Flask, world: World) -> None:
    page = person(app, "district").get(f"/flags/?{arguments}").text
    assert {sort for sort in "comk" if f'/flags/{world.flags[f"{sort}O"]}"' in page} == flags


def test_flags_sort_by_gravity_not_by_spelling(app: Flask, world: World) -> None:
    district = person(app, "district")
    for arguments, first in (("sort=0", "oO"), ("sort=0&desc=1", "cO")):
        page = district.get(f"/flags/?{arguments}&search=东城联合会").text
        places = {key: page.index(f'/flags/{world.flags[key]}"') for key in ("oO", "cO")}
        assert min(places, key=places.__getitem__) == first
    for column in range(6):
        assert district.get(f"/flags/?sort={column}").status_code == 200


def test_flags_of_an_organization_and_below(app: Flask, world: World) -> None:
    number = world.organizations["F1"]
    page = person(app, "district").get(f"/flags/?flt_organization={number}").text
    found = {key for key, row in world.flags.items() if f'/flags/{row}"' in page}
    assert found == {f"{sort}{place}" for sort in "comk" for place in "OB"}
