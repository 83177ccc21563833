"""Lights of whole frames at once: the rules of ``scorecards.lights`` and the L1 cards as integer expressions.

The plain rules are the oracle; a property test holds the two together. Products that could pass int64 are not
multiplied: those rows, and only those, are judged one by one in Python's own integers. Frames are any that narwhals
reads; lazy ones (DuckDB, Polars) are collected once, after the observations have been summed, as Polars frames.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import narwhals as nw

from forms.catalogue import Catalogue
from forms.meaning import SCALE, Light
from forms.rulebook import Rulebook
from scorecards.bulk_rules import (
    CASES,
    CV,
    DECREASE,
    DOCUMENT,
    ITEMS,
    NUMBER,
    PAIR,
    UNLIT,
    ZERO,
    ZERO_ANSWERS,
    parameters,
    whole,
)
from scorecards.dimension import core_indicators, indicators_of
from scorecards.lights import indicator_light
from scorecards.school import SchoolRecord, veto_stands
from scorecards.verdict import IndicatorValue, LightContext

NA, GREEN, YELLOW, RED, GREY = (int(light) for light in (Light.NA, Light.GREEN, Light.YELLOW, Light.RED, Light.GREY))
ABSENT: Final = -1
UNJUDGED: Final = -2  # a product might pass int64: left to the plain rules
_KEYS: Final = ("unit", "quarter", "indicator")
_AMOUNTS: Final = ("numerator", "denominator")
_COUNTS: Final = ("count", "green", "yellow", "red", "grey", "observations")
_FOR_ANSWERS: Final = ("p_answers", "p_fresh", "p_count_limit")
_DIMENSION: Final = ("unit", "dimension", "light", "complete", "absent")
Frame = nw.DataFrame[Any]


def indicator_lights(values: Any, catalogue: Catalogue, rulebook: Rulebook, *, as_of: int | None = None) -> Any:
    """The light of every row of a frame of indicator values: unit, quarter, indicator, light (in no given order).

    ``values`` has the columns of INDICATOR_VALUE; indicators outside the catalogue are left out. ``as_of`` is the day
    of judgement (days since 1970-01-01). Samples, plans, schedules and earlier periods belong to single verdicts: as
    in ``indicator_light`` with no more context than ``as_of``.
    """
    table = _eager(values)
    rules = nw.from_dict(parameters(catalogue, rulebook), backend=table.implementation)
    if not len(rules):
        return table.select("unit", "quarter", "indicator").with_columns(light=nw.lit(NA)).head(0).to_native()
    # Lazy, so that the engine computes what the rules share only once. Most values hold answers only: those never see
    # the columns that amounts need.
    lazy, few = table.lazy(), rules.select("indicator", *_FOR_ANSWERS)
    answered = lazy.filter(~_has_amount()).join(few.lazy(), on="indicator", how="inner")
    amounts = lazy.filter(_has_amount()).join(rules.lazy(), on="indicator", how="inner")
    by_answers = _cases([(_answers(rulebook) == ABSENT, nw.lit(GREY))], _answers(rulebook))
    parts = []
    for rows, fits, light in (
        (answered, _within("p_count_limit", _COUNTS), by_answers),
        (amounts, _within("p_amount_limit", _AMOUNTS) & _within("p_count_limit", _COUNTS), _both(rulebook)),
    ):
        judged = nw.when(fits).then(_known(as_of, light)).otherwise(nw.lit(UNJUDGED)).cast(nw.Int16)
        made = rows.select(*_KEYS, judged.alias("light")).collect()
        left = made["light"] == UNJUDGED
        if left.any():
            parts.append(_one_by_one(rows.filter(~fits).collect(), catalogue, rulebook, as_of))
            made = made.filter(~left)
        parts.append(made)
    return nw.concat(parts).to_native()


def _one_by_one(rows: Frame, catalogue: Catalogue, rulebook: Rulebook, as_of: int | None) -> Frame:
    """The plain rules, for the rows whose products int64 cannot hold."""
    context, lights = LightContext(as_of=as_of), []
    for row in rows.iter_rows(named=True):
        indicator, value = catalogue.indicators[row["indicator"]], IndicatorValue.from_row(row)
        lights.append(int(indicator_light(indicator, value, rulebook, context=context).light))
    series = nw.new_series("light", lights, nw.Int16, backend=rows.implementation)
    return rows.select(*_KEYS).with_columns(series)


def dimension_lights(
    lights: Any, catalogue: Catalogue, rulebook: Rulebook, *, expected: Collection[str] | None = None
) -> Any:
    """The light of each dimension of each unit that has any row in it.

    ``lights`` is what ``indicator_lights`` gives, of one quarter. Columns: unit, dimension, light, complete, absent
    (expected indicators that do not apply). A dimension without a row is grey.
    """
    table = nw.from_native(lights, eager_only=True)
    wanted = core_indicators(catalogue) if expected is None else expected
    members = [entry for name in catalogue.dimensions for entry in indicators_of(catalogue, name)]
    needed = {name: sum(e.code in wanted for e in members if e.dimension == name) for name in catalogue.dimensions}
    names = list(catalogue.dimensions)
    places = nw.from_dict(
        {
            "indicator": [entry.code for entry in members],
            "place": [names.index(entry.dimension) for entry in members],
            "core": [int(entry.core) for entry in members],
            "expected": [int(entry.code in wanted) for entry in members],
            "due": [needed[entry.dimension] for entry in members],
        },
        backend=table.implementation,
    )
    light, flag = nw.col("light"), nw.col("expected") == 1
    lit = (light >= GREEN) & (light <= RED)
    columns = {
        "valid": lit,
        "complete": lit & flag,
        "absent": (light == NA) & flag,
        "reds": light == RED,
        "yellows": light == YELLOW,
        "core_reds": (light == RED) & (nw.col("core") == 1),
        "not_na": light != NA,
    }
    flags = [expression.cast(nw.Int64).alias(name) for name, expression in columns.items()]
    rows = table.lazy().join(places.lazy(), on="indicator", how="inner").select("unit", "place", "due", *flags)
    sums = rows.group_by("unit", "place").agg(nw.col("due").max(), *[nw.col(name).sum() for name in columns])
    decided = sums.with_columns(needed=nw.col("due") - nw.col("absent")).with_columns(light=_dimension(rulebook))
    named = nw.from_dict({"place": list(range(len(names))), "dimension": names}, backend=table.implementation)
    return decided.join(named.lazy(), on="place", how="inner").select(*_DIMENSION).collect().to_native()


def school_lights(
    dimensions: Any,
    records: Any,
    catalogue: Catalogue,
    rulebook: Rulebook,
    *,
    expected: Collection[str] | None = None,
) -> Any:
    """The light of each school in ``records``: columns unit, light, complete, needed.

    ``dimensions`` is what ``dimension_lights`` gives; ``records`` a frame of ``record_row``s, one per school.
    """
    table, schools = nw.from_native(dimensions, eager_only=True), nw.from_native(records, eager_only=True)
    wanted = core_indicators(catalogue) if expected is None else expected
    due = sum(entry.code in wanted for name in catalogue.dimensions for entry in indicators_of(catalogue, name))
    light = nw.col("light")
    counted = table.select(
        "unit",
        "complete",
        "absent",
        (light == RED).cast(nw.Int64).alias("reds"),
        (light == YELLOW).cast(nw.Int64).alias("yellows"),
    )
    names = ("complete", "absent", "reds", "yellows")
    sums = counted.group_by("unit").agg(*[nw.col(name).sum() for name in names])
    joined = schools.join(sums, on="unit", how="left").with_columns(
        *[nw.col(name).fill_null(0).cast(nw.Int64) for name in names]
    )
    decided = joined.with_columns(needed=nw.lit(due) - nw.col("absent")).with_columns(light=_school(rulebook))
    return decided.select("unit", "light", "complete", "needed").to_native()


def record_row(unit: int, record: SchoolRecord, rulebook: Rulebook) -> dict[str, int]:
    """A school's record as the columns that ``school_lights`` reads."""
    least = int(rulebook["L1.school.red.relapse"].parameters.get("severity", "S2").removeprefix("S"))
    return {
        "unit": unit,
        "visits": record.visits,
        "vetoes": sum(1 for veto in record.vetoes if veto_stands(veto, record.quarter, rulebook)),
        "overdue": max((entry.days for entry in record.overdue), default=0),
        "overdue_serious": max((entry.days for entry in record.overdue if entry.severity >= 3), default=0),
        "false_evidence": record.false_evidence,
        "relapses": max((entry.times for entry in record.relapses if entry.severity >= least), default=0),
        "open_r3": record.open_r3,
        "open_s4": record.open_s4,
    }


def _eager(values: Any) -> Frame:
    table = nw.from_native(values)
    return table.collect("polars") if isinstance(table, nw.LazyFrame) else table


def _has_amount() -> nw.Expr:
    """True where numbers were reported; a squared coefficient of variation comes without observations of its own."""
    reported = nw.col("observations") - nw.col("green") - nw.col("yellow") - nw.col("red") - nw.col("grey") > 0
    return reported | (nw.col("denominator") != 0)


def _within(limit: str, names: tuple[str, ...]) -> nw.Expr:
    """True where every product of the rules with these columns stays within int64."""
    within = nw.lit(True)
    for name in names:
        within = within & (nw.col(name) <= nw.col(limit)) & (nw.col(name) >= -nw.col(limit))
    return within


def _known(as_of: int | None, light: nw.Expr) -> nw.Expr:
    """Not applicable or stale before anything is judged."""
    first: list[tuple[nw.Expr, nw.Expr]] = [
        ((nw.col("p_answers") == UNLIT) | (nw.col("observations") <= 0), nw.lit(NA)),
    ]
    if as_of is not None:
        first.append((nw.lit(as_of) - nw.col("last_on") > nw.col("p_fresh"), nw.lit(GREY)))
    return _cases(first, light)


def _both(rulebook: Rulebook) -> nw.Expr:
    """The worse of answers and amounts, as in ``scorecards.lights``."""
    answers, amount = _answers(rulebook), _amount(rulebook)
    return _cases(
        [
            (answers == ABSENT, _cases([(amount == ABSENT, nw.lit(GREY))], amount)),
            (amount == ABSENT, answers),
            (answers == GREY, _cases([(amount == RED, nw.lit(RED))], nw.lit(GREY))),
            (amount == GREY, answers),
            (answers >= amount, answers),
        ],
        amount,
    )


def _answers(rulebook: Rulebook) -> nw.Expr:
    rule, zero = rulebook["L0.items.red_share"], rulebook["L0.zero"].number("red")
    red_top, red_bottom = whole(rule.fraction("red"))
    part_top, part_bottom = whole(rule.fraction("yellow_partial"))
    green, yellow, red, grey = (nw.col(name) for name in ("green", "yellow", "red", "grey"))
    valid = green + yellow + red
    too_red = (nw.col("red_s4") > 0) | (red * red_bottom >= valid * red_top)
    too_partial = (red > 0) | (yellow * part_bottom > valid * part_top)
    kind = nw.col("p_answers")
    return _cases(
        [
            (valid + grey == 0, nw.lit(ABSENT)),
            ((kind == ZERO_ANSWERS) & (red >= zero), nw.lit(RED)),
            ((kind == ZERO_ANSWERS) & (grey > 0), nw.lit(GREY)),
            ((kind == ZERO_ANSWERS) & (yellow > 0), nw.lit(YELLOW)),
            (kind == ZERO_ANSWERS, nw.lit(GREEN)),
            (valid == 0, nw.lit(GREY)),
            (((kind == DOCUMENT) & (red > 0)) | ((kind == ITEMS) & too_red), nw.lit(RED)),
            (((kind == DOCUMENT) & (yellow > 0)) | ((kind == ITEMS) & too_partial), nw.lit(YELLOW)),
        ],
        nw.lit(GREEN),
    )


def _amount(rulebook: Rulebook) -> nw.Expr:
    """The light of the reported numbers, ABSENT where there are none."""
    kind, top, bottom, count = (nw.col(name) for name in ("p_kind", "numerator", "denominator", "count"))
    present = nw.col("observations") - nw.col("green") - nw.col("yellow") - nw.col("red") - nw.col("grey") > 0
    cases = _cases([(count != 0, count)], top)
    counted = (kind == CASES) | ((kind == NUMBER) & (bottom <= 0))
    above, below = _cases([(counted, cases)], top), _cases([(counted, nw.lit(SCALE))], bottom)
    unread = (nw.col("p_only_answers") == 1) & ((nw.col("g_there") == 0) | (bottom <= 0))
    zero = (rulebook["L0.zero"].number("red") - 1) * SCALE
    few = top - bottom <= rulebook["L0.decrease"].number("count") * SCALE
    is_pair = (kind == PAIR) | (kind == CV)
    lacking = (is_pair & (bottom <= 0)) | ((kind == NUMBER) & (bottom <= 0) & (nw.col("p_target") == 0))
    unpaired = (kind == DECREASE) & (top == 0) & (bottom == 0)
    return _cases(
        [
            ((kind == CV) & ((bottom <= 0) | (nw.col("g_there") == 0)), nw.lit(ABSENT)),
            (~present & (kind != CV), nw.lit(ABSENT)),
            (unread, nw.lit(ABSENT)),
            ((kind == ZERO) & (count + top > zero), nw.lit(RED)),
            (kind == ZERO, nw.lit(GREEN)),
            (unpaired & (count == 0), nw.lit(GREEN)),
            (unpaired | lacking | ((kind != DECREASE) & (nw.col("g_there") == 0)), nw.lit(GREY)),
            (_holds("g", above, below), nw.lit(GREEN)),
            ((nw.col("y_there") == 1) & _holds("y", above, below) & ((kind != DECREASE) | few), nw.lit(YELLOW)),
        ],
        nw.lit(RED),
    )


def _holds(name: str, above: nw.Expr, below: nw.Expr) -> nw.Expr:
    """A bound by cross-multiplication: see bulk_rules.Bound."""
    difference = above * nw.col(f"{name}_d") - nw.col(f"{name}_n") * below
    signed = difference * nw.col(f"{name}_sign") >= nw.col(f"{name}_strict")
    return signed & ((nw.col(f"{name}_equal") == 0) | (difference == 0))


def _dimension(rulebook: Rulebook) -> nw.Expr:
    grey, red, yellow = (rulebook[f"L1.dimension.{word}"] for word in ("grey", "red", "yellow"))
    valid, needed = nw.col("valid"), nw.col("needed")
    return _cases(
        [
            ((nw.col("not_na") == 0) & (needed == 0), nw.lit(NA)),
            (valid == 0, nw.lit(GREY)),
            (_below("complete", "needed", *whole(grey.fraction("complete"))), nw.lit(GREY)),
            (nw.col("core_reds") >= red.number("reds"), nw.lit(RED)),
            (~_below("reds", "valid", *whole(red.fraction("share"))), nw.lit(RED)),
            (nw.col("reds") >= yellow.number("reds"), nw.lit(YELLOW)),
            (~_below("yellows", "valid", *whole(yellow.fraction("share"))), nw.lit(YELLOW)),
        ],
        nw.lit(GREEN),
    )


def _school(rulebook: Rulebook) -> nw.Expr:
    def number(rule: str, name: str) -> int:
        return rulebook[f"L1.school.{rule}"].number(name)

    grey, part = rulebook["L1.school.grey"], rulebook["L1.school.yellow.completeness"]
    is_red = (
        (nw.col("vetoes") > 0)
        | (nw.col("overdue_serious") > number("red.overdue", "days"))
        | (nw.col("false_evidence") > 0)
        | (nw.col("relapses") >= number("red.relapse", "times"))
        | (nw.col("reds") >= number("red.dimensions", "red"))
    )
    is_grey = (
        (nw.col("visits") < grey.number("visits"))
        | (nw.col("needed") == 0)
        | _below("complete", "needed", *whole(grey.fraction("complete")))
    )
    is_yellow = (
        (nw.col("reds") >= number("yellow.dimensions", "red"))
        | (nw.col("yellows") >= number("yellow.dimensions", "yellow"))
        | (nw.col("overdue") > number("yellow.overdue", "days"))
        | _below("complete", "needed", *whole(part.fraction("share")))
        | (nw.col("open_r3") >= number("yellow.r3_open", "count"))
        | (nw.col("open_s4") > 0)
    )
    return _cases([(is_red, nw.lit(RED)), (is_grey, nw.lit(GREY)), (is_yellow, nw.lit(YELLOW))], nw.lit(GREEN))


def _below(part: str, full: str, top: int, bottom: int) -> nw.Expr:
    """part / full < top / bottom; False where there is no whole."""
    return (nw.col(full) > 0) & (nw.col(part) * bottom < nw.col(full) * top)


def _cases(cases: list[tuple[nw.Expr, nw.Expr]], otherwise: nw.Expr) -> nw.Expr:
    """The value of the first condition that holds."""
    result = otherwise
    for condition, value in reversed(cases):
        result = nw.when(condition).then(value).otherwise(result)
    return result
