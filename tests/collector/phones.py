"""A phone's browser with a profile of its own on disk, so that it can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTH, HEIGHT = 390, 844


class Browser:
    """Chromium with a persistent profile. ``kill`` is SIGKILL to every process of it; ``start`` begins it anew."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self._playwright = playwright
        self.profile = profile
        self.context: BrowserContext | None = None
        self.wrong: list[str] = []
        self.last_address = ""

    def start(self, address: str, *, ready: str = "") -> Page:
        """A page at this address, when the expression ``ready`` holds in it."""
        self.last_address = address
        context = self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, viewport={"width": WIDTH, "height": HEIGHT},
            args=["--no-sandbox", "--disable-gpu"], locale="zh-CN", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        page = context.pages[0] if context.pages else context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.goto(address)
        if ready:
            page.wait_for_function(ready)
        return page

    def pids(self) -> list[int]:
        """Our own processes: those that were started with our profile."""
        wanted = f"--user-data-dir={self.profile}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if wanted in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
        return found

    def kill(self) -> None:
        """As when the battery dies: no handler runs, nothing is flushed by the browser itself."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not self.pids(), seconds=10)
        with contextlib.suppress(Exception):
            assert self.context is not None
            self.context.close()
        for lock in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.profile / lock).unlink(missing_ok=True)

    def stop(self) -> None:
        """As when somebody closes it."""
        if self.context is not None:
            with contextlib.suppress(Exception):
                self.context.close()


def until(true: Callable[[], Any], *, seconds: float = 20, every: float = 0.05) -> None:
    """Wait until something is true. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
