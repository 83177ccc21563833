"""Imports every module that declares tables, so that the metadata is whole."""

from server.store import events, findings, forms, lights, people, submissions, units
from server.store.db import METADATA

__all__ = ["METADATA", "events", "findings", "forms", "lights", "people", "submissions", "units"]
