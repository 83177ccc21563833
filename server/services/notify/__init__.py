"""Telling people: a message in the transaction of what it tells about, and the channels that carry it later."""

from server.services.notify.telling import (
    Holders,
    MessageWords,
    above,
    at_unit,
    nearest,
    tell,
    within,
)

__all__ = ["Holders", "MessageWords", "above", "at_unit", "nearest", "tell", "within"]
