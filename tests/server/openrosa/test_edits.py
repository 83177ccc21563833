"""Edits: a new version with its history; the old one stays, but no longer counts."""

from __future__ import annotations

import orjson

from tests.conftest import District
from tests.people import PASSWORD
from tests.server.openrosa.conftest import Phone, id_of, instance, rows


def test_an_edit_is_a_new_version_that_carries_the_photos_over(district: District, phone: Phone) -> None:
    first = instance(photo="a.jpg", more=("b.jpg",), day="2026-09-01")
    phone.send(first, {"a.jpg": b"a", "b.jpg": b"b"})
    second = instance(deprecated=id_of(first), answers="1111", photo="a.jpg", more=("c.jpg",), school="S02")
    assert phone.send(second, {"c.jpg": b"c"}).status_code == 201
    third = instance(deprecated=id_of(second), answers="3333", school="S02")
    assert phone.send(third).status_code == 201
    found = rows(
        district,
        "SELECT number, instance_id, root_id, deprecated_id, superseded_by, review_state FROM submission ORDER BY id",
    )
    assert found == [
        (1, id_of(first), id_of(first), "", id_of(second), "received"),
        (2, id_of(second), id_of(first), id_of(first), id_of(third), "edited"),
        (3, id_of(third), id_of(first), id_of(second), "", "edited"),
    ]
    assert rows(district, "SELECT DISTINCT submission, light FROM observation") == [(3, 3)]
    files = rows(district, "SELECT name, sha256 FROM attachment WHERE submission_id = 2 ORDER BY name")
    assert [(name, district.context.blobs.get(digest)) for name, digest in files] == [("a.jpg", b"a"), ("c.jpg", b"c")]


def test_both_places_of_a_moved_visit_are_told_to_the_jobs(district: District, phone: Phone) -> None:
    first = instance(day="2026-09-01")
    phone.send(first)
    phone.send(instance(deprecated=id_of(first), school="S02"))
    events = rows(district, "SELECT data FROM event WHERE kind = 'submission.received' AND pending ORDER BY id")
    units = district.people.units
    assert [orjson.loads(data)["touched"] for (data,) in events] == [
        [[units["S01"], 20263]],
        [[units["S02"], 20264], [units["S01"], 20263]],
    ]


def test_an_edit_sent_twice_is_one_version(district: District, phone: Phone) -> None:
    first = instance()
    phone.send(first)
    edit = instance(deprecated=id_of(first), answers="3333")
    assert [phone.send(edit).status_code for _ in range(3)] == [201, 201, 201]
    assert rows(district, "SELECT count(*) FROM submission") == [(2,)]
    assert rows(district, "SELECT count(*) FROM observation") == [(8,)]


def test_editing_what_was_edited_already_is_a_conflict(district: District, phone: Phone) -> None:
    first = instance()
    phone.send(first)
    phone.send(instance(deprecated=id_of(first)))
    refused = phone.send(instance(deprecated=id_of(first)))
    assert (refused.status_code, "已被修改过" in refused.text) == (409, True)
    assert rows(district, "SELECT count(*) FROM submission") == [(2,)]


def test_editing_what_does_not_exist_is_said(phone: Phone) -> None:
    refused = phone.send(instance(deprecated="uuid:none"))
    assert (refused.status_code, "uuid:none" in refused.text) == (404, True)
    itself = instance(instance_id="uuid:x", deprecated="uuid:x")
    assert phone.send(itself).status_code == 409


def test_only_the_sender_or_a_reviewer_edits(district: District, phone: Phone) -> None:
    first = instance(school="S01")
    phone.send(first)
    plain = Phone(district, f"/v1/projects/{district.people.projects['330100']}")

    def edit_as(login: str) -> int:
        status = district.client.post(
            f"{plain.base}/submission",
            files=[("xml_submission_file", ("s.xml", instance(deprecated=id_of(first)), "text/xml"))],
            auth=(login, PASSWORD),
        ).status_code
        assert isinstance(status, int)
        return status

    assert edit_as("head1") == 404
    assert edit_as("office") == 201
