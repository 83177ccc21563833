"""A network between the phone and the server that can lose, cut and slow down what goes over it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable


class Network:
    """Listens on ``port`` and passes everything on to ``target``. Faults hit the next POST of a submission only once.

    ``lose_answer``: the server gets it all and answers, the phone hears nothing. ``cut_after``: so many bytes of the
    POST go through, then ``then`` is called (kill somebody) and the line is cut. ``slow``: seconds for each 16 kB.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.lose_answer = False
        self.cut_after: int | None = None
        self.then: Callable[[], None] | None = None
        self.slow = 0.0
        self.hits = 0
        self.posts = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._open = False
        self._socket.close()

    def _accept(self) -> None:
        while self._open:
            try:
                client, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=30)
        except OSError:
            client.close()
            return
        line = _Line(self, client, server)
        threading.Thread(target=line.up, daemon=True).start()
        line.down()


class _Line:
    """One connection: ``up`` carries what the phone sends, ``down`` what the server answers."""

    def __init__(self, network: Network, client: socket.socket, server: socket.socket) -> None:
        self.network = network
        self.client = client
        self.server = server
        self.lose = False
        self.post_bytes = -1

    def up(self) -> None:
        network = self.network
        with contextlib.suppress(OSError):
            while data := self.client.recv(16384):
                if data.startswith(b"POST /v1/"):
                    network.posts += 1
                    self.post_bytes = 0
                    self.lose, network.lose_answer = network.lose_answer, False
                if self.post_bytes >= 0:
                    if network.slow:
                        time.sleep(network.slow)
                    limit = network.cut_after
                    if limit is not None and self.post_bytes + len(data) >= limit:
                        self.server.sendall(data[: max(0, limit - self.post_bytes)])
                        self._cut()
                        return
                    self.post_bytes += len(data)
                self.server.sendall(data)
        self._close()

    def down(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                if self.lose:
                    self.network.hits += 1
                    break
                self.client.sendall(data)
        self._close()

    def _cut(self) -> None:
        network = self.network
        network.cut_after = None
        network.hits += 1
        if network.then is not None:
            network.then()
        self._close()

    def _close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
