"""A phone that loses its signal half way: nothing is kept, no file is left behind, and the next try succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from tests.conftest import District
from tests.server.openrosa.conftest import Phone, instance, rows

PART = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n'


def test_a_request_that_breaks_off_leaves_nothing(district: District, phone: Phone) -> None:
    xml = instance(photo="a.jpg")
    whole = PART % (b"xml_submission_file", b"s.xml") + xml + b"\r\n" + PART % (b"a.jpg", b"a.jpg") + b"x" * 1000
    path = f"{phone.base}/submission"
    scope: MutableMapping[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"host", b"phone"), (b"content-type", b"multipart/form-data; boundary=b")],
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    messages = [{"type": "http.request", "body": whole, "more_body": True}, {"type": "http.disconnect"}]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        incoming = list((district.context.blobs.folder / "incoming").iterdir())
        assert len(incoming) == (0 if len(messages) == 2 else 1)
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(district.app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert list((district.context.blobs.folder / "incoming").iterdir()) == []
    assert rows(district, "SELECT count(*) FROM submission") == [(0,)]
    assert phone.send(xml, {"a.jpg": b"photo"}).status_code == 201
