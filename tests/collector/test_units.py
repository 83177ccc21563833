"""The collector's own unit tests and types, run where its packages are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "collector.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / "server" / "collector" / "node_modules" / ".lock").is_file(),
        reason="the collector's packages are not installed (./dev setup): its TypeScript is not checked",
    ),
]


@pytest.mark.parametrize("verb", ["check", "test"])
def test_the_collectors_types_and_unit_tests_hold(verb: str) -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT), verb], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
