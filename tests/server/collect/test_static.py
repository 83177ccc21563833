"""The collector's own files: small, kept by browsers for good where their name says so, and locked down."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.web import collector
from tests.conftest import District


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A small build in place of the real one."""
    (tmp_path / "assets").mkdir()
    for name, content in {
        "index.html": "<!doctype html><title>x</title>",
        "sw.js": "self.x=1",
        "assets/index-abc.js": "let a=1",
        "manifest.webmanifest": "{}",
        "assets/secret.ts": "no",
    }.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "assets/index-abc.js.br").write_bytes(b"brotli bytes")
    (tmp_path / "assets/index-abc.js.gz").write_bytes(gzip.compress(b"let a=1"))
    monkeypatch.setattr(collector, "DIST", tmp_path)
    collector._files.cache_clear()
    yield tmp_path
    collector._files.cache_clear()


def test_the_page_is_asked_for_anew_and_its_assets_never_again(district: District, built: Path) -> None:
    page = district.client.get("/collect/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    asset = district.client.get("/collect/assets/index-abc.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = district.client.get("/collect/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_forgets_the_slash_keeps_what_follows(district: District, built: Path) -> None:
    moved = district.client.get("/collect?language=en")
    assert (moved.status_code, moved.headers["location"]) == (308, "/collect/?language=en")


def test_assets_travel_compressed_where_the_browser_reads_it(district: District, built: Path) -> None:
    def encoding(accepted: str) -> str | None:
        with district.client.stream(
            "GET", "/collect/assets/index-abc.js", headers={"Accept-Encoding": accepted}
        ) as answer:
            assert answer.headers["vary"] == "Accept-Encoding"
            return answer.headers.get("content-encoding")

    assert encoding("gzip, deflate, br") == "br"
    assert encoding("gzip") == "gzip"
    assert encoding("br;q=0, gzip;q=0.5") == "gzip"
    assert encoding("identity") is None


def test_the_service_worker_may_guard_the_whole_collector(district: District, built: Path) -> None:
    worker = district.client.get("/collect/sw.js")
    assert worker.headers["service-worker-allowed"] == "/collect/"
    assert worker.headers["cache-control"] == "no-cache"


def test_nothing_inline_runs_and_nothing_foreign_loads(district: District, built: Path) -> None:
    policy = district.client.get("/collect/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"


@pytest.mark.parametrize("name", ["assets/secret.ts", "assets/index-abc.js.br", "../app.py", "%2e%2e/app.py", "x.js"])
def test_only_what_was_built_is_served(district: District, built: Path, name: str) -> None:
    assert district.client.get(f"/collect/{name}").status_code == 404


def test_without_a_build_there_is_no_collector_and_no_failure(
    district: District, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(collector, "DIST", tmp_path / "nothing")
    assert district.client.get("/collect/").status_code == 404


def test_the_real_build_is_there_and_whole(district: District) -> None:
    """./dev and the wheel build it; its page names only files that are served, and holds no inline code."""
    page = district.client.get("/collect/")
    assert page.status_code == 200, "the collector was never built: ./dev setup"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|style=", page.text)
    named = re.findall(r'(?:src|href)="(/collect/[^"]+)"', page.text)
    assert len(named) >= 3
    for address in [*named, "/collect/sw.js"]:
        assert district.client.get(address).status_code == 200, address
    worker = district.client.get("/collect/sw.js").text
    for address in named:
        assert address.removeprefix("/collect/") in worker, f"{address} is not kept for offline use"
