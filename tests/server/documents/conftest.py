"""Documents are tested on cases that really walked their way."""

from __future__ import annotations

from tests.server.rectify.conftest import inspection, loop

__all__ = ["inspection", "loop"]
