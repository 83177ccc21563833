"""What is refused, with which status and a sentence that an inspector understands; and nothing is left behind."""

from __future__ import annotations

import pytest
from httpx2 import Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import District
from tests.server.openrosa.conftest import Phone, instance, publish, rows

TYPE = {"Content-Type": "multipart/form-data; boundary=b0undary"}


def nothing_kept(district: District) -> bool:
    """True if neither store nor incoming folder holds anything of a submission."""
    kept = rows(district, "SELECT (SELECT count(*) FROM submission), (SELECT count(*) FROM observation)")
    return kept == [(0, 0)] and list((district.context.blobs.folder / "incoming").iterdir()) == []


def part(name: str, content: bytes, filename: str | None = None, ending: bytes = b"\r\n") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--b0undary\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + ending


def post(district: District, phone: Phone, body: bytes, **headers: str) -> Response:
    return district.client.post(f"{phone.base}/submission", content=body, headers={**phone.headers, **TYPE, **headers})


END = b"--b0undary--\r\n"


def test_a_hand_made_body_is_taken(district: District, phone: Phone) -> None:
    assert post(district, phone, part("xml_submission_file", instance()) + END).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 400, "请求内容有误"),
        (b"no multipart at all", 400, "请求内容有误"),
        (END, 400, "xml_submission_file"),
        (part("photo.jpg", b"1", "photo.jpg") + END, 400, "xml_submission_file"),
        (part("xml_submission_file", b"") + END, 400, "xml_submission_file"),
        (part("xml_submission_file", b"<data") + END, 400, "无法读取"),
        (part("xml_submission_file", b"<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>") + END, 400, "无法读取"),
        (part("xml_submission_file", instance()), 400, "请求内容有误"),
        (part("xml_submission_file", instance(), ending=b""), 400, "请求内容有误"),
        (part("xml_submission_file", instance()) * 2 + END, 400, "请求内容有误"),
        (part("a", b"1", "virus.exe") + END, 415, "virus.exe"),
        (part("a", b"1", "nodot") + END, 415, "nodot"),
        (part("a", b"1", "..") + END, 400, "请求内容有误"),
        (part("a", b"1", "a\tb.jpg") + END, 400, "请求内容有误"),
        (part("a", b"1", "a.jpg") * 2 + END, 400, "请求内容有误"),
        (b"".join(part(f"f{n}", b"1") for n in range(60)) + END, 400, "请求内容有误"),
        (b"--b0undary\r\n" + b"X: y\r\n" * 50 + b"\r\n" + END, 400, "请求内容有误"),
    ],
)
def test_a_broken_body_gets_a_sentence_and_leaves_nothing(
    district: District, phone: Phone, body: bytes, status: int, sentence: str
) -> None:
    refused = post(district, phone, body)
    assert refused.status_code == status, refused.text
    assert sentence in refused.text
    assert refused.headers["x-openrosa-version"] == "1.0"
    assert nothing_kept(district)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 415),
        ("", 415),
        ("multipart/form-data", 400),
        (f"multipart/form-data; boundary={'b' * 300}", 400),
    ],
)
def test_another_content_type_is_refused(district: District, phone: Phone, content_type: str, status: int) -> None:
    refused = post(district, phone, b"{}", **{"Content-Type": content_type})
    assert refused.status_code == status
    assert "<message>" in refused.text


def test_the_sentence_is_in_the_language_of_the_phone(district: District, phone: Phone) -> None:
    refused = post(district, phone, END, **{"Accept-Language": "en-US,en;q=0.9"})
    assert "is missing from the submission" in refused.text


def test_limits_are_settings_with_their_own_sentences(district: District, phone: Phone) -> None:
    settings = district.context.settings
    settings.max_xml_bytes = 10_000
    long = instance(school="S" * 12_000)
    assert phone.send(long).status_code == 413
    settings.max_attachment_bytes = 10_000
    refused = phone.send(instance(photo="a.jpg"), {"a.jpg": b"x" * 20_000})
    assert (refused.status_code, "a.jpg超过10000字节" in refused.text) == (413, True)
    settings.max_attachments = 2
    assert phone.send(instance(), {f"{n}.jpg": b"1" for n in range(3)}).status_code == 413
    assert phone.send(instance(more=("1.jpg", "2.jpg", "3.jpg"))).status_code == 413
    settings.max_request_bytes = 100_000
    settings.max_attachment_bytes = 1_000_000
    assert phone.send(instance(photo="a.jpg"), {"a.jpg": b"x" * 200_000}).status_code == 413
    stream = iter([part("a", b"x" * 50_000, f"{n}.jpg") for n in range(2)] + [part("a", b"x" * 50_000, "3.jpg"), END])
    headers = {**phone.headers, **TYPE}
    assert district.client.post(f"{phone.base}/submission", content=stream, headers=headers).status_code == 413
    assert nothing_kept(district)


def test_a_broken_commit_is_503_and_stores_nothing(
    district: District, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    xml = instance(photo="a.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", broken)
        refused = phone.send(xml, {"a.jpg": b"photo"})
    assert refused.status_code == 503
    assert "手机上的内容不会丢失" in refused.text
    assert refused.headers["retry-after"] == "5"
    assert nothing_kept(district)
    assert rows(district, "SELECT count(*) FROM event WHERE kind = 'submission.received'") == [(0,)]
    assert phone.send(xml, {"a.jpg": b"photo"}).status_code == 201


def test_an_unknown_form_version_or_school_is_named(phone: Phone) -> None:
    for xml, status, word in (
        (instance(form_id="other"), 404, "other"),
        (instance(version="9"), 404, "版本9"),
        (instance(school="S777"), 400, "S777"),
        (instance(school=""), 400, "学校代码"),
    ):
        refused = phone.send(xml)
        assert (refused.status_code, word in refused.text) == (status, True), refused.text


def test_a_school_outside_the_own_area_is_refused(district: District, phone: Phone) -> None:
    refused = phone.send(instance(school="S03"))
    assert (refused.status_code, "不在您的责任区内" in refused.text) == (403, True)
    # A school of another district's project is as unknown here as one that does not exist.
    assert phone.send(instance(school="S90")).status_code == 400
    assert nothing_kept(district)


def test_an_old_version_is_taken_and_mapped_by_that_version(district: District, phone: Phone) -> None:
    publish(district, "2")
    assert phone.send(instance(version="1")).status_code == 201
    ((version,),) = rows(district, "SELECT v.version FROM submission s JOIN form_version v ON v.id = s.form_version_id")
    assert version == "1"


def test_a_closed_version_takes_no_more(district: District, phone: Phone) -> None:
    publish(district, "3", state="closed")
    publish(district, "4", state="draft")
    refused = phone.send(instance(version="3"))
    assert (refused.status_code, "已停用" in refused.text) == (409, True)
    assert phone.send(instance(version="4")).status_code == 404


def test_a_visit_day_decides_the_quarter_in_the_districts_time_zone(district: District, phone: Phone) -> None:
    for day in ("2026-09-30", "2026-09-30T23:30:00.000+08:00", "2026-09-30T17:30:00.000Z", "", "soon", "2019-01-01"):
        assert phone.send(instance(day=day)).status_code == 201
    found = rows(district, "SELECT quarter, observed_on, review_state, review_note <> '' FROM submission ORDER BY id")
    assert [tuple(row) for row in found] == [
        (20263, 20726, "received", False),
        (20263, 20726, "received", False),
        (20264, 20727, "received", False),  # 01:30 on 1 October in Shanghai
        (20264, 20777, "received", False),  # the day it was received
        (20264, 20777, "has_issues", True),
        (20191, 17897, "has_issues", True),
    ]
