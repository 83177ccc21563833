"""Writes a workbook as .xlsx, byte for byte the same for the same content."""

from __future__ import annotations

import datetime as dt
import io
from typing import Final

import xlsxwriter

from forms.sheets import Sheet, Workbook

_CREATED: Final = dt.datetime(2026, 1, 1)  # noqa: DTZ001 a fixed date keeps the bytes the same
_WIDEST: Final = 60


def write_xlsx(workbook: Workbook) -> bytes:
    """The workbook as .xlsx: text cells only, bold frozen header, filter, readable widths. Rows keep their numbers."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": _CREATED})
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in workbook.sheets.values():
        _write_sheet(book, sheet, bold, wrapped)
    book.close()
    return target.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet, bold: object, wrapped: object) -> None:
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    for column, header in enumerate(sheet.headers):
        longest = max([_width(header), *(_width(row[header]) for row in sheet.rows)])
        page.set_column(column, column, min(longest + 2, _WIDEST), wrapped)
        page.write_string(0, column, header, bold)
        for row in sheet.rows:
            if text := row[header]:
                page.write_string(row.number - 1, column, text, wrapped)


def _width(text: str) -> int:
    """Columns that a cell's longest line takes; a Chinese character takes two."""
    return max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in (text or " ").split("\n"))
