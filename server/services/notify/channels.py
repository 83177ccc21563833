"""What every channel has in common: the content it carries, and how it says that it failed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a receiver reads it: plain text, an absolute link or ""."""

    kind: str
    subject: str
    title: str
    body: str
    link: str
    at: str  # in the district's time zone, to the minute


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out in one delivery: a message, or a digest's. ``key`` is the same at every repetition."""

    key: str
    title: str
    lines: tuple[Line, ...]
    urgent: bool
    language: str = "zh"


class ChannelError(Exception):
    """A channel did not take a delivery.

    ``whole`` means that the channel itself is out of order: nothing else is tried on it now. ``final`` means that this
    delivery will never go through (an address that does not exist); it is given up.
    """

    def __init__(self, words: str, *, whole: bool = True, final: bool = False) -> None:
        super().__init__(words)
        self.whole = whole
        self.final = final
