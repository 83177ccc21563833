"""Choice lists inside an XForm: short fixed ones written out at their questions, files beside the form as instances."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from lxml import etree

from forms.safexml import UnsafeXmlError, parse_xml

XF: Final = "{http://www.w3.org/2002/xforms}"
# Longer lists stay lists: written out in each repeat they would make every new one slow.
MOST_INLINE: Final = 60
MOST_ROWS: Final = 50_000

_WHOLE: Final = re.compile(r"^instance\(\s*['\"]([^'\"]+)['\"]\s*\)/root/item$")
_ITEXT: Final = re.compile(r"^jr:itext\((\w[\w.-]*)\)$")
_NAME: Final = re.compile(r"^[A-Za-z_][\w.-]*$")


def model_of(root: Any) -> Any:
    """The model element of an XForm."""
    return root.find(f".//{XF}model")


def instances(root: Any) -> dict[str, Any]:
    """The secondary instances by id."""
    return {found.get("id"): found for found in model_of(root).findall(f"{XF}instance") if found.get("id")}


def write_out(root: Any) -> None:
    """Give every question with a short fixed list its items, and drop the instances that nothing names any more."""
    known = instances(root)
    for itemset in list(root.iter(f"{XF}itemset")):
        found = _WHOLE.match(itemset.get("nodeset", "").strip())
        source = known.get(found[1]) if found else None
        if source is None or source.get("src"):
            continue
        items = source.findall(f"{XF}root/{XF}item")
        written = [_item(itemset, item) for item in items] if 0 < len(items) <= MOST_INLINE else [None]
        if None in written:
            continue
        parent, place = itemset.getparent(), itemset.getparent().index(itemset)
        parent[place : place + 1] = written
    _drop_unnamed(root, known)


def _item(itemset: Any, row: Any) -> Any | None:
    """One choice as XForms writes it, None where its label or value is not a plain child of the row."""
    value, label = itemset.find(f"{XF}value"), itemset.find(f"{XF}label")
    if value is None or label is None:
        return None
    name = row.findtext(f"{XF}{value.get('ref', '')}")
    itext = _ITEXT.match(label.get("ref", "").strip())
    shown = row.findtext(f"{XF}{itext[1] if itext else label.get('ref', '')}")
    if not name or shown is None:
        return None
    item = etree.Element(f"{XF}item")
    written = etree.SubElement(item, f"{XF}label")
    if itext:
        written.set("ref", f"jr:itext('{shown}')")
    else:
        written.text = shown
    etree.SubElement(item, f"{XF}value").text = name
    return item


def describe(root: Any) -> None:
    """Tell the stylesheet of the lists that stay what their values and labels are called, and their itext labels."""
    known = instances(root)
    for itemset in root.iter(f"{XF}itemset"):
        value, label = itemset.find(f"{XF}value"), itemset.find(f"{XF}label")
        label_ref = label.get("ref", "") if label is not None else ""
        itemset.set("valueRef", value.get("ref", "") if value is not None else "")
        itemset.set("labelRef", label_ref)
        named = re.search(r"instance\(\s*['\"]([^'\"]+)['\"]\s*\)((?:/[\w.-]+)*)", itemset.get("nodeset", ""))
        if named is None:
            continue
        rows = named[2].replace("/", "/xf:")
        itemset.set("itextPath", f'/h:html/h:head/xf:model/xf:instance[@id="{named[1]}"]{rows}')
        itext = re.search(r"itext\((.*)\)", label_ref)
        source = known.get(named[1])
        if itext and source is not None:
            path = "/".join(f"{XF}{step}" for step in [*named[2].strip("/").split("/"), itext[1]])
            for found in source.findall(path):
                etree.SubElement(itemset, found.tag).text = found.text


def _drop_unnamed(root: Any, known: Mapping[str, Any]) -> None:
    texts = [value for element in root.iter() for key, value in element.attrib.items() if key != "id"]
    everything = "\0".join(text for text in texts if "instance(" in text or "pulldata" in text)
    for name, instance in known.items():
        if f"'{name}'" not in everything and f'"{name}"' not in everything:
            instance.getparent().remove(instance)


def attach(root: Any, media: Mapping[str, bytes], left_open: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Put the CSV, GeoJSON and XML files beside a form into its instances; a missing file is an empty list.

    The files named by ``left_open`` are given on the phone: their instances are empty, and (instance, file) of each
    comes back.
    """
    given = set(left_open)
    open_lists = []
    for name, instance in instances(root).items():
        source = instance.attrib.pop("src", "")
        if not source:
            continue
        for child in list(instance):
            instance.remove(child)
        file = source.rpartition("/")[2]
        if source == "jr://instance/last-saved":
            instance.append(_empty_copy(root))
        elif file in given:
            open_lists.append((name, file))
            etree.SubElement(instance, f"{XF}root")
        else:
            instance.append(read_list(file, media.get(file, b"")))
    return open_lists


def read_list(file: str, content: bytes) -> Any:
    """A file's rows as the root of an instance; what cannot be read is an empty list."""
    try:
        if file.lower().endswith(".csv"):
            return _rows(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        if file.lower().endswith(".geojson"):
            return _rows(_features(orjson.loads(content or b"{}")))
        return _in_namespace(parse_xml(content))
    except (UnicodeDecodeError, csv.Error, orjson.JSONDecodeError, UnsafeXmlError, AttributeError, TypeError):
        return etree.Element(f"{XF}root")


def _rows(rows: Iterable[Mapping[str, str | None]]) -> Any:
    root = etree.Element(f"{XF}root")
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            break
        item = etree.SubElement(root, f"{XF}item")
        for key, value in row.items():
            if isinstance(key, str) and _NAME.match(key.strip()):
                etree.SubElement(item, f"{XF}{key.strip()}").text = _legal(value or "")
    return root


def _in_namespace(root: Any) -> Any:
    for element in root.iter():
        if not element.tag.startswith("{"):
            element.tag = f"{XF}{element.tag}"
    return root


def _features(content: Mapping[str, Any]) -> Iterable[dict[str, str]]:
    """GeoJSON's features as rows: their properties, id and, for points, ``geometry`` as ODK writes it."""
    for feature in content.get("features") or ():
        row = {key: str(value) for key, value in (feature.get("properties") or {}).items() if value is not None}
        if feature.get("id") is not None:
            row["id"] = str(feature["id"])
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point":
            longitude, latitude = geometry["coordinates"][:2]
            row["geometry"] = f"{latitude} {longitude} 0 0"
        yield row


def _legal(text: str) -> str:
    return "".join(char for char in text if char >= " " or char in "\t\n\r")


def _empty_copy(root: Any) -> Any:
    """The form's own instance without a value: what ``last-saved`` is before anything was saved."""
    primary = model_of(root).find(f"{XF}instance")[0]
    copied = etree.fromstring(etree.tostring(primary))
    for element in copied.iter():
        element.text = None
    return copied
