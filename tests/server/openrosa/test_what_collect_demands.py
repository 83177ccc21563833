"""Each demand of ODK Collect is really checked: take one thing away from our answers and its sequence fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.conftest import District
from tests.server.openrosa.conftest import Phone, instance

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


class CollectGivesUp(Exception):
    """What Collect would show instead of going on."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


Door = Callable[[str, str], Answer]


def demand(condition: object, why: str) -> None:
    if not condition:
        raise CollectGivesUp(why)


def document(answer: Answer, root: str) -> ElementTree.Element:
    """OpenRosaClient and OkHttpConnection: status, content type and version header decide before any parsing."""
    demand(answer.status == 200, "status")
    demand("text/xml" in answer.headers.get("content-type", ""), "captive portal")
    demand("x-openrosa-version" in answer.headers, "no OpenRosa server")
    element = ElementTree.fromstring(answer.body)
    demand(element.tag == root, "not what was asked for")
    return element


def texts(element: ElementTree.Element, names: tuple[str, ...], prefix: str) -> list[str]:
    """The texts of children that must all be there (Kxml2OpenRosaResponseParser voids the whole document else)."""
    found = [element.findtext(prefix + name) or "" for name in names]
    demand(all(found), f"one of {names} is missing")
    return found


def md5(body: bytes) -> str:
    return "md5:" + hashlib.md5(body, usedforsecurity=False).hexdigest()


def collect(door: Door, xml: bytes) -> None:
    """The whole sequence: list, manifests, form, files, HEAD, POST."""
    for form in document(door("GET", "/formList"), f"{LIST}xforms"):
        _id, _name, url, digest = texts(form, ("formID", "name", "downloadUrl", "hash"), LIST)
        demand(digest == md5(door("GET", urlsplit(url).path).body), "downloaded again at every check")
        manifest = form.findtext(f"{LIST}manifestUrl")
        for file in document(door("GET", urlsplit(manifest).path), f"{MANIFEST}manifest") if manifest else ():
            _file, file_digest, file_url = texts(file, ("filename", "hash", "downloadUrl"), MANIFEST)
            demand(file_digest == md5(door("GET", urlsplit(file_url).path).body), "fetched again at every check")
    demand(door("HEAD", "/submission").status == 204, "Is this an OpenRosa submission endpoint?")
    sent = door("POST", "/submission")
    demand(sent.status in (201, 202), "Network login failure")
    demand(b"<message>" in sent.body, "no message")


def door_of(district: District, phone: Phone, xml: bytes, change: Callable[[str, str, Answer], Answer]) -> Door:
    def ask(method: str, path: str) -> Answer:
        url = path if path.startswith("/v1") else phone.base + path
        parts = [("xml_submission_file", ("s.xml", xml, "text/xml"))] if method == "POST" else None
        response = district.client.request(method, url, files=parts, headers=phone.headers)
        answer = Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)
        return change(method, path, answer)

    return ask


def test_the_sequence_passes_as_it_is(district: District, phone: Phone) -> None:
    xml = instance()
    collect(door_of(district, phone, xml, lambda _method, _path, answer: answer), xml)


def without(name: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, headers={k: v for k, v in answer.headers.items() if k != name})


def in_place_of(old: bytes, new: bytes) -> Callable[[Answer], Answer]:
    def change(answer: Answer) -> Answer:
        assert old in answer.body
        return replace(answer, body=answer.body.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("method", "ending", "change"),
    [
        ("GET", "/formList", without("x-openrosa-version")),
        ("GET", "/formList", without("content-type")),
        ("GET", "/formList", in_place_of(b"<name>", b"<nome>")),
        ("GET", "/formList", in_place_of(b"<formID>visit</formID>", b"<formID/>")),
        ("GET", "/formList", in_place_of(b"<hash>md5:", b"<hash>md5:0")),
        ("GET", "/formList", in_place_of(b"xformsList", b"xforms")),
        ("GET", ".xml", lambda answer: replace(answer, body=answer.body + b"\n")),
        ("GET", "/manifest", without("x-openrosa-version")),
        ("GET", "/manifest", in_place_of(b"<hash>md5:", b"<hash>md5:0")),
        ("GET", "/manifest", in_place_of(b"<filename>schools.csv</filename>", b"")),
        ("GET", "/schools.csv", lambda answer: replace(answer, body=answer.body + b"x")),
        ("HEAD", "/submission", lambda answer: replace(answer, status=200)),
        ("POST", "/submission", lambda answer: replace(answer, status=200)),
        ("POST", "/submission", lambda answer: replace(answer, status=204)),
        ("POST", "/submission", lambda answer: replace(answer, body=b"")),
    ],
)  # fmt: skip
def test_the_sequence_fails_where_anything_is_taken_away(
    district: District, phone: Phone, method: str, ending: str, change: Callable[[Answer], Answer]
) -> None:
    def changed(asked: str, path: str, answer: Answer) -> Answer:
        return change(answer) if asked == method and path.endswith(ending) else answer

    xml = instance()
    with pytest.raises((CollectGivesUp, ElementTree.ParseError)):
        collect(door_of(district, phone, xml, changed), xml)
