"""Published district figures are recomputed from school records by the catalogue alone."""

import csv
import json
from fractions import Fraction

import pytest

from analysis.expressions import check_catalogue
from server.commands import bench_nmis
from server.commands.console import CommandError

SCHOOLS = [
    # district, type, management, day, students, teachers, water
    ("a", "primary_only", "public", "2011-03-01", "100", "3", "True"),
    ("a", "preprimary_and_primary", "", "2012-03-01", "50", "", "False"),
    ("a", "primary", "private", "2012-03-02", "20", "1", ""),
    ("a", "junior_sec_only", "public", "2012-03-02", "7", "2", "True"),
    ("b", "js", "public", "2012-03-02", "", "5", "NA"),
]
FIELDS = ("unique_lga", "facility_type", "management", "date_of_survey", "num_students_total", "num_tchrs_total",
          "improved_water_supply", "facility_ID")  # fmt: skip
PUBLISHED = {
    "unique_lga": ("a", "b", "elsewhere"),
    "num_schools": ("4", "1", "9"),
    "teachers_total": ("6", "5", "9"),
    "proportion_schools_improved_water_supply_primary": ("50.00%", "NA", "1.00%"),
    "percent_management_public": ("50.00%", "100.00%", "1.00%"),
    "primary_school_pupil_teachers_ratio_lga": ("30", "NA", "1"),
    "avg_num_tchrs_js": ("NA", "5.1", "1"),
    "benches_school_ratio": ("1", "2", "3"),
}


@pytest.fixture
def directory(tmp_path):
    with (tmp_path / "schools_somewhere.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows((*school, f"E:{number}") for number, school in enumerate(SCHOOLS))
    with (tmp_path / "lga_education_published.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PUBLISHED)
        writer.writerows(zip(*PUBLISHED.values(), strict=True))
    return tmp_path


def test_each_published_cell_is_compared_with_the_exact_figure_and_a_difference_is_explained(directory):
    found = bench_nmis.compare(directory)
    assert {column.name: (column.agree, column.cells) for column in found.columns} == {
        "num_schools": (2, 2),
        "teachers_total": (2, 2),
        "proportion_schools_improved_water_supply_primary": (2, 2),
        "percent_management_public": (2, 2),
        "primary_school_pupil_teachers_ratio_lga": (2, 2),
        "avg_num_tchrs_js": (1, 2),
    }
    [wrong] = [column for column in found.columns if column.differences]
    assert wrong.differences == [{"district": "b", "published": "5.1", "ours": "5 = 5 / 1", "why": "differs by 0.1"}]
    assert found.not_computed == ["benches_school_ratio"]
    assert (found.districts, found.without_records) == (2, 1)


def test_machines_read_the_same_figures(directory, capsys):
    bench_nmis.run(directory, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["agree"], printed["cells"]) == (11, 12)
    assert printed["columns"]["avg_num_tchrs_js"]["differences"][0]["district"] == "b"


def test_people_read_a_line_for_each_column_and_why_cells_differ(directory, capsys):
    bench_nmis.run(directory)
    printed = capsys.readouterr().out
    assert "b avg_num_tchrs_js: published 5.1, ours 5 = 5 / 1 (differs by 0.1)" in printed
    assert "benches_school_ratio" in printed.splitlines()[-1]


def test_a_folder_without_the_files_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="no schools_"):
        bench_nmis.compare(tmp_path)


@pytest.mark.parametrize(
    ("printed", "ours", "agrees"),
    [
        ("33.33%", Fraction(1, 3), True),
        ("33.34%", Fraction(1, 3), False),
        ("12.34%", Fraction(12345, 100_000), True),
        ("12.35%", Fraction(12345, 100_000), True),
        ("0.333333333333333", Fraction(1, 3), True),
        ("0.33333333333333", Fraction(1, 3), False),
        ("62.4157303370786", Fraction(16665, 267), True),
        ("2", Fraction(2), True),
        ("3", Fraction(2), False),
        ("NA", None, True),
        ("Inf", None, True),
        ("NA", Fraction(0), False),
        ("0", None, False),
        ("none", Fraction(1), False),
    ],
)
def test_a_figure_agrees_if_rounding_the_exact_fraction_prints_it(printed, ours, agrees):
    assert (bench_nmis.difference(printed, ours) == "") is agrees


def test_the_rules_are_in_the_catalogue_and_can_be_read():
    definition, catalogue = bench_nmis.load()
    assert check_catalogue(catalogue) == []
    assert {item.name for item in definition.items} >= {"facility_type", "num_tchrs_total"}
