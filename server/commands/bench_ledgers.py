"""liangpai bench ledgers: milliseconds of the ledgers' pages, and seconds of the Excel file, over many findings."""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import shutil
import tempfile
import time
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

import typer
from sqlmodel import insert, select

from server.commands.bench_site import HOST, build, served, signed_in
from server.commands.options import settings_of
from server.services.context import open_context
from server.store.findings import Finding

PAGES = {
    "open": "/ledgers/rectification",
    "all, page 1,000": "/ledgers/rectification?state=all&sort=found&dir=desc&number=1000",
    "severity": "/ledgers/rectification?severity=4&state=all",
    "words": "/ledgers/rectification?q=校长&state=all",
    "indicator": "/ledgers/rectification?indicator=AQ-03",
    "overdue board": "/ledgers/overdue",
}
EXCEL = "/ledgers/rectification/xlsx?state=all"
AT_ONCE = 5000


def run(arguments: Sequence[str]) -> None:
    """Measure and print; see ``liangpai bench ledgers --help``."""
    parser = argparse.ArgumentParser(prog="liangpai bench ledgers", description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000, help="how many findings the district is given")
    parser.add_argument("--requests", type=int, default=20, help="requests for each page")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    chosen = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="liangpai-bench-"))
    try:
        build(work / "demo", 60, 2)
        figures: dict[str, float | int] = {"findings": _multiply(work / "demo", chosen.findings)}
        with served(work / "demo") as (port, _seconds):
            figures |= _asked(port, chosen.requests)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    typer.echo(json.dumps(figures) if chosen.json else "\n".join(f"{name:<34}{figures[name]:>10}" for name in figures))


def _multiply(folder: Path, wanted: int) -> int:
    """Copy the district's own findings, each copy some weeks older, until there are so many."""
    context = open_context(settings_of(str(folder), None))
    try:
        with context.database.read() as session:
            own = [finding.model_dump(exclude={"id"}) for finding in session.exec(select(Finding))]
        copies = [_older(own[number % len(own)], 1 + number // len(own)) for number in range(wanted - len(own))]
        with context.database.write() as session:
            for start in range(0, len(copies), AT_ONCE):
                session.connection().execute(insert(Finding), copies[start : start + AT_ONCE])
    finally:
        context.database.close()
    return len(own) + len(copies)


def _older(row: dict[str, object], times: int) -> dict[str, object]:
    """A finding as it would have stood ``times`` weeks earlier."""
    back = dt.timedelta(weeks=times % 150)
    days = {name: value - back for name, value in row.items() if type(value) is dt.date}
    return {**row, **days, "code": f"{row['code']}-{times}", "submission_id": None}


def _asked(port: int, requests: int) -> dict[str, float | int]:
    connection = http.client.HTTPConnection(HOST, port, timeout=300)
    headers = {"Cookie": signed_in(connection, "office"), "Accept-Language": "zh"}
    figures: dict[str, float | int] = {}
    for name, address in PAGES.items():
        times = sorted(_seconds(connection, headers, address) for _ in range(requests + 1))
        figures[f"{name}, p50 ms"] = round(times[len(times) // 2] * 1000, 1)
        figures[f"{name}, slowest ms"] = round(times[-1] * 1000, 1)
    figures["Excel of all, s"] = round(_seconds(connection, headers, EXCEL), 1)
    connection.close()
    return figures


def _seconds(connection: http.client.HTTPConnection, headers: dict[str, str], address: str) -> float:
    began = time.perf_counter()
    connection.request("GET", urllib.parse.quote(address, safe="/?=&"), headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}")
    return time.perf_counter() - began
