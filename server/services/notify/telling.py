"""Telling somebody something, once: the inbox at once, the ways out (mail, robots) as deliveries to be sent later.

Everything is written in the caller's transaction: what is rolled back was never told, and what is committed is told
whatever crashes afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from server.store import messages as store
from server.store.db import WriteSession
from server.store.messages import Robot
from server.store.units import Unit

TITLE: Final = 300


@dataclass(frozen=True, slots=True)
class MessageWords:
    """What is said, in both languages; plain text, lines divided by newlines."""

    title_zh: str
    title_en: str
    body_zh: str = ""
    body_en: str = ""


@dataclass(frozen=True, slots=True)
class Holders:
    """Everybody who holds a role: ``at`` a unit itself, at it or any unit ``above`` it, at the ``nearest`` of those
    where somebody holds it, or ``within`` its subtree. ``path`` is the unit's path."""

    role: str
    path: str
    where: Literal["at", "above", "nearest", "within"] = "at"


def at_unit(unit: Unit, role: str) -> Holders:
    """Everybody with a role at this unit itself: ``at_unit(school, "school")``."""
    return Holders(role, unit.path, "at")


def above(unit: Unit, role: str) -> Holders:
    """Everybody with a role at this unit or at any above it: ``above(school, "leading")``."""
    return Holders(role, unit.path, "above")


def nearest(unit: Unit, role: str) -> Holders:
    """The holders of a role nearest above this unit: the town's office if there is one, else the district's."""
    return Holders(role, unit.path, "nearest")


def within(unit: Unit, role: str) -> Holders:
    """Everybody with a role at this unit or below it."""
    return Holders(role, unit.path, "within")


def tell(
    session: WriteSession,
    *,
    kind: str,
    to: Sequence[int | Holders],
    subject: str,
    words: MessageWords,
    at: dt.datetime,
    key: str,
    urgent: bool = False,
    link: str = "",
    about: str = "",
) -> bool:
    """Tell these people something; False where the same ``key`` was told before (then nothing is written), and while
    a history is written (``Database.untold``).

    ``to`` mixes person ids and Holders. ``kind`` groups messages (``finding.noticed``), ``subject`` is what they are
    about (a finding's code), ``link`` a path of this server. ``urgent`` messages (S4) wait neither for the morning nor
    for a digest. ``about`` is the path of the unit concerned: robots of that unit and above hear the message if their
    role is among those told; "" takes the first Holders' path.
    """
    if session.info.get("untold"):
        return False
    told = _persons(session, to)
    row = {
        "key": key,
        "kind": kind,
        "subject": subject,
        "title_zh": words.title_zh[:TITLE],
        "title_en": words.title_en[:TITLE],
        "body_zh": words.body_zh,
        "body_en": words.body_en,
        "link": link,
        "urgent": urgent,
        "at": at,
    }
    message = store.add_message(session, row)
    if message is None:
        return False
    store.add_copies(session, message, told)
    deliveries = [
        _delivery(message, at, urgent, choice.mode, person_id=choice.person_id)
        for choice in store.choices_of(session, told)
    ]
    roles = {holders.role for holders in to if isinstance(holders, Holders)}
    place = about or next((holders.path for holders in to if isinstance(holders, Holders)), "")
    deliveries += [
        _delivery(message, at, urgent, robot.mode, robot_id=robot.id)
        for robot in store.robots_for(session, place, roles)
    ]
    store.add_deliveries(session, deliveries)
    return True


def _persons(session: WriteSession, to: Iterable[int | Holders]) -> set[int]:
    """The people meant, each once, without those who have left."""
    named: set[int] = set()
    told: set[int] = set()
    for entry in to:
        if isinstance(entry, int):
            named.add(entry)
        else:
            told |= _holding(session, entry)
    return told | store.active_of(session, named)


def _holding(session: WriteSession, holders: Holders) -> set[int]:
    if holders.where == "within":
        return set(store.holders_within(session, holders.role, holders.path))
    found = store.holders_around(session, holders.role, holders.path)
    if holders.where == "above":
        return {person for person, _ in found}
    depth = holders.path.count("/") - 1
    if holders.where == "nearest":
        depth = max((place for _, place in found), default=0)
    return {person for person, place in found if place == depth}


def _delivery(message: int, at: dt.datetime, urgent: bool, mode: str, **receiver: int | None) -> dict[str, Any]:
    """A delivery's row. Its key names message and receiver: what a receiver recognises a repetition by."""
    who = f"person-{receiver['person_id']}" if receiver.get("person_id") else f"robot-{receiver['robot_id']}"
    return {
        "key": f"message-{message}-{who}",
        "message_id": message,
        "person_id": receiver.get("person_id"),
        "robot_id": receiver.get("robot_id"),
        "state": "held" if mode == "digest" and not urgent else "waiting",
        "urgent": urgent,
        "created_at": at,
        "due_at": at,
        "error": "",
    }


TRIAL: Final = MessageWords("这是一条测试消息", "This is a test", "机器人已接通。", "The robot is connected.")


def deliver_to_robot(session: WriteSession, robot: Robot, *, key: str, at: dt.datetime) -> None:
    """Send one robot, and nobody else, a message to see whether it works."""
    row = {
        "key": key,
        "kind": "robot.tried",
        "subject": "",
        "title_zh": TRIAL.title_zh,
        "title_en": TRIAL.title_en,
        "body_zh": TRIAL.body_zh,
        "body_en": TRIAL.body_en,
        "link": "",
        "urgent": True,
        "at": at,
    }
    message = store.add_message(session, row)
    if message is not None:
        store.add_deliveries(session, [_delivery(message, at, True, "now", robot_id=robot.id)])
