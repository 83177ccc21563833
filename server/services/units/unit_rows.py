"""One row of a units table: its columns in English or Chinese, what each cell may hold, and why a row is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from forms.sheets import Row
from server.store.units import UNIT_KINDS


class Reason(NamedTuple):
    """Why a row is refused: a stable code and a sentence in Chinese and English."""

    code: str
    zh: str
    en: str

    def message(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


REASONS: dict[str, tuple[str, str]] = {
    "code_missing": ("代码为空。", "The code is empty."),
    "code_invalid": ("代码应为1至64个字母、数字或 . _ -。", "A code has 1 to 64 letters, digits or . _ -."),
    "code_twice": ("代码{code}已在第{other}行出现。", "The code {code} occurs in row {other} already."),
    "name_missing": ("新单位必须有名称。", "A new unit needs a name."),
    "kind_missing": ("新单位必须写明类型。", "A new unit needs a kind."),
    "kind_unknown": ("类型“{value}”不认识。", "There is no kind “{value}”."),
    "kind_changed": (
        "类型不能从{old}改为{new}；请停用旧单位并另建。",
        "The kind cannot change from {old} to {new}; end the old unit and create another.",
    ),
    "parent_unknown": ("上级{parent}不存在或被拒绝。", "The parent {parent} does not exist or is refused."),
    "parent_kind": ("{kind}不能放在{parent_kind}之下。", "A {kind} cannot stand below a {parent_kind}."),
    "cycle": ("上级{parent}又在本单位之下，形成循环。", "The parent {parent} stands below this unit: a cycle."),
    "outside": ("该单位或其上级不在您的管理范围内。", "The unit or its parent is outside what you manage."),
    "stage_unknown": (
        "学段“{value}”不认识，应为1至8或其名称。",
        "There is no stage “{value}”; write 1 to 8 or its name.",
    ),
    "number": ("“{column}”的“{value}”不是非负整数。", "“{value}” in {column} is not a whole number from 0."),
    "coordinate": ("“{column}”的“{value}”不是有效的坐标。", "“{value}” in {column} is no coordinate."),
    "coordinate_half": ("纬度和经度必须同时填写。", "Latitude and longitude come together."),
    "active": ("“在用”应填 是 或 否。", "Active is yes or no."),
    "group_unknown": ("学校组{group}不存在。", "There is no group {group}."),
    "group_member": ("只有学校可以加入学校组。", "Only a school can be in a group."),
    "formula": ("“{column}”是公式或像公式，不予导入。", "The cell {column} is, or looks like, a formula."),
    "too_long": ("“{column}”超过{limit}个字。", "The cell {column} has more than {limit} characters."),
    "control": ("“{column}”含控制字符或不可见字符。", "The cell {column} has control or invisible characters."),
}

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("代码", "编码", "单位代码", "学校代码", "学校标识码"),
    "name": ("名称", "单位名称", "学校名称"),
    "name_en": ("英文名称", "英文名"),
    "kind": ("类型", "类别", "单位类型"),
    "parent": ("上级", "上级代码"),
    "stage": ("学段",),
    "enrolment": ("在校生数", "在校学生数", "学生数"),
    "latitude": ("纬度",),
    "longitude": ("经度",),
    "active": ("在用", "启用"),
    "groups": ("学校组", "集团"),
}

KINDS: dict[str, str] = {
    "省": "province",
    "市": "city",
    "县区": "district",
    "区县": "district",
    "县": "district",
    "区": "district",
    "镇街": "town",
    "乡镇": "town",
    "镇": "town",
    "街道": "town",
    "学校": "school",
    "部门": "department",
    "学校组": "group",
    "集团": "group",
}

STAGES: dict[str, str] = {
    "幼儿园": "1",
    "小学": "2",
    "教学点": "2",
    "初中": "3",
    "九年一贯": "4",
    "九年一贯制": "4",
    "普通高中": "5",
    "高中": "5",
    "中职": "6",
    "特教": "7",
    "特殊教育": "7",
    "完全中学": "8",
}

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_YES, _NO = frozenset({"1", "yes", "true", "是", "y"}), frozenset({"0", "no", "false", "否", "n"})


def reason(code: str, /, **values: object) -> Reason:
    """A reason by its code, its sentences filled in."""
    zh, en = REASONS[code]
    return Reason(code, zh.format(**values), en.format(**values))


def translate_headers(headers: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Header to column, and the headers that are no column of ours."""
    by_name = {name: column for column, names in COLUMNS.items() for name in (column, *names)}
    names, unknown = {}, []
    for header in headers:
        column = by_name.get(header.strip().lower())
        if column and column not in names.values():
            names[header] = column
        elif header.strip():
            unknown.append(header)
    return names, unknown


@dataclass(slots=True)
class UnitRow:
    """A row as it was understood. None means that the column is absent, so what is known stays."""

    number: int
    code: str = ""
    kind: str = ""
    name: str = ""
    name_en: str | None = None
    parent: str | None = None
    stage: str | None = None
    enrolment: int | None = None
    latitude: str | None = None
    longitude: str | None = None
    active: bool | None = None
    groups: dict[str, str] | None = None
    clears_enrolment: bool = False
    reasons: list[Reason] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.reasons)

    def refuse(self, why: Reason) -> None:
        """Refuse the row for one more reason."""
        self.reasons.append(why)

    def values(self) -> dict[str, object]:
        """The columns of the unit that this row sets."""
        given: dict[str, object] = {
            name: value
            for name in ("name_en", "stage", "enrolment", "latitude", "longitude", "active")
            if (value := getattr(self, name)) is not None
        }
        if self.name:
            given["name"] = self.name
        if self.clears_enrolment:
            given["enrolment"] = None
        return given


def parse_row(row: Row, names: dict[str, str]) -> UnitRow:
    """Read a row's cells; what cannot be read is a reason to refuse it."""
    cells = {column: row[header] for header, column in names.items()}
    found = UnitRow(row.number)
    for column, text in cells.items():
        if (why := _suspicious(column, text)) is not None:
            found.refuse(why)
    if found.refused:
        found.code = cells["code"][:64]
        return found
    for column, text in cells.items():
        _READERS[column](found, column, text)
    if not found.refused and bool(found.latitude) != bool(found.longitude):
        found.refuse(reason("coordinate_half"))
    return found


def _suspicious(column: str, text: str) -> Reason | None:
    limit = {"name": 200, "name_en": 200, "groups": 1000}.get(column, 64)
    if len(text) > limit:
        return reason("too_long", column=column, limit=limit)
    if text.startswith(("=", "@", "+")) or (text.startswith("-") and column not in ("latitude", "longitude")):
        return reason("formula", column=column)
    if not text.isprintable():
        return reason("control", column=column)
    return None


def _read_code(row: UnitRow, _column: str, text: str) -> None:
    row.code = text
    if not text:
        row.refuse(reason("code_missing"))
    elif not _CODE.fullmatch(text):
        row.refuse(reason("code_invalid"))


def _read_kind(row: UnitRow, _column: str, text: str) -> None:
    row.kind = KINDS.get(text, text.lower())
    if text and row.kind not in UNIT_KINDS:
        row.refuse(reason("kind_unknown", value=text))


def _read_text(row: UnitRow, column: str, text: str) -> None:
    setattr(row, column, text)


def _read_stage(row: UnitRow, _column: str, text: str) -> None:
    row.stage = STAGES.get(text, text)
    if text and row.stage not in STAGES.values():
        row.refuse(reason("stage_unknown", value=text))


def _read_enrolment(row: UnitRow, column: str, text: str) -> None:
    if not text:
        row.clears_enrolment = True
    elif text.isascii() and text.isdigit() and len(text) <= 7:
        row.enrolment = int(text)
    else:
        row.refuse(reason("number", column=column, value=text))


def _read_coordinate(row: UnitRow, column: str, text: str) -> None:
    limit = 90 if column == "latitude" else 180
    try:
        fits = not text or (text.isascii() and len(text) <= 24 and abs(Decimal(text)) <= limit)
    except InvalidOperation:
        fits = False
    if fits:
        setattr(row, column, text)
    else:
        row.refuse(reason("coordinate", column=column, value=text))


def _read_active(row: UnitRow, _column: str, text: str) -> None:
    word = text.lower()
    if word in _YES | _NO:
        row.active = word in _YES
    elif text:
        row.refuse(reason("active"))


def _read_groups(row: UnitRow, _column: str, text: str) -> None:
    parts = [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
    row.groups = {code.strip(): role.strip()[:32] for code, _, role in (part.partition(":") for part in parts)}


_READERS: dict[str, Callable[[UnitRow, str, str], None]] = {
    "code": _read_code,
    "kind": _read_kind,
    "name": _read_text,
    "name_en": _read_text,
    "parent": _read_text,
    "stage": _read_stage,
    "enrolment": _read_enrolment,
    "latitude": _read_coordinate,
    "longitude": _read_coordinate,
    "active": _read_active,
    "groups": _read_groups,
}
