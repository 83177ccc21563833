"""What the stylesheet makes of a form, made harmless and usable under a strict content security policy."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from forms.labels import clean_label

_LABELS: Final = frozenset({"question-label", "or-hint", "or-constraint-msg", "or-required-msg", "option-label"})
# What the stylesheet writes; anything else (there is nothing else today) does not leave this room.
_CONTROLS: Final = {
    "form",
    "label",
    "legend",
    "input",
    "select",
    "option",
    "optgroup",
    "textarea",
    "datalist",
    "button",
}
_FRAMES: Final = {"section", "fieldset", "span", "div", "h1", "h2", "h3", "h4", "h5", "h6", "details", "summary"}
_ELEMENTS: Final = _CONTROLS | _FRAMES | {"a", "img", "audio", "video", "table", "thead", "tbody", "tr", "td", "th"}
_ADDRESSES: Final = frozenset({"src", "href", "action", "formaction", "data", "poster", "background", "srcset"})
_TAG: Final = re.compile(r"^([^(]*)\(([^)]*)\)\s*$")


def clean_html(root: Any) -> tuple[str, list[str]]:
    """The form element as HTML, and its languages as in its lang attributes: ``zh``, ``en``.

    Takes the stylesheet's result. Labels and hints become the HTML of their Markdown; elements,
    handlers, styles and addresses that a form needs not are gone.
    """
    form = deepcopy(root.find("form"))
    etree.strip_tags(form, etree.Comment)
    etree.cleanup_namespaces(form)
    _actions(form)
    _appearances(form)
    languages = _languages(form)
    _harden(form)
    rendered = _labels(form)
    text: str = etree.tostring(form, encoding="unicode", method="html", with_tail=False)
    return re.sub("\ue030(\\d+)\ue031", lambda found: rendered[int(found[1])], text), languages


def _actions(form: Any) -> None:
    """Actions (setvalue, setgeopoint) of a question belong on its control, not in a label of their own."""
    for verb in ("setvalue", "setgeopoint"):
        for control in form.xpath(f'.//*[contains(@class, "question")]//label/input[@data-{verb}]'):
            label = control.getparent()
            control.tail = label.tail
            label.getparent().replace(label, control)
        for control in form.xpath(f'.//label[contains(@class, "{verb}")]/input[@data-{verb}]'):
            name = control.get("name")
            same = form.xpath(
                './/*[@name=$name and (contains(../@class, "question") or contains(../../@class, "option-wrapper")) '
                'and not(@type="hidden")]',
                name=name,
            )
            if same:
                for attribute in (f"data-{verb}", "data-event"):
                    same[0].set(attribute, control.get(attribute) or attribute)
                control.getparent().getparent().remove(control.getparent())


def _appearances(form: Any) -> None:
    for element in form.iterfind(".//*[@data-appearances]"):
        selects = element.attrib.pop("data-appearances-select-type", None) is not None
        classes = []
        for appearance in re.sub(r"[^\w\s-]", "", element.attrib.pop("data-appearances")).lower().split():
            classes.append(f"or-appearance-{appearance}")
            if selects:
                classes += _of_select(appearance)
        own = element.get("class", "").split()
        place = own.index("or-appearances-placeholder") if "or-appearances-placeholder" in own else len(own)
        element.set("class", " ".join(own[:place] + classes + own[place + 1 :]))


def _of_select(appearance: str) -> list[str]:
    if appearance == "horizontal":
        return ["or-appearance-columns"]
    if appearance == "horizontal-compact":
        return ["or-appearance-columns-pack"]
    if appearance == "compact":
        return ["or-appearance-columns-pack", "or-appearance-no-buttons"]
    if appearance.startswith("compact-"):
        return [appearance.removeprefix("compact-"), "or-appearance-no-buttons"]
    return []


def _languages(form: Any) -> list[str]:
    """Languages under their tags: ``中文 (zh)`` is no value of a lang attribute, and screen readers read those."""
    tags: dict[str, str] = {}
    for option in form.iterfind("./select[@id='form-languages']/option"):
        name = option.get("value") or ""
        found = _TAG.match(name)
        tags[name] = _tag(found[2].strip() if found else name, len(tags))
        option.set("value", tags[name])
        option.set("data-dir", "ltr")
        option.text = found[1].strip() if found else name
    for element in form.iterfind(".//*[@lang]"):
        element.set("lang", tags.get(element.get("lang"), element.get("lang")))
    selector = form.find("./select[@id='form-languages']")
    default = selector.get("data-default-lang") if selector is not None else None
    if default:
        selector.set("data-default-lang", tags.get(default, default))
    return list(tags.values())


def _tag(name: str, number: int) -> str:
    """A language's tag: its own where it has one, else one of private use (BCP 47), so that every lang is valid."""
    return name if re.match(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", name) else f"x-{number + 1}"


def _harden(form: Any) -> None:
    for element in list(form.iter()):
        if not isinstance(element.tag, str) or element.tag not in _ELEMENTS:
            if element.getparent() is not None:
                element.getparent().remove(element)
            continue
        if element.tag == "img" and not _own(element.get("src", "")):
            element.getparent().remove(element)  # a picture named by an answer: the collector has old photos of its own
            continue
        hidden = "display:none" in element.get("style", "").replace(" ", "")
        for name in list(element.attrib):
            if name.startswith("on") or name == "style" or (name in _ADDRESSES and not _own(element.get(name))):
                del element.attrib[name]
        if hidden:
            element.set("hidden", "hidden")


def _own(address: str) -> bool:
    """Only files beside the form: what they show comes from the phone's own store."""
    return re.match(r"^jr://(images|audio|video|file)/[^/\\:]+$", address) is not None


def _labels(form: Any) -> list[str]:
    """Replace each label's content by a mark; the HTML for the marks, in order."""
    rendered: list[str] = []
    for span in list(form.iter("span")):
        if not _LABELS & set(span.get("class", "").split()) or _nested(span):
            continue
        outputs = []
        parts = [span.text or ""]
        for child in list(span):
            tail = child.tail or ""
            child.tail = None
            outputs.append(etree.tostring(child, encoding="unicode", method="html"))
            parts.append(f"\ue032{len(outputs) - 1}\ue033{tail}")
            span.remove(child)
        html = clean_label(_without_marks(parts, outputs))
        for number, output in enumerate(outputs):
            html = html.replace(f"\ue032{number}\ue033", output)
        span.text = f"\ue030{len(rendered)}\ue031"
        rendered.append(html)
    return rendered


def _nested(span: Any) -> bool:
    return any(_LABELS & set(child.get("class", "").split()) for child in span.iter("span") if child is not span)


def _without_marks(parts: list[str], outputs: list[str]) -> str:
    """The label's text; marks that its author typed are no marks."""
    private = re.compile("[\ue000-\uf8ff]")
    shown = private.sub("", parts[0])
    for number in range(len(outputs)):
        text = parts[number + 1].partition("\ue033")[2]
        shown += f"\ue032{number}\ue033{private.sub('', text)}"
    return shown
