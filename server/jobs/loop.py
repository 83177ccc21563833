"""The jobs: what submissions and reviews left to be done, and what each new day asks for.

One holder at a time works, whatever number of processes try: on PostgreSQL an advisory lock says who, on SQLite the
one process does. Everything is derived and can be done twice, so a crash costs a repetition and nothing else.
"""

from __future__ import annotations

import logging
import threading
import time

from server.jobs.changed import work_off_changes
from server.jobs.clock import run_clock
from server.jobs.daily import run_due
from server.jobs.posting import Posting
from server.services.context import Context
from server.services.documents.documents import make_waiting
from server.store.holder import holding

log = logging.getLogger("liangpai.jobs")
PAUSE_AFTER_FAILURE = 5.0


class Loop:
    """Works in a thread of its own until stopped."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = threading.Event()
        self._broken: set[int] = set()  # documents that could not be made
        self._thread = threading.Thread(target=self._run, name="liangpai-jobs", daemon=True)
        self._posting = Posting(context)

    def start(self) -> None:
        """Begin working."""
        self._thread.start()
        self._posting.start()

    def stop(self) -> None:
        """Finish what is being done and end."""
        self._stop.set()
        self._posting.stop()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            # Even after work there is a pause: what comes in meanwhile is scored together, each unit once.
            pause = self._context.settings.score_interval
            try:
                work_once(self._context)
                make_waiting(self._context, self._broken)
            except Exception:
                log.exception("the jobs failed and will try again")
                pause = PAUSE_AFTER_FAILURE
            self._stop.wait(pause)


def work_once(context: Context) -> int:
    """Do what is waiting; gives the number of events worked off. 0 means nothing was waiting or another holds on."""
    with holding(context.database, "jobs") as held:
        if not held:
            return 0
        run_due(context)
        run_clock(context)
        return work_off_changes(context)


def run_forever(context: Context) -> None:
    """The job process of a server with several workers; ends on KeyboardInterrupt."""
    loop = Loop(context)
    loop.start()
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        loop.stop()
