"""A demo district to measure: built, served as a process of its own, and signed in to as a browser does."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.doors.dependencies import SESSION_COOKIE

HOST = "127.0.0.1"


def build(folder: Path, schools: int, quarters: int) -> float:
    """Seconds to build a demo district of this size."""
    numbers = ["--schools", str(schools), "--quarters", str(quarters)]
    began = time.perf_counter()
    subprocess.run([*_liangpai(), "demo", "--no-serve", "--dir", str(folder), *numbers], check=True, stdout=sys.stderr)
    return round(time.perf_counter() - began, 1)


def _liangpai() -> list[str]:
    return [sys.executable, "-c", "from server.cli import app; app()"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, float]]:
    """``liangpai demo`` on a built district; gives its port and the seconds until it answered."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [*_liangpai(), "demo", "--dir", str(folder), "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - began > 120:
                    raise RuntimeError("the demo did not start")
                time.sleep(0.05)
            yield port, time.perf_counter() - began
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def signed_in(connection: http.client.HTTPConnection, login: str = "leader") -> str:
    """Sign in as a browser does: the page's token and cookie first; gives the session's cookie."""
    from server.demo.cast import PASSWORD

    connection.request("GET", "/sign-in")
    page = connection.getresponse()
    token = re.search(r'name="token" value="([^"]+)"', page.read().decode())
    seed = page.headers.get("Set-Cookie", "").split(";")[0]
    if token is None:
        raise RuntimeError("the sign-in page has no token")
    body = urllib.parse.urlencode({"login": login, "password": PASSWORD, "token": token[1]})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": seed}
    connection.request("POST", "/sign-in", body, headers)
    answer = connection.getresponse()
    answer.read()
    cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    found = [cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE) and not cookie.endswith('=""')]
    if not found:
        raise RuntimeError(f"signing in answered {answer.status}")
    return found[0]
