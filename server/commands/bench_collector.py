"""liangpai bench collector: what the web collector costs a phone, beside bare enketo-core and @getodk/web-forms."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from server.commands import bench_collector_package, bench_collector_pages
from server.web.collector import DIST

SOURCES = Path(__file__).parents[1] / "collector"
DATA = Path(__file__).parents[1] / "benchdata" / "collector"
OTHERS = {"@getodk/web-forms": "0.22.0", "vue": "3.5.29", "sass": "1.108.2"}  # sass: for enketo-core's own looks


def run(arguments: Sequence[str]) -> None:
    """Measure and print; see ``liangpai bench collector --help``."""
    parser = argparse.ArgumentParser(prog="liangpai bench collector", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times each engine opens the form, in turn")
    parser.add_argument("--throttle", type=int, default=6, help="CPU throttling while the form opens")
    parser.add_argument("--answers", type=int, default=1200, help="answers given before memory is looked at")
    parser.add_argument(
        "--kills", type=int, default=0, help="seeded runs with killed browsers and servers (a checkout)"
    )
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--cache", default="", help="folder that keeps @getodk/web-forms between runs")
    parser.add_argument("--without-web-forms", action="store_true", help="do not fetch @getodk/web-forms from npm")
    parser.add_argument("--only", choices=["bytes", "pages", "package", "kills"], help="one part")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    chosen = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="liangpai-bench-"))
    figures: dict[str, Any] = {}
    try:
        if chosen.only in (None, "bytes"):
            figures |= start_bytes()
        if chosen.only in (None, "package"):
            figures |= bench_collector_package.measure(work / "package")
        if chosen.only in (None, "pages"):
            cache = Path(chosen.cache) if chosen.cache else work / "web-forms"
            pages = build_pages(work / "pages", None if chosen.without_web_forms else cache)
            figures |= bench_collector_pages.measure(
                pages, rounds=chosen.rounds, throttle=chosen.throttle, answers=chosen.answers
            )
        if chosen.kills and chosen.only in (None, "kills"):
            figures |= kills(work, range(chosen.first_seed, chosen.first_seed + chosen.kills))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    typer.echo(json.dumps(figures) if chosen.json else told(figures))


def told(figures: dict[str, Any]) -> str:
    """The figures as lines."""
    width = max((len(name) for name in figures), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in figures.items())


def start_bytes() -> dict[str, int]:
    """Bytes that travel (brotli) until the collector stands on the screen: its page and all that the page asks for.

    What is fetched later and only where it is needed (scanning a barcode) is told apart.
    """
    if not (DIST / "index.html").is_file():
        sys.exit("the collector was never built. Run: ./dev setup")
    needed = {"index.html"}
    waiting = ["index.html"]
    while waiting:
        text = (DIST / waiting.pop()).read_text(errors="replace")
        # Addresses in the page; static imports between assets (a lazy import() is none).
        found = {f"{name}" for name in re.findall(r'(?:src|href)="/collect/([^"]+)"', text)}
        found |= {f"assets/{name}" for name in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)}
        fresh = {name for name in found if (DIST / name).is_file()} - needed
        needed |= fresh
        waiting += [name for name in fresh if name.endswith(".js")]
    every = {path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.suffix in (".js", ".css", ".html")}
    return {
        "start_bytes": sum(_travels(name) for name in needed),
        "later_bytes": sum(_travels(name) for name in every - needed),
    }


def _travels(name: str) -> int:
    compressed = DIST / f"{name}.br"
    return (compressed if compressed.is_file() else DIST / name).stat().st_size


def build_pages(target: Path, others: Path | None) -> Path:
    """The pages that are measured, and the 250-question form in each engine's own shape."""
    if not (SOURCES / "node_modules").is_dir():
        sys.exit("bench collector builds pages from the sources: run it in a checkout, after ./dev setup")
    if others is not None and not (others / "node_modules").is_dir():
        others.mkdir(parents=True, exist_ok=True)
        (others / "package.json").write_text(json.dumps({"private": True, "dependencies": OTHERS}))
        fetched = subprocess.run(
            ["npm", "install", "--silent", "--ignore-scripts", "--no-audit"], cwd=others, check=False
        )
        if fetched.returncode:
            sys.exit("could not fetch @getodk/web-forms: is the npm registry reachable? Or: --without-web-forms")
    built = subprocess.run(
        ["node", str(DATA / "build.mjs"), str(SOURCES), str(others or ""), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        sys.exit(f"the pages were not built:\n{built.stderr[-2000:]}")
    bench_collector_pages.write_forms(DATA / "form.md", target)
    return target


def kills(work: Path, seeds: range) -> dict[str, Any]:
    """Seeded runs in which browser or server are killed; ends with an error where anything was lost or came twice."""
    try:
        from playwright.sync_api import sync_playwright

        from tests.collector.survival import run as run_one
        from tests.collector.world import World, sow
    except ImportError:
        sys.exit("the kill runs need a checkout with ./dev setup (they drive tests/collector)")
    seed = sow(work / "sown", checklists=("f01",))
    began, reports, lost = time.monotonic(), [], []
    with sync_playwright() as playwright:
        world = World(seed, work / "world", playwright)
        try:
            for number in seeds:
                try:
                    reports.append(run_one(world, number))
                except (AssertionError, TimeoutError) as error:
                    lost.append(f"seed {number}: {error!r}"[:300])
        finally:
            world.close()
    figures: dict[str, Any] = {
        "kill_runs": len(reports) + len(lost),
        "kill_runs_lost": len(lost),
        "kills": sum(report.kills for report in reports),
        "kill_answers": sum(report.answers for report in reports),
        "kill_taps_kept": sum(report.taps_promised for report in reports),
        "kill_run_median_s": round(statistics.median([report.seconds for report in reports] or [0]), 1),
        "kill_minutes": round((time.monotonic() - began) / 60, 1),
    }
    for mishap in sorted({report.mishap for report in reports}):
        figures[f"kill_runs_{mishap.replace(' ', '_')}"] = sum(report.mishap == mishap for report in reports)
    if lost:
        figures["kill_lost"] = lost
    return figures
