"""A table as a workbook: dates as dates, numbers as numbers, and every text as text whatever it begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import xlsxwriter

from server.web.ledgers.view import Cell, Column
from server.web.posted import UNWRITABLE

MOST_CHARACTERS = 32_000  # a cell holds 32,767
IN_MEMORY = 8_000_000
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(sheets: Sequence[tuple[str, str, Sequence[Column], Iterable[Any]]]) -> BinaryIO:
    """A file with a sheet for each (name, title, columns, rows); row after row, never the whole in memory."""
    target = cast(BinaryIO, SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, {**options, "strings_to_numbers": False}) as book:
        title_style = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bg_color": "#E8EFF6", "border": 1, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        for name, title, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, column in enumerate(columns):
                sheet.set_column(number, number, column.width)
            sheet.write_string(0, 0, clean(title), title_style)
            for number, column in enumerate(columns):
                sheet.write_string(1, number, column.title, head)
            last = 1
            for last, row in enumerate(rows, 2):
                for number, column in enumerate(columns):
                    _write(sheet, last, number, column.value(row), plain, day)
            sheet.freeze_panes(2, 1)
            sheet.autofilter(1, 0, last, max(0, len(columns) - 1))
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(1)
    target.seek(0)
    return target


def _write(sheet: Any, row: int, column: int, value: Cell, plain: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int):
        sheet.write_number(row, column, value, plain)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day)
    else:
        # Never a formula, whatever a school is called: write_string writes strings only.
        sheet.write_string(row, column, clean(value), plain)


def clean(text: str) -> str:
    """A text as a cell can hold it."""
    return UNWRITABLE.sub("", text)[:MOST_CHARACTERS]
