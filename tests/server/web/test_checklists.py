"""The author's pages: problems beside sheet and cell, a preview, publishing, versions compared, files to take home."""

from __future__ import annotations

import io
import re

from httpx2 import Response
from openpyxl import load_workbook

from forms.shipped import shipped_workbook
from tests.conftest import District

HERE = "district=330100"


def changed(edits: dict[tuple[str, str, str], str], version: str) -> bytes:
    """The shipped F01 with cells changed: (sheet, row's name, column) -> text."""
    book = load_workbook(io.BytesIO(shipped_workbook("f01")))
    for (sheet, name, column), value in edits.items():
        page = book[sheet]
        headers = [cell.value for cell in page[1]]
        row = next(row for row in page.iter_rows(min_row=2) if row[headers.index("name")].value == name)
        row[headers.index(column)].value = value
    settings = book["settings"]
    settings.cell(2, [cell.value for cell in settings[1]].index("version") + 1).value = version
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(district: District, data: bytes, login: str = "office") -> Response:
    client = district.as_(login)
    form = {"token": district.form_token(login), "district": "330100"}
    answer = client.post("/checklists/check", data=form, files={"workbook": ("f01.xlsx", data)})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"])


def test_a_problem_is_shown_in_its_place_in_the_sheet(district: District) -> None:
    page = upload(district, changed({("survey", "f01_f03", "indicator"): "AQ-99"}, "2026120101")).text
    assert re.search(r'<td class="bad">AQ-99</td>', page)
    assert "survey!" in page
    assert "还不能发布" in page
    assert 'action="/checklists/publish"' not in page


def test_a_good_workbook_is_previewed_published_and_compared(district: District) -> None:
    page = upload(district, changed({("survey", "f01_f03", "severity"): "S4"}, "2026120102")).text
    assert "可以发布" in page
    assert "一键报警现场测试接通" in page
    assert "S3 → S4" in page
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest is not None
    form = {"token": district.form_token("office"), "district": "330100", "digest": digest[1], "name": "f01.xlsx"}
    client = district.as_("office")
    published = client.post("/checklists/publish", data=form)
    assert published.headers["location"].startswith("/checklists/f01")
    versions = client.get(f"/checklists/f01?{HERE}").text
    assert "2026120102" in versions and "2026112203" in versions
    compared = client.get(f"/checklists/f01/compare?old=2026112203&new=2026120102&{HERE}").text
    assert "f01_f03" in compared and "S3 → S4" in compared
    phones = district.client.get(f"{district.key('amina')}/formList").text
    assert "2026120102" in phones


def test_a_file_that_is_no_workbook_is_answered_with_a_sentence(district: District) -> None:
    for data in (b"not a zip", b"PK\x03\x04 broken"):
        page = upload(district, data)
        assert page.status_code == 200
        assert "tag-red" in page.text


def test_a_library_checklist_is_loaded_with_one_click(district: District) -> None:
    client = district.as_("office")
    assert 'action="/checklists/library/f02"' in client.get(f"/checklists?{HERE}").text
    form = {"token": district.form_token("office"), "district": "330100"}
    assert client.post("/checklists/library/f02", data=form).status_code == 303
    assert 'action="/checklists/library/f02"' not in client.get(f"/checklists?{HERE}").text
    assert client.post("/checklists/library/..%2Fsecrets", data=form).status_code == 404


def test_workbook_expanded_workbook_and_xform_can_be_taken_home(district: District) -> None:
    client = district.as_("amina")
    base = "/checklists/f01/versions/2026112203"
    workbook = client.get(f"{base}/workbook")
    assert workbook.content == shipped_workbook("f01")
    expanded = load_workbook(io.BytesIO(client.get(f"{base}/expanded").content))
    names = [row[1].value for row in expanded["survey"].iter_rows(min_row=2)]
    assert "hd_a06" in names
    xform = client.get(f"{base}/xform")
    assert b"<h:html" in xform.content
    for answer in (workbook, xform):
        assert answer.headers["content-disposition"].startswith("attachment")


def test_whoever_may_not_manage_checklists_sees_no_button_to_do_so(district: District) -> None:
    page = district.as_("amina").get(f"/checklists?{HERE}").text
    assert "/checklists/check" not in page
    assert "/checklists/library" not in page


def test_a_table_of_units_is_reported_row_by_row(district: District) -> None:
    client = district.as_("office")
    table = "code,kind,name,parent,stage\nS50,school,新建小学,330101,2\nS51,school,无主小学,nowhere,2\n".encode()
    form = {"token": district.form_token("office")}
    refused = client.post("/units/import", data=form, files={"table": ("units.csv", table)}).text
    assert "没有写入任何内容" in refused
    assert "nowhere" in refused
    assert client.get("/units/S50").status_code == 404
    taken = client.post("/units/import", data={**form, "partial": "yes"}, files={"table": ("units.csv", table)}).text
    assert "已写入" in taken
    assert client.get("/units/S50").status_code == 200
