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
    "workbook.too_much_text": _error(
        "一张工作表的文字超过 {value} 百万字符。", "One sheet holds more than {value} million characters."
    ),
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
    "choices.light_missing": _error(
        "题目 {item} 用灯计量，但选项表 {list} 的选项“{value}”没有填 light。",
        "The question {item} is measured by lights, but choice “{value}” of the list {list} has no light.",
    ),
    "choices.light_word": _error(
        "light“{value}”不对，应为 green、yellow、red、grey 或 na。",
        "The light “{value}” is not one of green, yellow, red, grey, na.",
    ),
    "choices.name_repeated": _warning(
        "选项表 {list} 里选项值“{value}”重复。", "The list {list} has the choice “{value}” twice."
    ),
    "kobo.list_missing": _error(
        "{column} 所指的选项表“{value}”不在 choices 表中。",
        "The list “{value}” in {column} is not in the sheet choices.",
    ),
    "kobo.row_type": _error(
        "这一组里只能有 {allowed} 行，不能有“{value}”。", "This group takes only rows of type {allowed}, not “{value}”."
    ),
    "kobo.unclosed": _error("{value} 没有对应的结束行。", "{value} has no matching end row."),
    "settings.form_id_from_file": _warning(
        "settings 没有 form_id，用文件名“{value}”代替；请写明，以免改名后成了另一张表。",
        "No form_id; the file name “{value}” stands in. Write one down: a renamed file would be another form.",
    ),
    "settings.form_id_missing": _error("settings 必须写明 form_id。", "The settings must name a form_id."),
    "settings.header": _error("header“{value}”应为 yes 或 no。", "The header “{value}” must be yes or no."),
    "settings.item_missing": _error(
        "settings 必须用 {column} 指明由哪一题确定督导的单位或日期。",
        "The settings must say in {column} which question names the unit or the date observed.",
    ),
    "settings.item_unknown": _error(
        "{column} 所指的题目“{value}”不存在。", "There is no question “{value}” as {column} says."
    ),
    "settings.kind": _error("kind“{value}”不对，应为：{allowed}。", "The kind “{value}” is not one of: {allowed}."),
    "settings.version_advised": _warning(
        "settings 没有 version；没有版本号，手机不会更新表单。",
        "The settings have no version; without one phones do not update the form.",
    ),
    "settings.version_missing": _error("settings 必须写明 version。", "The settings must name a version."),
    "survey.days": _error(
        "整改天数“{value}”应为 1 到 90 的整数。", "The days “{value}” must be a whole number from 1 to 90."
    ),
    "survey.indicator_unknown": _error(
        "指标“{value}”不在指标目录中。", "The indicator “{value}” is not in the catalogue."
    ),
    "survey.list_unknown": _error(
        "选项表“{value}”不在 choices 表中。", "The list “{value}” is not in the sheet choices."
    ),
    "survey.meaning_changed": _warning(
        "题目“{value}”沿用旧名但含义变了：{zh}。旧数据将按旧版本解释；若是另一道题，请换一个名称。",
        "The question “{value}” keeps its name with another meaning: {en}. Old data keep the old version's meaning; "
        "if it is another question, give it another name.",
    ),
    "survey.measure": _error(
        "measure“{value}”不对，应为 light、numerator、denominator、count 或 value。",
        "The measure “{value}” is not one of light, numerator, denominator, count, value.",
    ),
    "survey.measure_light_type": _error(
        "只有选择题能用灯计量，这一行是 {value}。", "Only a select question has lights; this is {value}."
    ),
    "survey.measure_nowhere": _error("{value} 行不能带指标。", "A row of type {value} cannot feed an indicator."),
    "survey.measure_number": _error(
        "measure“{value}”应为一个，或与指标一样多；没有指标时应留空。",
        "The measure “{value}” must be one word, or as many as there are indicators, and empty without any.",
    ),
    "survey.measure_number_type": _error(
        "measure {value} 需要数字题，这一行是 {type}。",
        "The measure {value} needs a question for a number; this is {type}.",
    ),
    "survey.name_repeated": _error(
        "名称“{value}”与第 {first} 行重复；全表名称必须唯一。",
        "The name “{value}” is that of row {first}; names must be unique in the whole form.",
    ),
    "survey.ratio_half": _error(
        "比例指标“{value}”缺少 {lacks}：分子和分母要成对采集。",
        "The ratio “{value}” lacks its {lacks}: numerator and denominator are collected as a pair.",
    ),
    "survey.route": _error("处置路线“{value}”应为 R1 到 R4。", "The route “{value}” must be R1 to R4."),
    "survey.severity": _error("严重度“{value}”应为 S1 到 S4。", "The severity “{value}” must be S1 to S4."),
    "survey.too_many_rows": _error("survey 表超过 {value} 行。", "The sheet survey has more than {value} rows."),
    "survey.veto": _error("否决项“{value}”应为 V1 到 V9。", "The veto “{value}” must be V1 to V9."),
    "xlsform.crash": _error(
        "表单转换程序无法处理这份工作簿（{value}）；请检查所指的行，或与能用的表单比较。",
        "pyxform cannot process this workbook ({value}). Look at the row named or compare with another form.",
    ),
    "xlsform.error": _error("{zh}", "{en}"),
    "xlsform.not_for_collector": _warning(
        "可以发布，ODK Collect 能填写，但网页采集打不开：{zh}",
        "It can be published and ODK Collect fills it in, but the web collector cannot open it: {en}",
    ),
    "xlsform.too_deep": _error(
        "组嵌套太深，或引用成环。", "Groups are nested too deeply, or references form a circle."
    ),
    "xlsform.warning": _warning("{zh}", "{en}"),
}


def problem(code: str, sheet: str = "", row: int = 0, column: str = "", **values: str) -> FormProblem:
    """A problem by its code. Raises KeyError for an unknown code or a value that its sentence needs."""
    text = TEXTS[code]
    known = {"sheet": sheet, "row": row, "column": column, **values}
    return FormProblem(code, sheet, row, column, text.zh.format(**known), text.en.format(**known), text.level)
