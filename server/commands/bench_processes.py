"""Processor time and memory of a process and all below it, read from /proc."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_HERTZ = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and its descendants that are there now."""
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{current}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
            found.append(current)
    return found


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that the tree has used; of processes that ended, those the root has waited for."""
    ticks = 0
    for current in tree(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{current}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
            if current == pid:
                ticks += int(fields[13]) + int(fields[14])
    return ticks / _HERTZ


def memory_mb(pid: int) -> float:
    """Resident memory of the tree in MB (shared pages counted in each process, as ``ps`` shows it)."""
    total = 0
    for current in tree(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{current}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total / 1000
