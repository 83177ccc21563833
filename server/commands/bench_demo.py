"""liangpai bench demo: seconds to set up, to build the demo district, to start again, and for a page of the matrix."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from server.commands.bench_site import HOST, build, served, signed_in


def run(arguments: Sequence[str]) -> None:
    """Measure and print; see ``liangpai bench demo --help``."""
    parser = argparse.ArgumentParser(prog="liangpai bench demo", description=__doc__)
    parser.add_argument("--schools", type=int, default=60, help="schools of the demo district that is built and timed")
    parser.add_argument("--quarters", type=int, default=4)
    parser.add_argument("--matrix-schools", type=int, default=500, help="schools of the district whose matrix is timed")
    parser.add_argument("--requests", type=int, default=200, help="requests for the matrix page")
    parser.add_argument("--clone", metavar="REPOSITORY", help="also time ./dev setup in a fresh clone of this")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    chosen = parser.parse_args(arguments)
    figures: dict[str, float | int] = {}
    work = Path(tempfile.mkdtemp(prefix="liangpai-bench-"))
    try:
        if chosen.clone:
            figures["setup_s"] = _setup(Path(chosen.clone), work / "clone")
        figures["build_s"] = build(work / "demo", chosen.schools, chosen.quarters)
        with served(work / "demo") as (_port, seconds):
            figures["second_start_s"] = round(seconds, 2)
        build(work / "large", chosen.matrix_schools, 1)
        with served(work / "large") as (port, _seconds):
            figures |= _matrix(port, chosen.requests)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    figures |= {"schools": chosen.schools, "quarters": chosen.quarters, "matrix_schools": chosen.matrix_schools}
    typer.echo(json.dumps(figures) if chosen.json else _told(figures))


def _setup(repository: Path, target: Path) -> float:
    """Seconds of ``./dev setup`` in a fresh clone: a virtual environment and every pinned package."""
    subprocess.run(["git", "clone", "-q", str(repository.resolve()), str(target)], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "LIANGPAI_VENV"}
    began = time.perf_counter()
    subprocess.run([str(target / "dev"), "setup"], check=True, env=environment, stdout=subprocess.DEVNULL)
    return round(time.perf_counter() - began, 1)


def _matrix(port: int, requests: int) -> dict[str, float | int]:
    """Milliseconds of the leading group's matrix, signed in, over one connection; the first request is left out."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Cookie": signed_in(connection), "Accept-Language": "zh"}
    times: list[float] = []
    size = 0
    for _ in range(requests + 1):
        began = time.perf_counter()
        connection.request("GET", "/matrix?whole=1", headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"the matrix answered {answer.status}")
        times.append((time.perf_counter() - began) * 1000)
    connection.close()
    ordered = sorted(times[1:])
    at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95)}
    return {"matrix_p50_ms": round(at[0.5], 1), "matrix_p95_ms": round(at[0.95], 1), "matrix_bytes": size}


def _told(figures: dict[str, float | int]) -> str:
    lines = []
    if "setup_s" in figures:
        lines.append(f"set-up in a fresh clone        {figures['setup_s']:>8} s")
    lines += [
        f"district of {figures['schools']} schools, built   {figures['build_s']:>8} s   (at most 90)",
        f"second start                   {figures['second_start_s']:>8} s   (at most 5)",
        f"matrix of {figures['matrix_schools']} schools, p50      {figures['matrix_p50_ms']:>8} ms",
        f"matrix of {figures['matrix_schools']} schools, p95      {figures['matrix_p95_ms']:>8} ms  (at most 200)",
        f"matrix page                    {figures['matrix_bytes'] // 1024:>8} kB",
    ]
    return "\n".join(lines)
