"""The calls of ODK Collect, one after the other, and what it demands of each answer (compat.md D1)."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from httpx2 import Response

from tests.conftest import District
from tests.server.openrosa.conftest import Phone, id_of, instance, publish, rows

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def forms_of(response: Response) -> list[dict[str, str]]:
    """Read a form list as Collect does: anything amiss voids the whole of it."""
    assert response.status_code == 200
    assert "text/xml" in response.headers["content-type"]
    assert response.headers["x-openrosa-version"] == "1.0"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{LIST}xforms"
    forms = [{child.tag.removeprefix(LIST): child.text or "" for child in form} for form in root]
    assert all(form.get(name) for form in forms for name in ("formID", "name", "downloadUrl"))
    assert all(form["hash"].startswith("md5:") for form in forms)
    return forms


def files_of(response: Response) -> list[dict[str, str]]:
    """Read a manifest as Collect does."""
    assert response.status_code == 200
    assert "text/xml" in response.headers["content-type"]
    assert response.headers["x-openrosa-version"] == "1.0"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{MANIFEST}manifest"
    files = [{child.tag.removeprefix(MANIFEST): child.text or "" for child in file} for file in root]
    assert all(file.get(name) for file in files for name in ("filename", "hash", "downloadUrl"))
    return files


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


def fetch(district: District, url: str) -> bytes:
    """Follow an absolute address of ours."""
    response = district.client.get(urlsplit(url).path)
    assert response.status_code == 200, response.text
    return response.content


def test_a_phone_fetches_forms_and_files_and_sends_what_it_filled(district: District, phone: Phone) -> None:
    (form,) = forms_of(phone.get("/formList?deviceID=d1"))
    assert form["name"] == "到校检查"
    assert md5(fetch(district, form["downloadUrl"])) == form["hash"]
    files = files_of(district.client.get(urlsplit(form["manifestUrl"]).path, headers=phone.headers))
    assert [file["filename"] for file in files] == ["logo.png", "schools.csv"]
    for file in files:
        assert md5(fetch(district, file["downloadUrl"])) == file["hash"]
    head = phone.head()
    assert (head.status_code, head.content) == (204, b"")
    assert int(head.headers["x-openrosa-accept-content-length"]) == district.context.settings.max_request_bytes
    sent = phone.send(instance(photo="a.jpg"), {"a.jpg": b"photo"})
    assert sent.status_code == 201
    assert sent.headers["x-openrosa-version"] == "1.0"


def test_a_second_check_costs_no_data(phone: Phone) -> None:
    for path in ("/formList", "/forms/visit.xml", "/forms/visit/manifest", "/forms/visit/attachments/schools.csv"):
        first = phone.get(path)
        again = phone.get(path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["x-openrosa-version"] == "1.0"
        assert phone.get(path, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_new_version_is_seen_at_the_next_check(district: District, phone: Phone) -> None:
    before = phone.get("/formList")
    publish(district, "2")
    after = phone.get("/formList", **{"If-None-Match": before.headers["etag"]})
    assert [form["version"] for form in forms_of(after)] == ["2"]


def test_the_school_list_is_the_inspectors_own_area(district: District, phone: Phone) -> None:
    text = phone.get("/forms/visit/attachments/schools.csv").text
    assert [line.split(",")[:2] for line in text.splitlines()] == [
        ["name", "label"],
        ["S01", "东岭镇中心小学"],
        ["S02", "东岭镇初级中学"],
    ]
    publish(district, code="330200")
    other = Phone(district, district.key("dayo")).get("/forms/visit/attachments/schools.csv").text
    assert [line.split(",")[0] for line in other.splitlines()] == ["name", "S90"]


def test_names_follow_the_language_of_the_phone(phone: Phone) -> None:
    assert forms_of(phone.get("/formList", **{"Accept-Language": "en-GB"}))[0]["name"] == "School visit"


def test_250_files_in_three_posts_are_one_complete_record(district: District, phone: Phone) -> None:
    names = [f"p{number}.jpg" for number in range(250)]
    xml = instance(more=tuple(names))
    for start in (0, 100, 200):
        some = {name: name.encode() for name in names[start : start + 100]}
        assert phone.send(xml, some, more_to_come=start < 200).status_code == 201
        ((complete, arrived),) = rows(
            district,
            "SELECT s.complete, (SELECT count(*) FROM attachment a WHERE a.submission_id = s.id AND a.sha256 <> '')"
            " FROM submission s",
        )
        assert (bool(complete), arrived) == (start == 200, min(start + 100, 250))
    for name, digest in rows(district, "SELECT name, sha256 FROM attachment"):
        assert district.context.blobs.get(digest) == name.encode()


def test_a_lost_answer_and_a_second_sending_are_one_record(district: District, phone: Phone) -> None:
    xml = instance(photo="a.jpg")
    for _ in range(3):
        assert phone.send(xml, {"a.jpg": b"photo"}).status_code == 201
    assert rows(district, "SELECT count(*) FROM submission") == [(1,)]
    assert rows(district, "SELECT count(*) FROM observation") == [(8,)]
    assert rows(district, "SELECT count(*) FROM event WHERE kind = 'submission.received'") == [(1,)]


def test_a_second_sending_brings_the_photo_that_was_missing(district: District, phone: Phone) -> None:
    xml = instance(photo="a.jpg")
    phone.send(xml)
    assert rows(district, "SELECT name, sha256 FROM attachment") == [("a.jpg", "")]
    assert phone.send(xml, {"a.jpg": b"photo"}).status_code == 201
    ((digest,),) = rows(district, "SELECT sha256 FROM attachment")
    assert district.context.blobs.get(digest) == b"photo"
    phone.send(xml, {"a.jpg": b"another"})
    assert rows(district, "SELECT sha256 FROM attachment") == [(digest,)]


def test_the_same_id_with_other_content_is_a_conflict(district: District, phone: Phone) -> None:
    xml = instance()
    phone.send(xml)
    refused = phone.send(instance(instance_id=id_of(xml), answers="3333"))
    assert refused.status_code == 409
    assert "已存在且内容不同" in refused.text
    assert rows(district, "SELECT count(*) FROM submission") == [(1,)]


@pytest.mark.parametrize("path", ["/submission", "/submission/"])
def test_a_trailing_slash_makes_no_difference(phone: Phone, path: str) -> None:
    assert phone.send(instance(), path=path).status_code == 201


def test_a_wrong_date_header_of_collect_is_of_no_interest(phone: Phone) -> None:
    phone.headers["Date"] = "Fri, 20 Nov 2026 00:70:00 GMT"
    assert phone.send(instance()).status_code == 201


def test_files_that_no_answer_names_are_left_out_and_do_not_stop_the_rest(district: District, phone: Phone) -> None:
    assert phone.send(instance(photo="a.jpg"), {"a.jpg": b"1", "left-over.jpg": b"2"}).status_code == 201
    assert rows(district, "SELECT name FROM attachment") == [("a.jpg",)]
    assert list((district.context.blobs.folder / "incoming").iterdir()) == []
