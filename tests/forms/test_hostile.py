"""A hostile or broken workbook gets a sentence in two languages within 10 seconds and 500 MB, never an exception."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from forms.check import check
from forms.problems import FormProblem
from forms.workbook import make_workbook, read_workbook, write_xlsx

ROOT = Path(__file__).parents[2]
BIG = {
    "empty_rows": None,
    "wide": "workbook.no_header",
    "styled_cells": "workbook.bomb",
    "styled_within": "workbook.sheet_missing",
    "repeated_text": "workbook.too_much_text",
    "zip_bomb": "workbook.bomb",
    "lying_zip": "workbook.broken",
    "many_entries": "workbook.bomb",
    "shared_strings": "workbook.part_too_large",
    "many_strings": None,
    "laughs": "workbook.entities",
    "many_rows": "workbook.too_many_rows",
    "long_list": None,
    "many_questions": None,
    "deep_groups": "xlsform.too_deep",
}
GOOD = write_xlsx(
    make_workbook(
        {
            "survey": [{"type": "text", "name": "q", "label": "Q"}],
            "settings": [{"form_id": "f", "version": "1"}],
        }
    )
)


def two_languages(problems: list[FormProblem]) -> bool:
    return all(
        found.zh and found.en and any("\u4e00" <= letter <= "\u9fff" for letter in found.zh) for found in problems
    )


@pytest.mark.parametrize("name", BIG)
def test_a_huge_or_hostile_workbook_is_judged_within_ten_seconds_and_500_mb(name: str) -> None:
    command = [sys.executable, "-m", "tests.forms.hostile", name]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    report = json.loads(run.stdout)
    assert report["seconds"] < 10
    assert report["peak_mb"] < 500
    codes = [found[0] for found in report["problems"]]
    assert codes == [] if BIG[name] is None else BIG[name] in codes
    assert all(found[2] and found[3] for found in report["problems"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook.empty"),
        (b"hello", "workbook.not_xlsx"),
        (b"PK\x03\x04 and nothing", "workbook.broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook.old_xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "workbook.encrypted"),
        (GOOD[: len(GOOD) // 2], "workbook.broken"),
        (b"x" * (17 * 2**20), "workbook.too_large"),
    ],
)
def test_a_file_that_is_no_workbook_says_what_to_do(data: bytes, code: str) -> None:
    result = check(data, filename="a.xlsx")
    assert [found.code for found in result.problems] == [code]
    assert two_languages(result.problems)
    assert result.definition is None


def test_a_zip_without_a_workbook_is_no_workbook(xlsx) -> None:
    data = xlsx({"survey": ""}).replace(b"xl/workbook.xml", b"xl/workboek.xml")
    assert [found.code for found in check(data).problems] == ["workbook.not_xlsx"]


def test_password_protected_parts_are_named_as_such() -> None:
    data = bytearray(GOOD)
    for start in (index for index in range(len(data) - 4) if data[index : index + 4] == b"PK\x01\x02"):
        data[start + 8] |= 1
    assert [found.code for found in check(bytes(data)).problems] == ["workbook.encrypted"]


def test_a_formula_is_refused_with_its_sheet_and_cell(xlsx, inline) -> None:
    survey = (
        f"<row r='1'>{inline('A1', 'type')}{inline('B1', 'name')}{inline('C1', 'label')}</row>"
        f"<row r='2'>{inline('A2', 'text')}<c r='B2'><f>1+1</f><v>2</v></c>{inline('C2', 'Q')}</row>"
    )
    found = next(f for f in check(xlsx({"survey": survey})).problems if f.code == "workbook.formula")
    assert (found.sheet, found.row, found.column) == ("survey", 2, "name")
    assert "B2" in found.zh and "B2" in found.en


def test_error_values_repeated_headers_and_repeated_sheets_are_named(xlsx, inline) -> None:
    survey = (
        f"<row r='1'>{inline('A1', 'type')}{inline('B1', 'name')}{inline('C1', 'label')}{inline('D1', 'label')}</row>"
        f"<row r='2'>{inline('A2', 'text')}{inline('B2', 'q')}<c r='C2' t='e'><v>#N/A</v></c></row>"
    )
    problems = check(xlsx({"survey": survey, "Survey": survey})).problems
    assert {"workbook.cell_error", "workbook.header_repeated", "workbook.sheet_repeated"} <= {f.code for f in problems}


def test_links_to_other_files_are_told_and_not_followed(xlsx, inline) -> None:
    survey = f"<row r='1'>{inline('A1', 'type')}</row>"
    problems = check(xlsx({"survey": survey}, {"xl/externalLinks/externalLink1.xml": "<x/>"})).problems
    assert "workbook.external_link" in {f.code for f in problems}


@pytest.mark.parametrize(
    "sheets", [{}, {"choices": "<row r='1'/>"}, {"survey": ""}, {"other": "<row><c><v>1</v></c></row>"}]
)
def test_missing_and_empty_sheets_are_named(sheets, xlsx) -> None:
    problems = check(xlsx(sheets)).problems
    assert {f.code for f in problems} <= {"workbook.empty", "workbook.sheet_missing"} and problems


def test_a_scratch_sheet_full_of_formulas_is_left_alone(xlsx, inline) -> None:
    survey = (
        f"<row r='1'>{inline('A1', 'type')}{inline('B1', 'name')}{inline('C1', 'label')}</row>"
        f"<row r='2'>{inline('A2', 'text')}{inline('B2', 'q')}{inline('C2', 'Q')}</row>"
    )
    settings = (
        f"<row r='1'>{inline('A1', 'form_id')}{inline('B1', 'version')}</row>"
        f"<row r='2'>{inline('A2', 'f')}{inline('B2', '1')}</row>"
    )
    result = check(xlsx({"survey": survey, "settings": settings, "草稿": "<row><c><f>1+1</f></c></row>"}))
    assert result.problems == []
    assert result.definition is not None


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_workbook_never_raises(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(GOOD)
    for _ in range(chance.randint(1, 30)):
        where = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[where] = chance.randrange(256)
        else:
            del data[where : where + chance.randint(1, 50)]
    result = check(bytes(data), filename="a.xlsx")
    assert result.definition is not None or two_languages(result.problems)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize(
    "content",
    [b"", b"<", b"<a><b></a>", b"\xff\xfe<\x00", b"<w><sheetData><c r='@@' s='x'><v>1</v></c></sheetData></w>"],
)
def test_a_broken_part_never_raises(part: str, content: bytes, xlsx, inline) -> None:
    data = xlsx({"survey": f"<row r='1'>{inline('A1', 'type')}</row>"}, {part: content})
    workbook, problems = read_workbook(data)
    assert workbook is not None or (problems and two_languages(problems))
