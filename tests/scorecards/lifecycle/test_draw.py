"""At least a fifth of the small findings is seen on site; seed and pool alone decide which."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scorecards.lifecycle.draw import draw

POOLS = st.lists(st.lists(st.integers(0, 10_000).map(lambda n: f"S{n}"), max_size=12), max_size=12)


@given(POOLS, st.integers(0, 100), st.text(max_size=20))
def test_however_the_pools_come_the_share_is_reached_and_hardly_exceeded(
    pools: list[list[str]], share: int, seed: str
) -> None:
    number = drawn = 0
    for position, pool in enumerate(pools):
        found = draw(pool, seed=f"{seed}{position}", share=share, before=(number, drawn))
        assert set(found) <= set(pool) and len(set(found)) == len(found)
        number, drawn = number + len(set(pool)), drawn + len(found)
        assert drawn * 100 >= share * number
        assert drawn <= Fraction(share * number, 100) + 1


@given(st.sets(st.text(min_size=1, max_size=8), min_size=1), st.text(max_size=20), st.randoms())
def test_the_order_in_which_a_pool_is_given_changes_nothing(pool: set[str], seed: str, random) -> None:  # type: ignore[no-untyped-def]
    mixed = list(pool)
    random.shuffle(mixed)
    assert draw(mixed, seed=seed, share=20) == draw(sorted(pool), seed=seed, share=20)


def test_another_seed_draws_others_and_every_finding_can_be_drawn() -> None:
    pool = [f"S{number:03d}" for number in range(50)]
    draws = [draw(pool, seed=str(seed), share=20) for seed in range(200)]
    assert all(len(found) == 10 for found in draws)
    assert len(set(draws)) > 190
    times = [sum(code in found for found in draws) for code in pool]
    assert min(times) > 15 and max(times) < 70, "about 40 of 200 each"


def test_a_draw_stays_what_it_was() -> None:
    assert draw(["a", "b", "c", "d", "e"], seed="2026", share=40) == draw("edcba", seed="2026", share=40)
    assert draw(["a", "b", "c", "d", "e"], seed="2026", share=40) == ("d", "e")
