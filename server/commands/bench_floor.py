"""What PostgreSQL itself needs to commit one submission: the floor under any server."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass

import psycopg

from server.commands.bench_processes import cpu_seconds

ROWS = 50
TABLES = """
CREATE TABLE IF NOT EXISTS floor_row (
    id bigserial PRIMARY KEY, instance_id text UNIQUE NOT NULL, xml text NOT NULL, answers jsonb NOT NULL
);
CREATE TABLE IF NOT EXISTS floor_observation (
    submission bigint, unit bigint, inspector bigint, quarter int, observed_on int, item text, indicator text,
    measure smallint, light smallint, numerator bigint, denominator bigint, severity smallint, repeat_index int,
    route smallint, veto smallint
);
CREATE INDEX IF NOT EXISTS floor_unit_quarter ON floor_observation (unit, quarter);
TRUNCATE floor_row, floor_observation;
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """Per submission: milliseconds of processor time of the database and of the client, and submissions a second."""

    per_second: float
    database_ms: float
    client_ms: float


def measure(url: str, pid: int, xml: str, *, count: int, connections: int, observations: bool) -> Floor:
    """Commit ``count`` rows of this XML one by one over several connections, with 50 rows by COPY each if asked."""
    conninfo = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(TABLES)
    each = count // connections
    threads = [
        threading.Thread(target=_commit, args=(conninfo, xml, each, observations), name="floor")
        for _ in range(connections)
    ]
    database, client, clock = cpu_seconds(pid), time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = each * connections
    seconds = time.perf_counter() - clock
    time.sleep(0.3)
    return Floor(
        round(done / seconds, 1),
        round((cpu_seconds(pid) - database) * 1000 / done, 3),
        round((time.process_time() - client) * 1000 / done, 3),
    )


def _commit(conninfo: str, xml: str, count: int, observations: bool) -> None:
    answers = psycopg.types.json.Jsonb({f"q{number}": "met" for number in range(60)})
    with psycopg.connect(conninfo) as connection:
        for number in range(count):
            row = connection.execute(
                "INSERT INTO floor_row (instance_id, xml, answers) VALUES (%s, %s, %s) RETURNING id",
                (f"uuid:{uuid.uuid4()}", xml, answers),
            ).fetchone()
            assert row is not None
            if observations:
                line = f"{row[0]}\t{number % 800}\t1\t20264\t20777\tmanage_0%d\tGP-1\t1\t1\t0\t0\t0\t0\t0\t0\n"
                with connection.cursor() as cursor, cursor.copy("COPY floor_observation FROM STDIN") as copy:
                    copy.write("".join([line % item for item in range(ROWS)]))
            connection.commit()
