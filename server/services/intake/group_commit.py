"""One thread that writes what has arrived meanwhile in one transaction: waiting for the disk is shared, never added.

Nothing is delayed on purpose: the thread takes whatever is queued at the moment it is free.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
log = logging.getLogger("liangpai")


class GroupCommitter(Generic[Item, Result]):
    """``write`` gets up to ``limit`` items and gives for each its result or the exception that it deserves."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result | BaseException]], *, limit: int) -> None:
        self._write = write
        self._limit = limit
        self._queue: SimpleQueue[tuple[Item, Future[Result]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def put(self, item: Item) -> Future[Result]:
        """Hand over an item; the future ends once it is committed, or with the exception that kept it from it."""
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise RuntimeError("closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            self._queue.put((item, future))
        return future

    def close(self) -> None:
        """Write what is queued and end the thread."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch: list[tuple[Item, Future[Result]]] = []
            entry = self._queue.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) >= self._limit:
                    break
                try:
                    entry = self._queue.get_nowait()
                except Empty:
                    break
            going = entry is not None
            if batch:
                self._settle(batch)

    def _settle(self, batch: list[tuple[Item, Future[Result]]]) -> None:
        try:
            results = self._write([item for item, _ in batch])
        except BaseException as error:
            log.exception("group commit failed")
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
