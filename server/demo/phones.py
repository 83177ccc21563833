"""The demo's phones: they post submissions over HTTP, several at a time and in the order of the days."""

from __future__ import annotations

import http.client
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CRLF = b"\r\n"
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Sending:
    """One submission on its way. ``moment`` is when the phone sends it, in seconds since 1970."""

    token: str
    project_id: int
    device: str
    xml: bytes
    files: Mapping[str, bytes]
    moment: float


class RefusedError(Exception):
    """The server did not take a submission of the demo: the demo or the server is wrong."""


def multipart(sending: Sending) -> tuple[bytes, str]:
    """The body and content type of an OpenRosa POST."""
    boundary = b"demo-phone-7MA4YWxkTrZu0gW"
    lines = [
        b"--" + boundary,
        b'Content-Disposition: form-data; name="xml_submission_file"; filename="submission.xml"',
        b"Content-Type: text/xml",
        b"",
        sending.xml,
    ]
    for name, data in sending.files.items():
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'.encode()
        lines += [b"--" + boundary, disposition, b"Content-Type: image/jpeg", b"", data]
    lines += [b"--" + boundary + b"--", b""]
    return CRLF.join(lines), f"multipart/form-data; boundary={boundary.decode()}"


class Phone:
    """One connection that is kept alive."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=60)

    def send(self, sending: Sending) -> None:
        """Post a submission. Raises RefusedError unless the server answers 201."""
        body, content_type = multipart(sending)
        path = f"/v1/key/{sending.token}/projects/{sending.project_id}/submission?deviceID={sending.device}"
        headers = {"Content-Type": content_type, "X-OpenRosa-Version": "1.0", "Accept-Language": "zh"}
        for attempt in range(ATTEMPTS):
            try:
                self._connection.request("POST", path, body, headers)
                answer = self._connection.getresponse()
                text = answer.read().decode(errors="replace")
            except (http.client.HTTPException, OSError):
                self._connection.close()
                time.sleep(0.2 * (attempt + 1))
                continue
            if answer.status == 201:
                return
            if answer.status < 500:
                raise RefusedError(f"{answer.status}: {text}")
            time.sleep(0.2 * (attempt + 1))
        raise RefusedError("the demo's server does not answer")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass
class Senders:
    """Several phones at work. ``set_clock`` is told the moment of each sending before it is posted."""

    host: str
    port: int
    set_clock: Callable[[float], None]
    count: int = 3
    sent: int = 0
    files: int = 0
    bytes: int = 0
    _queue: queue.Queue[Sending | None] = field(default_factory=lambda: queue.Queue(maxsize=32))
    _failure: list[BaseException] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _day: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Senders:
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        for _thread in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def put(self, sending: Sending) -> None:
        """Hand a submission to the next free phone, once all of the days before are in. Raises what went wrong."""
        day = int(sending.moment // 86_400)
        if day != self._day:
            self.wait()
            self._day = day
        self._raise()
        self._queue.put(sending)

    def wait(self) -> None:
        """Until everything handed over has been answered. Raises what went wrong."""
        self._queue.join()
        self._raise()

    def _raise(self) -> None:
        if self._failure:
            raise self._failure[0]

    def _work(self) -> None:
        phone = Phone(self.host, self.port)
        while (sending := self._queue.get()) is not None:
            try:
                if not self._failure:
                    self.set_clock(sending.moment)
                    phone.send(sending)
                    with self._lock:
                        self.sent += 1
                        self.files += len(sending.files)
                        self.bytes += len(sending.xml) + sum(map(len, sending.files.values()))
            except BaseException as error:
                self._failure.append(error)
            finally:
                self._queue.task_done()
        phone.close()
