"""Writes the Word templates that are shipped, from the PDF's words: ``python -m scorecards.documents.make_templates``.

A bureau opens one in Word, changes what it likes, keeps the ``{{ tags }}`` and uploads it.
"""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from scorecards.documents.compose import PLACE
from scorecards.documents.docx_zip import repacked
from scorecards.documents.kinds import KINDS, Kind, Paragraph
from scorecards.documents.model import LINE_TAGS, TAGS

BODY, HEADING, TITLE = "仿宋", "黑体", "宋体"
RED: Final = RGBColor(0xC8, 0x10, 0x2E)
WIDTHS: Final = {"index": 10, "code": 26, "title": 38, "fact": 46, "ask": 40, "due": 27, "limit": 20, "responsible": 18}
TEXT_WIDTH: Final = 156


def make_template(kind: str) -> bytes:
    """The shipped Word template of a kind: the same bytes each time."""
    spec = KINDS[kind]
    document = Document()
    _page(document, spec)
    if spec.sheet:
        _line(document, spec.zh, size=22, font=TITLE, bold=True, centre=True, after=16)
    else:
        _head(document, spec)
    for paragraph in spec.opening:
        _paragraph(document, _tagged(paragraph))
    _fields(document, spec)
    _findings(document, spec)
    for paragraph in spec.closing:
        _paragraph(document, _tagged(paragraph))
    _ending(document, spec)
    if spec.receipt:
        _receipt(document, spec)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", spec.zh, ""
    properties.last_modified_by, properties.revision = "", 1
    file = io.BytesIO()
    document.save(file)
    return repacked(file.getvalue())


def _tagged(paragraph: Paragraph) -> str:
    """Sentences with template tags; one that needs a value stands between ``{% if %}`` and ``{% endif %}``."""
    pieces = []
    for sentence in paragraph:
        wanted = dict.fromkeys(TAGS[name] for name in PLACE.findall(sentence))
        text = PLACE.sub(lambda match: "{{ " + TAGS[match[1]] + " }}", sentence)
        needed = " and ".join(name for name in wanted if name not in ("单位", "依据"))
        pieces.append(f"{{% if {needed} %}}{text}{{% endif %}}" if needed else text)
    return "".join(pieces)


def _page(document: Any, spec: Kind) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = (Mm(25), Mm(25)) if spec.sheet else (Mm(37), Mm(33))
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = document.styles["Normal"]
    style.font.size = Pt(16)
    _face(style, BODY)
    style.paragraph_format.line_spacing = Pt(29)
    style.paragraph_format.space_after = Pt(0)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("— ")
    _number(footer)
    footer.add_run(" —")


def _number(paragraph: Any) -> None:
    """The page's number as a field."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _head(document: Any, spec: Kind) -> None:
    _line(document, "{{ 发文机关 }}", size=30, font=TITLE, bold=True, centre=True, after=20, colour=RED, pitch=38)
    number = _line(document, "{{ 文号 }}", centre=True, after=22)
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "C8102E")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    number._p.get_or_add_pPr().append(border)
    _line(document, spec.zh, size=22, font=TITLE, bold=True, centre=True, after=16)
    _line(document, "{{ " + TAGS[spec.to] + " }}：")


def _line(
    document: Any,
    text: str,
    *,
    size: int = 16,
    font: str = BODY,
    bold: bool = False,
    centre: bool = False,
    after: int = 0,
    pitch: int = 29,
    colour: RGBColor | None = None,
) -> Any:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    _face(run, font)
    if colour is not None:
        run.font.color.rgb = colour
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.paragraph_format.line_spacing = Pt(pitch)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _paragraph(document: Any, text: str) -> Any:
    paragraph = _line(document, text)
    paragraph.paragraph_format.first_line_indent = Pt(32)
    return paragraph


def _face(owner: Any, font: str) -> None:
    """Sets a font for Latin and Chinese letters."""
    owner.font.name = font
    properties = owner.element.get_or_add_rPr() if hasattr(owner.element, "get_or_add_rPr") else owner._element.rPr
    properties.rFonts.set(qn("w:eastAsia"), font)


def _table(document: Any, rows: int, widths: list[int]) -> Any:
    table = document.add_table(rows=rows, cols=len(widths))
    table.style = "Table Grid"
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def _cell(cell: Any, text: str, *, heading: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = Pt(18)
    run = paragraph.add_run(text)
    run.font.size = Pt(12)
    _face(run, HEADING if heading else BODY)
    if heading:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _findings(document: Any, spec: Kind) -> None:
    """The findings' table: a heading, and one row between the two rows that repeat it."""
    if not spec.columns:
        return
    weights = [WIDTHS.get(tag, 26) for tag in spec.columns]
    widths = [weight * TEXT_WIDTH // sum(weights) for weight in weights]
    table = _table(document, 4, widths)
    _cell(table.rows[1].cells[0], "{%tr for 项 in 问题清单 %}")
    for column, (tag, heading) in enumerate(spec.columns.items()):
        _cell(table.rows[0].cells[column], heading, heading=True)
        text = "{{ 项." + LINE_TAGS[tag] + " }}"
        if tag == "title" and "code" not in spec.columns:
            text += "（{{ 项.编号 }}）"
        _cell(table.rows[2].cells[column], text)
    _cell(table.rows[3].cells[0], "{%tr endfor %}")
    _line(document, "", size=6, pitch=12)


def _fields(document: Any, spec: Kind) -> None:
    if not spec.fields:
        return
    table = _table(document, len(spec.fields), [32, TEXT_WIDTH - 32])
    for row, (tag, label) in zip(table.rows, spec.fields.items(), strict=True):
        _cell(row.cells[0], label, heading=True)
        _cell(row.cells[1], "{{ " + TAGS[tag] + " }}")
    _line(document, "", size=6, pitch=12)


def _ending(document: Any, spec: Kind) -> None:
    if spec.sheet:
        for name in spec.signatures:
            _line(document, f"{name}（签字）：　　　　　　　　　　　　年　　月　　日")
        return
    _line(document, "")
    for text in ("{{ 发文机关 }}", "{{ 日期 }}"):
        paragraph = _line(document, text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(32)
    _line(document, "")
    _line(document, "{% if 抄送 %}抄送：{{ 抄送 }}。{% endif %}", size=14)


def _receipt(document: Any, spec: Kind) -> None:
    document.add_section(WD_SECTION.NEW_PAGE)
    _line(document, "送达回执", size=22, font=TITLE, bold=True, centre=True, after=16)
    rows = (
        ("文书名称", spec.zh),
        ("文号", "{{ 文号 }}"),
        ("送达机关", "{{ 发文机关 }}"),
        ("受送达单位", "{{ " + TAGS[spec.to] + " }}"),
        ("送达日期", "　　　　年　　月　　日　　时"),
        ("送达方式", "□ 直接　□ 留置　□ 邮寄　□ 电子"),
        ("签收人及职务", "\n"),
        ("签收日期", "　　　　年　　月　　日"),
        ("单位印章", "\n\n\n"),
        ("送达人", ""),
        ("备注", "\n"),
    )
    table = _table(document, len(rows), [36, TEXT_WIDTH - 36])
    for row, (label, text) in zip(table.rows, rows, strict=True):
        _cell(row.cells[0], label, heading=True)
        _cell(row.cells[1], text)


def main() -> None:
    """Write all templates into the package."""
    folder = Path(str(resources.files("scorecards.documents").joinpath("templates")))
    for kind in KINDS:
        folder.joinpath(f"{kind}.docx").write_bytes(make_template(kind))


if __name__ == "__main__":
    main()
