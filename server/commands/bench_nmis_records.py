"""The survey's files as they are found: read, and their school records made ready for import.

Only what a spreadsheet's cell means is settled here (NA is no answer, TRUE is True, 12.0 is 12, bytes that are not
UTF-8 are Latin-1); no rule about a figure, a state or a type of school.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from forms.definition import FormDefinition
from forms.meaning import to_fixed
from server.commands.console import CommandError

PUBLISHED: Final = "lga_education_published.csv"
# What names a district: the first that all files have.
DISTRICT_COLUMNS: Final = ("unique_lga", "lga_id", "lga")
NO_ANSWER: Final = frozenset({"", "na", "n/a", "nan", "null", "none"})
_TRUE, _FALSE = frozenset({"true", "t", "yes", "y", "1", "1.0"}), frozenset({"false", "f", "no", "n", "0", "0.0"})
_YEARS: Final = range(1990, 2101)
_UNPRINTED: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Table:
    """One CSV file: stripped cells by column, numbered as a spreadsheet shows them from row 2."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass
class School:
    """A record on its way in: ``code`` is that of its unit, ``cells`` what the form's questions take."""

    code: str
    name: str
    district: str
    state: str
    file: str
    cells: dict[str, str]


@dataclass
class Records:
    """All school records of a folder and what could not be taken from them.

    ``left_out`` counts the unreadable cells by (district, column); ``lacking`` are the form's questions that a
    district's files have no column for; ``districts`` gives each district's name by its key.
    """

    schools: list[School] = field(default_factory=list)
    districts: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, set[str]] = field(default_factory=dict)
    not_asked: set[str] = field(default_factory=set)
    homeless: int = 0
    last: dt.date = dt.date(_YEARS.start, 1, 1)


def read_files(directory: Path) -> tuple[list[Table], Table, str]:
    """The school files, the published figures, and the column that names a district in all of them.

    Raises CommandError where a file is missing, is no table, or no such column is there.
    """
    paths = sorted(directory.glob("schools_*.csv"))
    if not paths:
        raise CommandError(f"{directory} 中没有 schools_*.csv。", f"{directory} has no schools_*.csv.")
    tables, published = [_table(path) for path in paths], _table(directory / PUBLISHED)
    for column in DISTRICT_COLUMNS:
        if all(column in table.headers for table in (*tables, published)):
            return tables, published, column
    lacking = next((table for table in (*tables, published) if DISTRICT_COLUMNS[0] not in table.headers), published)
    raise CommandError(
        f"{lacking.name} 没有 {DISTRICT_COLUMNS[0]} 列。", f"{lacking.name} has no column {DISTRICT_COLUMNS[0]}."
    )


def _table(path: Path) -> Table:
    if not path.is_file():
        raise CommandError(f"{path} 不存在。", f"{path} does not exist.")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise CommandError(f"{path} 不是 CSV({error})。", f"{path} is no CSV ({error}).") from error
    headers = tuple(cell.strip() for cell in lines[0]) if lines else ()
    rows = [dict.fromkeys(headers, "") | _named(headers, line) for line in lines[1:]]
    return Table(path.name, headers, tuple(rows))


def _named(headers: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    """Cells by their column; of a column that occurs twice the first counts, cells beyond the header none."""
    return {header: cell.strip() for header, cell in reversed(list(zip(headers, line, strict=False))) if header}


def prepare(tables: Iterable[Table], column: str, definition: FormDefinition) -> Records:
    """The records with codes of their own; ``column`` names the district.

    Every row is a school: the source counts rows, also where an identifier comes twice.
    """
    found, codes = Records(), Codes()
    kinds = {item.name: "truth" if item.list_name else item.type for item in definition.items}
    kinds.pop(definition.unit_item, None)
    for table in tables:
        found.not_asked |= {header for header in table.headers if header and header not in kinds}
        for row in table.rows:
            district = _given(row.get(column, ""))
            state = _given(row.get("state", ""))
            found.homeless += not district
            if district:
                lacking = found.lacking.setdefault(district, set())
                lacking |= kinds.keys() - set(table.headers)
                found.districts.setdefault(district, (_given(row.get("lga", "")) or district, state))
            cells = _cells(row, kinds, district, found)
            named = _given(row.get("uuid", "")) or _given(row.get("facility_ID", ""))
            code = codes.of(named or "school")
            cells[definition.unit_item] = code
            if day := cells.get(definition.date_item):
                found.last = max(found.last, dt.date.fromisoformat(day))
            name = _given(row.get("facility_name", "")) or named or code
            found.schools.append(School(code, name, district, state, table.name, cells))
    return found


def _given(cell: str) -> str:
    return "" if cell.casefold() in NO_ANSWER else cell


def _cells(row: Mapping[str, str], kinds: Mapping[str, str], district: str, found: Records) -> dict[str, str]:
    cells = {}
    for name, kind in kinds.items():
        text = _given(row.get(name, ""))
        if not text:
            continue
        value = _read(text, kind)
        if value:
            cells[name] = value
        else:
            found.left_out[district, name] += 1
            found.examples.setdefault(name, text[:40])
    return cells


def _read(text: str, kind: str) -> str:
    """A cell as its question takes it, "" where it cannot."""
    if kind == "truth":
        word = text.casefold()
        return "True" if word in _TRUE else "False" if word in _FALSE else ""
    if kind in ("integer", "decimal"):
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            return ""
        # More than four decimals, or beyond int64: nothing that an exact sum could hold.
        return format(number, "f") if number.is_finite() and to_fixed(str(number)) is not None else ""
    if kind == "date":
        try:
            day = dt.date.fromisoformat(text[:10])
        except ValueError:
            return ""
        return day.isoformat() if day.year in _YEARS else ""
    return "".join(letter for letter in _UNPRINTED.sub(" ", text) if letter.isprintable()) or ""


class Codes:
    """Unit codes from whatever names a thing: what a code may not hold is replaced, and no code is given twice."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, name: str, prefix: str = "") -> str:
        """A code of its own for one more thing of this name."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", prefix + name).strip("._-")[:50] or "x"
        code, number = plain, 1
        while code.casefold() in self._given:
            number += 1
            code = f"{plain}.{number}"
        self._given.add(code.casefold())
        return code
