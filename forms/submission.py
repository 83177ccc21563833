"""Reads a submission's XML: who it is, and its answers as a flat list. One parse and one walk: ingest waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from forms.answers import Answer, SubmissionHead
from forms.definition import FormDefinition
from forms.safexml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, UnsafeXmlError, local_name, parse_xml
from forms.tree import Node, tree_of

FILE_TYPES: Final = frozenset({"image", "audio", "video", "file", "background-audio", "audit"})
MAX_ID: Final = 255

TEXTS: Final = {
    "submission.empty": ("提交内容是空的。", "The submission is empty."),
    "submission.too_large": (
        f"提交的 XML 超过 {MAX_BYTES // 2**20} MB 或 {MAX_ELEMENTS} 个元素。",
        f"The submission's XML is larger than {MAX_BYTES // 2**20} MB or {MAX_ELEMENTS} elements.",
    ),
    "submission.doctype": (
        "提交的 XML 含有文档类型声明，出于安全拒收。",
        "The submission's XML holds a document type declaration; it is refused for safety.",
    ),
    "submission.broken": ("提交的 XML 不完整或格式有误。", "The submission's XML is incomplete or malformed."),
    "submission.too_deep": ("提交的 XML 嵌套太深。", "The submission's XML is nested too deeply."),
    "submission.no_form_id": (
        "提交没有写明属于哪张表（根元素缺少 id）。",
        "The submission does not say which form it is of (no id on its root).",
    ),
    "submission.no_instance_id": (
        "提交没有 instanceID，无法辨认是否重复。",
        "The submission has no instanceID, so a repeat could not be told.",
    ),
    "submission.bad_instance_id": (
        f"提交的 instanceID 或 deprecatedID 超过 {MAX_ID} 个字符。",
        f"The submission's instanceID or deprecatedID is longer than {MAX_ID} characters.",
    ),
    "submission.wrong_root": (
        "提交的根元素与这张表的版本不符。",
        "The submission's root element is not that of this version of the form.",
    ),
}


class SubmissionProblem(Exception):
    """A submission that cannot be taken: stable code, sentence in Chinese and in English."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.zh, self.en = TEXTS[code]
        super().__init__(f"{code}: {self.en}")


def parse_submission(xml: bytes) -> Any:
    """The submission's root element, to hand to ``read_head`` and ``read_answers``. Raises SubmissionProblem."""
    try:
        return parse_xml(xml)
    except UnsafeXmlError as error:
        raise SubmissionProblem(f"submission.{error.reason}") from None


def read_head(xml: bytes | Any) -> SubmissionHead:
    """Form, version and identifiers of a submission, given as bytes or as parsed. Raises SubmissionProblem.

    ``meta`` counts wherever it stands and in whichever namespace, the outermost first.
    """
    root = parse_submission(xml) if isinstance(xml, bytes) else xml
    form_id = (root.get("id") or "").strip()
    if not form_id:
        raise SubmissionProblem("submission.no_form_id")
    found: dict[str, str] = {}
    for meta in _metas(root):
        for child in meta:
            if text := (child.text or "").strip():
                found.setdefault(local_name(child.tag), text)
    instance_id = found.get("instanceID") or (root.get("instanceID") or "").strip()
    if not instance_id:
        raise SubmissionProblem("submission.no_instance_id")
    deprecated_id = found.get("deprecatedID", "")
    if max(len(instance_id), len(deprecated_id)) > MAX_ID:
        raise SubmissionProblem("submission.bad_instance_id")
    version = next((value.strip() for key, value in root.items() if local_name(key) == "version"), "")
    return SubmissionHead(form_id, version, instance_id, deprecated_id, found.get("instanceName", ""))


def _metas(root: Any) -> Iterator[Any]:
    direct = [child for child in root if local_name(child.tag) == "meta"]
    yield from direct
    if not direct:
        yield from root.iterdescendants("{*}meta")


def read_answers(xml: bytes | Any, definition: FormDefinition) -> list[Answer]:
    """The non-empty answers in the order of the XML. Raises SubmissionProblem.

    An element that the definition does not know keeps its local name as item: an answer is never dropped.
    """
    root = parse_submission(xml) if isinstance(xml, bytes) else xml
    if local_name(root.tag) != definition.root:
        raise SubmissionProblem("submission.wrong_root")
    answers: list[Answer] = []
    _walk(root, tree_of(definition), 0, answers, 1)
    return answers


def _walk(element: Any, node: Node, index: int, answers: list[Answer], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise SubmissionProblem("submission.too_deep")
    if len(answers) > MAX_ELEMENTS:
        raise SubmissionProblem("submission.too_large")
    seen: dict[str, int] = {}
    children = node.children
    for child in element:
        name = child.tag.rpartition("}")[2]
        known = children.get(name)
        if known is None:
            if name == "meta" or node.path.endswith("/meta"):
                continue
            _unknown(child, name, node, index, answers, depth)
        elif len(child):
            inner = index
            if known.repeat:
                inner = seen[name] = seen.get(name, 0) + 1
            _walk(child, known, inner, answers, depth + 1)
        elif known.item is not None:
            text = child.text
            if text and not text.isspace():
                answers.append(Answer(known.item.name, known.path, text, index))
        elif known.repeat:
            seen[name] = seen.get(name, 0) + 1


def _unknown(child: Any, name: str, node: Node, index: int, answers: list[Answer], depth: int) -> None:
    path = f"{node.path}/{name}"
    if len(child):
        _walk(child, Node(path), index, answers, depth + 1)
    elif child.text and not child.text.isspace():
        answers.append(Answer(name, path, child.text, index))


def attachment_names(definition: FormDefinition, answers: Iterable[Answer]) -> list[str]:
    """The file names that answers refer to, in order, each once: photos, sound, video, files, signatures, audit log."""
    files = _file_paths(definition)
    return list(dict.fromkeys(answer.value.strip() for answer in answers if answer.path in files))


def _file_paths(definition: FormDefinition) -> set[str]:
    return {item.path for item in definition.items if item.type in FILE_TYPES}
