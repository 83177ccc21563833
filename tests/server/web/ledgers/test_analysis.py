"""The page of the analysis shows the figures of the reader's own subtree, the same in page, chart and workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlmodel import select

from scorecards.rectification_figures import closures
from server.store.events import record
from server.store.findings import Finding
from server.store.reading import analysis as reading_analysis
from tests.conftest import District, Queries
from tests.server.web.ledgers.conftest import DAY, TODAY, finding

Fill = Callable[..., list[dict[str, Any]]]
CHARTS = ("closure", "ages", "stages", "items", "schools")


@pytest.fixture(autouse=True)
def empty(district: District) -> None:
    with district.database.write() as session:
        for row in session.exec(select(Finding)):
            session.delete(row)


def tile(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<li class="tile tile-\d"><b>(\d+)(?:<small>/(\d+)</small>)?</b>', text)


def test_the_figures_are_of_the_subtree_and_quarter_asked_for(district: District, fill: Fill) -> None:
    late = TODAY - 3 * DAY
    fill(
        [
            finding(district, 1, "S01", state="closed", closed_on=TODAY, handed_on=TODAY - DAY, checked_on_site=True),
            finding(district, 2, "S01", state="noticed", due_on=late),
            finding(district, 3, "S03", state="closed", closed_on=TODAY, due_on=late, reopened=2),
            finding(district, 4, "S03", state="withdrawn", closed_on=TODAY),
            finding(district, 5, "S90", state="noticed", due_on=late),
        ]
    )
    office = district.as_("office").get("/ledgers/analysis").text
    assert tile(office) == [("2", "3"), ("1", "2"), ("1", ""), ("1", "2")]
    town = district.as_("office").get("/ledgers/analysis?unit=330102").text
    assert tile(town) == [("1", "1"), ("0", "1"), ("0", ""), ("0", "1")]
    assert tile(district.as_("head1").get("/ledgers/analysis").text) == [("1", "2"), ("1", "1"), ("1", ""), ("1", "1")]
    assert tile(district.as_("strange").get("/ledgers/analysis").text)[2] == ("1", "")
    assert district.as_("head1").get("/ledgers/analysis?unit=S03").status_code == 404
    assert district.as_("head1").get("/ledgers/analysis/charts/closure.svg?unit=S03").status_code == 404
    assert district.as_("office").get("/ledgers/analysis?quarter=nonsense").status_code == 400
    assert "西溪镇" not in district.as_("head1").get("/ledgers/analysis").text
    earlier = district.as_("office").get("/ledgers/analysis?quarter=2024Q1").text
    assert tile(earlier)[0] == ("0", "0")


def test_page_and_workbook_say_the_same_as_counting_every_finding(district: District, fill: Fill) -> None:
    fill(count=400)
    with district.database.read() as session:
        rows = reading_analysis.matters(session, ["/"], "", TODAY - 5000 * DAY)
    counted = {row.quarter: row for row in closures(rows, TODAY)}
    page = district.as_("admin").get("/ledgers/analysis").text
    shown = re.findall(r'class="nowrap">(\d{4}Q\d)</th>' + r'<td class="right">(\d+)</td>' * 5, page)
    assert len(shown) >= 7
    for name, *numbers in shown:
        row = counted[int(name.replace("Q", ""))]
        assert [int(number) for number in numbers] == [row.found, row.in_time, row.late, row.overdue, row.running]
    answer = district.as_("admin").get("/ledgers/analysis/xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    first = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    assert {line[0]: list(line[1:6]) for line in first} == {
        name: [int(number) for number in numbers] for name, *numbers in shown
    }
    assert len(book.worksheets) == 6


def test_what_is_kept_of_an_analysis_ends_with_the_next_event(district: District, fill: Fill) -> None:
    fill([finding(district, 1, "S01", state="noticed")])
    client = district.as_("office")
    assert tile(client.get("/ledgers/analysis").text)[0] == ("0", "1")
    fill([finding(district, 2, "S01", state="noticed")])
    with district.database.write() as session:
        record(session, "finding.confirm", subject="T-000002", by=None, at=district.clock())
    assert tile(client.get("/ledgers/analysis").text)[0] == ("0", "2")
    assert tile(district.as_("head1").get("/ledgers/analysis").text)[0] == ("0", "2")
    assert tile(district.as_("head3").get("/ledgers/analysis").text)[0] == ("0", "0")


def opinion(page: str) -> tuple[str, ...]:
    """Number, median, nine tenths and longest of the first stage, as the page's table says them."""
    row = re.search(r"反馈与发文</th>" + r'<td class="right">(\d+)</td>' * 4, page)
    assert row is not None
    return row.groups()


def test_days_of_the_stages_come_from_the_steps_taken(
    district: District, fill: Fill, take: Callable[..., None]
) -> None:
    fill([finding(district, 1, "S01", state="noticed"), finding(district, 2, "S03", state="noticed")])
    with district.database.read() as session:
        ids = session.exec(select(Finding.id).order_by(Finding.code)).all()
    for number, opened in zip(ids, (30, 36), strict=True):
        story = (
            ("confirm", "proposed", "open", opened),
            ("give_feedback", "open", "feedback", 28),
            ("state", "feedback", "stated", 25),
            ("issue_notice", "stated", "noticed", 20),
        )
        take([(number, action, before, after, TODAY - ago * DAY) for action, before, after, ago in story])
    assert opinion(district.as_("office").get("/ledgers/analysis").text) == ("2", "10", "16", "16")
    assert opinion(district.as_("head1").get("/ledgers/analysis").text) == ("1", "10", "10", "10")


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_a_picture_that_a_browser_keeps(district: District, fill: Fill, name: str, kind: str) -> None:
    fill(count=80)
    client = district.as_("office")
    first = client.get(f"/ledgers/analysis/charts/{name}.{kind}")
    assert first.status_code == 200
    assert first.headers["content-type"].startswith("image/")
    again = client.get(f"/ledgers/analysis/charts/{name}.{kind}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/ledgers/analysis/charts/{name}.exe").status_code == 404
    assert client.get(f"/ledgers/analysis/charts/none.{kind}").status_code == 404


def test_the_analysis_asks_a_fixed_number_of_times(district: District, fill: Fill, queries: Queries) -> None:
    client = district.as_("office")
    fill(count=300)
    client.get("/ledgers/analysis")
    queries.reset()
    assert client.get("/ledgers/analysis").status_code == 200
    assert queries.count <= 12, "\n".join(queries.statements)
