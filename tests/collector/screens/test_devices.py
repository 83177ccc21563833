"""Camera and microphone: a code is read, a voice memo is kept, typed names stand for signatures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.collector.phones import CHROMIUM
from tests.collector.screens.conftest import Opener

pytestmark = pytest.mark.browser
CODE = "330101-MHQ-0042"


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera sees a code and whose microphone hears a beep."""
    film = tmp_path_factory.mktemp("film") / "code.mjpeg"
    code = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=12)))
    frame = Image.new("RGB", (640, 480), "white")
    frame.paste(drawn.convert("RGB"), (140, 60))
    still = io.BytesIO()
    frame.save(still, "JPEG", quality=92)
    film.write_bytes(still.getvalue() * 3)
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield browser
    browser.close()


def general(opened: Opener) -> Page:
    page = opened()
    page.get_by_text("各种题型").click()
    page.locator("form.or .question:visible").first.wait_for()
    return page


def test_a_code_is_read_by_a_reader_that_is_loaded_only_then(opened: Opener) -> None:
    page = general(opened)
    loaded: list[str] = []
    page.on("response", lambda response: loaded.append(response.url) if response.url.endswith(".js") else None)
    page.get_by_text("扫描条码").click()
    expect(page.locator('input[name$="/code"]')).to_have_value(CODE, timeout=20_000)
    assert page.locator("dialog").count() == 0
    has_its_own = page.evaluate("'BarcodeDetector' in window")
    assert has_its_own or len(loaded) == 1


def test_a_voice_memo_is_recorded_heard_and_taken_away(opened: Opener) -> None:
    page = general(opened)
    page.get_by_role("button", name="录音").click()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="停止录音").click()
    expect(page.locator("audio")).to_be_visible()
    session = "document.querySelector('form.or').session"
    name, size = page.evaluate(f"{session}.fileOf('memo').then(blob => [{session}.value('memo'), blob.size])")
    assert name.startswith("memo-") and size > 1000
    page.get_by_role("button", name="删除录音").click()
    expect(page.locator("audio")).to_have_count(0)
    assert page.evaluate(f"{session}.value('memo')") == ""


def test_several_answers_and_numbers_are_tapped(opened: Opener) -> None:
    page = general(opened)
    for words in ("纸箱", "上锁"):
        page.locator("label.answer", has_text=words).click()
    page.get_by_label("加一").click()
    page.get_by_label("加一").click()
    page.get_by_label("减一").click()
    session = "document.querySelector('form.or').session"
    assert page.evaluate(f"[{session}.value('kinds'), {session}.value('size')]") == ["box lock", "1"]


def test_whoever_cannot_draw_a_signature_types_the_name(opened: Opener, tmp_path: Path) -> None:
    page = opened("#/fill/uuid%3Adraft")
    session = "document.querySelector('form.or').session"
    page.locator('label.answer:has(input[data-name$="/hd_a11"][value="1"])').click()
    page.evaluate(f"{session}.goTo({session}.pages().length - 1)")
    page.get_by_text("键入姓名").first.click()
    page.locator("dialog input").fill("周明")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".signature.is-signed")).to_have_count(1)
    page.wait_for_timeout(500)
    kept = page.evaluate(f"{session}.fileOf('ft_a13').then(b => b.arrayBuffer()).then(b => [...new Uint8Array(b)])")
    with Image.open(io.BytesIO(bytes(kept))) as drawn:
        assert drawn.size == (960, 360)
        dark = sum(drawn.convert("L").histogram()[:100])
    assert dark > 2000
