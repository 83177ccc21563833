"""Ledgers: what a reader asks for is there, sorted and counted, and nothing of anybody else's."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from server.store.findings import Finding
from server.web.ledgers.query import LEDGERS, NAMES, read, read_query
from tests.conftest import District, Queries
from tests.server.web.ledgers.conftest import DAY, TODAY, add_school, finding

Fill = Callable[..., list[dict[str, Any]]]


def codes(district: District, login: str, address: str) -> list[str]:
    """The codes of the findings that a ledger's page shows, in order."""
    page = district.as_(login).get(address)
    assert page.status_code == 200, page.text
    return re.findall(r'name="code" value="([^"]+)"', page.text)


def sheet(district: District, login: str, address: str) -> list[tuple[Any, ...]]:
    """The rows of a ledger's workbook, headings first."""
    answer = district.as_(login).get(address)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return list(book.worksheets[0].iter_rows(min_row=2, values_only=True))


def only_mine(district: District) -> None:
    """Forget the findings of the template, so that a test counts its own."""
    with district.database.write() as session:
        for row in session.exec(select(Finding)):
            session.delete(row)


@pytest.fixture(autouse=True)
def empty(district: District) -> None:
    only_mine(district)


def test_every_filter_narrows_to_what_it_says(district: District, fill: Fill) -> None:
    base = finding(district, 0, "S01", severity=1)
    fill(
        [
            base,
            finding(district, 1, "S03", severity=3, route=3, item="f09_z01", indicators="AQ-02 AQ-03", state="noticed"),
            finding(district, 2, "S01", state="archived", closed_on=TODAY - DAY),
            finding(district, 3, "S01", state="rectifying", due_on=TODAY - DAY, told_on=TODAY - 20 * DAY, level=2),
            finding(district, 4, "S01", state="open", due_on=TODAY - DAY, fact="灭火器过期"),
            finding(district, 5, "S02", found_on=TODAY, due_on=TODAY + 40 * DAY, responsible="总务主任"),
            finding(district, 6, "S02", opened_by_id=district.people.persons["bola"], title="围墙倒塌"),
            finding(
                district,
                7,
                "S01",
                route=4,
                state="transferred",
                department_id=district.people.units["D-JYJ"],
                department_answer="明年安排",
            ),
        ]
    )
    expected = {
        "": {0, 1, 3, 4, 5, 6, 7},
        "state=ended": {2},
        "state=open": {0, 4, 5, 6},
        "state=all": set(range(8)),
        "state=noticed": {1},
        "unit=330102": {1},
        "unit=S01": {0, 3, 4, 7},
        "unit=D-JYJ": {7},
        "severity=3": {1},
        "route=3": {1},
        "item=f09_z01": {1},
        "indicator=AQ-03": {1},
        "indicator=AQ-0": set(),
        "overdue=yes": {3, 7},
        "level=2": {3},
        "turn=department": {7},
        "inspector=bola": {6},
        f"found_from={TODAY}": {5},
        f"found_to={TODAY - DAY}": {0, 1, 3, 4, 6, 7},
        f"due_from={TODAY + 30 * DAY}": {5},
        f"due_to={TODAY - DAY}": {3, 4},
        "q=围墙": {6},
        "q=总务": {5},
        "q=西溪镇第一": {1},
        "q=T-000004": {4},
        "q=灭火器": {4},
        "severity=3&unit=S01": set(),
    }
    for query, numbers in expected.items():
        # The two whose limit is today are not overdue yet.
        if query == "overdue=yes":
            numbers = {3}
        found = codes(district, "office", f"/ledgers/rectification?{query}")
        assert set(found) == {f"T-{number:06}" for number in numbers}, query
    assert codes(district, "office", "/ledgers/consultations") == ["T-000007"]
    assert codes(district, "office", "/ledgers/overdue") == ["T-000003"]


OLD_ADDRESSES = {
    "": "",
    "state=open": "",
    "state=closed": "state=ended",
    "state=all": "state=all",
    "state=": "state=all",
    "state=noticed": "state=noticed",
    "unit=S01&severity=3&route=2&state=open&overdue=yes&q=": "unit=S01&severity=3&route=2&overdue=yes",
    "q=围墙&unit=D-JYJ&state=all": "unit=D-JYJ&state=all&q=%E5%9B%B4%E5%A2%99",
    "severity=9&route=x&overdue=no&state=none&number=7&sort=due&level=2&x=1": "",
    "q=%0d%0aSet-Cookie:x&unit=//evil.example": "unit=%2F%2Fevil.example&q=Set-Cookie%3Ax",
}


def test_an_old_address_of_the_list_of_findings_leads_to_the_same_ones_here(district: District) -> None:
    for old, new in OLD_ADDRESSES.items():
        answer = district.as_("office").get(f"/findings?{old}")
        assert answer.status_code == 303, old
        assert answer.headers["location"] == "/ledgers/rectification" + (f"?{new}" if new else ""), old


def test_of_equals_the_gravest_stands_first(district: District, fill: Fill) -> None:
    fill([finding(district, number, "S01", severity=severity) for number, severity in enumerate((2, 4, 1, 3))])
    shown = codes(district, "office", "/ledgers/rectification")
    assert shown == ["T-000001", "T-000003", "T-000000", "T-000002"]


def test_overdue_is_what_the_lights_count(district: District, fill: Fill) -> None:
    late = TODAY - 10 * DAY
    fill(
        [
            finding(district, 0, "S01", state="noticed", due_on=late),
            finding(district, 1, "S01", state="open", due_on=late, told_on=None),  # nobody told the school
            finding(district, 2, "S01", state="evidence", due_on=late, handed_on=late - DAY),  # in time, waits for us
            finding(district, 3, "S01", state="evidence", due_on=late, handed_on=late + 3 * DAY),  # late
            finding(district, 4, "S01", state="archived", due_on=late),
            finding(district, 5, "S01", state="noticed", due_on=TODAY),
        ]
    )
    assert codes(district, "office", "/ledgers/overdue") == ["T-000000", "T-000003"]


def test_a_limit_that_ended_on_a_day_off_is_overdue_in_its_row_too(district: District, fill: Fill) -> None:
    # 2026-11-21 is a Saturday; the next day no working day has passed, and the limit has.
    district.clock.now += dt.timedelta(days=2)
    today = district.context.today()
    assert today.isoweekday() == 7
    fill([finding(district, 0, "S01", state="noticed", due_on=today - DAY, told_on=today - 9 * DAY)])
    assert codes(district, "office", "/ledgers/overdue") == ["T-000000"]
    page = district.as_("office").get("/ledgers/overdue").text
    assert "逾期1个工作日" in page and "今天到期" not in page


def test_sorting_goes_both_ways_and_pages_follow_each_other(district: District, fill: Fill) -> None:
    rows = fill(count=130)
    wanted = sorted(rows, key=lambda row: row["severity"], reverse=True)
    seen: list[str] = []
    for number in (1, 2, 3):
        address = f"/ledgers/rectification?state=all&sort=severity&dir=desc&number={number}"
        seen += codes(district, "office", address)
    assert len(seen) == len(set(seen)) == 130
    severities = {row["code"]: row["severity"] for row in rows}
    assert [severities[code] for code in seen] == [row["severity"] for row in wanted]
    upward = codes(district, "office", "/ledgers/rectification?state=all&sort=severity&dir=asc")
    assert severities[upward[0]] == 1


def test_each_role_sees_its_own_subtree_and_a_school_only_itself(district: District, fill: Fill) -> None:
    department = district.people.units["D-JYJ"]
    fill(
        [
            finding(district, 1, "S01"),
            finding(district, 2, "S02"),
            finding(district, 3, "S03"),
            finding(district, 4, "S03", route=4, state="transferred", department_id=department),
            finding(district, 9, "S90"),
        ]
    )
    ours = {1, 2, 3, 4}
    expected = {
        "admin": {*ours, 9},
        "office": ours,
        "leader": ours,
        "bola": ours,
        "amina": {1, 2},
        "head1": {1},
        "head3": {3, 4},
        "jyj": {4},
        "strange": {9},
        "dayo": {9},
    }
    for login, numbers in expected.items():
        wanted = {f"T-{number:06}" for number in numbers}
        assert set(codes(district, login, "/ledgers/rectification")) == wanted, login
        exported = {row[0] for row in sheet(district, login, "/ledgers/rectification/xlsx")[1:]}
        assert exported == wanted, login
        # Asking for another's unit by its code finds nothing more.
        for unit in ("S01", "S90", "330000"):
            assert set(codes(district, login, f"/ledgers/rectification?unit={unit}")) <= wanted
    assert district.as_("").get("/ledgers/rectification/xlsx").status_code in (303, 401)
    page = district.as_("head1").get("/ledgers/overdue").text
    assert "西溪镇" not in page


@pytest.mark.parametrize("ledger", LEDGERS)
def test_hostile_filters_are_left_out_and_break_nothing(district: District, fill: Fill, ledger: str) -> None:
    fill(count=5)
    client = district.as_("office")
    hostile = ("'; DROP TABLE finding; --", "%", "_", "\\", "\x01", "9" * 40, "<script>", "../..", "é𝒳", "-1")
    names = (*NAMES, "number")
    # Each word in all filters at once, then each filter with a word of its own.
    asked = [dict.fromkeys(names, value) for value in hostile]
    asked += [{name: hostile[place % len(hostile)]} for place, name in enumerate(names)]
    for params in asked:
        answer = client.get(f"/ledgers/{ledger}", params=params)
        assert answer.status_code == 200, params
        assert "<script>" not in answer.text.replace("<script src", "")
    assert client.get("/ledgers/none").status_code == 404
    assert client.get("/ledgers/none/xlsx").status_code == 404


@given(st.dictionaries(st.sampled_from([*NAMES, "number", "x"]), st.text(max_size=90)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_an_address_read_twice_means_the_same(values: dict[str, str]) -> None:
    for ledger in LEDGERS:
        first = read(ledger, values)
        again = read_query(ledger, first.query)
        assert (again.given, again.findings, again.measures, again.order) == (
            first.given,
            first.findings,
            first.measures,
            first.order,
        )


FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://evil")',
    "\t=1",
    "http://evil.example",
    "123",
)


def test_no_name_of_a_school_or_finding_becomes_a_formula_a_link_or_a_number(district: District, fill: Fill) -> None:
    add_school(district, "X01", "=1+1")
    fill([finding(district, number, "X01", title=text, fact=text) for number, text in enumerate(FORMULAS)])
    answer = district.as_("office").get("/ledgers/rectification/xlsx?sort=code")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.worksheets[0].iter_rows(min_row=3) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert [cell for cell in cells if cell.hyperlink] == []
    titles = [row[4] for row in sheet(district, "office", "/ledgers/rectification/xlsx?sort=code")[1:]]
    assert titles == list(FORMULAS)
    assert all(cell.data_type == "s" for cell in cells if cell.value in FORMULAS)


def test_the_workbook_has_a_districts_columns_with_dates_as_dates(district: District, fill: Fill) -> None:
    fill([finding(district, 1, "S01", state="rectifying", due_on=TODAY - 7 * DAY, responsible="校长 何", level=3)])
    headings, row = sheet(district, "office", "/ledgers/rectification/xlsx")
    line = dict(zip(headings, row, strict=True))
    assert {"编号", "文号", "问题", "指标", "整改期限", "逾期天数", "复查人", "销号日期"} <= line.keys()
    assert (line["编号"], line["学校"], line["责任人"]) == ("T-000001", "东岭镇中心小学", "校长 何")
    assert (line["镇街"], line["状态"], line["督办等级"]) == ("东岭镇", "整改中", "红：督办中")
    assert line["整改期限"] == dt.datetime.combine(TODAY - 7 * DAY, dt.time())
    assert line["逾期天数"] == 5


def test_a_view_is_kept_under_a_name_and_is_nobody_elses(district: District, fill: Fill) -> None:
    client, token = district.as_("office"), district.form_token("office")
    data = {"token": token, "name": "东岭镇重大", "query": "unit=330101&severity=4&number=3&evil=1"}
    answer = client.post("/ledgers/rectification/views", data=data)
    assert answer.headers["location"] == "/ledgers/rectification?unit=330101&severity=4&done=view_kept"
    page = client.get("/ledgers/rectification").text
    assert "东岭镇重大" in page
    view = int(re.findall(r"/ledgers/views/(\d+)/forget", page)[0])
    assert "东岭镇重大" not in district.as_("leader").get("/ledgers/rectification").text
    stolen = district.as_("leader").post(f"/ledgers/views/{view}/forget", data={"token": district.form_token("leader")})
    assert stolen.status_code == 404
    client.post("/ledgers/rectification/views", data={**data, "query": "severity=3"})
    page = client.get("/ledgers/rectification").text
    assert page.count("东岭镇重大") == 2 and "?severity=3" in page  # once as a link, once to be forgotten
    assert client.post(f"/ledgers/views/{view}/forget", data={"token": token}).status_code == 303
    assert "东岭镇重大" not in client.get("/ledgers/rectification").text
    assert client.post("/ledgers/rectification/views", data={**data, "name": "  "}).status_code == 400


@pytest.mark.parametrize(
    ("ledger", "most"), [("rectification", 14), ("overdue", 16), ("consultations", 14), ("measures", 11)]
)
def test_a_ledger_asks_the_store_a_fixed_number_of_times(
    district: District, fill: Fill, queries: Queries, ledger: str, most: int
) -> None:
    client = district.as_("office")
    fill(count=60)
    client.get(f"/ledgers/{ledger}")
    queries.reset()
    assert client.get(f"/ledgers/{ledger}").status_code == 200
    assert queries.count <= most, "\n".join(queries.statements)
