"""An office of one town reads its town, and changes nothing for the whole district."""

from __future__ import annotations

from forms.shipped import shipped_workbook
from server.services.people import people
from tests.conftest import NOW, District


def test_one_towns_office_publishes_nothing_for_the_district(district: District) -> None:
    with district.database.write() as session:
        people.create_person(session, login="town", name="镇督导", password="long enough", by=None, at=NOW)
        people.grant(session, login="town", role="office", unit_code="330101", by=None, at=NOW)
    browser, token = district.as_("town"), district.form_token("town")
    digest = district.context.blobs.put(shipped_workbook("f01"))
    assert browser.get("/checklists").status_code == 200
    answers = [
        browser.post("/checklists/library/f01", data={"token": token}),
        browser.post("/checklists/publish", data={"token": token, "digest": digest, "name": "f01.xlsx"}),
        browser.post("/checklists/check", data={"token": token}, files={"workbook": ("f01.xlsx", b"x")}),
        browser.get(f"/checklists/drafts/{digest}"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert district.as_("office").get(f"/checklists/drafts/{digest}?name=f01.xlsx").status_code == 200
