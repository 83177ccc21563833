"""``liangpai bench nmis DIR``: recompute a survey's published district figures from its school records.

The records take the road of every district's data (bench_nmis_district): units, form and catalogue are imported and
published, each record becomes a submission, and the figures are computed from the store's observations. Nothing here
knows a rule of that survey: they are rows of the catalogue in ``server/benchdata/nmis``, whose codes are the
published columns' names.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from analysis.expressions import parse
from forms.catalogue import Indicator
from server.commands.bench_nmis_district import Amounts, amounts_of, load
from server.commands.bench_nmis_figures import difference, figure, sum_text
from server.commands.bench_nmis_records import Records, prepare, read_files
from server.commands.console import CommandError

PLACES: Final = ("lga_id", "unique_lga", "lga", "state", "zone", "pop_2006")


@dataclass
class Column:
    """How one published column fared."""

    name: str
    cells: int = 0
    agree: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Comparison:
    """The whole run: columns compared, published columns without a rule, what was read and what was not, time."""

    columns: list[Column] = field(default_factory=list)
    not_computed: list[str] = field(default_factory=list)
    districts: int = 0
    without_records: int = 0
    unpublished: list[str] = field(default_factory=list)
    schools: int = 0
    without_district: int = 0
    observations: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, tuple[int, str]] = field(default_factory=dict)
    not_asked: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(directory: Path, *, as_json: bool = False, details: int = 20, keep: Path | None = None) -> Comparison:
    """Compare and print. ``directory`` holds ``schools_*.csv`` and ``lga_education_published.csv``.

    ``details`` limits the differences printed (all are in the JSON); ``keep`` is an empty or new folder in which the
    district that is made stays. Raises CommandError where a file is missing or is no table.
    """
    comparison = compare(directory, keep=keep)
    if as_json:
        json.dump(_as_json(comparison), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(comparison, details)
    return comparison


def compare(directory: Path, *, keep: Path | None = None) -> Comparison:
    """Records to submissions to observations to amounts, then each published cell beside its exact fraction."""
    started = time.perf_counter()
    definition, catalogue = load()
    tables, published, column = read_files(directory)
    records = prepare(tables, column, definition)
    if not records.schools:
        raise CommandError(
            f"{directory} 的 schools_*.csv 没有记录。", f"the schools_*.csv of {directory} hold no record."
        )
    with nullcontext(keep) if keep else tempfile.TemporaryDirectory(prefix="liangpai-bench-") as folder:
        amounts = amounts_of(records, catalogue, Path(folder))
    known = [row for row in published.rows if row[column] in records.districts]
    named = {row[column] for row in published.rows}
    comparison = Comparison(
        districts=len(known),
        without_records=len(published.rows) - len(known),
        unpublished=sorted(records.districts.keys() - named),
        schools=len(records.schools),
        without_district=records.homeless,
        observations=amounts.observations,
        refused=dict(Counter(why for _, why in amounts.refused)),
        not_asked=sorted(records.not_asked),
    )
    for (_, name), number in records.left_out.items():
        comparison.left_out[name] = (comparison.left_out.get(name, (0, ""))[0] + number, records.examples[name])
    for name in dict.fromkeys(name for name in published.headers if name):
        indicator = catalogue.indicators.get(name)
        if indicator is not None:
            comparison.columns.append(_compare_column(indicator, known, column, amounts, records))
        elif name not in PLACES:
            comparison.not_computed.append(name)
    comparison.seconds = time.perf_counter() - started
    return comparison


def _compare_column(
    indicator: Indicator, districts: Sequence[Mapping[str, str]], key: str, amounts: Amounts, records: Records
) -> Column:
    found = Column(indicator.code)
    asked = _questions(indicator)
    for row in districts:
        printed, district = row[indicator.code], row[key]
        sums = amounts.sums.get((district, indicator.code), (0, 0, 0))
        ours = figure(indicator, *sums)
        why = difference(printed, ours)
        found.cells += 1
        found.agree += not why
        if why:
            why += _cause(district, asked, amounts, records)
            shown = sum_text(ours, *sums)
            found.differences.append({"district": district, "published": printed, "ours": shown, "why": why})
    return found


def _questions(indicator: Indicator) -> frozenset[str]:
    """The questions that an indicator's amount is computed from."""
    texts = (indicator.numerator, indicator.denominator, indicator.where)
    return frozenset(item for text in texts if text for item in parse(text).items)


def _cause(district: str, asked: frozenset[str], amounts: Amounts, records: Records) -> str:
    """What is known to be missing behind a figure, in words after the difference."""
    causes = []
    if lacking := sorted(records.lacking.get(district, set()) & asked):
        causes.append(f"the records have no column {', '.join(lacking)}")
    if number := sum(records.left_out[district, item] for item in asked):
        causes.append(f"{number} cells of the district could not be read")
    if number := sum(place == district for place, _ in amounts.refused):
        causes.append(f"{number} records of the district were refused")
    return "".join(f"; {cause}" for cause in causes)


def _totals(comparison: Comparison) -> tuple[int, int]:
    return sum(c.agree for c in comparison.columns), sum(c.cells for c in comparison.columns)


def _as_json(comparison: Comparison) -> dict[str, Any]:
    agree, cells = _totals(comparison)
    return {
        "cells": cells,
        "agree": agree,
        "districts": comparison.districts,
        "districts_without_records": comparison.without_records,
        "districts_not_published": comparison.unpublished,
        "schools": comparison.schools,
        "schools_without_district": comparison.without_district,
        "observations": comparison.observations,
        "records_refused": comparison.refused,
        "cells_not_read": {
            name: {"cells": number, "example": text} for name, (number, text) in comparison.left_out.items()
        },
        "columns_not_asked": comparison.not_asked,
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
    reasons = Counter(_reason(d["why"]) for column in comparison.columns for d in column.differences)
    for reason, number in reasons.most_common():
        print(f"  {number} cells: {reason}")
    shown = [(column.name, found) for column in comparison.columns for found in column.differences]
    for name, found in shown[:details]:
        print(f"  {found['district']} {name}: published {found['published']}, ours {found['ours']} ({found['why']})")
    if len(shown) > details:
        print(f"  ... and {len(shown) - details} more (--json has all)")
    _print_notes(comparison)


def _reason(why: str) -> str:
    """A difference without its size, so that equal reasons are counted together."""
    first, *causes = why.split("; ")
    return "; ".join([first.split(" by ")[0], *causes[:1]])


def _print_notes(comparison: Comparison) -> None:
    if comparison.unpublished:
        print("districts with records that were not published: " + ", ".join(comparison.unpublished))
    if comparison.without_district:
        print(f"{comparison.without_district} schools name no district and count for none")
    for why, number in comparison.refused.items():
        print(f"{number} records were refused: {why}")
    for name, (number, text) in sorted(comparison.left_out.items()):
        print(f"{number} cells of {name} could not be read, such as {text!r}: taken as unanswered")
    if comparison.not_computed:
        print("no rule in the catalogue (the school records do not carry it): " + ", ".join(comparison.not_computed))
