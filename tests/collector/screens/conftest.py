"""The screens on a phone in memory, served with the server's own headers."""

from __future__ import annotations

import functools
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from server.app import SECURITY_HEADERS
from server.web.collector import POLICY
from tests.collector.phones import CHROMIUM
from tests.collector.screens.world import write

COLLECTOR = Path(__file__).parents[3] / "server" / "collector"
Opener = Callable[..., Page]


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        for name, value in {**SECURITY_HEADERS, "Content-Security-Policy": POLICY}.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def _is_wrong(message: ConsoleMessage) -> bool:
    """True for an error, but not for the tab's icon, which the browser fetches when it likes, also while offline."""
    return message.type == "error" and not message.location.get("url", "").endswith("/icon.svg")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not (COLLECTOR / "node_modules" / "vite").is_dir():
        pytest.skip("the collector's packages are not installed (./dev setup): its screens are tried in no browser")
    folder = tmp_path_factory.mktemp("screens")
    write(folder)
    script = Path(__file__).with_name("build.mjs")
    subprocess.run(["node", str(script), str(COLLECTOR), str(folder)], check=True, timeout=120)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Opener]:
    """Opens a screen: ``opened("#/queue", world="many", width=360, language="en", at=(30.3, 120.1))``.

    A test fails where the page logs an error: a word that is missing, a style or script that the headers refuse.
    """
    contexts, errors = [], []

    def open_screen(
        screen: str = "#/", *, world: str = "world", width: int = 390, height: int = 844,
        at: tuple[float, float] | None = (30.2745, 120.1551), **prefs: object,
    ) -> Page:  # fmt: skip
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            geolocation={"latitude": at[0], "longitude": at[1], "accuracy": 12} if at else None,
            permissions=["geolocation"] if at else [],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if _is_wrong(message) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        kept = json.dumps({"language": "zh", "theme": "light", **prefs})
        name = "'liangpai.collector'"
        page.add_init_script(f"localStorage.getItem({name}) ?? localStorage.setItem({name}, {json.dumps(kept)})")
        page.goto(f"{address}?world={world}{screen}")
        page.wait_for_selector("h1")
        if screen.startswith("#/fill"):
            page.wait_for_selector("form.or .question:visible, .panel")
        return page

    yield open_screen
    for context in contexts:
        context.close()
    assert errors == []
