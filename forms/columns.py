"""What the cells of an XLSForm mean to us: standard columns under their aliases, and the extra columns beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from forms.meaning import Light, Measure
from forms.sheets import Row, Workbook

FORM_SHEETS: Final = frozenset({"survey", "choices", "settings", "external_choices", "entities", "osm"})
SURVEY_EXTRAS: Final = ("indicator", "measure", "severity", "days", "route", "veto")
CHOICE_EXTRAS: Final = ("light",)
SETTINGS_EXTRAS: Final = ("kind", "cadence", "unit_item", "date_item", "header")
KINDS: Final = ("regular", "thematic", "recheck", "school_return", "department_return", "survey")
WITH_HEADER: Final = frozenset({"regular", "thematic", "recheck"})

_TYPES: Final = {
    "add_select_one_prompt_using": "select_one",
    "add_select_multiple_prompt_using": "select_multiple",
    "select_all_that_apply_from": "select_multiple",
    "select_all_that_apply": "select_multiple",
    "select_one_from": "select_one",
    "select1": "select_one",
    "int": "integer",
    "string": "text",
    "photo": "image",
    "add_image_prompt": "image",
    "add_photo_prompt": "image",
    "add_audio_prompt": "audio",
    "add_video_prompt": "video",
    "add_file_prompt": "file",
    "date_time": "datetime",
    "calculation": "calculate",
    "imei": "deviceid",
    "location": "geopoint",
    "gps": "geopoint",
    "begin_lgroup": "begin_repeat",
    "begin_looped_group": "begin_repeat",
    "end_lgroup": "end_repeat",
    "end_looped_group": "end_repeat",
}
_SELECTS: Final = ("select_one_from_file", "select_multiple_from_file", "select_one_external", "select_one",
                   "select_multiple", "rank")  # fmt: skip
_ALIASES: Final = re.compile(r"(?:" + "|".join(sorted(_TYPES, key=len, reverse=True)) + r")(?!_file)(?=_|$)")
_LANGUAGE: Final = re.compile(r"\(([A-Za-z-]{2,})\)\s*$")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


class RowType(NamedTuple):
    """A row's type in its standard spelling and, for a select, the list (or file) it chooses from."""

    word: str
    list_name: str = ""


def row_type(row: Row) -> RowType:
    """The standard spelling of a survey row's ``type``: ``select one yn`` is ("select_one", "yn")."""
    text = row.first("type", "command", "Type").strip()
    words = text.split()
    joined = "_".join(words).lower()
    if alias := _ALIASES.match(joined):
        joined = _TYPES[alias[0]] + joined[alias.end() :]
    for select in _SELECTS:
        if joined == select or (len(words) > 1 and joined.startswith(select + "_")):
            rest = words[-1] if len(words) > 1 and joined != select else ""
            if rest.lower() == "or_other" and len(words) > 2:
                rest = words[-2]
            return RowType(select, rest)
    return RowType(joined)


def row_name(row: Row) -> str:
    """A survey row's name under either of its headers."""
    return row.first("name", "Name")


def list_name(row: Row) -> str:
    """The list that a row of ``choices`` belongs to."""
    return row.first("list_name", "list name", "List name")


def choice_name(row: Row) -> str:
    """The value that a choice stores."""
    return row.first("name", "value")


def language_of(header: str) -> str:
    """The language code of a translated header: ``label::English (en)`` is "en", ``label::English`` "english"."""
    language = header.rpartition("::")[2].strip() if "::" in header else ""
    code = _LANGUAGE.search(language)
    return (code[1] if code else language).lower()


def translations(row: Row, column: str) -> dict[str, str]:
    """A translated column by language code; text without a language goes to "zh" if it is Chinese, else "en"."""
    found: dict[str, str] = {}
    for header, text in row.cells.items():
        base, _, _ = header.partition("::")
        if base.strip().lower() == column:
            language = language_of(header) if "::" in header else ("zh" if _CHINESE.search(text) else "en")
            found.setdefault(language, text)
    return found


def words(text: str) -> list[str]:
    """A cell's words, separated by spaces or commas of either width."""
    return [word for word in re.split(r"[\s,，;；、]+", text) if word]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings row; ``row`` is its number (0 where the sheet has none)."""

    row: int
    form_id: str
    version: str
    labels: dict[str, str]
    kind: str
    cadence: str
    unit_item: str
    date_item: str
    header: bool
    default_language: str


def read_settings(workbook: Workbook, filename: str = "") -> Settings:
    """The settings with their defaults; the file's name stands in for a missing form_id, as everywhere with XLSForm."""
    rows = workbook.sheet("settings").rows
    row = rows[0] if rows else Row(0, {})
    kind = row["kind"].lower() or "survey"
    default = kind in WITH_HEADER
    header = {"yes": True, "true": True, "no": False, "false": False}.get(row["header"].lower(), default)
    form_id = row.first("form_id", "id_string") or re.sub(r"\W+", "_", filename.rpartition(".")[0]).strip("_")
    titles = {**translations(row, "title"), **translations(row, "form_title")}
    return Settings(
        row.number,
        form_id,
        row["version"],
        titles or {"zh": form_id},
        kind,
        row["cadence"],
        row["unit_item"] or ("hd_a06" if header else ""),
        row["date_item"] or ("hd_a01" if header else ""),
        header,
        row["default_language"],
    )


def severity_of(text: str) -> int | None:
    """``S3`` as 3, "" as 0, None for any other word."""
    return _lettered(text, "S", 4)


def route_of(text: str) -> int | None:
    """``R4`` as 4, "" as 0, None for any other word."""
    return _lettered(text, "R", 4)


def veto_of(text: str) -> int | None:
    """``V5`` as 5, "" as 0, None for any other word."""
    return _lettered(text, "V", 9)


def days_of(text: str) -> int | None:
    """Days to rectify from 1 to 90, "" as 0, None for anything else."""
    if text in ("", "-"):
        return 0
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 90 else None


def _lettered(text: str, letter: str, last: int) -> int | None:
    text = text.strip().upper()
    if text in ("", "-"):
        return 0
    number = text.removeprefix(letter)
    return (
        int(number) if len(number) == 1 and number.isascii() and number.isdigit() and 1 <= int(number) <= last else None
    )


def measures_of(row: Row) -> tuple[list[tuple[str, Measure]], str]:
    """The indicators a row feeds and how, and the word that is wrong ("" if none, "#" if the numbers do not match)."""
    codes, given = words(row["indicator"]), words(row["measure"])
    measures: list[Measure] = []
    for word in given:
        try:
            measures.append(Measure.from_word(word))
        except KeyError:
            return [], word
    if not codes:
        return [], "#" if measures else ""
    if not measures:
        measures = [Measure.LIGHT if row_type(row).word.startswith("select") else Measure.VALUE]
    if len(measures) == 1:
        measures *= len(codes)
    return ([], "#") if len(measures) != len(codes) else (list(zip(codes, measures, strict=True)), "")


def light_of(text: str) -> Light | None:
    """The light of a choice, None for any other word."""
    try:
        return Light.from_word(text)
    except KeyError:
        return None


def is_ours(header: str, sheet: str) -> bool:
    """True for a column that pyxform must not see: our extra columns and those of KoboToolbox's builder."""
    extras = {"survey": SURVEY_EXTRAS, "choices": CHOICE_EXTRAS, "settings": SETTINGS_EXTRAS}.get(sheet, ())
    name = header.strip().lower()
    own_title = sheet == "settings" and ("::" in name)
    return name in extras or own_title or name.startswith(("$", "_", "kobo--", "kobomatrix--"))
