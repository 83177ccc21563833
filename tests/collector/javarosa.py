"""Runs JavaRosa, which pyxform carries for validation, on filled forms, and the Python evaluator on the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyxform
from lxml import etree

from forms import expressions, itemsets
from forms.safexml import parse_xml

XF = "{http://www.w3.org/2002/xforms}"
JR = "{http://openrosa.org/javarosa}"
SOURCE = Path(__file__).with_name("javarosa") / "Harness.java"
PULLDATA = re.compile(r"pulldata\('(\w+)', '(\w+)', '(\w+)',\s*([^()]+?)\s*\)")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one question stands. None means that this engine does not tell."""

    relevant: bool | None
    required: bool | None
    holds: bool
    value: str


Stood = dict[tuple[str, int], Standing]


@cache
def jar() -> Path | None:
    """JavaRosa, None where there is no Java of 17 or newer or pyxform carries it no more."""
    found = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    java = shutil.which("java")
    if java is None or not found.is_file():
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return found if version and int(version[1]) >= 17 else None


def form_for_javarosa(xform: bytes, files: Mapping[str, bytes]) -> bytes:
    """The XForm with its files inside. ``pulldata`` is Collect's own function: here, the path that it stands for."""
    root = parse_xml(xform)
    itemsets.attach(root, files)
    for bind in root.iter(f"{XF}bind"):
        for name, text in bind.attrib.items():
            bind.set(name, PULLDATA.sub(r"instance('\1')/root/item[\3 = \4]/\2", text))
    return bytes(etree.tostring(root))


def javarosa(folder: Path, forms: Mapping[str, tuple[bytes, bytes]]) -> dict[str, Stood]:
    """What JavaRosa makes of each (form, instance), by name. Raises AssertionError where it fails."""
    for name, (form, instance) in forms.items():
        (folder / f"{name}.form.xml").write_bytes(form)
        (folder / f"{name}.instance.xml").write_bytes(instance)
    command = ["java", "-Xshare:auto", "-cp", str(jar()), str(SOURCE), *(str(folder / name) for name in forms)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Stood] = {name: {} for name in forms}
    for line in ran.stdout.splitlines():
        name, path, row, relevant, required, holds, text = line.split("\t")
        value = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
        found[name][path, int(row)] = Standing(relevant == "1", required == "1", holds == "1", value)
    return found


def without_calculated(xform: bytes, instance: str) -> bytes:
    """The instance with every calculated value emptied: the other engine must find it itself."""
    binds = parse_xml(xform).iter(f"{XF}bind")
    calculated = {bind.get("nodeset") for bind in binds if bind.get("calculate")}
    root = parse_xml(instance.encode())
    _empty(root, f"/{root.tag.rpartition('}')[2]}", calculated)
    return bytes(etree.tostring(root))


def _empty(element: Any, path: str, calculated: set[str]) -> None:
    for child in element:
        inner = f"{path}/{child.tag.rpartition('}')[2]}"
        if inner in calculated and not len(child):
            child.text = None
        _empty(child, inner, calculated)


def python(xform: bytes, values: Mapping[str, str], repeats: Sequence[str]) -> dict[str, Standing]:
    """What forms.expressions makes of the questions outside repeats; ``values`` are answers by path."""
    binds = {bind.get("nodeset"): bind for bind in parse_xml(xform).iter(f"{XF}bind")}
    known = dict(values)
    relevant: dict[str, bool] = {}

    def is_relevant(path: str) -> bool:
        if path not in relevant:
            relevant[path] = True  # A question that asks about itself is asked.
            parent = path.rpartition("/")[0]
            expression = binds[path].get("relevant") if path in binds else None
            holds = expression is None or expressions.holds(_named(expression, path), value_of)
            relevant[path] = holds and (not parent or is_relevant(parent))
        return relevant[path]

    def value_of(path: str) -> str:
        bind = binds.get(path)
        if not is_relevant(path):
            return ""
        if bind is not None and bind.get("calculate"):
            return expressions.as_text(expressions.evaluate(_named(bind.get("calculate"), path), value_of))
        return known.get(path, "")

    found = {}
    for path in values:
        if any(path.startswith(f"{repeat}/") for repeat in repeats) or path not in binds:
            continue
        bind, value = binds[path], value_of(path)
        constraint = bind.get("constraint")
        holds = not value or constraint is None or expressions.holds(_itself(constraint, path), value_of)
        required = bind.get("required")
        needed = required is not None and expressions.holds(_named(required, path), value_of)
        found[path] = Standing(is_relevant(path), needed, holds, value)
    return found


def _named(expression: str, path: str) -> str:
    """An XPath of pyxform's as forms.expressions reads it: absolute paths become references."""
    return re.sub(r"(?<![\w')])(/data(?:/\w+)+)", r"${\1}", expression)


def _itself(expression: str, path: str) -> str:
    """A constraint's ``.`` is the question itself."""
    return re.sub(r"(?<![\w.])\.(?![\w.])", f"${{{path}}}", _named(expression, path))
