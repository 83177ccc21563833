"""The columns of the frames that analysis reads and writes, the same in SQLite, PostgreSQL, Parquet and Spark.

All columns are integers or text; days are counted from 1970-01-01; quarters are year * 10 + quarter; numerators and
denominators are int64 fixed point with four decimals (``forms.meaning.SCALE``).
"""

from __future__ import annotations

from typing import Final, Literal

ColumnType = Literal["int64", "int32", "int16", "text"]

# One row per answer and indicator that it feeds: the narrow fact table.
OBSERVATION: Final[dict[str, ColumnType]] = {
    "submission": "int64",
    "unit": "int64",
    "inspector": "int64",
    "quarter": "int32",
    "observed_on": "int32",
    "item": "text",
    "indicator": "text",
    "measure": "int16",
    "light": "int16",
    "numerator": "int64",
    "denominator": "int64",
    "severity": "int16",
    "repeat_index": "int32",
    "route": "int16",
    "veto": "int16",
}

# One row per unit, quarter and indicator: what the observations amount to.
INDICATOR_VALUE: Final[dict[str, ColumnType]] = {
    "unit": "int64",
    "quarter": "int32",
    "indicator": "text",
    "numerator": "int64",
    "denominator": "int64",
    "count": "int64",
    "green": "int64",
    "yellow": "int64",
    "red": "int64",
    "grey": "int64",
    "red_s4": "int64",
    "observations": "int64",
    "worst": "int16",
    "last_on": "int32",
}
