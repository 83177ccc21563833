"""Imports every module that declares tables, so that the metadata is whole."""

from server.store import (
    bodies,
    cases,
    devices,
    documents,
    events,
    findings,
    forms,
    lights,
    messages,
    people,
    saved_views,
    submissions,
    units,
)
from server.store.db import METADATA

__all__ = [
    "METADATA",
    "bodies",
    "cases",
    "devices",
    "documents",
    "events",
    "findings",
    "forms",
    "lights",
    "messages",
    "people",
    "saved_views",
    "submissions",
    "units",
]
