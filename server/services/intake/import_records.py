"""Rows of a spreadsheet as submissions of a form, through the same way in as every phone's.

A column is named after the question that it answers; a cell holds a choice's name or its label, in any language of
the form. The instanceID follows from form, version and the row's own cells, so a file that is imported again, also
with rows added, brings nothing twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Final, Literal

import orjson

from forms.definition import FormDefinition, Item
from forms.instance import build_instance
from forms.sheets import Row
from server.problems import Problem
from server.security.viewer import Grant, Viewer
from server.services.context import Context
from server.services.intake.ingest import Arrival, Ingest, day_of
from server.services.intake.storing import Stored
from server.services.people.sign_in import viewer_for
from server.services.spreadsheet import read_table, unreadable
from server.store import forms, people
from server.store.units import Unit

Outcome = Literal["created", "duplicate", "refused"]
AT_ONCE: Final = 500
# An instanceID may be given by the file itself; then changed cells are a conflict and not a second record.
INSTANCE_COLUMN: Final = "instanceID"
_NAMESPACE: Final = uuid.UUID("5f0c9f0e-4b1f-5d53-9a51-6c1b1d2f7a10")
_SEPARATORS: Final = re.compile(r"[;；,，、|]\s*")


@dataclass(frozen=True, slots=True)
class RecordReport:
    """What became of a row (numbered as a spreadsheet shows it), and why if it was refused."""

    number: int
    outcome: Outcome
    instance_id: str = ""
    unit: str = ""
    zh: str = ""
    en: str = ""


@dataclass(slots=True)
class RecordsReport:
    """All rows in order; ``unknown`` are columns that the form does not ask, so nothing was taken from them."""

    rows: list[RecordReport] = field(default_factory=list)
    unknown: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many rows had this outcome."""
        return sum(row.outcome == outcome for row in self.rows)


class CellRefused(Exception):
    """A cell that its question cannot take."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def import_records(
    context: Context, *, project_id: int, form_id: str, data: bytes, filename: str = "", by: str = ""
) -> RecordsReport:
    """Take the rows of a CSV or XLSX file in as submissions of the form's current version.

    ``by`` is the login in whose name they are sent; "" means the administration itself. Raises Problem: form.unknown,
    person.unknown, import.unreadable.
    """
    headers, rows = read_table(data, filename)
    definition = _definition(context, project_id, form_id)
    viewer, path = _sender(context, project_id, by)
    columns = _columns(definition)
    if not set(headers) & columns.keys():
        raise unreadable(f"没有一列是检查单{form_id}的题目。", f"no column is a question of the form {form_id}.")
    unit = definition.unit_item
    if unit and unit not in headers:
        raise unreadable(f"缺少单位代码列{unit}。", f"the unit's column {unit} is missing.")
    known = {*columns, INSTANCE_COLUMN, ""}
    report = RecordsReport(unknown=tuple(name for name in headers if name not in known))
    ingest = Ingest(context)
    try:
        instances = _instances(definition, columns, rows)
        while some := list(islice(instances, AT_ONCE)):
            report.rows += _take(ingest, viewer, project_id, path, definition, some)
    finally:
        ingest.close()
    return report


@dataclass(frozen=True, slots=True)
class _Instance:
    """A row as instance XML, or why it cannot be one."""

    row: Row
    instance_id: str
    xml: bytes = b""
    refused: CellRefused | None = None


def _instances(definition: FormDefinition, columns: Mapping[str, _Column], rows: Sequence[Row]) -> Iterator[_Instance]:
    seen: Counter[str] = Counter()
    for row in rows:
        name = _instance_id(definition, columns, row, seen)
        try:
            values = {header: columns[header].read(cell) for header, cell in row.cells.items() if header in columns}
            yield _Instance(row, name, build_instance(definition, values, instance_id=name))
        except CellRefused as refused:
            yield _Instance(row, name, refused=refused)
        except ValueError:
            refused = CellRefused("含有不能保存的字符", "it holds a character that cannot be kept")
            yield _Instance(row, name, refused=refused)


def _instance_id(definition: FormDefinition, columns: Mapping[str, _Column], row: Row, seen: Counter[str]) -> str:
    """The row's own instanceID, else one that its cells determine; the second of two equal rows gets another."""
    if given := row[INSTANCE_COLUMN]:
        return given
    cells = "\n".join(f"{header}={cell}" for header, cell in sorted(row.cells.items()) if header in columns)
    digest = hashlib.sha256(f"{definition.form_id}\n{definition.version}\n{cells}".encode()).hexdigest()
    seen[digest] += 1
    return f"uuid:{uuid.uuid5(_NAMESPACE, f'{digest} {seen[digest]}')}"


def _take(
    ingest: Ingest, viewer: Viewer, project_id: int, path: str, definition: FormDefinition, some: Sequence[_Instance]
) -> list[RecordReport]:
    good = [entry for entry in some if entry.refused is None]
    fates = ingest.take_all(Arrival(viewer, project_id, path, entry.xml, device_id="import") for entry in good)
    found: dict[str, Stored | Problem | CellRefused] = dict(
        zip((entry.instance_id for entry in good), fates, strict=True)
    )
    reports = []
    for entry in some:
        fate = entry.refused or found[entry.instance_id]
        unit = entry.row[definition.unit_item] if definition.unit_item else ""
        if isinstance(fate, Stored):
            outcome: Outcome = "duplicate" if fate.fate == "duplicate" else "created"
            reports.append(RecordReport(entry.row.number, outcome, entry.instance_id, unit))
        else:
            zh, en = (fate.zh, fate.en) if isinstance(fate, CellRefused) else (fate.message("zh"), fate.message("en"))
            reports.append(RecordReport(entry.row.number, "refused", entry.instance_id, unit, zh, en))
    return reports


class _Column:
    """How the cells of one question are read."""

    def __init__(self, definition: FormDefinition, item: Item) -> None:
        self.item = item
        self.choices: dict[str, str] = {}
        for choice in definition.choices.get(item.list_name, ()):
            for label in choice.labels.values():
                self.choices.setdefault(label.strip().casefold(), choice.name)
        for choice in definition.choices.get(item.list_name, ()):
            self.choices[choice.name.casefold()] = choice.name

    def read(self, cell: str) -> str:
        """The cell as the instance's text. Raises CellRefused."""
        kind = self.item.type
        if kind.startswith("select_multiple") and self.choices:
            return " ".join(dict.fromkeys(self._choice(part) for part in self._parts(cell)))
        if kind.startswith("select_one") and self.choices:
            return self._choice(cell)
        if kind in ("integer", "int", "decimal", "range"):
            return self._number(cell)
        if kind == "date":
            return self._day(cell)
        return cell

    def _parts(self, cell: str) -> list[str]:
        if cell.casefold() in self.choices:
            return [cell]
        parts = [part for part in _SEPARATORS.split(cell) if part]
        return parts if len(parts) > 1 else cell.split()

    def _choice(self, cell: str) -> str:
        found = self.choices.get(cell.strip().casefold())
        if found is None and re.fullmatch(r"-?\d+\.0+", cell):  # a number as Excel keeps it
            found = self.choices.get(cell.partition(".")[0])
        if found is None:
            raise CellRefused(f"{self.item.name}没有选项“{cell}”", f"{self.item.name} has no choice “{cell}”")
        return found

    def _number(self, cell: str) -> str:
        try:
            number = Decimal(cell)
        except InvalidOperation:
            number = Decimal("NaN")
        whole = self.item.type in ("integer", "int")
        if not number.is_finite() or (whole and number != number.to_integral_value()):
            raise CellRefused(f"{self.item.name}不能是“{cell}”", f"{self.item.name} cannot be “{cell}”")
        return str(int(number)) if whole else format(number, "f")

    def _day(self, cell: str) -> str:
        text = cell.replace("/", "-")
        parts = text.split("-")
        if len(parts) == 3 and all(part.isdigit() for part in parts):
            text = f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}"
        day = day_of(text.replace(" ", "T"), dt.UTC)
        if day is None:
            raise CellRefused(f"{self.item.name}不是日期：“{cell}”", f"{self.item.name} is no date: “{cell}”")
        return day.isoformat()


def _columns(definition: FormDefinition) -> dict[str, _Column]:
    """The questions outside repeats: a flat row answers each at most once."""
    return {item.name: _Column(definition, item) for item in definition.items if not item.repeat}


def _definition(context: Context, project_id: int, form_id: str) -> FormDefinition:
    with context.database.read() as session:
        form = forms.form_of(session, project_id, form_id)
        version = forms.current_version(session, form) if form else None
        if version is None:
            raise Problem("form.unknown", form=form_id)
        return FormDefinition.from_json(orjson.loads(version.definition))


def _sender(context: Context, project_id: int, login: str) -> tuple[Viewer, str]:
    """Who sends, and the path of the project's unit."""
    with context.database.read() as session:
        project = session.get_one(forms.Project, project_id)
        unit = session.get_one(Unit, project.unit_id)
        if not login:
            return Viewer(0, "", "", grants=(Grant("administrator", project.unit_id, unit.path),)), unit.path
        person = people.person_by_login(session, login)
        if person is None or not person.active:
            raise Problem("person.unknown", login=login)
        return viewer_for(session, person), unit.path
