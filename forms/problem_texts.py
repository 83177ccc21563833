"""Every problem code of a workbook, once, with its level and its sentence in Chinese and English.

``docs/workbook.md`` explains each; a test holds the two together. Codes are stable: programs may rely on them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from forms.problems import FormProblem, Level


class Text(NamedTuple):
    """A problem's level and its sentence templates; ``{value}`` and the like are filled in."""

    level: Level
    zh: str
    en: str


def _error(zh: str, en: str) -> Text:
    return Text("error", zh, en)


def _warning(zh: str, en: str) -> Text:
    return Text("warning", zh, en)


TEXTS: Final[dict[str, Text]] = {
    "workbook.sheet_missing": _error(
        "工作簿缺少工作表“{sheet}”，或该表没有内容。", "The workbook has no sheet “{sheet}”, or it is empty."
    ),
    "catalogue.cell_missing": _error("“{column}”必须填写。", "“{column}” must be filled in."),
    "catalogue.code_repeated": _error("“{value}”重复出现。", "“{value}” occurs twice."),
    "catalogue.column_unknown": _error("不认识的列“{value}”。", "There is no column “{value}” here."),
    "catalogue.dimension_unknown": _error(
        "维度“{value}”不在 dimensions 表中。", "The dimension “{value}” is not in the sheet dimensions."
    ),
    "catalogue.number": _error("“{value}”不是整数。", "“{value}” is not a whole number."),
    "catalogue.parameter": _error(
        "参数“{value}”应写成 名称=值，多个用分号隔开。",
        "Write the parameter “{value}” as name=value, several with semicolons.",
    ),
    "catalogue.threshold": _error(
        "界限“{value}”写法不对，应如 >= 10%、<= 0、> 3/2、>= 4.5。",
        "The boundary “{value}” is not one such as >= 10%, <= 0, > 3/2, >= 4.5.",
    ),
    "catalogue.word": _error("“{value}”不在允许的词中：{allowed}。", "“{value}” is not one of: {allowed}."),
}


def problem(code: str, sheet: str = "", row: int = 0, column: str = "", **values: str) -> FormProblem:
    """A problem by its code. Raises KeyError for an unknown code or a value that its sentence needs."""
    text = TEXTS[code]
    known = {"sheet": sheet, "row": row, "column": column, **values}
    return FormProblem(code, sheet, row, column, text.zh.format(**known), text.en.format(**known), text.level)
