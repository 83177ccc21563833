"""A PostgreSQL of a measurement's own: the system's binaries, default durability, a free port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.commands.console import CommandError


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the URL of its database ``postgres`` and the process id of its postmaster."""

    url: str
    pid: int


@contextmanager
def postgres() -> Iterator[Server]:
    """Start a server with nothing changed but its port and folder. Raises CommandError where there are no binaries."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="liangpai-bench-pg-"))
    try:
        user: list[str] = []
        if os.getuid() == 0:  # initdb refuses root
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        port = free_port()
        data = folder / "data"
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "liangpai", "-A", "trust", "-E", "UTF8"]
        _quietly([*user, *initdb], folder)
        control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        _quietly([*user, *control, "-o", options, "start"], folder)
        try:
            pid = int((data / "postmaster.pid").read_text().splitlines()[0])
            yield Server(f"postgresql+psycopg://liangpai@127.0.0.1:{port}/postgres", pid)
        finally:
            _quietly([*user, *control, "-m", "fast", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise CommandError(
            "没有PostgreSQL，请运行：apt-get install postgresql。",
            "PostgreSQL is not installed; run: apt-get install postgresql.",
        )
    return Path(on_path).parent


def _quietly(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(
        command, cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
