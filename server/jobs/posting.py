"""Sends what waits in the outbox, beside the other jobs: a mail server that hangs delays no light and no other channel.

Every process with jobs may run one: deliveries are claimed one by one in the store, so each is sent once.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from server.services.context import Context
from server.services.notify import sending
from server.store.outbox import Channel

log = logging.getLogger("liangpai.jobs")
SECONDS = 2.0
GATHER_EVERY = 15
AT_ONCE = 4


class Posting:
    """Looks for what is due every two seconds; each channel is worked by itself."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liangpai-posting", daemon=True)
        self._running: dict[Channel, Future[int]] = {}

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is claimed and unsent is sent by another when its lease ends."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        rounds = 0
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="liangpai-channel") as pool:
            while not self._stop.is_set():
                try:
                    self._look(pool, gather=rounds % GATHER_EVERY == 0)
                except Exception:
                    log.exception("the outbox could not be looked at; it is tried again")
                rounds += 1
                self._stop.wait(SECONDS)

    def _look(self, pool: ThreadPoolExecutor, *, gather: bool) -> None:
        if gather:
            sending.gather(self._context)
        self._running = {channel: work for channel, work in self._running.items() if not work.done()}
        for channel in sending.channels_due(self._context):
            if channel not in self._running:
                self._running[channel] = pool.submit(self._deliver, channel)

    def _deliver(self, channel: Channel) -> int:
        try:
            return sending.deliver(self._context, channel)
        except Exception:
            log.exception("channel %s failed and will try again", channel)
            return 0
