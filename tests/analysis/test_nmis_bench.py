"""Published district figures are recomputed from school records by the catalogue alone."""

import csv
import json
import random
from fractions import Fraction

import pytest

from analysis.expressions import check_catalogue
from server.commands import bench_nmis
from server.commands.bench_nmis_district import load
from server.commands.bench_nmis_figures import difference
from server.commands.bench_nmis_records import Codes
from server.commands.console import CommandError
from server.services.context import open_context
from server.settings import Settings
from server.store.units import all_units

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
    assert (difference(printed, ours) == "") is agrees


def test_the_rules_are_in_the_catalogue_and_can_be_read():
    definition, catalogue = load()
    assert check_catalogue(catalogue) == []
    assert {item.name for item in definition.items} >= {"facility_type", "num_tchrs_total"}


# A made-up country: what its districts' figures must be is computed here in plain Python.
PRIMARY = {"primary_only", "preprimary_and_primary", "primary_and_junior_sec", "primary_junior_and_senior_sec",
           "primary", "preprimary", "primary_js", "primary_js_ss", "preprimary_primary"}  # fmt: skip
JUNIOR = {"juniors_sec_only", "junior_and_senior_sec", "js", "js_ss"}
KINDS = [*sorted(PRIMARY | JUNIOR), "junior_sec_only", "adult_lit", "a type nobody has heard of", "", "NA"]
COLUMNS = ("uuid", "facility_ID", "state", "lga", "unique_lga", "facility_name", "facility_type", "management",
           "date_of_survey", "num_students_total", "num_tchrs_total", "num_tchrs_with_nce", "num_classrms_total",
           "improved_water_supply", "two_shifts_yn", "colour_of_the_door")  # fmt: skip


def number(text):
    return None if text in ("", "NA") else Fraction(text)


def percent(part, whole):
    return f"{float(Fraction(100 * part, whole)):.2f}%" if whole else "NA"


def ratio(part, whole):
    return f"{float(Fraction(part) / Fraction(whole)):.15g}" if whole else "NA"


def made_up(seed, state, districts, schools):
    """Records with gaps, odd types, floats, capitals, doubled identifiers and letters outside UTF-8's first page."""
    chance = random.Random(seed)

    def some(low, high):
        return chance.choice(["", "NA", str(chance.randint(low, high)), f"{chance.randint(low, high)}.0"])

    rows = []
    for place in range(schools):
        district = chance.choice(districts)
        rows.append(
            {
                "uuid": chance.choice(["", "same", f"{state}{place}"]), "facility_ID": f"E:{place % 7}",
                "state": state, "lga": district.title(), "unique_lga": district,
                "facility_name": chance.choice(["École Saint-André", "=SUM(A1)", "", "-", "Ok\tu \"quoted\", school"]),
                "facility_type": chance.choice(KINDS), "management": chance.choice(["public", "private", "", "NA"]),
                "date_of_survey": chance.choice(["2011-05-10", "2012-03-01T10:00", "NA", "", "12/3/12", "0012-01-01"]),
                "num_students_total": some(0, 900), "num_tchrs_total": some(0, 40), "num_tchrs_with_nce": some(0, 20),
                "num_classrms_total": some(0, 30), "improved_water_supply": chance.choice(["TRUE", "False", "NA", ""]),
                "two_shifts_yn": chance.choice(["True", "False", ""]), "colour_of_the_door": "blue",
            }
        )  # fmt: skip
    return rows


def plain_figures(rows):
    """The published columns of one district, from the source's own description of its rules."""
    primary = [row for row in rows if row["facility_type"] in PRIMARY]
    junior = [row for row in rows if row["facility_type"] in JUNIOR]

    def total(name, among):
        return sum((value for row in among if (value := number(row[name])) is not None), Fraction(0))

    def share(name, among):
        given = [row[name].casefold() for row in among if row[name] not in ("", "NA")]
        return percent(given.count("true"), len(given))

    def both(top, bottom, among):
        known = [row for row in among if number(row[top]) is not None and number(row[bottom]) is not None]
        return total(top, known), total(bottom, known)

    return {
        "num_schools": str(len(rows)),
        "num_primary_schools": str(len(primary)),
        "num_junior_secondary_schools": str(len(junior)),
        "teachers_total": str(total("num_tchrs_total", rows)),
        "classrooms_total": str(total("num_classrms_total", rows)),
        "student_teacher_ratio_lga": ratio(*both("num_students_total", "num_tchrs_total", rows)),
        "primary_school_pupil_teachers_ratio_lga": ratio(*both("num_students_total", "num_tchrs_total", primary)),
        "student_classroom_ratio_lga_primary": ratio(*both("num_students_total", "num_classrms_total", primary)),
        "proportion_teachers_nce_primary": percent(*both("num_tchrs_with_nce", "num_tchrs_total", primary)),
        "proportion_schools_improved_water_supply_primary": share("improved_water_supply", primary),
        "proportion_schools_improved_water_supply_juniorsec": share("improved_water_supply", junior),
        "percent_management_public": percent(sum(row["management"] == "public" for row in rows), len(rows)),
    }


def write(path, columns, rows, encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def publish(path, rows, extra=()):
    figures = []
    for district in dict.fromkeys(row["unique_lga"] for row in rows if row["unique_lga"] not in ("", "NA")):
        figures.append({"unique_lga": district} | plain_figures([r for r in rows if r["unique_lga"] == district]))
    write(path / "lga_education_published.csv", list(figures[0]), [*figures, *extra])


def test_states_never_seen_before_agree_in_every_cell_with_plain_python(tmp_path):
    """Several states in one folder, one in Latin-1, districts of equal names in different states."""
    north = made_up(1, "Nord", ["nord_a", "nord_b", "", "NA"], 80)
    south = made_up(2, "Süd", ["süd_a", "süd b", "nord-a"], 70)
    write(tmp_path / "schools_Nord.csv", COLUMNS, [*north, north[0]])
    write(tmp_path / "schools_Süd.csv", COLUMNS, south, "latin-1")
    publish(tmp_path, [*north, north[0], *south], [{"unique_lga": "never_visited", "num_schools": "3"}])
    found = bench_nmis.compare(tmp_path)
    assert [(column.name, column.differences) for column in found.columns if column.differences] == []
    assert {column.cells for column in found.columns} == {5}
    assert len(found.columns) == 12
    homeless = sum(row["unique_lga"] in ("", "NA") for row in [*north, north[0]])
    assert (found.schools, found.without_district, found.without_records) == (151, homeless, 1)
    assert found.refused == {}
    assert "colour_of_the_door" in found.not_asked
    assert found.left_out["date_of_survey"][0] > 0


def test_a_column_that_a_state_does_not_have_is_named_as_the_reason(tmp_path):
    rows = made_up(3, "Ost", ["ost_a"], 40)
    write(tmp_path / "schools_Ost.csv", [name for name in COLUMNS if name != "improved_water_supply"], rows)
    publish(tmp_path, rows)
    wrong = {column.name: column.differences for column in bench_nmis.compare(tmp_path).columns if column.differences}
    assert set(wrong) == {f"proportion_schools_improved_water_supply_{level}" for level in ("primary", "juniorsec")}
    why = {found["why"] for found in wrong["proportion_schools_improved_water_supply_primary"]}
    assert why == {"published a figure, no school counts; the records have no column improved_water_supply"}


def test_a_cell_that_cannot_be_read_costs_no_school_and_is_named(tmp_path, capsys):
    rows = made_up(4, "West", ["west_a"], 20)
    publish(tmp_path, rows)
    first = next(row for row in rows if number(row["num_tchrs_total"]) not in (None, 0))
    first["num_tchrs_total"] = "a dozen"
    write(tmp_path / "schools_West.csv", COLUMNS, rows)
    found = bench_nmis.run(tmp_path)
    columns = {column.name: column for column in found.columns}
    assert columns["num_schools"].agree == 1
    assert "; 1 cells of the district could not be read" in columns["teachers_total"].differences[0]["why"]
    assert "1 cells of num_tchrs_total could not be read, such as 'a dozen'" in capsys.readouterr().out


def test_districts_without_published_figures_are_listed(directory):
    text = (directory / "lga_education_published.csv").read_text().replace("\nb,", "\nsomewhere,")
    (directory / "lga_education_published.csv").write_text(text)
    found = bench_nmis.compare(directory)
    assert found.unpublished == ["b"]
    assert {column.cells for column in found.columns} == {1}


def test_the_records_took_the_road_of_any_districts_submissions(directory, tmp_path):
    kept = tmp_path / "kept"
    bench_nmis.compare(directory, keep=kept)
    context = open_context(Settings(directory=kept, database_url=""))
    try:
        with context.database.read() as session:
            kinds = [unit.kind for unit in all_units(session)]
            received = session.connection().exec_driver_sql("select count(*), min(length(xml)) from submission").one()
    finally:
        context.database.close()
    assert sorted(kinds) == ["district", "district", "province", *["school"] * len(SCHOOLS)]
    assert received[0] == len(SCHOOLS)
    assert received[1] > 100
    with pytest.raises(CommandError, match="not empty"):
        bench_nmis.compare(directory, keep=kept)


def test_no_two_units_share_a_code_and_every_code_can_be_taken():
    codes = Codes()
    given = [codes.of(name) for name in ("E:zpzy", "E zpzy", "e-zpzy", "", "é", "x" * 90, "x" * 91)]
    assert len({code.casefold() for code in given}) == len(given)
    assert all(code.isascii() and len(code) <= 64 and code[0].isalnum() for code in given)
