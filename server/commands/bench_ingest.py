"""``liangpai bench ingest``: submissions through the phones' door, and what each of them costs in all.

The form and the load generator come from a folder (``school_inspection.xlsx`` and ``load.py``, which runs as a program
of its own). The form is published twice: as it is, and with lights on its 50 rated questions, so that each submission
brings 50 observations and moves its school's lights. Everything runs as in earnest: PostgreSQL with default
durability, the server's processes, the jobs in their own. What a submission costs is the processor time of server,
database and jobs until nothing is left to do.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl
import orjson
import typer
from sqlalchemy import text

from forms.shipped import shipped_catalogue, shipped_rulebook
from server.commands.bench_floor import Floor, measure
from server.commands.bench_postgres import free_port, postgres
from server.commands.bench_processes import cpu_seconds, memory_mb
from server.commands.console import CommandError
from server.services.checklists.publish import load_reference, open_project, publish
from server.services.context import Context, open_context
from server.services.people.people import create_person, grant
from server.services.people.phone import make_key
from server.settings import Settings
from server.store import migrate
from server.store.db import Database
from server.store.units import Unit

FIRST_SCHOOL: Final = 3_100_000_001
SCHOOLS: Final = 800
RATED: Final = "select_one rating"
LIGHTS: Final = {"met": "green", "partial": "yellow", "not_met": "red"}
PATIENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Running:
    """The processes that are measured, and where phones send to."""

    base: str
    pids: dict[str, int]


def run(arguments: Sequence[str]) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(prog="liangpai bench ingest", description=__doc__)
    parser.add_argument("--material", type=Path, required=True, help="Folder with school_inspection.xlsx and load.py.")
    parser.add_argument("--count", type=int, default=2000, help="Submissions of each run.")
    parser.add_argument("--processes", type=int, default=2, help="Server processes.")
    parser.add_argument("--connections", default="8,32", help="Connections of the generator, a run for each.")
    parser.add_argument("--photo", type=int, default=0, help="Bytes of a photo that goes with each submission.")
    parser.add_argument("--rounds", type=int, default=1, help="How often everything is measured, in turn.")
    parser.add_argument("--json", action="store_true", help="All figures as JSON.")
    options = parser.parse_args(arguments)
    for name in ("school_inspection.xlsx", "load.py"):
        if not (options.material / name).is_file():
            raise CommandError(f"{options.material}里没有{name}。", f"There is no {name} in {options.material}.")
    figures = list(_measure_all(options))
    if options.json:
        typer.echo(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(figures)


def _measure_all(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with postgres() as store, tempfile.TemporaryDirectory(prefix="liangpai-bench-") as folder:
        settings = Settings(directory=Path(folder), database_url=store.url, jobs=False)
        database = Database(store.url)
        migrate.upgrade(database)
        database.close()
        context = open_context(settings)
        forms, token, project = _prepare(context, options.material)
        for name, xform in forms.items():
            (Path(folder) / f"{name}.xml").write_bytes(xform)
        with _served(settings, options.processes, f"/v1/key/{token}/projects/{project}", store.pid) as running:
            _load(options, Path(folder), running, "plain", 8, 100, seed=1)  # caches and plans, as after a minute
            for turn in range(options.rounds):
                sample = (Path(folder) / "sample.xml").read_text()
                for observations in (False, True):
                    floor = measure(store.url, store.pid, sample, count=1600, connections=8, observations=observations)
                    yield {"what": "floor", "observations": observations, "round": turn, **_floor_figures(floor)}
                for name in forms:
                    for connections in (int(part) for part in options.connections.split(",")):
                        yield _measure_one(options, context, Path(folder), running, name, connections, turn)
        context.database.close()


def _floor_figures(floor: Floor) -> dict[str, float]:
    return {"per_s": floor.per_second, "database_ms": floor.database_ms, "client_ms": floor.client_ms}


def _measure_one(
    options: argparse.Namespace,
    context: Context,
    folder: Path,
    running: Running,
    name: str,
    connections: int,
    turn: int,
) -> dict[str, Any]:
    before_rows = _stored(context)
    before = {who: cpu_seconds(pid) for who, pid in running.pids.items()}
    load = _load(
        options, folder, running, name, connections, options.count, seed=hash((name, connections, turn)) % 2**31
    )
    memory = {who: round(memory_mb(pid)) for who, pid in running.pids.items()}
    followed = _wait_for_jobs(context)
    after = {who: cpu_seconds(pid) for who, pid in running.pids.items()}
    cpu = {who: round((after[who] - before[who]) * 1000 / options.count, 3) for who in running.pids}
    rows = {kind: count - before_rows[kind] for kind, count in _stored(context).items()}
    expected = {"submissions": options.count, "observations": options.count * 50 if name == "lit" else 0}
    if {kind: rows[kind] for kind in expected} != expected or rows["without_light"]:
        raise CommandError(f"数据不齐：{rows}。", f"Not everything is there: {rows}, expected {expected}.")
    foreground = {who: round(load["cpu_s"][who] * 1000 / options.count, 3) for who in running.pids}
    return {
        "what": name,
        "connections": connections,
        "round": turn,
        "photo": options.photo,
        "per_s": load["ok_per_s"],
        "p50": load["p50"],
        "p95": load["p95"],
        "p99": load["p99"],
        "cpu_ms": {**cpu, "all": round(sum(cpu.values()), 3)},
        "cpu_ms_until_last_answer": foreground,
        "memory_mb": memory,
        "jobs_done_after_s": followed,
        "stored": rows,
    }


def _load(
    options: argparse.Namespace,
    folder: Path,
    running: Running,
    name: str,
    connections: int,
    count: int,
    *,
    seed: int,
) -> dict[str, Any]:
    """Run the generator. Raises CommandError where a submission was not answered 201."""
    result = folder / "load.json"
    result.unlink(missing_ok=True)
    sample = folder / "sample.http"
    command = [
        sys.executable, str(options.material / "load.py"), "--url", f"{running.base}/submission", "-n", str(count),
        "-c", str(connections), "--form", str(folder / f"{name}.xml"), "--seed", str(seed), "--json", str(result),
        "--photo", str(options.photo), "--save-one", str(sample),
    ]  # fmt: skip
    for who, pid in running.pids.items():
        command += ["--watch", f"{who}={pid}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not result.exists():
        raise CommandError(f"发送失败：{done.stderr[-500:]}", f"The generator failed: {done.stderr[-500:]}")
    if not (folder / "sample.xml").exists():
        body = sample.read_bytes()
        (folder / "sample.xml").write_bytes(body[body.index(b"<?xml") :].partition(b"\r\n--")[0])
    found: dict[str, Any] = orjson.loads(result.read_bytes())
    return found


def _prepare(context: Context, material: Path) -> tuple[dict[str, bytes], str, int]:
    """Schools, an inspector with a phone, both forms, catalogue and rulebook; gives XForms, the token, the project."""
    at = context.clock()
    workbook = (material / "school_inspection.xlsx").read_bytes()
    with context.database.write() as session:
        district = _unit(session, context, "310000", "district", "Bench", None)
        for number in range(SCHOOLS):
            code = str(FIRST_SCHOOL + number)
            _unit(session, context, code, "school", f"School {code}", district)
        assert district.id is not None
        project = open_project(session, unit_id=district.id, name="Bench", by=None, at=at)
        assert project.id is not None
        catalogue = shipped_catalogue()
        load_reference(session, context, project_id=project.id, content=catalogue, by=None, at=at)
        load_reference(session, context, project_id=project.id, content=shipped_rulebook(), by=None, at=at)
        person = create_person(session, login="bench", name="Bench", password=None, by=None, at=at)
        grant(session, login="bench", role="inspector", unit_code="310000", by=None, at=at)
        assert person.id is not None
        token = make_key(session, person_id=person.id, project_id=project.id, by=None, at=at)
        codes = [code for code, indicator in catalogue.indicators.items() if indicator.rule == "items"]
        forms = {}
        for name, data in (("plain", workbook), ("lit", lit_workbook(workbook, codes))):
            version = publish(
                session, context, project_id=project.id, data=data, filename=f"{name}.xlsx", by=None, at=at
            )
            forms[name] = version.xform
        return forms, token, project.id


def _unit(session: Any, context: Context, code: str, kind: str, name: str, parent: Unit | None) -> Unit:
    at = context.clock()
    unit = Unit(
        code=code, kind=kind, name=name, parent_id=parent.id if parent else None, stage="2" if parent else "",
        created_at=at, changed_at=at,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    return unit


def lit_workbook(data: bytes, indicators: Sequence[str]) -> bytes:
    """The workbook with a light for each rating and an indicator for each rated question, as an author would add."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    survey, choices, settings = book["survey"], book["choices"], book["settings"]
    kinds = _column(survey, "type")
    indicator, measure_column = survey.max_column + 1, survey.max_column + 2
    survey.cell(1, indicator, "indicator")
    survey.cell(1, measure_column, "measure")
    rated = [row for row in range(2, survey.max_row + 1) if survey.cell(row, kinds).value == RATED]
    for number, row in enumerate(rated):
        survey.cell(row, indicator, indicators[number % len(indicators)])
        survey.cell(row, measure_column, "light")
    light = choices.max_column + 1
    choices.cell(1, light, "light")
    for row in range(2, choices.max_row + 1):
        if choices.cell(row, _column(choices, "list_name")).value == "rating":
            choices.cell(row, light, LIGHTS[str(choices.cell(row, _column(choices, "name")).value)])
    settings.cell(2, _column(settings, "form_id"), "school_inspection_lit")
    for name, value in (("unit_item", "school_id"), ("date_item", "visit_date")):
        column = settings.max_column + 1
        settings.cell(1, column, name)
        settings.cell(2, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _column(sheet: Any, name: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == name)


@contextmanager
def _served(settings: Settings, processes: int, path: str, database: int) -> Iterator[Running]:
    """The server's processes and the jobs in theirs, until the measurement is done."""
    port = free_port()
    environment = {
        **os.environ,
        "LIANGPAI_DIRECTORY": str(settings.directory),
        "LIANGPAI_DATABASE_URL": settings.database_url,
        "LIANGPAI_JOBS": "false",
    }
    command = [sys.executable, "-m", "server.cli"]
    serve = [*command, "serve", "--port", str(port), "--workers", str(processes)]
    server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL)
    jobs = subprocess.Popen([*command, "jobs", "run"], env=environment, stdout=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}{path}"
        _wait_for_server(base)
        yield Running(base, {"server": server.pid, "database": database, "jobs": jobs.pid})
    finally:
        for process in (server, jobs):
            process.send_signal(signal.SIGTERM)
        for process in (server, jobs):
            process.wait(timeout=60)


def _wait_for_server(base: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base}/formList", timeout=5):  # noqa: S310, our own server
                time.sleep(1)
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise CommandError("服务器没有启动。", "The server did not start.")


def _stored(context: Context) -> dict[str, int]:
    """What is in the store; ``without_light`` counts places with observations whose light was not computed."""
    counts = {
        "submissions": "SELECT count(*) FROM submission",
        "observations": "SELECT count(*) FROM observation",
        "without_light": (
            "SELECT count(*) FROM (SELECT DISTINCT unit, quarter FROM observation) o "
            "LEFT JOIN live_card c ON c.unit_id = o.unit AND c.quarter = o.quarter WHERE c.unit_id IS NULL"
        ),
        "pending": "SELECT count(*) FROM event WHERE pending",
    }
    with context.database.read() as session:
        return {name: int(session.connection().execute(text(sql)).scalar_one()) for name, sql in counts.items()}


def _wait_for_jobs(context: Context) -> float:
    """Wait until no event is pending; gives the seconds that took after the last answer."""
    start = time.monotonic()
    while _stored(context)["pending"]:
        if time.monotonic() - start > PATIENCE:
            raise CommandError("后台任务没有完成。", "The jobs did not finish.")
        time.sleep(0.1)
    return round(time.monotonic() - start, 2)


def _print(figures: Sequence[dict[str, Any]]) -> None:
    floors = {entry["observations"]: entry for entry in figures if entry["what"] == "floor"}
    for entry in figures:
        if entry["what"] == "floor":
            rows = "row and 50 rows by COPY" if entry["observations"] else "one row of 2.7 kB"
            typer.echo(
                f"floor, {rows}: {entry['per_s']:.0f}/s, database {entry['database_ms']:.2f} ms, "
                f"client {entry['client_ms']:.2f} ms"
            )
            continue
        cpu, floor = entry["cpu_ms"], floors[entry["what"] == "lit"]
        ratio = cpu["all"] / (floor["database_ms"] + floor["client_ms"])
        memory = entry["memory_mb"]
        typer.echo(
            f"{entry['what']}, {entry['connections']} connections: {entry['per_s']:.0f}/s, "
            f"CPU {cpu['all']:.2f} ms (server {cpu['server']:.2f}, database {cpu['database']:.2f}, "
            f"jobs {cpu['jobs']:.2f}) = {ratio:.1f} x floor, "
            f"p50 {entry['p50']} p95 {entry['p95']} p99 {entry['p99']} ms, "
            f"memory {memory['server']} MB (jobs {memory['jobs']} MB), lights {entry['jobs_done_after_s']} s later"
        )
