"""A running server and a real browser for the tests of pages: what goes wrong in a window is noted."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from server.doors.dependencies import SESSION_COOKIE
from tests.conftest import District

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (390, 1440)


@dataclass
class Site:
    """A running server and a browser."""

    district: District
    address: str
    browser: Browser
    wrong: list[str] = field(default_factory=list)

    def open(self, login: str, width: int, *, scripts: bool = True) -> BrowserContext:
        """A browser window in which this person is signed in; what goes wrong in it is noted."""
        window = self.browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", java_script_enabled=scripts
        )
        if login:
            cookie = {"name": SESSION_COOKIE, "value": self.district.token(login), "url": self.address}
            window.add_cookies([cookie])  # type: ignore[list-item]
        window.on("request", lambda request: self._request(request.url))
        window.on("console", lambda message: self._console(message.type, message.text))
        window.on("weberror", lambda error: self.wrong.append(str(error.error)))
        return window

    def _request(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"another host: {url}")

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(f"console: {text}")


@contextmanager
def running(district: District) -> Iterator[Site]:
    """The district's application behind a port of this machine, and a browser."""
    server = uvicorn.Server(uvicorn.Config(district.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(100):
        if server.started:
            break
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Site(district, f"http://127.0.0.1:{port}", browser)
        browser.close()
    server.should_exit = True
    thread.join(10)


def wider_than_the_window(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
