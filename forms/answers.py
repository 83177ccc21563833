"""A submission once read: who it is and the flat list of its answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One non-empty answer. ``repeat_index`` counts from 1 within the innermost repeat, 0 outside any."""

    item: str
    path: str
    value: str
    repeat_index: int = 0


@dataclass(frozen=True, slots=True)
class SubmissionHead:
    """What identifies a submission: form, version, instanceID and, for an edit, the deprecatedID it replaces."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str = ""
    instance_name: str = ""
