"""Answers kept in memory for some seconds, so that a submission does not ask the store what it asked just now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

MOST: Final = 20_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class NotKept(Exception):
    """The answer is not in memory, and whoever asked cannot wait for the store."""


class Fresh(Generic[Key, Value]):
    """Values that may be ``seconds`` old. Only what was found is kept, so that the new is seen at once."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = monotonic
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """The value if it is there and fresh."""
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] > self._now() else None

    def put(self, key: Key, value: Value) -> None:
        """Keep a value."""
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (self._now() + self._seconds, value)
