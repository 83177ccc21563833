"""Workbooks made by hand, part by part, so that tests can break each part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import pytest

from forms.check import CheckedForm, check
from forms.workbook import make_workbook, write_xlsx

TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def raw_xlsx(sheets: Mapping[str, bytes | str], extra: Mapping[str, bytes | str] | None = None) -> bytes:
    """An .xlsx of ``sheetData`` contents per sheet name, with further or replaced parts."""
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in enumerate(sheets, 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{relations}</Relationships>',
    }
    for index, content in enumerate(sheets.values(), 1):
        body = content.encode() if isinstance(content, str) else content
        parts[f"xl/worksheets/sheet{index}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + body + b"</sheetData></worksheet>"
        )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**parts, **(extra or {})}.items():
            archive.writestr(name, part)
    return target.getvalue()


def cell(reference: str, text: str) -> str:
    """One cell with inline text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.fixture
def xlsx() -> Callable[..., bytes]:
    return raw_xlsx


@pytest.fixture
def inline() -> Callable[[str, str], str]:
    return cell


@pytest.fixture
def checked() -> Callable[..., CheckedForm]:
    """Check a form given as lists of dicts per sheet."""

    def run(sheets: Mapping[str, Sequence[Mapping[str, str]]], **options: object) -> CheckedForm:
        return check(write_xlsx(make_workbook(sheets)), **options)  # type: ignore[arg-type]

    return run
