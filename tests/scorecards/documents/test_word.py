"""Word notices: from the shipped templates and from a bureau's own, which is a stranger's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from docx import Document

from scorecards.documents.kinds import KINDS
from scorecards.documents.make_templates import make_template
from scorecards.documents.model import Notice
from scorecards.documents.word import TEXTS, TemplateProblem, check_template, render_docx, shipped_template


def template(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def words_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells: Iterable[str] = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for entry in names:
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
        if name not in names:
            new.writestr(name, change(b""))
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_templates_are_those_that_the_script_writes(kind: str) -> None:
    assert shipped_template(kind) == make_template(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_word_what_it_says_in_pdf(kind: str, notice: Notice) -> None:
    text = words_of(render_docx(kind, notice))
    assert KINDS[kind].zh in text
    assert notice.unit in text
    assert "{" not in text
    for finding in notice.findings:
        assert finding.title in text
        assert finding.code in text


def test_same_values_same_bytes(notice: Notice) -> None:
    assert render_docx("notice", notice) == render_docx("notice", notice)


def test_a_bureaus_own_words_are_used_with_chinese_or_english_tags(notice: Notice) -> None:
    own = template(
        "{{ 发文机关 }}致{{ unit }}",
        "{% if 抄送 %}抄送{{ 抄送 }}{% endif %}",
        "{%p for 项 in 问题清单 %}",
        "第{{ loop.index }}项{{ 项.问题 }}（{{ 项.code }}）",
        "{%p endfor %}",
    )
    text = words_of(render_docx("notice", notice, own))
    assert "青石区人民政府教育督导委员会办公室致青石区实验小学" in text
    assert "第2项收费公示栏未更新（S012-f01_b01-261115）" in text


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_values_stay_text(kind: str, notice: Notice, hostile: str) -> None:
    attacked = replace(notice, unit=hostile, findings=(replace(notice.findings[0], title=hostile),))
    assert words_of(render_docx(kind, attacked)).count(hostile) >= 2


def test_control_characters_do_not_break_the_file(notice: Notice) -> None:
    assert "甲乙" in words_of(render_docx("notice", replace(notice, unit="甲\x00\x0b\ud800乙")))


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("{{ 学校名 }}", "template.tag", "学校名"),
        ("{% for 项 in 问题清单 %}{{ 项.密码 }}{% endfor %}", "template.tag", "项.密码"),
        ("{{ 单位.__class__ }}", "template.tag", "单位.__class__"),
        ("{{ 单位", "template.syntax", ""),
        ("{% for 项 in 问题清单 %}", "template.syntax", ""),
        ("{{ range(10) }}", "template.forbidden", "Call"),
        ("{{ 单位 * 999999999 }}", "template.forbidden", "Mul"),
        ("{% include '/etc/passwd' %}", "template.forbidden", "Include"),
        ("{% set a = 单位 %}", "template.forbidden", "Assign"),
        ("{{ 单位|attr('x') }}", "template.forbidden", "Filter"),
        ("{{ 问题清单[0] }}", "template.forbidden", "Getitem"),
        (
            "{% for a in 问题清单 %}{% for b in 问题清单 %}{{ b.编号 }}{% endfor %}{% endfor %}",
            "template.forbidden",
            "for",
        ),
        ("{% for a in 单位 %}{% endfor %}", "template.tag", "单位"),
    ],
)
def test_a_wrong_tag_is_named_in_both_languages(text: str, code: str, detail: str) -> None:
    with pytest.raises(TemplateProblem) as raised:
        check_template("notice", template(text))
    assert raised.value.code == code
    assert detail in raised.value.detail
    for language in ("zh", "en"):
        assert detail in raised.value.message(language)
        assert raised.value.message(language)


def test_a_tag_behind_a_condition_is_checked_too() -> None:
    with pytest.raises(TemplateProblem, match="学校名"):
        check_template("notice", template("{% if 抄送 %}{{ 学校名 }}{% endif %}"))


def test_tags_in_headers_and_file_properties(notice: Notice) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ 文号 }}"
    document.core_properties.title = "{{ range(9) }}"
    file = io.BytesIO()
    document.save(file)
    made = Document(io.BytesIO(render_docx("notice", notice, file.getvalue())))
    assert made.sections[0].header.paragraphs[0].text == notice.number
    assert made.core_properties.title == "{{ range(9) }}"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "template.broken"),
        (b"PK\x03\x04 no archive", "template.broken"),
        (b"x" * 5_000_000, "template.too_large"),
        (with_part(template("a"), "word/vbaProject.bin", lambda _: b"x"), "template.macro"),
        (with_part(template("a"), "word/bomb.xml", lambda _: b"<a>" + b" " * 30_000_000), "template.too_large"),
        (
            with_part(template("a"), "word/document.xml", lambda _: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
            "template.doctype",
        ),
        (with_part(template("a"), "word/document.xml", lambda _: "<a/>".encode("utf-16")), "template.doctype"),
        (
            with_part(
                template("a"),
                "word/_rels/settings.xml.rels",
                lambda _: (
                    b'<Relationships><Relationship Id="a" Type="x/attachedTemplate" Target="http://a/b.dotm" '
                    b'TargetMode="External"/></Relationships>'
                ),
            ),
            "template.external",
        ),
        (with_part(template("a"), "word/document.xml", lambda data: data[:900]), "template.broken"),
    ],
)
def test_a_file_that_is_no_harmless_template_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(TemplateProblem) as raised:
        check_template("notice", data)
    assert raised.value.code == code


def test_every_sentence_of_a_problem_can_be_made() -> None:
    for code in TEXTS:
        for language in ("zh", "en"):
            assert TemplateProblem(code, "部分").message(language)
