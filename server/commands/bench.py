"""liangpai bench: hands the arguments to the measurement of that name."""

from __future__ import annotations

import importlib
from pathlib import Path


def nmis(folder: str, *, details: int, keep: str, as_json: bool) -> None:
    """Recompute published figures; ``folder`` holds the school records and what was published of them."""
    from server.commands.bench_nmis import run

    run(Path(folder), as_json=as_json, details=details, keep=Path(keep) if keep else None)


def hand_over(name: str, arguments: list[str]) -> None:
    """Run ``server.commands.bench_NAME.run(arguments)``, which reads its own arguments and prints its figures."""
    importlib.import_module(f"server.commands.bench_{name}").run(arguments)
