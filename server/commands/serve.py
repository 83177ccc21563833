"""liangpai serve: bring the store up to date, then uvicorn; with several workers the jobs get their own process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from server.commands.console import CommandError, say
from server.commands.options import context_of, settings_of

if TYPE_CHECKING:
    from fastapi import FastAPI


def application() -> FastAPI:
    """What uvicorn's processes call: the application by the settings of the environment."""
    from server.app import create_app
    from server.settings import Settings

    return create_app(Settings())


def run(directory: str | None, database: str | None, *, host: str, port: int, workers: int) -> None:
    """Serve until interrupted."""
    settings_of(directory, database)
    context = context_of(directory, database, create=True)
    context.database.close()
    check_port(host, port)
    say(f"亮牌：http://{host}:{port}/  (Ctrl+C 停止)", f"Liangpai: http://{host}:{port}/  (Ctrl+C stops it)")
    jobs = None
    if workers > 1 and context.settings.jobs:
        os.environ["LIANGPAI_JOBS"] = "false"
        jobs = subprocess.Popen([sys.executable, "-m", "server.cli", "jobs", "run"])
    try:
        serve_with_uvicorn(host, port, workers)
    finally:
        if jobs is not None:
            jobs.terminate()
            jobs.wait(timeout=30)


def serve_with_uvicorn(host: str, port: int, workers: int = 1) -> None:
    """Run uvicorn in this process (and its workers)."""
    import uvicorn

    uvicorn.run(
        "server.commands.serve:application",
        factory=True,
        host=host,
        port=port,
        workers=workers if workers > 1 else None,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def check_port(host: str, port: int) -> None:
    """Raises CommandError if something listens there already."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"无法在{host}:{port}提供服务（{error.strerror}），请用 --port 换一个端口。",
                f"Cannot serve at {host}:{port} ({error.strerror}); choose another port with --port.",
            ) from error
