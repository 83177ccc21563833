"""A published form as the web collector opens it: Enketo's HTML and model, made here and never on the phone.

The two stylesheets are enketo-transformer's (Apache-2.0), put beside this file when the collector is built. Around
them: short choice lists written out, files beside the form as instances, labels cleaned, addresses and scripts out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from lxml import etree

from forms import itemsets
from forms.body_html import clean_html
from forms.definition import Choice, FormDefinition, Item
from forms.itemsets import XF
from forms.safexml import UnsafeXmlError, parse_xml

FOLDER: Final = Path(__file__).parent / "stylesheets"
# Changes whenever the same form gives another body.
EDITION: Final = 1

_H: Final = "{http://www.w3.org/1999/xhtml}"
_ORX: Final = "{http://openrosa.org/xforms}"
_TEXTS: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_DIGEST: Final = re.compile(r"(?<![\w.-])digest\s*\(")


class TransformError(Exception):
    """A form that cannot be opened in the web collector; the reason is one sentence, ``zh`` and ``en``."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def transform(
    xform: bytes,
    definition: FormDefinition,
    media: Mapping[str, bytes] | None = None,
    *,
    given: Iterable[str] = (),
    zero_tolerance: Iterable[str] = (),
    days: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """The body (contract.ts FormBody) of a form: ``xform`` as served to phones, ``media`` its files by name.

    ``given`` names the lists that the phone fills itself (its own schools): ``lists`` says which instances wait for
    them. ``zero_tolerance`` are the codes of indicators that tolerate no case, ``days`` the days to rectify by
    severity 1-4. The same arguments give the same body and ``hash``. Raises TransformError.
    """
    root = _read(xform)
    _plain_question(root, next((item.path for item in definition.items if item.name == definition.unit_item), ""))
    lists = itemsets.attach(root, media or {}, given)
    itemsets.write_out(root)
    itemsets.describe(root)
    form, languages = clean_html(_style(root, "openrosa2html5form.xsl"))
    named = itemsets.instances(root)
    body: dict[str, Any] = {
        "form_id": definition.form_id,
        "version": definition.version,
        "title": _words(definition.labels, definition.form_id),
        "languages": languages,
        "html": form,
        "model": _model(root),
        "items": [_item(item, definition, frozenset(zero_tolerance)) for item in definition.items],
        "unit_item": definition.unit_item,
        "sections": _sections(definition),
        "lists": [{"instance": name, "file": file} for name, file in lists if name in named],
        "days": {str(severity): number for severity, number in sorted((days or {}).items())},
    }
    digest = hashlib.sha256(orjson.dumps([EDITION, body], option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {**body, "hash": digest[:32]}


def available() -> bool:
    """False in a checkout whose collector was never built."""
    return (FOLDER / "openrosa2html5form.xsl").is_file()


def _read(xform: bytes) -> Any:
    try:
        root = parse_xml(xform)
    except UnsafeXmlError as error:
        raise TransformError(f"表单无法读取（{error}）。", f"The form cannot be read: {error}.") from None
    model = itemsets.model_of(root)
    if model is None or model.find(f"{XF}instance") is None or root.find(f"{_H}body") is None:
        raise TransformError("表单没有模型、实例或正文。", "The form has no model, no instance or no body.")
    if any(_calls_digest(value) for element in root.iter() for value in element.attrib.values()):
        raise TransformError(
            "表单用了digest()函数，网页采集不带这个函数。",
            "The form calls digest(), which the web collector leaves out.",
        )
    return root


def _calls_digest(expression: str) -> bool:
    """True if an expression calls digest(), whatever its texts say."""
    return "digest" in expression and _DIGEST.search(_TEXTS.sub("''", expression)) is not None


def _plain_question(root: Any, path: str) -> None:
    """The question for the school takes a code: its list stays out of the form, the school is picked before."""
    for control in list(root.iter(f"{XF}select1")):
        if not path or control.get("ref") != path:
            continue
        control.tag = f"{XF}input"
        control.attrib.pop("appearance", None)
        for part in [*control.findall(f"{XF}itemset"), *control.findall(f"{XF}item")]:
            control.remove(part)


def _style(root: Any, name: str) -> Any:
    """The result of a stylesheet, which may read and write nothing but this document."""
    try:
        sheet = etree.XSLT(etree.parse(FOLDER / name), access_control=etree.XSLTAccessControl.DENY_ALL)
        # The stylesheets look at the document, so it is given one of its own.
        return sheet(etree.ElementTree(etree.fromstring(etree.tostring(root)))).getroot()
    except OSError:
        raise TransformError(
            "缺少样式表：网页采集还没有构建（./dev setup）。",
            "The stylesheets are missing: the collector was never built (./dev setup).",
        ) from None
    except etree.XSLTApplyError as error:
        raise TransformError(f"表单无法显示（{error}）。", f"The form cannot be shown: {error}.") from None


def _model(root: Any) -> str:
    """Enketo's model with an instanceID in it."""
    model = _style(root, "openrosa2xmlmodel.xsl")
    primary = model.find(f"{XF}model/{XF}instance")[0]
    if not any(meta.find(f"{ns}instanceID") is not None for ns in (XF, _ORX) for meta in primary.findall(f"{ns}meta")):
        meta = primary.find(f"{XF}meta")
        meta = etree.SubElement(primary, f"{XF}meta") if meta is None else meta
        etree.SubElement(meta, f"{XF}instanceID")
    text: str = etree.tostring(model, encoding="unicode")
    return text


def _words(labels: Mapping[str, str], otherwise: str) -> dict[str, str]:
    anything = next((text for text in labels.values() if text), otherwise)
    return {language: labels.get(language) or anything for language in ("zh", "en")}


def _item(item: Item, definition: FormDefinition, zero_tolerance: frozenset[str]) -> dict[str, Any]:
    counted = {meaning.indicator for meaning in item.meanings if meaning.measure.word == "count"}
    return {
        "name": item.name,
        "path": item.path,
        "words": _words(item.labels, item.name),
        "type": item.type,
        "required": item.required,
        "severity": item.severity,
        "route": item.route,
        "days": item.days,
        "veto": item.veto,
        "repeat": item.repeat,
        "choices": [_choice(choice) for choice in definition.choices.get(item.list_name, ())],
        "companion_of": item.companion_of,
        "role": item.role,
        "zero": bool(counted & zero_tolerance),
    }


def _choice(choice: Choice) -> dict[str, Any]:
    light = choice.light.word if choice.light is not None else ""
    return {"value": choice.name, "words": _words(choice.labels, choice.name), "light": light}


def _sections(definition: FormDefinition) -> list[dict[str, Any]]:
    """The form's sections in its order, each with the names of its items; sections without any are left out."""
    listed: dict[str, list[str]] = {}
    for item in definition.items:
        listed.setdefault(item.section, []).append(item.name)
    return [
        {"name": name, "words": _words(definition.sections.get(name, {}), name), "items": names}
        for name, names in listed.items()
        if name
    ]
