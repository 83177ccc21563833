"""What ``liangpai bench score`` measures on: a quarter of one checklist's observations of many schools, as Parquet.

The observations are those of the shipped checklist F01: one fully answered visit as the pattern, with seeded lights
and numbers and days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from analysis.frames import OBSERVATION
from analysis.observe import ObservationRow, observe
from analysis.windows import day_number
from forms.answers import Answer
from forms.catalogue import Catalogue
from forms.check import check
from forms.definition import FormDefinition
from forms.meaning import SCALE, Measure, quarter_bounds
from forms.rulebook import Rulebook
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from scorecards.dimension import expected_by

QUARTER: Final = 20264
FIRST, AS_OF = quarter_bounds(QUARTER)
VISITS_PER_SCHOOL: Final = 4
ROUTES_LEFT_OUT: Final = (4,)  # R4 is a department's and lights no school
ROWS_PER_FILE: Final = 2_000_000
TYPES: Final = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}


@dataclass(frozen=True)
class Rules:
    """What every way is given: catalogue, rulebook, and the indicators that completeness counts."""

    catalogue: Catalogue
    rulebook: Rulebook
    definition: FormDefinition
    expected: frozenset[str]


def rules() -> Rules:
    """The shipped ones; the catalogue without conditions on units, which the hand-written queries leave out too."""
    catalogue = shipped_catalogue()
    plain = {code: replace(indicator, where="") for code, indicator in catalogue.indicators.items()}
    catalogue = replace(catalogue, indicators=plain)
    definition = check(shipped_workbook("f01"), catalogue=catalogue).definition
    if definition is None:
        raise RuntimeError("the shipped checklist F01 does not compile")
    return Rules(catalogue, shipped_rulebook(), definition, expected_by([definition], catalogue))


def make_observations(directory: Path, count: int, seed: int = 1) -> dict[str, int]:
    """Write about ``count`` observations of one quarter as Parquet files and say what they hold."""
    template = _template(rules())
    visits = max(1, count // len(template))
    schools = max(1, visits // VISITS_PER_SCHOOL)
    random = np.random.default_rng(seed)
    lasts = day_number(AS_OF) - day_number(FIRST)
    step = max(1, ROWS_PER_FILE // len(template))
    for part, start in enumerate(range(0, visits, step)):
        numbers = np.arange(start, min(start + step, visits))
        _part(template, numbers, schools, lasts, random).write_parquet(directory / f"part-{part:05d}.parquet")
    return {
        "observations": visits * len(template),
        "schools": schools,
        "indicators": len({row.indicator for row in template}),
    }


def _template(given: Rules) -> list[ObservationRow]:
    """The rows that one fully answered F01 gives."""
    answers = []
    for item in given.definition.items:
        choices = [choice for choice in given.definition.choices.get(item.list_name, ()) if choice.light]
        answers.append(Answer(item.name, item.path, choices[0].name if choices else "3"))
    return observe(given.definition, answers, given.catalogue)


def _part(
    template: list[ObservationRow], visits: np.ndarray, schools: int, lasts: int, random: np.random.Generator
) -> pl.DataFrame:
    """The observations of some visits: seeded numbers, lights 1 % na, 70 % green, 18 % yellow, 10 % red, 1 % grey.

    Schools are of three qualities, so that all lights occur: a quarter has no reds, a quarter few.
    """
    times, each = len(template), len(visits)
    days = day_number(FIRST) + random.integers(0, lasts + 1, each)
    heads = {
        "submission": visits + 1,
        "unit": visits % schools + 1,
        "inspector": visits % 997 + 1,
        "quarter": np.full(each, QUARTER),
        "observed_on": days,
    }
    size = times * each
    drawn = np.searchsorted(np.cumsum([0.01, 0.70, 0.18, 0.10]), random.random(size)).astype(np.int16)
    quality = np.repeat(heads["unit"] % 4, times)
    drawn[(quality < 2) & (drawn >= 2)] = 1
    drawn[(quality == 1) & (random.random(size) < 0.01)] = 3
    tails = pl.DataFrame(
        template, schema={name: TYPES[OBSERVATION[name]] for name in ObservationRow._fields}, orient="row"
    )
    is_light = np.tile(tails["measure"].to_numpy() == int(Measure.LIGHT), each)
    amounts = random.integers(0, 500, size) * SCALE
    given = np.tile(tails["numerator"].to_numpy(), each)
    target = np.tile(tails["denominator"].to_numpy(), each)
    numerators = np.where(given == 0, 0, np.where(quality < 2, target, amounts))
    rows = pl.concat([tails] * each).with_columns(
        light=pl.Series(np.where(is_light, drawn, 0)), numerator=pl.Series(numerators)
    )
    return rows.with_columns(
        **{name: pl.Series(np.repeat(values, times)) for name, values in heads.items()}
    ).select(pl.col(name).cast(TYPES[kind]) for name, kind in OBSERVATION.items())  # fmt: skip
