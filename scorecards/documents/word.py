"""Notices as Word files, from the shipped template or a bureau's own.

A bureau's template is a stranger's program: it may name our tags, repeat over the findings and ask whether a value is
there, nothing else. No call, no arithmetic, no inclusion: what cannot be said cannot do harm.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from markupsafe import Markup, escape

from scorecards.documents.docx_zip import UnfitArchive, check_archive, repacked
from scorecards.documents.kinds import KINDS
from scorecards.documents.model import LINE_TAGS, TAGS, FindingLine, Notice, line_values, values

_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_NODES: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.If,
    nodes.For,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
)
_LOOP: Final = frozenset({"index", "index0", "first", "last", "length"})

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "template.broken": (
        "这不是可用的 Word 文件（.docx），请在 Word 中另存为 .docx 后再上传。",
        "This is no usable Word file (.docx). Save it again as .docx in Word.",
    ),
    "template.too_large": ("模板文件过大。", "The template is too large."),
    "template.doctype": (
        "模板的{detail}部分含有文档类型声明，出于安全拒绝使用。",
        "Part {detail} of the template declares a document type; it is refused for safety.",
    ),
    "template.macro": (
        "模板含有宏或嵌入对象（{detail}），请删除后再上传。",
        "The template holds a macro or an embedded object ({detail}). Remove it and upload again.",
    ),
    "template.external": (
        "模板链接了文件以外的内容（{detail}），请改为嵌入。",
        "The template links to something outside the file ({detail}). Embed it instead.",
    ),
    "template.tag": (
        "模板中的标签“{detail}”不存在，请对照标签说明更正。",
        'The template\'s tag "{detail}" does not exist. Compare it with the list of tags.',
    ),
    "template.syntax": (
        "模板的标签写法有误：{detail}。请检查 {{{{ }}}} 和 {{% %}} 是否成对、for 与 endfor 是否对应。",
        "A tag of the template is not written correctly: {detail}. Check that {{{{ }}}} and {{% %}} are paired.",
    ),
    "template.forbidden": (
        "模板只能使用标签、for 和 if，不能使用“{detail}”。",
        'A template may use tags, for and if only, not "{detail}".',
    ),
}


class TemplateProblem(ValueError):
    """What is wrong with a template: a key of TEXTS and what it is about (a tag's name, a part)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def message(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return TEXTS[self.code][language == "en"].format(detail=self.detail)

    def __str__(self) -> str:
        return self.message("en")


def shipped_template(kind: str) -> bytes:
    """The Word template that comes with the software. Raises KeyError for an unknown kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    return resources.files("scorecards.documents").joinpath("templates", f"{kind}.docx").read_bytes()


def render_docx(kind: str, notice: Notice, template: bytes | None = None) -> bytes:
    """The notice as a Word file: the same values and template give the same bytes.

    Raises KeyError for an unknown kind and TemplateProblem for a template that cannot be used.
    """
    source = shipped_template(kind) if template is None else template
    if template is not None:
        _check(source)
    document = _Template(io.BytesIO(source))
    try:
        document.render(_context(kind, notice), _environment(), autoescape=True)
        file = io.BytesIO()
        document.save(file)
    except TemplateSyntaxError as error:
        raise TemplateProblem("template.syntax", str(error.message)[:120]) from None
    except UndefinedError as error:
        raise TemplateProblem("template.tag", str(error.message)[:120]) from None
    except (etree.XMLSyntaxError, OpcError, KeyError, AttributeError, RecursionError) as error:
        raise TemplateProblem("template.broken") from error
    return repacked(file.getvalue())


def check_template(kind: str, template: bytes) -> None:
    """Raises TemplateProblem for a template that a notice of this kind could not be made of; with every value there
    and with none."""
    lines = (FindingLine("S001-f01_a01-260101", "问题"),) * 2
    for found in (_specimen(full=True, lines=lines), _specimen(full=False, lines=())):
        render_docx(kind, found, template)


def _specimen(*, full: bool, lines: tuple[FindingLine, ...]) -> Notice:
    plain = dict.fromkeys((name for name in TAGS if name not in _TYPED), "字" if full else "")
    return Notice(**{**plain, "issued_on": dt.date(2026, 1, 1), "findings": lines})  # type: ignore[arg-type]


_TYPED: Final = frozenset({"issued_on", "reply_by", "basis", "copies", "evidence", "findings"})


def _check(data: bytes) -> None:
    try:
        check_archive(data)
    except UnfitArchive as error:
        raise TemplateProblem(f"template.{error.reason}", error.part) from None


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def _context(kind: str, notice: Notice) -> dict[str, Any]:
    """Every value under its Chinese and its English tag, escaped so that no letter of it can be a tag or markup."""
    said = values(notice, KINDS[kind].basis)
    lines = [line_values(line, index) for index, line in enumerate(notice.findings, 1)]
    listed = [_both(line, LINE_TAGS) for line in lines]
    return {**_both(said, TAGS), TAGS["findings"]: listed, "findings": listed}


def _both(texts: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, Markup]:
    return {name: _plain(text) for key, text in texts.items() for name in (key, tags[key])}


def _plain(text: str) -> Markup:
    """A text for Word's XML. Braces are written as character references: docxtpl rewrites ``{_{`` otherwise."""
    written = str(escape(_FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\t", " "))))
    return Markup(written.replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704


class _Template(DocxTemplate):  # type: ignore[misc]
    """docxtpl that reads each part's tags before it runs them."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)

    def init_docx(self, reload: bool = True) -> None:
        try:
            super().init_docx(reload)
        except Exception as error:  # python-docx promises no narrower set for damaged files
            raise TemplateProblem("template.broken") from error

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        _examine(jinja_env.parse(src_xml), frozenset(context))
        return str(super().render_xml_part(src_xml, part, context, jinja_env))

    def render_properties(self, context: Any, jinja_env: Any = None) -> None:
        """A file's properties are no place for tags: they are left as they are."""


def _examine(node: nodes.Node, known: frozenset[str], depth: int = 0) -> None:
    """Raises TemplateProblem for the first thing in a template's tree that is no tag of ours, for or if."""
    if isinstance(node, nodes.Name) and node.name not in known:
        raise TemplateProblem("template.tag", node.name)
    if isinstance(node, nodes.Getattr):
        fields = _LOOP if isinstance(node.node, nodes.Name) and node.node.name == "loop" else _FIELDS
        if node.attr not in fields or not isinstance(node.node, nodes.Name):
            raise TemplateProblem("template.tag", _written(node))
    if not isinstance(node, _NODES):
        raise TemplateProblem("template.forbidden", type(node).__name__)
    if isinstance(node, nodes.For):
        _examine_loop(node, known, depth)
        return
    for child in node.iter_child_nodes():
        _examine(child, known, depth)


_FIELDS: Final = frozenset((*LINE_TAGS, *LINE_TAGS.values()))


def _examine_loop(loop: nodes.For, known: frozenset[str], depth: int) -> None:
    """A loop runs over the findings, alone, with one name for each."""
    if depth or not isinstance(loop.target, nodes.Name) or loop.recursive or loop.test is not None:
        raise TemplateProblem("template.forbidden", "for")
    if not isinstance(loop.iter, nodes.Name) or loop.iter.name not in ("findings", TAGS["findings"]):
        raise TemplateProblem("template.tag", _written(loop.iter))
    inside = known | {loop.target.name, "loop"}
    for child in (*loop.body, *loop.else_):
        _examine(child, inside, depth + 1)


def _written(node: nodes.Node) -> str:
    return ".".join(_names(node)) or type(node).__name__


def _names(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Getattr):
        yield from _names(node.node)
        yield node.attr
    elif isinstance(node, nodes.Name):
        yield node.name
