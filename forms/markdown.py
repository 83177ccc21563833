"""The Markdown twin of a workbook: ``## sheet`` headings over pipe tables, prose around them is ignored.

Inside a cell ``\\|`` is a bar, ``\\n`` a line break, ``\\\\`` a backslash. Reading what was written gives the same
workbook; an empty table row keeps the place of an empty row in Excel.
"""

from __future__ import annotations

import re

from forms.sheets import Row, Sheet, Workbook, clean

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_HEADING = re.compile(r"##\s+(\S.*?)\s*$")
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*$")
_CELL = re.compile(r"((?:[^|\\]|\\.)*)\|", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)")


def read_markdown(text: str) -> Workbook:
    """Read a Markdown workbook. A heading without a table is no sheet; text without any table is an empty workbook."""
    tables: dict[str, list[list[str]]] = {}
    name = ""
    for line in _LINE_BREAK.split(text.removeprefix("\ufeff")):
        if heading := _HEADING.match(line):
            name = heading[1]
        elif name and line.lstrip().startswith("|"):
            row = line.strip()
            if not (_RULE.match(row) and len(tables.get(name, ())) == 1):
                tables.setdefault(name, []).append(_cells(row))
    return Workbook({name: _sheet(name, lines) for name, lines in tables.items()})


def write_markdown(workbook: Workbook) -> str:
    """Write a workbook as Markdown, one pipe table per sheet, ending in a line break."""
    return "\n".join(_table(sheet) for sheet in workbook.sheets.values() if sheet.headers)


def _cells(line: str) -> list[str]:
    body = line[1:] if line.endswith("|") and not line.endswith("\\|") else line[1:] + "|"
    return [clean(_ESCAPED.sub(_unescape, match[1].strip())) for match in _CELL.finditer(body)]


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")


def _sheet(name: str, lines: list[list[str]]) -> Sheet:
    headers, *body = lines
    rows = []
    for number, line in enumerate(body, 2):
        cells = {header: text for header, text in zip(headers, line, strict=False) if header and text}
        if cells:
            rows.append(Row(number, cells))
    return Sheet(name, tuple(header for header in headers if header), tuple(rows))


def _table(sheet: Sheet) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rows = {row.number: row for row in sheet.rows}
    body = [
        line([_escape(rows[number][header]) if number in rows else "" for header in sheet.headers])
        for number in range(2, max(rows, default=1) + 1)
    ]
    head = [line([_escape(header) for header in sheet.headers]), "|" + " --- |" * len(sheet.headers)]
    return "\n".join([f"## {sheet.name}", "", *head, *body, ""])
