"""A workbook is the same in Excel and in Markdown, and its cells are read as people see them."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from forms.cells import number_text
from forms.sheets import Row, Sheet, Workbook, column_letter
from forms.twins import build, twin
from forms.workbook import read_markdown, read_workbook, write_markdown, write_xlsx

LIBRARY = Path(str(resources.files("forms"))) / "library"
# Text as a cell holds it: no control characters, no surrounding space, one kind of line break.
LETTERS = st.one_of(
    st.sampled_from("|\\\n#-=<>&'\"${} _x0D亮牌"), st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
)
TEXT = st.text(LETTERS, min_size=1, max_size=30).filter(lambda text: text == text.strip() and "\ufeff" not in text)


@st.composite
def workbooks(draw: st.DrawFn) -> Workbook:
    """Workbooks with gaps between rows, as authors leave them."""
    sheets = {}
    for name in draw(st.lists(st.sampled_from(["survey", "choices", "settings", "规则"]), min_size=1, unique=True)):
        headers = draw(st.lists(TEXT.filter(lambda text: "\n" not in text), min_size=1, max_size=4, unique=True))
        numbers = sorted(draw(st.sets(st.integers(2, 30), max_size=6)))
        rows = []
        for number in numbers:
            kept = draw(st.lists(st.sampled_from(headers), min_size=1, unique=True))
            cells = {header: draw(TEXT) for header in headers if header in kept}
            rows.append(Row(number, cells))
        sheets[name] = Sheet(name, tuple(headers), tuple(rows))
    return Workbook(sheets)


@given(workbooks())
def test_markdown_gives_back_the_same_workbook(workbook: Workbook) -> None:
    assert read_markdown(write_markdown(workbook)) == workbook


@given(workbooks())
def test_excel_gives_back_the_same_workbook_and_the_same_bytes(workbook: Workbook) -> None:
    data = write_xlsx(workbook)
    assert read_workbook(data) == (workbook, [])
    assert write_xlsx(workbook) == data


def test_text_that_looks_like_an_escape_stays_as_it_is() -> None:
    workbook = Workbook({"survey": Sheet("survey", ("name",), (Row(2, {"name": "_x0041_ _x000D_"}),))})
    assert read_workbook(write_xlsx(workbook)) == (workbook, [])


@pytest.mark.parametrize("source", sorted(LIBRARY.glob("*.md")), ids=lambda path: path.stem)
def test_each_shipped_workbook_is_what_its_markdown_twin_gives(source: Path) -> None:
    assert source.with_suffix(".xlsx").read_bytes() == twin(source.read_text(encoding="utf-8"))


def test_building_twins_writes_only_what_changed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("## survey\n\n| type | name |\n| --- | --- |\n| text | q |\n", encoding="utf-8")
    assert build(tmp_path) == [tmp_path / "a.xlsx"]
    assert build(tmp_path) == []


def test_prose_around_tables_is_ignored_and_row_numbers_are_those_of_excel() -> None:
    workbook = read_markdown(
        "# Title\n\nwords\n\n## survey\nmore words\n\n|type|name|\n|---|:-:|\n|text|a|\n| | |\n|note|b\\|c|\n"
    )
    assert [(row.number, dict(row.cells)) for row in workbook.sheet("survey")] == [
        (2, {"type": "text", "name": "a"}),
        (4, {"type": "note", "name": "b|c"}),
    ]


@pytest.mark.parametrize(
    ("raw", "shown", "text"),
    [
        ("1", "", "1"),
        ("1.0", "", "1"),
        ("2026112201", "", "2026112201"),
        ("0.1", "", "0.1"),
        ("0.10000000000000001", "", "0.1"),
        ("1E-3", "", "0.001"),
        ("1.5E+3", "", "1500"),
        ("-0.5", "", "-0.5"),
        ("0.1", "0%", "10%"),
        ("0.125", "0.0%", "12.5%"),
        ("1.1", "0.00", "1.10"),
        ("1234.5", "#,##0.0", "1234.5"),
        ("46348", "yyyy-mm-dd", "2026-11-22"),
        ("46348", 'yyyy"年"m"月"d"日"', "2026-11-22"),
        ("46348.5", "yyyy-mm-dd hh:mm", "2026-11-22 12:00:00"),
        ("0.75", "hh:mm", "18:00:00"),
        ("abc", "", "abc"),
        ("1e9999", "", "1e9999"),
    ],
)
def test_numbers_become_the_text_that_the_author_sees(raw: str, shown: str, text: str) -> None:
    assert number_text(raw, shown) == text


def test_dates_booleans_and_numbers_of_a_real_file_are_read_as_seen() -> None:
    import datetime as dt

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet("settings")
    page.write_row(0, 0, ["version", "on", "share", "day", "rich"])
    page.write_number(1, 0, 1)
    page.write_boolean(1, 1, True)
    page.write_number(1, 2, 0.1, book.add_format({"num_format": "0%"}))
    page.write_datetime(1, 3, dt.datetime(2026, 11, 22), book.add_format({"num_format": "yyyy/m/d"}))  # noqa: DTZ001
    page.write_rich_string(1, 4, "plain ", book.add_format({"bold": True}), "bold")
    book.close()
    workbook, problems = read_workbook(target.getvalue())
    assert problems == [] and workbook is not None
    assert dict(workbook.sheet("settings").rows[0].cells) == {
        "version": "1",
        "on": "TRUE",
        "share": "10%",
        "day": "2026-11-22",
        "rich": "plain bold",
    }


def test_a_shipped_catalogue_and_rulebook_survive_being_written() -> None:
    from forms.catalogue_workbook import read_catalogue, read_rulebook, write_catalogue, write_rulebook

    workbook, _ = read_workbook((LIBRARY / "rulebook.md").read_bytes(), "rulebook.md")
    assert workbook is not None
    rulebook, problems = read_rulebook(workbook)
    assert problems == [] and len(rulebook.rules) > 50
    assert read_rulebook(write_rulebook(rulebook)) == (rulebook, [])
    workbook, _ = read_workbook((LIBRARY / "catalogue.md").read_bytes(), "catalogue.md")
    assert workbook is not None
    catalogue, problems = read_catalogue(workbook)
    assert problems == []
    assert read_catalogue(write_catalogue(catalogue)) == (catalogue, [])


@pytest.mark.parametrize(("index", "letter"), [(1, "A"), (26, "Z"), (27, "AA"), (1024, "AMJ"), (16384, "XFD")])
def test_columns_are_named_as_in_excel(index: int, letter: str) -> None:
    assert column_letter(index) == letter
