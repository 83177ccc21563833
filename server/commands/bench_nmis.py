"""``liangpai bench nmis DIR``: recompute a survey's published district figures from its school records.

Nothing here knows a rule of that survey: the form and the catalogue are workbooks in ``server/benchdata/nmis``, an
indicator's code is the published column's name, and the amounts are those of analysis, as for any checklist.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import polars as pl

from analysis.aggregate import indicator_values
from analysis.frames import OBSERVATION
from analysis.observe import observe
from analysis.windows import day_number
from forms.answers import Answer
from forms.catalogue import Catalogue, Indicator
from forms.catalogue_workbook import read_catalogue
from forms.check import check
from forms.definition import FormDefinition
from forms.meaning import SCALE, quarter_of
from forms.problems import has_errors
from forms.workbook import read_workbook
from server.commands.console import CommandError

DISTRICT, PLACES = "unique_lga", ("lga_id", "unique_lga", "lga", "state", "zone")
NO_ANSWER: Final = frozenset({"", "NA"})
NO_FIGURE: Final = frozenset({"", "NA", "NaN", "Inf", "-Inf"})
_TYPES: Final = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}
_PRINTED_DIGITS: Final = 15  # what the publisher's software prints of a ratio, trailing zeros dropped
_DOUBLE: Final = Fraction(1, 2**53)


@dataclass
class Column:
    """How one published column fared."""

    name: str
    cells: int = 0
    agree: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Comparison:
    """The whole run: columns compared, columns without a rule, districts without records, time."""

    columns: list[Column] = field(default_factory=list)
    not_computed: list[str] = field(default_factory=list)
    districts: int = 0
    without_records: int = 0
    schools: int = 0
    observations: int = 0
    seconds: float = 0.0


def run(directory: Path, *, as_json: bool = False, details: int = 20) -> Comparison:
    """Compare and print. ``directory`` holds ``schools_*.csv`` and ``lga_education_published.csv``.

    ``details`` limits the differences printed (all are in the JSON). Raises CommandError where the files are missing.
    """
    comparison = compare(directory)
    if as_json:
        json.dump(_as_json(comparison), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(comparison, details)
    return comparison


def compare(directory: Path) -> Comparison:
    """Records to answers to observations to amounts, then each published cell beside its exact fraction."""
    started = time.perf_counter()
    definition, catalogue = load()
    schools = list(_schools(directory))
    published = list(_rows(directory / "lga_education_published.csv"))
    known = {row[DISTRICT] for row in schools}
    districts = [row for row in published if row[DISTRICT] in known]
    names = sorted(known)
    observations, units, as_of = observe_schools(definition, catalogue, schools, names)
    values = indicator_values(
        observations, units, catalogue.indicators, quarter=quarter_of(as_of), as_of=as_of, level="district"
    )
    amounts = {
        (names[unit - len(schools) - 1], code): (numerator, denominator)
        for unit, code, numerator, denominator in values.select(
            "unit", "indicator", "numerator", "denominator"
        ).iter_rows()
    }
    comparison = Comparison(
        districts=len(districts),
        without_records=len(published) - len(districts),
        schools=len(schools),
        observations=observations.height,
    )
    for name in published[0] if published else ():
        indicator = catalogue.indicators.get(name)
        if indicator is None:
            if name not in (*PLACES, "pop_2006"):
                comparison.not_computed.append(name)
            continue
        comparison.columns.append(_compare_column(indicator, districts, amounts))
    comparison.seconds = time.perf_counter() - started
    return comparison


def load() -> tuple[FormDefinition, Catalogue]:
    """The survey's form and catalogue from their workbooks, checked as any published workbook is."""
    folder = files("server") / "benchdata" / "nmis"
    workbook, problems = read_workbook((folder / "catalogue.md").read_bytes(), "catalogue.md")
    if workbook is None or has_errors(problems):
        raise CommandError("NMIS 目录读不出来。", "The NMIS catalogue cannot be read.")
    catalogue, problems = read_catalogue(workbook)
    checked = check((folder / "form.md").read_bytes(), filename="form.md", catalogue=catalogue)
    found = [*problems, *checked.problems]
    if checked.definition is None or has_errors(found):
        first = next(problem for problem in found if problem.level == "error")
        raise CommandError(f"{first.place()} {first.zh}", f"{first.place()} {first.en}")
    return checked.definition, catalogue


def answers_of(definition: FormDefinition, row: Mapping[str, str]) -> list[Answer]:
    """A spreadsheet's row as the answers of a form: each column is named after the question it answers."""
    return [
        Answer(item.name, item.path, row[item.name])
        for item in definition.items
        if row.get(item.name, "") not in NO_ANSWER
    ]


def observe_schools(
    definition: FormDefinition, catalogue: Catalogue, schools: Sequence[Mapping[str, str]], districts: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame, dt.date]:
    """Observations and units of all records (schools numbered from 1, districts after them) and the last day."""
    numbers = {name: len(schools) + index for index, name in enumerate(districts, 1)}
    facts: list[tuple[Any, ...]] = []
    days = [_day(row.get(definition.date_item, "")) for row in schools]
    last = max(days)
    for number, (row, day) in enumerate(zip(schools, days, strict=True), 1):
        head = (number, number, 0, quarter_of(day), day_number(day))
        facts.extend(head + found for found in observe(definition, answers_of(definition, row), catalogue))
    schema = {name: _TYPES[kind] for name, kind in OBSERVATION.items()}
    units = {
        "unit": list(range(1, len(schools) + 1)),
        "district": [numbers[row[DISTRICT]] for row in schools],
    }
    return pl.DataFrame(facts, schema=schema, orient="row"), pl.DataFrame(units), last


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return dt.date(1970, 1, 1)


def _schools(directory: Path) -> Iterator[dict[str, str]]:
    paths = sorted(directory.glob("schools_*.csv"))
    if not paths:
        raise CommandError(f"{directory} 中没有 schools_*.csv。", f"{directory} has no schools_*.csv.")
    for path in paths:
        yield from _rows(path)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise CommandError(f"{path} 不存在。", f"{path} does not exist.")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restval="")
        if DISTRICT not in (reader.fieldnames or ()):
            raise CommandError(f"{path} 没有 {DISTRICT} 列。", f"{path} has no column {DISTRICT}.")
        yield from reader


def _compare_column(
    indicator: Indicator, districts: Sequence[Mapping[str, str]], amounts: Mapping[tuple[str, str], tuple[int, int]]
) -> Column:
    column = Column(indicator.code)
    for row in districts:
        printed = row[indicator.code].strip()
        numerator, denominator = amounts.get((row[DISTRICT], indicator.code), (0, 0))
        ours = _figure(indicator, numerator, denominator)
        why = difference(printed, ours)
        column.cells += 1
        column.agree += not why
        if why:
            shown = _sum_text(ours, numerator, denominator)
            column.differences.append({"district": row[DISTRICT], "published": printed, "ours": shown, "why": why})
    return column


def _figure(indicator: Indicator, numerator: int, denominator: int) -> Fraction | None:
    """The exact figure: a sum for rule ``count``, else a quotient; None where nothing stands below the line."""
    if indicator.rule == "count":
        return Fraction(numerator, SCALE)
    return Fraction(numerator, denominator) if denominator else None


def difference(printed: str, ours: Fraction | None) -> str:
    """Why a printed figure is not our exact one, "" if it is.

    A figure agrees if the exact fraction rounded to the printed precision is what is printed: percentages to their
    decimals, other numbers to 15 significant digits. At an exact half either neighbour is taken, and the error of
    one rounding to a double (2**-53) is allowed, since that is how the publisher computed.
    """
    if ours is None or printed in NO_FIGURE:
        if ours is None and printed in NO_FIGURE:
            return ""
        return "published a figure, no school counts" if ours is None else "published none, schools count"
    percent = printed.endswith("%")
    try:
        number = Decimal(printed.removesuffix("%"))
    except InvalidOperation:
        return "published text is no number"
    exact = ours * 100 if percent else ours
    unit = Fraction(10) ** int(number.as_tuple().exponent) if percent else _last_digit(exact)
    gap = abs(Fraction(number) - exact)
    if gap <= unit / 2 + abs(exact) * _DOUBLE * (unit > 0):
        return ""
    return f"differs by {float(gap):.3g}{' points' if percent else ''}"


def _last_digit(exact: Fraction) -> Fraction:
    """The size of the last of 15 significant digits of a number; a whole number is printed whole."""
    if exact.denominator == 1:
        return Fraction(0)
    rough = Context(prec=_PRINTED_DIGITS).divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return Fraction(10) ** (rough.adjusted() - _PRINTED_DIGITS + 1)


def _sum_text(ours: Fraction | None, numerator: int, denominator: int) -> str:
    def plain(amount: int) -> str:
        return format((Decimal(amount) / SCALE).normalize(), "f")

    quotient = "NA" if ours is None else f"{float(ours):.6g}"
    return f"{quotient} = {plain(numerator)} / {plain(denominator)}"


def _totals(comparison: Comparison) -> tuple[int, int]:
    return sum(c.agree for c in comparison.columns), sum(c.cells for c in comparison.columns)


def _as_json(comparison: Comparison) -> dict[str, Any]:
    agree, cells = _totals(comparison)
    return {
        "cells": cells,
        "agree": agree,
        "districts": comparison.districts,
        "districts_without_records": comparison.without_records,
        "schools": comparison.schools,
        "observations": comparison.observations,
        "seconds": round(comparison.seconds, 3),
        "columns": {
            column.name: {"cells": column.cells, "agree": column.agree, "differences": column.differences}
            for column in comparison.columns
        },
        "columns_without_a_rule": comparison.not_computed,
    }


def _print(comparison: Comparison, details: int) -> None:
    agree, cells = _totals(comparison)
    print(f"{'column':58} {'agree':>7} {'cells':>7}")
    for column in comparison.columns:
        print(f"{column.name:58} {column.agree:7} {column.cells:7}{'' if column.agree == column.cells else '  <-'}")
    share = f" ({agree / cells:.4%})" if cells else ""
    print(f"{'all':58} {agree:7} {cells:7}{share}")
    print(
        f"{comparison.schools} schools, {comparison.observations} observations, {comparison.districts} districts, "
        f"{comparison.seconds:.2f} s; {comparison.without_records} published districts have no school records here"
    )
    reasons = Counter(d["why"].split(" by ")[0] for column in comparison.columns for d in column.differences)
    for reason, number in reasons.most_common():
        print(f"  {number} cells: {reason}")
    shown = [(column.name, found) for column in comparison.columns for found in column.differences]
    for name, found in shown[:details]:
        print(f"  {found['district']} {name}: published {found['published']}, ours {found['ours']} ({found['why']})")
    if len(shown) > details:
        print(f"  ... and {len(shown) - details} more (--json has all)")
    if comparison.not_computed:
        print("no rule in the catalogue (the school records do not carry it): " + ", ".join(comparison.not_computed))
