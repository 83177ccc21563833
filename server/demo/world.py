"""The demo's server: a real uvicorn process with the real application, whose clock the simulation turns."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType

from server.services.context import Clock
from server.settings import Settings

HOST = "127.0.0.1"
START_SECONDS = 120


def turned(clock: Synchronized[float]) -> Clock:
    """A clock that shows what another process sets."""
    return lambda: dt.datetime.fromtimestamp(clock.value, dt.UTC)


def _serve(settings: Settings, port: Synchronized[int], clock: Synchronized[float]) -> None:
    """What the server process does."""
    import socket

    import uvicorn

    from server.app import create_app

    listener = socket.create_server((HOST, 0))
    app = create_app(settings, clock=turned(clock))
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    port.value = listener.getsockname()[1]
    uvicorn.Server(config).run(sockets=[listener])


class World:
    """The running server and its clock."""

    def __init__(self, settings: Settings, now: dt.datetime) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._port: Synchronized[int] = spawn.Value("i", 0)
        self._clock: Synchronized[float] = spawn.Value("d", now.timestamp())
        quiet = settings.model_copy(update={"jobs": False})
        self._process = spawn.Process(target=_serve, args=(quiet, self._port, self._clock), daemon=True)
        self.clock: Clock = turned(self._clock)

    def __enter__(self) -> World:
        self._process.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._port.value:
            if not self._process.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the demo's server did not start")
            time.sleep(0.05)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join(timeout=30)

    @property
    def port(self) -> int:
        return self._port.value

    def set_clock(self, moment: float) -> None:
        """Turn the clock; never back."""
        with self._clock.get_lock():
            self._clock.value = max(self._clock.value, moment)
