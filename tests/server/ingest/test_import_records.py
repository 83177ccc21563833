"""Rows of a spreadsheet are submissions like any other; importing a file again changes nothing."""

from __future__ import annotations

import io

import openpyxl
import pytest

from server.problems import Problem
from server.services.intake.import_records import RecordsReport, import_records
from tests.conftest import District
from tests.server.openrosa.conftest import Phone, rows

CSV = """school,day,q1,q2,q3,q4,remark
S01,2026-11-03,1,2,3,1,x
S02,2026/11/4,1,1,1,1,
S03,2026-11-05,1,,,,
"""


def take(district: District, text: str | bytes, *, by: str = "", filename: str = "f.csv") -> RecordsReport:
    data = text.encode() if isinstance(text, str) else text
    return import_records(
        district.context, project_id=district.people.projects["330100"], form_id="visit", data=data,
        filename=filename, by=by,
    )  # fmt: skip


def outcomes(report: RecordsReport) -> list[str]:
    return [row.outcome for row in report.rows]


def test_each_row_is_a_submission_with_its_observations(district: District, phone: Phone) -> None:
    report = take(district, CSV)
    assert outcomes(report) == ["created"] * 3
    assert report.unknown == ("remark",)
    units = district.people.units
    assert rows(district, "SELECT unit_id, quarter, submitter_id FROM submission ORDER BY id") == [
        (units["S01"], 20264, None),
        (units["S02"], 20264, None),
        (units["S03"], 20264, None),
    ]
    lights = rows(district, f"SELECT light FROM observation WHERE unit = {units['S01']} AND indicator <> 'ALL'")
    assert sorted(lights) == [(1,), (1,), (2,), (3,)]
    assert rows(district, "SELECT count(*) FROM event WHERE kind = 'submission.received' AND pending") == [(3,)]


def test_importing_again_brings_nothing_twice_and_added_rows_only_once(district: District, phone: Phone) -> None:
    take(district, CSV)
    assert outcomes(take(district, CSV)) == ["duplicate"] * 3
    longer = "school,day,q1\nS04,2026-11-03,1\n"
    assert outcomes(take(district, CSV + "S04,2026-11-06,1,1,1,1,\n")) == ["duplicate"] * 3 + ["created"]
    assert outcomes(take(district, longer)) == ["created"]
    assert rows(district, "SELECT count(*) FROM submission") == [(5,)]


def test_two_equal_rows_are_two_records(district: District, phone: Phone) -> None:
    twice = "school,day,q1\nS01,2026-11-03,1\nS01,2026-11-03,1\n"
    assert outcomes(take(district, twice)) == ["created", "created"]
    assert outcomes(take(district, twice)) == ["duplicate", "duplicate"]


def test_a_row_that_is_refused_says_why_and_stops_no_other(district: District, phone: Phone) -> None:
    report = take(
        district, "school,day,q1\nS01,2026-11-03,9\nS01,3 Nov,1\nS77,2026-11-03,1\n,2026-11-03,1\nS02,2026-11-03,2\n"
    )
    assert outcomes(report) == ["refused"] * 4 + ["created"]
    assert [(row.number, row.unit) for row in report.rows] == [(2, "S01"), (3, "S01"), (4, "S77"), (5, ""), (6, "S02")]
    assert "没有选项“9”" in report.rows[0].zh
    assert "is no date" in report.rows[1].en
    assert "S77" in report.rows[2].zh


def test_the_file_may_name_its_own_ids_and_a_changed_row_is_then_a_conflict(district: District, phone: Phone) -> None:
    assert outcomes(take(district, "instanceID,school,day,q1\nk-1,S01,2026-11-03,1\n")) == ["created"]
    assert outcomes(take(district, "instanceID,school,day,q1\nk-1,S01,2026-11-03,3\n")) == ["refused"]


def test_an_inspector_imports_into_the_own_area_only(district: District, phone: Phone) -> None:
    report = take(district, CSV, by="amina")
    assert outcomes(report) == ["created", "created", "refused"]
    assert "不在您的责任区内" in report.rows[2].zh
    with pytest.raises(Problem, match=r"person\.unknown"):
        take(district, CSV, by="nobody")


def test_a_cell_may_hold_the_choices_label_in_any_language(district: District, phone: Phone) -> None:
    assert outcomes(take(district, "school,day,q1,q2,q3\nS01,2026-11-03,是,No,partly\n")) == ["created"]
    assert rows(district, "SELECT light FROM observation WHERE indicator = 'ALL' ORDER BY item") == [(1,), (3,), (2,)]


def test_an_excel_file_is_read_as_well(district: District, phone: Phone) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (("school", "day", "q1"), ("S01", "2026-11-03", 1), ("S02", "2026-11-03", 3.0)):
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    assert outcomes(take(district, out.getvalue(), filename="f.xlsx")) == ["created", "created"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "day,q1\n2026-11-03,1\n", "school,school\n1,2\n"])
def test_a_table_that_is_none_of_this_form_is_refused_whole(district: District, phone: Phone, text: str) -> None:
    with pytest.raises(Problem, match=r"import\.unreadable"):
        take(district, text)


def test_an_unknown_form_is_named(district: District, phone: Phone) -> None:
    with pytest.raises(Problem, match=r"form\.unknown"):
        import_records(
            district.context, project_id=district.people.projects["330200"], form_id="visit", data=CSV.encode()
        )
