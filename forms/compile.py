"""The only room with pyxform in it: XLSForm in, XForm out, and pyxform's complaints as problems with a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.columns import FORM_SHEETS, is_ours
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.sheets import Row, Sheet, Workbook

_ROW: Final = re.compile(r"\[row : (\d+)\]\s*|\brow (?:number )?(\d+)\b")
_SHEET: Final = re.compile(r"'(survey|choices|settings|entities|external_choices|osm)' sheet|sheet: '(\w+)'")
_COLUMN: Final = re.compile(r"the '([^']+)' value|column ['\"]([^'\"]+)['\"]")
_MORE: Final = re.compile(r"\s*(Learn more:|For more information).*$", re.DOTALL)

# pyxform's sentences in Chinese: the first whose pattern occurs in the message. {0} is the pattern's first group.
_CHINESE: Final[Sequence[tuple[str, str]]] = (
    (r"must be unique within their nearest parent", "名称在同一组内重复。"),
    (r"Repeat names must unique|Repeat names must not", "重复组的名称重复，或与表单根名相同。"),
    (r"Choice names must be unique", "同一选项表中选项值重复；如确有需要，在 settings 设 allow_choice_duplicates。"),
    (r"Choices must have a name", "选项缺少值（name）。"),
    (r"Choices should have a label", "选项缺少标签（label）。"),
    (r"Names must begin with a letter", "名称须以字母或下划线开头，其后可用字母、数字、下划线、连字符、点。"),
    (r"case-insensitive match", "名称与另一个名称仅大小写不同，有的分析工具不区分。"),
    (r"reserved for form metadata", "“meta”是保留名称。"),
    (r"no survey element with th(?:is|e) name '?([^'\s]+)", "引用了不存在的题目“{0}”。"),
    (r"List name not in choices sheet: (\S+)", "选项表“{0}”不在 choices 表中。"),
    (r"list name '?([^'\s]+)'? not in choices|choice list '([^']+)'", "选项表“{0}”不在 choices 表中。"),
    (r"Unknown question type '([^']+)'", "不认识的题型“{0}”。"),
    (r"Unmatched (?:begin|end) statement|Unmatched", "组或重复组的开始与结束不配对。"),
    (r"no type", "这一行没有题型（type）。"),
    (r"has no label|[Mm]issing label|no label", "这一行没有标签（label）。"),
    (r"Missing calculation", "计算题缺少计算式（calculation）。"),
    (r"no name", "这一行没有名称（name）。"),
    (r"max-pixels", "照片建议加 parameters = max-pixels=1280，以加快上传、节省空间。"),
    (r"machine-readable", "语言名称后应有语言代码，如 label::中文 (zh)。"),
    (r"[Tt]ranslation|language", "有的列缺少某种语言的翻译。"),
    (r"header", "列名有缺失、重复或不认识。"),
    (r"being skipped", "这一行没有名称和标签，已被跳过。"),
    (r"Invalid variable reference|\$\{", "变量引用写法不对，应为 ${{题目名称}}。"),
    (r"parameter", "parameters 的写法不对。"),
    (r"appearance", "appearance 的写法不对。"),
)


def compile_form(workbook: Workbook) -> tuple[str | None, list[FormProblem]]:
    """The XForm of an (expanded) workbook, and pyxform's errors and warnings with their place where it names one.

    Rows in the problems are the workbook's own row numbers. Never raises; the XForm is None where pyxform refused.
    """
    sheets = {name: sheet for name, sheet in workbook.sheets.items() if name in FORM_SHEETS and sheet.headers}
    if "survey" not in sheets:
        return None, [problem("workbook.sheet_missing", "survey")]
    warnings: list[str] = []
    try:
        result = convert(xlsform=_as_pyxform(sheets), warnings=warnings, validate=False, pretty_print=False)
    except PyXFormError as error:
        return None, _problems("xlsform.error", [str(error)], sheets)
    except RecursionError:
        return None, [problem("xlsform.too_deep", "survey")]
    except Exception as error:  # pyxform raises bare TypeError, KeyError and others on malformed workbooks
        return None, [_crash(error, sheets)]
    return result.xform, _problems("xlsform.warning", warnings, sheets)


def _as_pyxform(sheets: dict[str, Sheet]) -> dict[str, Any]:
    """What pyxform reads: rows without our columns; their order gives each its number."""
    found: dict[str, Any] = {"sheet_names": list(sheets), "fallback_form_name": "data"}
    for name, sheet in sheets.items():
        headers = [header for header in sheet.headers if not is_ours(header, name)]
        kept = set(headers)
        found[name] = [{key: text for key, text in row.cells.items() if key in kept} for row in sheet.rows]
        found[f"{name}_header"] = [dict.fromkeys(headers)]
    return found


def _problems(code: str, messages: Sequence[str], sheets: dict[str, Sheet]) -> list[FormProblem]:
    """One problem per message, and per row where one message speaks of several."""
    found = []
    for message in messages:
        parts = re.split(r"\n(?=\[row : \d+\])", message)
        found += [_problem(code, part, sheets) for part in parts]
    return list(dict.fromkeys(found))


def _problem(code: str, message: str, sheets: dict[str, Sheet]) -> FormProblem:
    message = _MORE.sub("", message).strip()
    sheet_match, row_match, column_match = _SHEET.search(message), _ROW.search(message), _COLUMN.search(message)
    number = int(next(filter(None, row_match.groups()))) if row_match else 0
    sheet = next(filter(None, sheet_match.groups())) if sheet_match else ("survey" if number else "")
    column = next(filter(None, column_match.groups())) if column_match else ""
    text = re.sub(r"^\[row : \d+\]\s*", "", message)
    row = _row(sheets.get(sheet), number)
    if not sheet and (suspect := _suspect(sheets["survey"], message)):
        sheet, row = "survey", suspect.number
    return problem(code, sheet, row, column, zh=_chinese(text), en=text[:600])


def _row(sheet: Sheet | None, number: int) -> int:
    """The workbook's own number of the row that pyxform counts as ``number``."""
    if sheet is None or not 2 <= number < len(sheet.rows) + 2:
        return number
    return sheet.rows[number - 2].number


def _chinese(text: str) -> str:
    for pattern, sentence in _CHINESE:
        if match := re.search(pattern, text):
            group = next((part for part in match.groups() if part), "")
            return sentence.format(group.strip(".,'\""))
    return f"表单转换程序报告：{text[:600]}"


def _crash(error: Exception, sheets: dict[str, Sheet]) -> FormProblem:
    """What is known of a crash inside pyxform: the row whose content the error names, else the sheet."""
    name = type(error).__name__
    hint = str(error).strip("'\" ")[:200]
    row = _suspect(sheets["survey"], str(error))
    number, column = (row.number, "type") if row else (0, "")
    return problem("xlsform.crash", "survey", number, column, value=f"{name}: {hint}" if hint else name)


def _suspect(sheet: Sheet, hint: str) -> Row | None:
    quoted = re.findall(r"'([^']+)'", hint) or ([hint] if hint else [])
    for text in quoted:
        for row in sheet.rows:
            if text in row.cells.values():
                return row
    return None
