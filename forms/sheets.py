"""A workbook as people see it: sheets, a header row, rows of text that know their number in Excel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: ``number`` as Excel shows it (the header is row 1), ``cells`` header to text.

    Only non-empty cells are kept; text is stripped.
    """

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, header: str) -> str:
        return self.cells.get(header, "")

    def first(self, *headers: str) -> str:
        """The first non-empty cell of several headers, "" if all are empty."""
        return next((self.cells[header] for header in headers if header in self.cells), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``headers`` in column order."""

    name: str
    headers: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def renumbered(self) -> Sheet:
        """The same rows numbered 2, 3, 4 ..., for a sheet that was put together from several."""
        return replace(self, rows=tuple(Row(number, row.cells) for number, row in enumerate(self.rows, 2)))


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets by name, in order."""

    sheets: Mapping[str, Sheet] = field(default_factory=dict)

    def sheet(self, name: str) -> Sheet:
        """A sheet by name, an empty one where there is none."""
        return self.sheets.get(name) or Sheet(name)

    def with_sheet(self, sheet: Sheet) -> Workbook:
        """The same workbook with this sheet in the place of the one of its name (at the end if it is new)."""
        return Workbook({**self.sheets, sheet.name: sheet})

    def renumbered(self) -> Workbook:
        """The same workbook with each sheet's rows numbered 2, 3, 4 ..."""
        return Workbook({name: sheet.renumbered() for name, sheet in self.sheets.items()})


def make_sheet(name: str, headers: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Sheet:
    """A sheet from plain dicts: rows numbered from 2, cells stripped, empty cells left out.

    Headers that only rows have are added behind the given ones.
    """
    kept = [{key: text.strip() for key, text in row.items() if text.strip()} for row in rows]
    every = dict.fromkeys([*headers, *(key for row in kept for key in row)])
    return Sheet(name, tuple(every), tuple(Row(number, row) for number, row in enumerate(kept, 2)))


def make_workbook(sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> Workbook:
    """A workbook from lists of dicts, headers in order of first appearance."""
    return Workbook({name: make_sheet(name, (), rows) for name, rows in sheets.items()})


def clean(text: str) -> str:
    """A cell's text without surrounding space, with ``\\n`` as line break and without characters that XML forbids."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def column_letter(index: int) -> str:
    """The letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
