"""Whole frames give the lights of the plain rules, row for row, on every engine and at every size of number."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.frames import INDICATOR_VALUE
from forms.catalogue import Catalogue, Threshold
from forms.meaning import INT64_MAX, SCALE, Light
from scorecards.bulk import dimension_lights, indicator_lights, record_row, school_lights
from scorecards.dimension import dimension_card
from scorecards.lights import indicator_light
from scorecards.school import Overdue, Relapse, SchoolRecord, Veto, school_card
from scorecards.verdict import IndicatorValue, LightContext, Verdict
from tests.scorecards.conftest import make_indicator

ROWS = [
    make_indicator("items"),
    make_indicator("items+", green=Threshold(">=", 1, 10)),
    make_indicator("ratio", "ratio", green=Threshold(">=", 1, 10), yellow=Threshold(">=", 8, 100)),
    make_indicator("ratio>", "ratio", green=Threshold(">", 1, 3)),
    make_indicator("ratio<", "ratio", green=Threshold("<", 1, 3), yellow=Threshold("=", 1, 3)),
    make_indicator("ratio-", "ratio"),
    make_indicator("huge", "ratio", green=Threshold(">=", 10**30, 10**30 - 1)),
    make_indicator("hugecount", "count", green=Threshold("<=", 10**40)),
    make_indicator("percent", "value", unit="%", green=Threshold(">=", 9, 10), yellow=Threshold(">=", 7, 10)),
    make_indicator("value", "value", green=Threshold("<=", 3), freshness=30),
    make_indicator("count", "count", green=Threshold("<=", 0), yellow=Threshold("<=", 2)),
    make_indicator("document", "document"),
    make_indicator("zero", "zero", kind="A", freshness=0),
    make_indicator("frequency", "frequency", target=2),
    make_indicator("milestone", "milestone", target=40),
    make_indicator("progress", "milestone"),
    make_indicator("decrease", "decrease"),
    make_indicator("cv", "cv", green=Threshold("<=", 1, 2)),
    make_indicator("none", "none"),
]
CATALOGUE = Catalogue("bulk", {row.code: row for row in ROWS}, {})

small, answers = st.integers(0, 40), st.integers(0, 12)
fixed = st.one_of(
    st.integers(-3, 60).map(lambda n: n * SCALE), st.integers(0, 10**6), st.integers(-INT64_MAX, INT64_MAX)
)


@st.composite
def values(draw: st.DrawFn) -> IndicatorValue:
    green, yellow, red, grey = (draw(answers) for _ in range(4))
    if draw(st.booleans()):
        green = yellow = red = grey = 0
    numerator, denominator = draw(st.one_of(st.just(0), fixed)), draw(st.one_of(st.just(0), st.just(SCALE), fixed))
    count = draw(st.one_of(st.just(0), small, st.integers(0, 10**14)))
    seen = green + yellow + red + grey + draw(st.integers(0, 2))
    code, red_s4, day = (
        draw(st.sampled_from(list(CATALOGUE.indicators))),
        min(red, draw(st.integers(0, 1))),
        draw(st.integers(100, 600)),
    )
    return IndicatorValue(
        draw(small), 20264, code, numerator, denominator, count, green, yellow, red, grey, red_s4, seen, 0, day
    )


def as_rows(listed: list[IndicatorValue]) -> dict[str, list[Any]]:
    return {name: [getattr(value, name) for value in listed] for name in INDICATOR_VALUE}


def polars_frame(listed: list[IndicatorValue]) -> pl.DataFrame:
    types = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}
    return pl.DataFrame(as_rows(listed), schema={name: types[kind] for name, kind in INDICATOR_VALUE.items()})


def engines(listed: list[IndicatorValue]) -> dict[str, Any]:
    frame = polars_frame(listed)
    return {
        "polars": frame,
        "lazy": frame.lazy(),
        "pandas": frame.to_pandas(),
        "duckdb": duckdb.from_arrow(frame.to_arrow()),
    }


@pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "duckdb"])
@given(listed=st.lists(values(), min_size=1, max_size=12), as_of=st.one_of(st.none(), st.integers(100, 700)))
@settings(max_examples=40)
def test_a_frame_of_values_has_the_lights_of_the_plain_rules(rulebook, engine, listed, as_of):
    numbered = [
        IndicatorValue(**{**{n: getattr(v, n) for n in INDICATOR_VALUE}, "unit": place})
        for place, v in enumerate(listed)
    ]
    context = LightContext(as_of=as_of)
    plain = {
        v.unit: int(indicator_light(CATALOGUE.indicators[v.indicator], v, rulebook, context=context).light)
        for v in numbered
    }
    made = indicator_lights(engines(numbered)[engine], CATALOGUE, rulebook, as_of=as_of)
    rows = made.to_dict("records") if isinstance(made, pd.DataFrame) else made.to_dicts()
    assert {row["unit"]: row["light"] for row in rows} == plain


def test_a_product_beyond_int64_is_still_compared_exactly(rulebook):
    """9e17 * 100 wraps around in int64; the light must not."""
    just_under = IndicatorValue(1, 20264, "ratio", 9 * 10**16 - 1, 9 * 10**17, observations=1)
    just_met = IndicatorValue(2, 20264, "ratio", 9 * 10**16, 9 * 10**17, observations=1)
    made = indicator_lights(polars_frame([just_under, just_met]), CATALOGUE, rulebook)
    assert dict(made.select("unit", "light").iter_rows()) == {1: Light.YELLOW, 2: Light.GREEN}


def test_values_outside_the_catalogue_are_left_out(rulebook):
    frame = polars_frame([IndicatorValue(1, 20264, "unheard of", observations=1, red=1)])
    assert indicator_lights(frame, CATALOGUE, rulebook).is_empty()
    assert indicator_lights(frame, Catalogue("empty"), rulebook).is_empty()


LIGHTS = st.sampled_from([None, *Light])


@st.composite
def schools(draw: st.DrawFn) -> tuple[dict[str, Light], SchoolRecord]:
    codes = ["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "C1", "C2", "C3", "C4", "D1", "N1"]
    lights = {code: light for code in codes if (light := draw(LIGHTS)) is not None}
    record = SchoolRecord(
        20264,
        visits=draw(st.integers(0, 2)),
        vetoes=tuple(draw(st.lists(st.just(Veto(1, 20264)), max_size=1))) if draw(st.booleans()) else (),
        overdue=tuple(
            Overdue("f", draw(st.integers(1, 4)), draw(st.integers(0, 20))) for _ in range(draw(st.integers(0, 2)))
        ),
        false_evidence=int(draw(st.integers(0, 9)) == 9),
        relapses=tuple(
            Relapse("f", draw(st.integers(1, 4)), draw(st.integers(1, 3))) for _ in range(draw(st.integers(0, 1)))
        ),
        open_r3=draw(st.integers(0, 2)),
        open_s4=draw(st.integers(0, 1)),
    )
    return lights, record


@pytest.mark.parametrize("engine", ["polars", "pandas"])
@given(
    listed=st.lists(schools(), min_size=1, max_size=6),
    expected=st.sampled_from([None, frozenset({"A1", "A5", "B1", "C1"})]),
)
@settings(max_examples=60)
def test_all_schools_at_once_have_the_cards_of_each_alone(rulebook, catalogue, engine, listed, expected):
    """Recomputing one unit gives what recomputing the district gives: incremental = full."""
    plain_dimensions, plain = {}, {}
    for unit, (lights, record) in enumerate(listed):
        verdicts = {code: Verdict(light, "x") for code, light in lights.items()}
        cards = [
            dimension_card(name, verdicts, catalogue, rulebook, expected=expected) for name in catalogue.dimensions
        ]
        card = school_card(cards, record, rulebook)
        plain[unit] = (int(card.light), card.complete, card.needed)
        plain_dimensions |= {(unit, one.dimension): int(one.light) for one in cards if one.lights}
    table = [(unit, code, int(light)) for unit, (lights, _) in enumerate(listed) for code, light in lights.items()]
    frame = pl.DataFrame(table, schema={"unit": pl.Int64, "indicator": pl.String, "light": pl.Int16}, orient="row")
    records = pl.DataFrame([record_row(unit, record, rulebook) for unit, (_, record) in enumerate(listed)])
    native = (frame, records) if engine == "polars" else (frame.to_pandas(), records.to_pandas())
    dimensions = dimension_lights(native[0], catalogue, rulebook, expected=expected)
    made = school_lights(dimensions, native[1], catalogue, rulebook, expected=expected)

    def rows(table: Any) -> list[dict[str, Any]]:
        return table.to_dict("records") if isinstance(table, pd.DataFrame) else table.to_dicts()

    assert {(r["unit"], r["dimension"]): r["light"] for r in rows(dimensions)} == plain_dimensions
    assert {r["unit"]: (r["light"], r["complete"], r["needed"]) for r in rows(made)} == plain
