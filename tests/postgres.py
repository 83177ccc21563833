"""A PostgreSQL server of the tests' own, from the system's binaries, on a socket and free port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_server_user() -> list[str]:
    """PostgreSQL refuses to run as root: then its own system user runs it."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server; gives the URL of its database ``postgres``. ``durable`` keeps the default fsync."""
    found = binaries()
    assert found is not None, "PostgreSQL is not installed: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="liangpai-pg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        port = _free_port()
        prefix = _as_server_user()
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
        initdb = [str(found / "initdb"), "-D", str(folder / "data"), "-U", "liangpai", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*prefix, *initdb], cwd=folder, **quiet)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        control = [str(found / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log")]
        subprocess.run([*prefix, *control, "-o", options, "start"], cwd=folder, **quiet)
        try:
            yield f"postgresql+psycopg://liangpai@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*prefix, *control, "-m", "immediate", "stop"], cwd=folder, **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
