"""liangpai jobs: the background work in a process of its own."""

from __future__ import annotations

from server.commands.console import say
from server.commands.options import opened


def run(directory: str | None, database: str | None, *, once: bool) -> None:
    """Work until interrupted, or until nothing is waiting."""
    from server.jobs.loop import run_forever, work_once

    with opened(directory, database) as context:
        if not once:
            run_forever(context)
            return
        done = 0
        while count := work_once(context):
            done += count
    say(f"处理了{done}项。", f"{done} events worked off.")
