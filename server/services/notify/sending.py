"""The outbox: what is due is claimed, sent by its channel, and what became of it is written down.

Each delivery goes out once: several schedulers claim by a conditional update, so one of them sends it. If a process
dies between a channel's yes and the note of it, the delivery is sent again when its lease ends, with the same key
(Message-ID, Idempotency-Key): at least once after a crash, exactly once without.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Final

from server.services.context import Context
from server.services.notify import mail, robots
from server.services.notify.channels import ChannelError, Content
from server.services.notify.wording import content_of
from server.settings import Settings
from server.store import outbox as store
from server.store.messages import Delivery
from server.store.outbox import MAIL, Channel

log = logging.getLogger("liangpai.notify")

LEASE: Final = dt.timedelta(minutes=10)
BATCH: Final = 20  # times the channels' seconds: shorter than the lease
ROBOT_BATCH: Final = 15  # WeCom and DingTalk take twenty a minute
FIRST_PAUSE: Final = dt.timedelta(minutes=1)
LONGEST_PAUSE: Final = dt.timedelta(hours=2)
MOST_TRIES: Final = 12
BUNDLE_ABOVE: Final = 10
DAY: Final = dt.timedelta(days=1)
GIVEN_UP_AFTER: Final = dt.timedelta(days=7)

Send = Callable[[Delivery], None]


def is_quiet(settings: Settings, now: dt.datetime) -> bool:
    """True in the hours in which only what is urgent leaves."""
    clock = now.astimezone(settings.zone).strftime("%H:%M")
    start, end = settings.quiet_from, settings.quiet_to
    if start == end:
        return False
    return start <= clock < end if start < end else clock >= start or clock < end


def last_digest(settings: Settings, now: dt.datetime) -> dt.datetime:
    """The newest moment at which digests are put together that is not after ``now``."""
    here = now.astimezone(settings.zone)
    hour, minute = (int(part) for part in settings.digest_at.split(":"))
    moment = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment <= here else moment - DAY


def gather(context: Context) -> int:
    """Put the day's digests together, and what would otherwise be a flood; gives the number of listings made."""
    now = context.clock()
    cut = last_digest(context.settings, now)
    with context.database.read() as session:
        held = store.held_receivers(session, cut)
        crowded = store.crowded(session, now, BUNDLE_ABOVE)
    made = 0
    for receivers, state, before, name in ((held, "held", cut, "digest"), (crowded, "waiting", now + DAY, "bundle")):
        for receiver in receivers:
            with context.database.write() as session:
                made += store.gather(session, receiver, state=state, before=before, now=now, name=name)
    return made


def channels_due(context: Context) -> list[Channel]:
    """The channels on which something is to be sent now."""
    now = context.clock()
    with context.database.read() as session:
        return store.channels_due(session, now, quiet=is_quiet(context.settings, now))


def deliver_all(context: Context) -> int:
    """Gather and send everything that is due, channel after channel; gives the number of deliveries sent."""
    gather(context)
    return sum(deliver(context, channel) for channel in channels_due(context))


def deliver(context: Context, channel: Channel) -> int:
    """Send what is due on one channel, at most a batch; gives the number sent. Raises only where the store fails."""
    now = context.clock()
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(8)}"
    with context.database.write() as session:
        claimed = store.claim(
            session,
            channel,
            now,
            quiet=is_quiet(context.settings, now),
            holder=holder,
            until=now + LEASE,
            most=BATCH if channel == MAIL else ROBOT_BATCH,
        )
    if not claimed:
        return 0
    if channel == MAIL:
        return _deliver_mail(context, claimed, holder)
    return _deliver_robot(context, channel, claimed, holder)


def _deliver_mail(context: Context, claimed: Sequence[Delivery], holder: str) -> int:
    settings = context.settings
    with context.database.read() as session:
        messages = store.messages_of(session, claimed)
        people = store.addressees(session, {row.person_id for row in claimed if row.person_id})
    ready: list[Delivery] = []
    for row in claimed:
        to = people.get(row.person_id or 0)
        if not mail.is_set_up(settings):
            _settle(context, row, holder, "dropped", "why.no_mail")
        elif to is None or not to.email or not messages[row.id or 0]:
            _settle(context, row, holder, "dropped", "why.no_address")
        else:
            ready.append(row)
    if not ready:
        return 0
    try:
        with mail.mail_server(settings) as server:

            def send(row: Delivery) -> None:
                to = people[row.person_id or 0]
                content = content_of(settings, row, messages[row.id or 0], to.language)
                mail.send_mail(server, settings, name=to.name, address=to.email, content=content, at=context.clock())

            return _send_each(context, ready, holder, send)
    except ChannelError as error:
        _put_off(context, ready, holder, error)
        return 0


def _deliver_robot(context: Context, channel: Channel, claimed: Sequence[Delivery], holder: str) -> int:
    settings = context.settings
    with context.database.read() as session:
        messages = store.messages_of(session, claimed)
        robot = store.robot(session, channel.robot_id)
    if robot is None or not robot.active:
        for row in claimed:
            _settle(context, row, holder, "dropped", "why.robot_off")
        return 0

    def send(row: Delivery) -> None:
        content: Content = content_of(settings, row, messages[row.id or 0], robot.language)
        robots.post(settings, robot, content, context.clock())

    return _send_each(context, claimed, holder, send)


def _send_each(context: Context, rows: Sequence[Delivery], holder: str, send: Send) -> int:
    """Send one after another; where the channel itself fails, the rest waits without having been tried."""
    sent, begun = 0, context.clock()
    for place, row in enumerate(rows):
        if context.clock() - begun > LEASE / 2:
            # A slow channel: what would outlast the lease is left to the next round.
            _put_off(context, rows[place:], holder, ChannelError("slow"), tried=False)
            return sent
        try:
            send(row)
        except ChannelError as error:
            _put_off(context, [row], holder, error)
            if error.whole:
                _put_off(context, rows[place + 1 :], holder, error, tried=False)
                return sent
        except Exception as error:
            # One delivery that cannot be written must not stop those behind it.
            log.exception("delivery %s failed", row.id)
            _settle(context, row, holder, "failed", type(error).__name__)
        else:
            _settle(context, row, holder, "sent", "")
            sent += 1
    return sent


def _settle(context: Context, row: Delivery, holder: str, state: str, error: str) -> None:
    assert row.id is not None
    with context.database.write() as session:
        store.settle(session, row.id, holder, state=state, at=context.clock(), error=error[:500])


def _put_off(
    context: Context, rows: Sequence[Delivery], holder: str, error: ChannelError, *, tried: bool = True
) -> None:
    """Try again later: after one minute, two, four ... at most two hours; or give up.

    What is refused for itself is given up after twelve tries. A channel that is out of order is waited for: a mail
    server that is away over a holiday loses nothing that is younger than a week.
    """
    now = context.clock()
    lost = [row for row in rows if tried and _is_lost(row, error, now)]
    for row in lost:
        _settle(context, row, holder, "failed", str(error))
    left = [row for row in rows if row not in lost]
    if not left:
        return
    with context.database.write() as session:
        for pause in sorted({pause_after(row.tries) for row in left}):
            ids = [row.id for row in left if row.id is not None and pause_after(row.tries) == pause]
            store.postpone(session, ids, holder, due_at=now + pause, error=str(error)[:500], tried=tried)


def _is_lost(row: Delivery, error: ChannelError, now: dt.datetime) -> bool:
    if error.final:
        return True
    return now - row.created_at > GIVEN_UP_AFTER if error.whole else row.tries >= MOST_TRIES


def pause_after(tries: int) -> dt.timedelta:
    """How long to wait after the n-th try in vain."""
    return min(FIRST_PAUSE * 2 ** min(max(0, tries - 1), 12), LONGEST_PAUSE)
