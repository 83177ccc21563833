"""Importing units: every row is told what became of it, and nothing is half done."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlmodel import select

from forms.sheets import make_workbook
from forms.workbook import write_xlsx
from server.problems import Problem
from server.services.units.units import ImportReport, import_units
from server.store.db import Database
from server.store.events import Event
from server.store.units import Unit, members_of, unit_by_code, units_below
from tests.conftest import NOW, District

HEADER = "code,kind,name,parent,stage,enrolment,latitude,longitude,active,groups\n"


def run(database: Database, table: str | bytes, **options: object) -> ImportReport:
    data = table if isinstance(table, bytes) else table.encode()
    with database.write() as session:
        return import_units(session, data, by=None, at=NOW, **options)  # type: ignore[arg-type]


def why(report: ImportReport, number: int) -> list[str]:
    return [reason.code for row in report.rows if row.number == number for reason in row.reasons]


def stored(database: Database, code: str) -> Unit | None:
    with database.read() as session:
        unit = unit_by_code(session, code)
        if unit is not None:
            session.expunge(unit)
        return unit


def test_rows_in_any_order_become_a_tree(district: District) -> None:
    table = (
        HEADER + "S10,school,北坡小学,330103,2,120,30.1,120.2,yes,\n330103,town,北坡镇,330100,,,,,,\n"
        "G1,group,城乡共同体,330100,,,,,,\n"
    )
    report = run(district.database, table)
    assert [row.outcome for row in report.rows] == ["created", "created", "created"]
    school, town = stored(district.database, "S10"), stored(district.database, "330103")
    assert school and town and school.path == f"{town.path}{school.id}/"
    assert town.path.startswith(district.people.paths["330100"])
    assert (school.enrolment, school.latitude, school.longitude, school.stage) == (120, "30.1", "120.2", "2")


def test_the_same_file_twice_changes_nothing(district: District) -> None:
    table = HEADER + "S10,school,北坡小学,330101,小学,120,30.1,120.2,是,\n"
    run(district.database, table)
    report = run(district.database, table)
    assert [row.outcome for row in report.rows] == ["unchanged"]


def test_an_absent_column_leaves_what_is_known(district: District) -> None:
    report = run(district.database, "code,name\nS01,东岭镇中心完小\n")
    assert report.rows[0].outcome == "changed" and report.rows[0].changed == ("name",)
    unit = stored(district.database, "S01")
    assert unit and (unit.name, unit.enrolment, unit.stage) == ("东岭镇中心完小", 620, "2")


def test_one_refused_row_holds_everything_back(district: District) -> None:
    report = run(district.database, HEADER + "S10,school,甲,330101,2,,,,,\nS11,school,乙,999,2,,,,,\n")
    assert not report.written and why(report, 3) == ["parent_unknown"]
    assert stored(district.database, "S10") is None


def test_partial_writes_the_good_rows_and_takes_children_of_refused_parents_along(district: District) -> None:
    table = HEADER + "330103,town,,330100,,,,,,\nS11,school,乙,330103,2,,,,,\nS10,school,甲,330101,2,,,,,\n"
    report = run(district.database, table, partial=True)
    assert report.written and why(report, 2) == ["name_missing"] and why(report, 3) == ["parent_unknown"]
    assert stored(district.database, "S10") and not stored(district.database, "S11")


def test_moving_a_town_moves_its_schools(district: District) -> None:
    run(district.database, "code,parent\n330101,330200\n")
    with district.database.read() as session:
        moved = {unit.code for unit in units_below(session, [district.people.paths["330200"]])}
        left = {unit.code for unit in units_below(session, [district.people.paths["330100"]])}
    assert {"330101", "S01", "S02"} <= moved
    assert "S01" not in left and "S03" in left


def test_moving_a_town_and_its_school_at_once(district: District) -> None:
    run(district.database, "code,parent\nS03,330101\n330101,330200\n")
    school, town = stored(district.database, "S03"), stored(district.database, "330101")
    assert school and town
    assert school.path == f"{town.path}{school.id}/" and town.path.startswith(district.people.paths["330200"])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("T1,town,镇,T1,,,,,,", "cycle"),
        ("T1,town,镇,S01,,,,,,", "parent_kind"),
        ("330100,district,青山区,330101,,,,,,", "cycle"),
        ("S10,school,甲,D-JYJ,2,,,,,", "parent_kind"),
        ("S10,school,甲,,2,,,,,", "parent_kind"),
        ("S10,college,甲,330101,2,,,,,", "kind_unknown"),
        ("S01,town,甲,330101,2,,,,,", "kind_changed"),
        ("S10,school,甲,330101,12,,,,,", "stage_unknown"),
        ("S10,school,甲,330101,2,-5,,,,", "formula"),
        ("S10,school,甲,330101,2,12.5,,,,", "number"),
        ("S10,school,甲,330101,2,,91,120,,", "coordinate"),
        ("S10,school,甲,330101,2,,nan,120,,", "coordinate"),
        ("S10,school,甲,330101,2,,30.1,,,", "coordinate_half"),
        ("S10,school,甲,330101,2,,,,maybe,", "active"),
        ("S10,school,甲,330101,2,,,,,NOPE", "group_unknown"),
        ("S10,school,甲,330101,2,,,,,S02", "group_unknown"),
        ("S10,school,=cmd|' /C calc'!A0,330101,2,,,,,", "formula"),
        ("S10,school,甲\u202e乙,330101,2,,,,,", "control"),
        ("S10,school," + "甲" * 201 + ",330101,2,,,,,", "too_long"),
        ("学校一,school,甲,330101,2,,,,,", "code_invalid"),
        (",school,甲,330101,2,,,,,", "code_missing"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_in_both_languages(district: District, line: str, code: str) -> None:
    report = run(district.database, HEADER + line + "\n")
    assert why(report, 2) == [code]
    assert report.rows[0].reasons[0].zh and report.rows[0].reasons[0].en
    assert not report.written


def test_a_code_twice_in_the_file_names_the_other_row(district: District) -> None:
    report = run(district.database, HEADER + "S10,school,甲,330101,2,,,,,\nS10,school,乙,330101,2,,,,,\n")
    assert why(report, 3) == ["code_twice"] and "2" in report.rows[1].reasons[0].en


def test_groups_hold_schools_and_can_be_left_again(district: District) -> None:
    run(district.database, HEADER + "G1,group,集团,330100,,,,,,\nS10,school,甲,330101,2,,,,,G1:核心校\n")
    group = stored(district.database, "G1")
    assert group and group.id
    with district.database.read() as session:
        assert [unit.code for unit in members_of(session, group.id)] == ["S10"]
    assert run(district.database, "code,groups\nS10,\n").rows[0].changed == ("groups",)
    with district.database.read() as session:
        assert not members_of(session, group.id)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headers_and_encodings_are_taken(district: District, encoding: str) -> None:
    table = "代码,类型,名称,上级,学段,在校生数,纬度,经度\r\nS10,学校,北坡𠮷小学,330101,小学,88,30,120\r\n"
    report = run(district.database, table.encode(encoding))
    assert report.count("created") == 1
    unit = stored(district.database, "S10")
    assert unit and (unit.name, unit.stage, unit.enrolment) == ("北坡𠮷小学", "2", 88)


def test_an_excel_file_is_taken(district: District) -> None:
    book = make_workbook({"units": [{"代码": "S10", "类型": "学校", "名称": "甲", "上级": "330101", "在校生数": "88"}]})
    report = run(district.database, write_xlsx(book), filename="units.xlsx")
    assert report.written and report.count("created") == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00\x00",
        b"a,b\n1,2\n",
        b"code,code\n1,2\n",
        b"code,nonsense\nx,y\n",
        b'code,name\nx,"y\n',
        b"PK\x03\x04x",
    ],
)
def test_what_is_no_table_of_units_is_refused_whole(district: District, data: bytes) -> None:
    with pytest.raises(Problem) as raised:
        run(district.database, data)
    assert raised.value.code == "import.unreadable"


def test_an_office_cannot_write_outside_its_district(district: District) -> None:
    mine = [district.people.paths["330100"]]
    table = "code,kind,name,parent\nS90,,,330101\nS10,school,甲,330201\nS11,school,乙,330102\nS01,,,330201\n"
    report = run(district.database, table, within=mine, partial=True)
    assert [row.outcome for row in report.rows] == ["refused", "refused", "created", "refused"]
    assert why(report, 2) == why(report, 3) == why(report, 5) == ["outside"]


def test_an_import_leaves_an_event_and_one_without_change_none(district: District) -> None:
    table = HEADER + "S10,school,甲,330101,2,,,,,\n"
    run(district.database, table)
    run(district.database, table)
    with district.database.read() as session:
        assert len(session.exec(select(Event).where(Event.kind == "units.imported")).all()) == 1


CELLS = strategies.sampled_from(["", "S01", "T1", "330100", "330101", "town", "school", "group", "=1", "2", "甲"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=strategies.lists(strategies.tuples(CELLS, CELLS, CELLS, CELLS), max_size=6))
def test_whatever_is_imported_the_tree_stays_a_tree(district: District, rows: list[tuple[str, ...]]) -> None:
    table = "code,kind,name,parent\n" + "".join(",".join(row) + "\n" for row in rows)
    run(district.database, table, partial=True)
    with district.database.read() as session:
        units = {unit.id: unit for unit in session.exec(select(Unit))}
        for unit in units.values():
            above = units[unit.parent_id].path if unit.parent_id else "/"
            assert unit.path == f"{above}{unit.id}/"


def test_a_strangers_school_group_is_neither_joined_nor_left_nor_changed(district: District) -> None:
    run(district.database, "code,kind,name,parent\nG1,group,城乡共同体,330100\n")
    run(district.database, "code,groups\nS01,G1:core\n")
    theirs = (district.people.paths["330200"],)
    assert why(run(district.database, "code,groups\nS90,G1\n", within=theirs), 2) == ["outside"]
    with district.database.read() as session:
        group = unit_by_code(session, "G1")
        assert group is not None and group.id is not None
        assert [member.code for member in members_of(session, group.id)] == ["S01"]
    mine = (district.people.paths["330101"],)
    for groups in ("", "G1:member"):
        assert why(run(district.database, f"code,groups\nS01,{groups}\n", within=mine), 2) == ["outside"]
    assert run(district.database, "code,groups\nS01,G1:core\n", within=mine).rows[0].outcome == "unchanged"
