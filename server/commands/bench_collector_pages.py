"""The collector in a browser: opening 250 questions beside two other engines, answering, repeats, search, memory."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from forms import itemsets
from forms import transform as forms_transform
from forms.body_html import clean_html
from forms.check import check
from forms.markdown import read_markdown
from forms.safexml import parse_xml
from forms.workbook import write_xlsx

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ENGINES = ("ours", "bare", "webforms")
FRAME = """const frame = () => new Promise((seen) => requestAnimationFrame(() => {
  const next = new MessageChannel(); next.port1.onmessage = () => seen(); next.port2.postMessage(0); }));"""
OPEN = f"""async () => {{ {FRAME}
  const began = performance.now(); await open(payload); await frame(); return performance.now() - began; }}"""
ANSWER = f"""async ([count, seed]) => {{ {FRAME}
  let state = seed; const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const took = [];
  for (let n = 0; n < count; n += 1) {{
    session.goTo(Math.floor(random() * 10));
    await frame();
    const asked = [...document.querySelectorAll('.question:not(.disabled) input[type=radio]:not(:checked)')]
      .filter((radio) => radio.offsetParent !== null || radio.parentElement.offsetParent !== null);
    const radio = asked[Math.floor(random() * asked.length)];
    const began = performance.now(); radio.click(); await frame(); took.push(performance.now() - began);
  }}
  return took; }}"""
REPEAT = f"""async () => {{ {FRAME}
  session.goTo(9); await frame();
  const took = [];
  for (let n = 0; n < 20; n += 1) {{
    const add = [...document.querySelectorAll('.add-repeat-btn')].at(-1);
    const began = performance.now(); add.click(); await frame(); took.push(performance.now() - began);
  }}
  return [took, document.querySelectorAll('.or-repeat').length]; }}"""
SEARCH = """() => {
  const A = '青白清东西南北红文育实验中心第一二三希望光明朝阳新华和平胜利', towns = 40, schools = [];
  for (let n = 0; n < 5000; n += 1) {
    const name = A[n % 26] + A[(n * 7) % 26] + A[(n * 13) % 26] + (n % 3 ? '小学' : '中学') + n;
    const town = `镇${n % towns}`;
    schools.push({ code: `3301${n}`, name, name_en: `School ${n}`, town, stage: '2', latitude: null, longitude: null });
  }
  let began = performance.now(); const index = buildIndex(schools); const built = performance.now() - began;
  const took = [];
  for (const words of ['青', '小学', '42', '镇7', 'qb', 'school 49', '中学 镇3', '没有', 'x', '3301499']) {
    for (let n = 0; n < 5; n += 1) {
      began = performance.now(); search(index, words); took.push(performance.now() - began);
    }
  }
  return [built, took]; }"""


def write_forms(source: Path, pages: Path) -> None:
    """The form in each engine's own shape: our body, the bare stylesheets' result, the XForm."""
    checked = check(write_xlsx(read_markdown(source.read_text(encoding="utf-8"))), filename="bench250.xlsx")
    assert checked.xform is not None and checked.definition is not None, checked.problems
    xform = checked.xform.encode()
    (pages / "ours" / "body.json").write_text(json.dumps(forms_transform.transform(xform, checked.definition)))
    root = parse_xml(xform)
    itemsets.describe(root)
    html, _ = clean_html(forms_transform._style(root, "openrosa2html5form.xsl"))
    model = etree.fromstring(forms_transform._model(root)).find("{*}model")
    bare = {"form": html, "model": etree.tostring(model, encoding="unicode")}
    (pages / "bare" / "bare.json").write_text(json.dumps(bare))
    if (pages / "webforms").is_dir():
        (pages / "webforms" / "form.xml").write_bytes(xform)
        (pages / "webforms" / "page.css").touch()


def measure(pages: Path, *, rounds: int, throttle: int, answers: int) -> dict[str, Any]:
    """The figures of everything that happens in a browser; medians of alternating runs."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("bench collector drives a browser with Playwright: ./dev setup installs it")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("bench collector needs Chromium: apt-get install chromium")
    with _served(pages) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        engines = [name for name in ENGINES if (pages / name).is_dir()]
        figures = _opening(context, address, engines, rounds, throttle)
        figures |= _filling(context, address, answers)
        browser.close()
    return figures


def _opening(context: BrowserContext, address: str, engines: list[str], rounds: int, throttle: int) -> dict[str, Any]:
    took: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(rounds + 1):
        for name in engines:
            page = _page(context, f"{address}/{name}/")
            page.evaluate("async () => { globalThis.payload = await begin(); }")
            session = context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
            seconds = page.evaluate(OPEN) / 1000
            if turn:  # The first turn warms the disk and the compiler's cache.
                took[name].append(seconds)
            page.close()
    medians = {name: statistics.median(values) for name, values in took.items()}
    figures: dict[str, Any] = {f"open_{name}_s": round(value, 2) for name, value in medians.items()}
    figures |= {f"open_{name}_all_s": [round(value, 2) for value in values] for name, values in took.items()}
    figures["open_over_bare"] = round(medians["ours"] / medians["bare"], 2)
    if "webforms" in medians:
        figures["open_over_webforms"] = round(medians["ours"] / medians["webforms"], 2)
    return figures


def _filling(context: BrowserContext, address: str, answers: int) -> dict[str, Any]:
    page = _page(context, f"{address}/ours/")
    page.evaluate("async () => { globalThis.payload = await begin(); await open(payload); }")
    session = context.new_cdp_session(page)
    took = sorted(page.evaluate(ANSWER, [100, 7]))
    first_heap = _heap(session)
    heaps = [first_heap]
    for part in range(4):
        page.evaluate(ANSWER, [answers // 4, 11 + part])
        heaps.append(_heap(session))
    repeats, rows = page.evaluate(REPEAT)
    assert rows >= 20, rows
    built, searched = page.evaluate(SEARCH)
    page.close()
    return {
        "answer_median_ms": round(statistics.median(took), 1),
        "answer_p95_ms": round(took[int(len(took) * 0.95)], 1),
        "repeat_first_ms": round(repeats[0], 1),
        "repeat_20th_ms": round(statistics.median(repeats[-3:]), 1),
        "repeat_20th_over_first": round(statistics.median(repeats[-3:]) / repeats[0], 2),
        "search_index_ms": round(built, 1),
        "search_median_ms": round(statistics.median(searched), 2),
        "search_max_ms": round(max(searched), 1),
        "heap_mb": [round(value / 1e6, 2) for value in heaps],
        "heap_answers": [100 + answers // 4 * part for part in range(5)],
    }


def _heap(session: Any) -> float:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"])


def _page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("globalThis.begin")
    return page


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_told: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
