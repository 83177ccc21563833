"""The draw of rectified S1 and S2 findings that are seen on site: at least the rulebook's share of all (D.recheck).

Whoever knows the seed, the pool and what was drawn before gets the same result (closed-loop D-2, invariant 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

ALGORITHM: Final = "sha256-rank/1"


def draw(pool: Iterable[str], *, seed: str, share: int, before: tuple[int, int] = (0, 0)) -> tuple[str, ...]:
    """The codes drawn from a pool, sorted.

    share: percent, 0 to 100. before: how many were in earlier draws, and how many of those were drawn. As many are
    drawn now as bring the share of all to ``share`` at least, never more than the pool. Each code's rank is the SHA-256
    of seed and code; the lowest ranks are drawn. Raises ValueError for a share outside 0 to 100.
    """
    if not 0 <= share <= 100:
        raise ValueError("a share lies between 0 and 100 percent")
    codes = sorted(set(pool))
    number, drawn = before
    wanted = -(-share * (number + len(codes)) // 100) - drawn
    ranked = sorted(codes, key=lambda code: (rank(seed, code), code))
    return tuple(sorted(ranked[: max(0, wanted)]))


def rank(seed: str, code: str) -> str:
    """A code's place in the draw of a seed: 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}\n{code}".encode()).hexdigest()
