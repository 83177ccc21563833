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
    "workbook.bomb": _error(
        "文件解压后超过 {value} MB 或部件过多，拒绝读取。",
        "The file unpacks to more than {value} MB or has too many parts; it is not read.",
    ),
    "workbook.broken": _error(
        "文件已损坏或不完整，请在 Excel 中重新另存为 .xlsx。",
        "The file is broken or incomplete. Save it again as .xlsx in Excel.",
    ),
    "workbook.cell_error": _error(
        "单元格 {cell} 显示错误值 {value}，请改成文字。", "Cell {cell} shows the error {value}. Replace it by text."
    ),
    "workbook.cell_too_long": _error(
        "单元格 {cell} 超过 {value} 个字符。", "Cell {cell} holds more than {value} characters."
    ),
    "workbook.empty": _error("文件里没有任何表格内容。", "The file holds no table."),
    "workbook.encrypted": _error(
        "文件设有密码，请去掉密码后再上传。", "The file is protected by a password. Remove it and upload again."
    ),
    "workbook.entities": _error(
        "文件含有 XML 文档类型声明，出于安全拒绝读取。",
        "The file holds an XML document type declaration; it is not read for safety.",
    ),
    "workbook.external_link": _warning(
        "工作簿链接了其他文件；链接不会被读取。", "The workbook links to other files; the links are not read."
    ),
    "workbook.formula": _error(
        "单元格 {cell} 是公式，请改成它显示的文字（选择性粘贴→数值）。",
        "Cell {cell} is a formula. Replace it by the text it shows (paste special, values).",
    ),
    "workbook.header_missing": _error(
        "第 1 行应为列名，但它是空的。", "Row 1 must hold the column names; it is empty."
    ),
    "workbook.header_repeated": _error("列名“{column}”出现了两次。", "The column name “{column}” occurs twice."),
    "workbook.no_header": _warning(
        "{column} 列第 1 行没有列名，这一列不会被读取。", "Column {column} has no name in row 1; it is not read."
    ),
    "workbook.not_text": _error("文件不是 UTF-8 编码的文本。", "The file is not text in UTF-8."),
    "workbook.not_xlsx": _error(
        "文件不是 .xlsx 工作簿，请在 Excel 中另存为“Excel 工作簿 (*.xlsx)”。",
        "The file is no .xlsx workbook. Save it in Excel as “Excel Workbook (*.xlsx)”.",
    ),
    "workbook.old_xls": _error(
        "这是旧的 .xls 格式，请在 Excel 中另存为 .xlsx。", "This is the old .xls format. Save it as .xlsx in Excel."
    ),
    "workbook.part_too_large": _error(
        "“{value}”解压后超过 {limit} MB；请删除表格下方和右侧多余的空行空列。",
        "“{value}” unpacks to more than {limit} MB. Delete the empty rows and columns below and beside the table.",
    ),
    "workbook.sheet_repeated": _error("工作表“{value}”出现了两次。", "There are two sheets “{value}”."),
    "workbook.too_large": _error("文件超过 {value} MB。", "The file is larger than {value} MB."),
    "workbook.too_many_columns": _error("有内容的列超过第 {value} 列。", "There is text beyond column {value}."),
    "workbook.too_many_rows": _error(
        "有内容的行超过 {value} 行（或单元格超过 {cells} 个）；大名单请改用 CSV 附件。",
        "More than {value} rows (or {cells} cells) hold text. Put a long list into a CSV attachment.",
    ),
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
