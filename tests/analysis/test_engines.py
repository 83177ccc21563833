"""Every engine gives the amounts of the plain-Python oracle, to the last integer."""

import datetime as dt
import importlib.util
import shutil

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import aggregate, reference
from analysis.frames import INDICATOR_VALUE, OBSERVATION
from analysis.windows import AmountTooLarge, day_number
from forms.catalogue import Indicator

POLARS = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}
SCHEMA = {name: POLARS[kind] for name, kind in OBSERVATION.items()}
UNIT_SCHEMA = {"unit": pl.Int64, "stage": pl.String, "pupils": pl.Int64, "boarding": pl.Boolean, "town": pl.Int64}
QUARTER = 20264
FIRST = day_number(dt.date(2026, 10, 1))
CODES = ("A", "B", "C", "D")
NOT_IN_CATALOGUE = "Z"


def day(number):
    return dt.date(1970, 1, 1) + dt.timedelta(days=number)


atoms = st.sampled_from(
    [
        "unit.stage = 'primary'", "unit.stage != 'primary'", "unit.stage in ('primary', 'junior')", "unit.pupils >= 50",
        "unit.pupils * 2 - 1.5 < 100.25", "unit.pupils = unit.town", "unit.boarding = 1", "answered(unit.stage)",
        "answered(unit.pupils)", "unit.unheard_of = 1", "unit.stage = 5", "unit.pupils != unit.town + 48",
        "(unit.pupils > 50) + 1 = 2", "(unit.pupils > 50) + 1 = 1", "unit.pupils - 50", "unit.boarding", "unit.stage",
        "unit.pupils = '50'", "unit.stage + 1 = 6", "unit.stage = '5'", "'5'", "unit.boarding != 1",
    ]
)  # fmt: skip
conditions = st.one_of(
    st.just(""),
    st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map(lambda one: f"not ({one})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({}) {} ({})".format(*parts)),
        ),
        max_leaves=4,
    ),
)
catalogues = st.fixed_dictionaries(
    {
        code: st.builds(
            Indicator,
            st.just(code),
            st.just(code),
            st.just({}),
            st.just("test"),
            rule=st.sampled_from(["items", "ratio", "value", "count", "zero", "frequency", "none"]),
            where=conditions,
            freshness=st.sampled_from([30, 90, 183, 365]),
        )
        for code in CODES
    }
)
amounts = st.integers(-(10**12), 10**12)
observations = st.lists(
    st.tuples(
        st.integers(1, 12), st.integers(1, 5), st.integers(1, 2), st.just(QUARTER),
        st.integers(FIRST - 120, FIRST + 95), st.sampled_from("xyz"), st.sampled_from([*CODES, NOT_IN_CATALOGUE]),
        st.integers(1, 5), st.integers(0, 4), amounts, amounts, st.integers(0, 4), st.integers(0, 2),
        st.integers(0, 4), st.integers(0, 9),
    ).map(lambda row: (*row[:9], row[9] * 10_000 if row[7] == 4 else row[9], *row[10:])),
    max_size=40,
)  # fmt: skip
unit_rows = st.lists(
    st.fixed_dictionaries(
        {
            "unit": st.integers(1, 5),
            "stage": st.sampled_from(["primary", "junior", "5", "", None]),
            "pupils": st.sampled_from([10, 50, 51, 60, None]),
            "boarding": st.sampled_from([True, False, None]),
            "town": st.sampled_from([1, 2, 9, None]),
        }
    ),
    unique_by=lambda row: row["unit"],
    max_size=5,
)
cases = st.tuples(
    observations,
    unit_rows,
    catalogues,
    st.integers(FIRST - 5, FIRST + 100).map(day),
    st.sampled_from(["unit", "town"]),
    st.sampled_from([(), (4,)]),
)


def polars_eager(rows, units):
    return rows, units, lambda native: native.rows()


def polars_lazy(rows, units):
    return rows.lazy(), units.lazy(), lambda native: native.collect().rows()


def pandas(rows, units):
    return rows.to_pandas(), units.to_pandas(), lambda native: native.itertuples(index=False, name=None)


def duckdb_relation(rows, units):
    connection = duckdb.connect()
    relations = connection.from_arrow(rows.to_arrow()), connection.from_arrow(units.to_arrow())
    return *relations, lambda native: (connection, native.fetchall())[1]


def amounts_by(engine, case):
    rows, units, indicators, as_of, level, routes = case
    facts, attributes, read = engine(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"), pl.DataFrame(units, schema=UNIT_SCHEMA)
    )
    native = aggregate.indicator_values(
        facts, attributes, indicators, quarter=QUARTER, as_of=as_of, level=level, exclude_routes=routes
    )
    return sorted(tuple(row) for row in read(native))


def amounts_by_oracle(case):
    rows, units, indicators, as_of, level, routes = case
    values = reference.indicator_values(
        rows, units, indicators, quarter=QUARTER, as_of=as_of, level=level, exclude_routes=routes
    )
    return [tuple(value) for value in values]


@pytest.mark.parametrize("engine", [polars_eager, polars_lazy, pandas, duckdb_relation])
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases)
def test_every_engine_gives_the_amounts_of_the_oracle(engine, case):
    assert amounts_by(engine, case) == amounts_by_oracle(case)


@pytest.mark.parametrize("engine", [polars_eager, polars_lazy, pandas, duckdb_relation])
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(where=conditions, units=unit_rows)
def test_a_condition_on_units_means_the_same_in_every_engine(engine, where, units):
    rows = [observation(unit=unit) for unit in range(1, 6)]
    case = (rows, units, {"A": indicator("A", where=where)}, day(FIRST + 1), "unit", ())
    assert amounts_by(engine, case) == amounts_by_oracle(case)


@pytest.fixture(scope="module")
def spark():
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed: pip install -r requirements/spark.txt to compare it with the oracle")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: PySpark needs Java 17 (apt-get install openjdk-17-jre-headless)")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


SPARK = {"int64": "bigint", "int32": "int", "int16": "smallint", "text": "string"}


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_pyspark_gives_the_amounts_of_the_oracle(spark):
    schema = ", ".join(f"`{name}` {SPARK[kind]}" for name, kind in OBSERVATION.items())
    unit_schema = "unit bigint, stage string, pupils bigint, boarding boolean, town bigint"

    def pyspark(rows, units):
        frames = spark.createDataFrame(rows.rows(), schema), spark.createDataFrame(units.rows(), unit_schema)
        return *frames, lambda native: native.collect()

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def compared(case):
        assert amounts_by(pyspark, case) == amounts_by_oracle(case)

    compared()


def observation(**changed):
    row = dict.fromkeys(OBSERVATION, 0) | {
        "submission": 1, "unit": 1, "quarter": QUARTER, "observed_on": FIRST, "item": "x", "indicator": "A",
        "measure": 2, "numerator": 1, "denominator": 1,
    }  # fmt: skip
    return tuple((row | changed).values())


@pytest.mark.parametrize("engine", [polars_eager, polars_lazy, pandas, duckdb_relation])
@pytest.mark.parametrize("level", ["unit", "town"])
def test_a_sum_beyond_int64_is_refused_and_never_wraps(engine, level):
    half = 2**62
    rows = [observation(item="x", numerator=half), observation(item="y", numerator=half)]
    units = [{"unit": 1, "stage": "", "pupils": 1, "boarding": True, "town": 9}]
    case = (rows, units, {"A": indicator("A")}, day(FIRST + 1), level, ())
    with pytest.raises(AmountTooLarge):
        amounts_by_oracle(case)
    with pytest.raises(AmountTooLarge):
        amounts_by(engine, case)


@pytest.mark.parametrize("engine", [polars_eager, polars_lazy, pandas, duckdb_relation])
def test_large_amounts_that_fit_are_summed_exactly(engine):
    half = 2**62
    rows = [
        observation(unit=1, item="x", numerator=half - 1), observation(unit=1, item="y", numerator=-half),
        observation(unit=2, item="x", numerator=half + 7),
    ]  # fmt: skip
    case = (rows, [], {"A": indicator("A")}, day(FIRST + 1), "unit", ())
    assert [row[3] for row in amounts_by(engine, case)] == [-1, half + 7]
    assert amounts_by(engine, case) == amounts_by_oracle(case)


def indicator(code, **more):
    return Indicator(code, code, {}, "test", **more)


def value_of(rows, made, *, as_of=FIRST + 80, units=(), level="unit", exclude_routes=()):
    found = reference.indicator_values(
        rows, units, {made.code: made}, quarter=QUARTER, as_of=day(as_of), level=level, exclude_routes=exclude_routes,
    )  # fmt: skip
    return [dict(zip(INDICATOR_VALUE, row, strict=True)) for row in found]


def test_only_the_latest_answer_of_each_item_is_the_current_state():
    rows = [
        observation(submission=1, observed_on=FIRST, measure=1, light=3),
        observation(submission=2, observed_on=FIRST + 1, measure=1, light=1, repeat_index=1),
        observation(submission=2, observed_on=FIRST + 1, measure=1, light=2, repeat_index=2),
        observation(submission=1, observed_on=FIRST, item="y", measure=1, light=1),
    ]
    [value] = value_of(rows, indicator("A"))
    assert (value["green"], value["yellow"], value["red"], value["worst"]) == (2, 1, 0, 2)


def test_zero_tolerance_keeps_a_red_that_a_later_visit_did_not_see():
    rows = [
        observation(submission=1, observed_on=FIRST, measure=1, light=3, severity=4),
        observation(submission=2, observed_on=FIRST + 1, measure=1, light=1),
    ]
    [value] = value_of(rows, indicator("A", rule="zero"))
    assert (value["green"], value["red"], value["red_s4"], value["worst"]) == (1, 1, 1, 3)


def test_counts_add_up_over_the_quarter_but_not_from_the_one_before():
    rows = [
        observation(submission=n, observed_on=FIRST + n, measure=4, numerator=30_000, denominator=0)
        for n in (-3, 1, 5)
    ]  # fmt: skip
    [value] = value_of(rows, indicator("A", rule="count"), as_of=FIRST + 20)
    assert (value["count"], value["observations"], value["last_on"]) == (60_000, 2, FIRST + 5)


def test_a_fresh_answer_of_an_earlier_quarter_counts_and_a_stale_one_does_not():
    rows = [observation(observed_on=FIRST - 60, measure=1, light=1)]
    assert len(value_of(rows, indicator("A"), as_of=FIRST + 30)) == 1
    assert value_of(rows, indicator("A"), as_of=FIRST + 31) == []
    assert len(value_of(rows, indicator("A", freshness=365), as_of=FIRST + 31)) == 1


def test_what_was_seen_after_the_day_or_the_quarter_does_not_count():
    rows = [observation(observed_on=FIRST + 10), observation(observed_on=FIRST + 92, item="y")]
    assert value_of(rows, indicator("A"), as_of=FIRST + 9) == []
    assert [row["observations"] for row in value_of(rows, indicator("A"), as_of=FIRST + 99)] == [1]


def test_a_town_sums_its_schools_but_a_reported_number_stays_with_who_reported_it():
    units = [{"unit": 1, "town": 9}, {"unit": 2, "town": 9}, {"unit": 9, "town": 9}]
    rows = [observation(unit=unit, numerator=unit * 10, denominator=100) for unit in (1, 2, 9)]
    [summed] = value_of(rows, indicator("A", rule="ratio"), units=units, level="town")
    assert (summed["unit"], summed["numerator"], summed["denominator"]) == (9, 120, 300)
    [own] = value_of(rows, indicator("A", rule="value"), units=units, level="town")
    assert (own["unit"], own["numerator"], own["denominator"]) == (9, 90, 100)


def test_a_ratio_of_which_one_half_is_handed_to_a_department_leaves_no_false_nought():
    rows = [
        observation(item="out", measure=2, numerator=30_000, denominator=0, route=4),
        observation(item="all", measure=3, numerator=0, denominator=100_000),
    ]
    assert value_of(rows, indicator("A", rule="ratio"), as_of=FIRST + 20, exclude_routes=(4,)) == []
    [value] = value_of(rows, indicator("A", rule="ratio"), as_of=FIRST + 20)
    assert (value["numerator"], value["denominator"]) == (30_000, 100_000)


def test_what_was_handed_over_since_takes_the_place_of_what_was_seen_before():
    rows = [
        observation(submission=1, observed_on=FIRST, measure=1, light=3),
        observation(submission=2, observed_on=FIRST + 1, measure=1, light=3, route=4),
    ]
    assert value_of(rows, indicator("A"), as_of=FIRST + 20, exclude_routes=(4,)) == []


def test_a_half_that_was_once_handed_over_and_is_ours_again_counts():
    rows = [
        observation(submission=1, observed_on=FIRST, item="out", measure=2, numerator=10_000, denominator=0, route=4),
        observation(submission=2, observed_on=FIRST + 1, item="out", measure=2, numerator=30_000, denominator=0),
        observation(submission=2, observed_on=FIRST + 1, item="all", measure=3, numerator=0, denominator=100_000),
    ]
    [value] = value_of(rows, indicator("A", rule="ratio"), as_of=FIRST + 20, exclude_routes=(4,))
    assert (value["numerator"], value["denominator"]) == (30_000, 100_000)
