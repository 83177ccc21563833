"""A table from outside (CSV or Excel) as rows of text that know their number; nothing of it is trusted."""

from __future__ import annotations

import csv
import io

from forms.problems import has_errors
from forms.sheets import Row
from forms.workbook import read_workbook
from server.problems import Problem

MAX_ROWS = 200_000
MAX_COLUMNS = 1024
MAX_CELL = 32_767


def read_table(data: bytes, filename: str = "") -> tuple[tuple[str, ...], list[Row]]:
    """The headers and the non-empty rows of a CSV file or of an Excel workbook's first sheet that has any.

    Rows are numbered as a spreadsheet shows them, the header being row 1; cells are stripped, empty ones left out.
    CSV is UTF-8 (with or without a byte-order mark) or GB18030, with commas, semicolons or tabs.
    Raises Problem("import.unreadable") for anything else.
    """
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or filename.lower().endswith((".xlsx", ".md")):
        return _from_workbook(data, filename)
    return _from_csv(_decode(data))


def unreadable(zh: str, en: str) -> Problem:
    """The problem of a table that cannot be read, with its reason."""
    return Problem("import.unreadable", detail_zh=zh, detail_en=en)


def _from_workbook(data: bytes, filename: str) -> tuple[tuple[str, ...], list[Row]]:
    workbook, problems = read_workbook(data, filename)
    if workbook is None or has_errors(problems):
        first = next(found for found in problems if found.level == "error")
        raise unreadable(f"{first.place()} {first.zh}", f"{first.place()} {first.en}")
    sheet = next((sheet for sheet in workbook.sheets.values() if sheet.headers), None)
    if sheet is None:
        raise unreadable("没有内容。", "it is empty.")
    return sheet.headers, list(sheet.rows)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise unreadable("不是UTF-8或GB18030编码的文本，也不是xlsx。", "it is neither UTF-8 or GB18030 text nor xlsx.")


def _from_csv(text: str) -> tuple[tuple[str, ...], list[Row]]:
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headers = tuple(cell.strip() for cell in next(reader, []))
        if not any(headers):
            raise unreadable("第一行应是列名。", "the first row must hold the column names.")
        named = [header for header in headers if header]
        if len(set(named)) < len(named):
            raise unreadable("列名重复。", "a column name occurs twice.")
        if len(headers) > MAX_COLUMNS:
            raise unreadable(f"超过{MAX_COLUMNS}列。", f"it has more than {MAX_COLUMNS} columns.")
        rows = []
        for number, line in enumerate(reader, 2):
            if len(rows) >= MAX_ROWS:
                raise unreadable(f"超过{MAX_ROWS}行。", f"it has more than {MAX_ROWS} rows.")
            cells = _cells(headers, line, number)
            if cells:
                rows.append(Row(number, cells))
    except csv.Error as error:
        raise unreadable(f"CSV格式有误（{error}）。", f"the CSV is malformed ({error}).") from error
    return headers, rows


def _cells(headers: tuple[str, ...], line: list[str], number: int) -> dict[str, str]:
    if any(cell.strip() for cell in line[len(headers) :]):
        raise unreadable(f"第{number}行的列数多于列名。", f"row {number} has more cells than the header.")
    if any(len(cell) > MAX_CELL for cell in line):
        raise unreadable(f"第{number}行有超长单元格。", f"row {number} has a cell that is too long.")
    return {header: cell.strip() for header, cell in zip(headers, line, strict=False) if header and cell.strip()}
