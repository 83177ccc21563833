"""Reads an Excel workbook that nobody has vouched for: bounded in bytes, rows, cells and time, no entity, no link.

The parts are streamed through expat and only text is kept, so that a sheet of a million empty rows costs a few
seconds and hardly any memory. Formulas are refused: what they show depends on the program that opens them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from typing import Final
from xml.parsers import expat

from forms.cells import number_text, number_words
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.sheets import Row, Sheet, Workbook, clean, column_letter

MAX_FILE: Final = 16 * 2**20
MAX_ENTRIES: Final = 1000
MAX_TOTAL: Final = 96 * 2**20
MAX_PART: Final = 72 * 2**20
MAX_SMALL_PART: Final = 4 * 2**20
MAX_TEXT: Final = 24 * 2**20
MAX_ROWS: Final = 20_000
MAX_CELLS: Final = 400_000
MAX_CHARACTERS: Final = 4_000_000
MAX_SHEETS: Final = 100
MAX_COLUMNS: Final = 1024
MAX_CELL_TEXT: Final = 32_767
_SHOWN: Final = 20
_CHUNK: Final = 2**18
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class RefusedError(Exception):
    """A part of the workbook that is not read on; carries the problem to show."""

    def __init__(self, found: FormProblem) -> None:
        super().__init__(found.en)
        self.found = found


def _refuse(code: str, sheet: str = "", row: int = 0, column: str = "", **values: str) -> RefusedError:
    return RefusedError(problem(code, sheet, row, column, **values))


def read_xlsx(data: bytes, wanted: Collection[str] | None = None) -> tuple[Workbook | None, list[FormProblem]]:
    """The workbook's sheets (those in ``wanted``, lower case, or all) and what is wrong with them. Never raises."""
    try:
        with _open(data) as archive:
            return _read(archive, wanted)
    except RefusedError as refused:
        return None, [refused.found]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError):
        return None, [problem("workbook.broken")]


def _open(data: bytes) -> zipfile.ZipFile:
    if len(data) > MAX_FILE:
        raise _refuse("workbook.too_large", value=str(MAX_FILE // 2**20))
    if data.startswith(_OLE2):
        raise _refuse("workbook.encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "workbook.old_xls")
    if not data.startswith(b"PK"):
        raise _refuse("workbook.not_xlsx")
    archive = zipfile.ZipFile(io.BytesIO(data))
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_TOTAL:
        raise _refuse("workbook.bomb", value=str(MAX_TOTAL // 2**20))
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refuse("workbook.encrypted")
    if len({entry.filename for entry in entries}) < len(entries):
        raise _refuse("workbook.broken")
    return archive


def _read(archive: zipfile.ZipFile, wanted: Collection[str] | None) -> tuple[Workbook, list[FormProblem]]:
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        raise _refuse("workbook.not_xlsx")
    problems: list[FormProblem] = []
    if any(name.startswith("xl/externalLinks/") for name in names):
        problems.append(problem("workbook.external_link"))
    parts, date1904 = _sheet_parts(archive)
    strings = _shared_strings(archive) if "xl/sharedStrings.xml" in names else []
    formats = _formats(archive) if "xl/styles.xml" in names else []
    sheets: dict[str, Sheet] = {}
    for shown_name, part in parts:
        name = shown_name.strip()
        if wanted is not None:
            name = name.lower()
            if name not in wanted:
                continue
        if name in sheets:
            problems.append(problem("workbook.sheet_repeated", name, value=name))
            continue
        reader = _SheetReader(name, strings, formats, date1904)
        _parse(archive, part, MAX_PART, reader.start, reader.end, reader.text, name)
        sheets[name] = reader.sheet()
        problems += reader.problems
    return Workbook(sheets), problems


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    limit: int,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    sheet: str = "",
) -> None:
    """Stream one XML part through expat with at most ``limit`` bytes; a document type is refused before any entity."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in _chunks(archive, part, limit, sheet):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise _refuse("workbook.broken") from None


def _refuse_doctype(*_: object) -> None:
    raise _refuse("workbook.entities")


def _chunks(archive: zipfile.ZipFile, part: str, limit: int, sheet: str) -> Iterator[bytes]:
    seen = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            seen += len(chunk)
            if seen > limit:
                raise _refuse("workbook.part_too_large", sheet, value=sheet or part, limit=str(limit // 2**20))
            yield chunk


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _sheet_parts(archive: zipfile.ZipFile) -> tuple[list[tuple[str, str]], bool]:
    """The sheets' names and parts in order, and whether dates count from 1904."""
    listed: list[tuple[str, str]] = []
    flags: list[str] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            listed.append((attributes.get("name", ""), relation))
        elif _local(tag) == "workbookPr":
            flags.append(attributes.get("date1904", "0"))

    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", MAX_SMALL_PART, sheet, _nothing, _nothing)
    _parse(archive, "xl/_rels/workbook.xml.rels", MAX_SMALL_PART, relation, _nothing, _nothing)
    if len(listed) > MAX_SHEETS:
        raise _refuse("workbook.broken")
    parts = []
    for name, key in listed:
        if target := targets.get(key):
            parts.append((name, target.removeprefix("/") if target.startswith("/") else f"xl/{target}"))
    return parts, flags[:1] in (["1"], ["true"])


def _nothing(_: object) -> None:
    return None


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    """The shared texts in order; phonetic guides (``rPh``) are no text of the author's."""
    found: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        tag = _local(tag)
        if tag == "t":
            state["text"] = False
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "si":
            found.append(_plain("".join(pieces)))

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    _parse(archive, "xl/sharedStrings.xml", MAX_TEXT, start, end, text)
    return found


def _plain(text: str) -> str:
    """Text with Excel's own escapes of control characters (``_x000D_``) undone (ECMA-376 part 1, 22.4.2.4)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _formats(archive: zipfile.ZipFile) -> list[str]:
    """The number format of each cell style, as the author's program writes it ("" for General)."""
    own: dict[str, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        inside.append(tag)
        if tag == "numFmt":
            own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "xf" and "cellXfs" in inside:
            styles.append(attributes.get("numFmtId", "0"))

    def end(_: str) -> None:
        inside.pop()

    _parse(archive, "xl/styles.xml", MAX_SMALL_PART, start, end, _nothing)
    return [own.get(style) or number_words(style) for style in styles]


class _SheetReader:
    """Receives one sheet's elements and keeps the cells that hold text."""

    def __init__(self, name: str, strings: list[str], formats: list[str], date1904: bool) -> None:
        self.name, self.strings, self.formats, self.date1904 = name, strings, formats, date1904
        self.problems: list[FormProblem] = []
        self.rows: dict[int, dict[int, str]] = {}
        self.cells = self.characters = self.row = self.column = 0
        self.kind = self.style = ""
        self.formula = self.reading = self.phonetic = False
        self.pieces: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c" or tag.endswith(":c"):
            self._start_cell(attributes)
        elif tag == "row" or tag.endswith(":row"):
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0
        else:
            tag = _local(tag)
            if tag in ("v", "t"):
                self.reading = not self.phonetic
            elif tag == "f":
                self.formula = True
            elif tag == "rPh":
                self.phonetic = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        self.column = _column_number(reference) if reference else self.column + 1
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.formula = False
        self.pieces = []

    def end(self, tag: str) -> None:
        if tag == "c" or tag.endswith(":c"):
            if self.formula:
                self._wrong("workbook.formula")
            elif self.pieces and (text := clean(self._value("".join(self.pieces)))):
                self._keep(text)
        else:
            tag = _local(tag)
            if tag in ("v", "t"):
                self.reading = False
            elif tag == "rPh":
                self.phonetic = False

    def text(self, data: str) -> None:
        if self.reading:
            self.pieces.append(data)

    def _value(self, raw: str) -> str:
        if self.kind == "s":
            index = int(raw)
            return self.strings[index] if 0 <= index < len(self.strings) else ""
        if self.kind == "b":
            return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
        if self.kind == "e":
            self._wrong("workbook.cell_error", value=raw)
            return ""
        if self.kind == "n":
            style = int(self.style) if self.style else -1
            shown = self.formats[style] if 0 <= style < len(self.formats) else ""
            return number_text(raw, shown, self.date1904)
        return _plain(raw)

    def _keep(self, text: str) -> None:
        self.cells += 1
        self.characters += len(text)
        if len(text) > MAX_CELL_TEXT:
            self._wrong("workbook.cell_too_long", value=str(MAX_CELL_TEXT))
            return
        if self.column > MAX_COLUMNS:
            raise _refuse("workbook.too_many_columns", self.name, value=str(MAX_COLUMNS))
        self.rows.setdefault(self.row, {})[self.column] = text
        if self.characters > MAX_CHARACTERS:
            raise _refuse("workbook.too_much_text", self.name, value=str(MAX_CHARACTERS // 10**6))
        if self.cells > MAX_CELLS or len(self.rows) > MAX_ROWS:
            raise _refuse("workbook.too_many_rows", self.name, value=str(MAX_ROWS), cells=str(MAX_CELLS))

    def _wrong(self, code: str, **values: str) -> None:
        if len(self.problems) < _SHOWN:
            header = self.rows.get(1, {}).get(self.column) or column_letter(self.column)
            cell = f"{column_letter(self.column)}{self.row}"
            self.problems.append(problem(code, self.name, self.row, header, cell=cell, **values))

    def sheet(self) -> Sheet:
        """The sheet once all is read; row 1 is the header."""
        first = self.rows.pop(1, {})
        headers: dict[int, str] = {}
        for column in sorted(first):
            if first[column] in headers.values():
                self.problems.append(problem("workbook.header_repeated", self.name, 1, first[column]))
            else:
                headers[column] = first[column]
        if self.rows and not headers:
            self.problems.append(problem("workbook.header_missing", self.name, 1))
        rows = []
        for number in sorted(self.rows):
            cells = self.rows[number]
            if stray := next((column for column in cells if column not in first), 0):
                letter = column_letter(stray)
                if not any(found.code == "workbook.no_header" for found in self.problems):
                    self.problems.append(problem("workbook.no_header", self.name, number, letter))
            kept = {headers[column]: cells[column] for column in sorted(cells) if column in headers}
            if kept:
                rows.append(Row(number, kept))
        return Sheet(self.name, tuple(headers.values()), tuple(rows))


def _column_number(reference: str) -> int:
    """The column of a reference such as ``AB12``, counted from 1."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number
