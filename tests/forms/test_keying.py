"""What is typed from paper is judged as a phone judges it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.define import define
from forms.keying import Judged, Keyed, judge
from forms.markdown import read_markdown
from forms.outline import Outline, read_outline
from forms.shipped import shipped_checklists, shipped_workbook
from forms.xlsx_write import write_xlsx

TODAY = dt.date(2026, 11, 22)
SURVEY = """
| type | name | label | relevant | constraint | calculation | required |
| --- | --- | --- | --- | --- | --- | --- |
| select_one l | a | A |  |  |  | yes |
| integer | n | N | ${a} = '1' | . >= 0 and . <= ${m} |  |  |
| integer | m | M |  |  |  |  |
| calculate | twice | T |  |  | ${n} * 2 |  |
| begin_repeat | r | R | ${a} != '2' |  |  |  |
| text | x | X |  |  |  | yes |
| text | y | Y | ${x} = 'go' |  |  |  |
| end_repeat |  |  |  |  |  |  |
| calculate | many | C |  |  | count(${r}) |  |
| text | late | L | ${many} > 1 |  |  |  |
| calculate | told | P |  |  | pulldata('f', 'v', 'k', ${m}) |  |
"""
CHOICES = "\n| list_name | name | label |\n| --- | --- | --- |\n| l | 1 | one |\n| l | 2 | two |\n"


@pytest.fixture(scope="module")
def outline() -> Outline:
    settings_sheet = "\n| form_id | version |\n| --- | --- |\n| own | 1 |\n"
    text = f"## survey\n{SURVEY}\n## choices\n{CHOICES}\n## settings\n{settings_sheet}"
    return read_outline(write_xlsx(read_markdown(text)), "own.xlsx")


def judged(outline: Outline, plain: dict[str, str], entries: list[dict[str, str]] | None = None) -> Judged:
    keyed = Keyed(plain, {"r": entries or []})
    return judge(outline, keyed, given={}, today=TODAY, pulldata=lambda *asked: "/".join(asked))


def codes(found: Judged) -> dict[str, str]:
    return {problem.name: problem.code for problem in found.problems}


def test_what_does_not_apply_is_neither_asked_nor_sent(outline: Outline) -> None:
    found = judged(outline, {"a": "2", "n": "5", "m": "9"}, [{"x": "1"}])
    assert found.applies == {"a", "m"}
    assert found.values == {"a": "2", "m": "9", "many": "0", "told": "f/v/k/9"}


def test_computed_values_follow_what_was_typed(outline: Outline) -> None:
    found = judged(outline, {"a": "1", "n": "5", "m": "9"}, [{"x": "1"}, {}, {"x": "go", "y": "yes"}])
    assert found.values["twice"] == "10" and found.values["many"] == "2"
    assert found.values["r"] == [{"x": "1"}, {"x": "go", "y": "yes"}]
    assert "late" in found.applies
    assert (found.ticked, found.total) == (1, Decimal(14))
    assert codes(found) == {}


def test_inside_an_entry_the_entrys_own_answers_count(outline: Outline) -> None:
    found = judged(outline, {"a": "1"}, [{"x": "go"}, {"x": "stay", "y": "lost"}])
    assert "r.1.y" in found.applies and "r.2.y" not in found.applies
    assert found.values["r"] == [{"x": "go"}, {"x": "stay"}]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({}, {"a": "required"}),
        ({"a": "3"}, {"a": "choice"}),
        ({"a": "1 2"}, {"a": "choice"}),
        ({"a": "1", "n": "x"}, {"n": "integer"}),
        ({"a": "1", "n": "1.5", "m": "9"}, {"n": "integer"}),
        ({"a": "1", "n": "5", "m": "4"}, {"n": "constraint"}),
        ({"a": "1", "n": "5", "m": "5"}, {}),
        ({"a": "2", "n": "x"}, {}),
        ({"a": "1", "m": "1" * 16}, {"m": "integer"}),
    ],
)
def test_what_is_wrong_is_named(outline: Outline, plain: dict[str, str], expected: dict[str, str]) -> None:
    assert codes(judged(outline, plain)) == expected


def test_an_entry_that_was_begun_must_be_whole_and_one_that_was_not_need_not(outline: Outline) -> None:
    assert codes(judged(outline, {"a": "1"}, [{}, {"y": "?"}])) == {"r.2.x": "required"}


@pytest.mark.parametrize("name", shipped_checklists())
def test_the_outline_has_every_question_of_the_definition(name: str) -> None:
    data = shipped_workbook(name)
    outline = read_outline(data, f"{name}.xlsx")
    from forms.columns import FORM_SHEETS
    from forms.expand import expand
    from forms.kobo import standard
    from forms.workbook import read_workbook

    workbook, _ = read_workbook(data, f"{name}.xlsx", FORM_SHEETS)
    assert workbook is not None
    expanded = expand(standard(workbook)[0])
    definition = define(expanded.workbook, "", expanded.roles, f"{name}.xlsx")
    assert [question.name for question in outline.root.questions()] == [item.name for item in definition.items]
    assert (outline.unit_item, outline.date_item) == (definition.unit_item, definition.date_item)


@settings(max_examples=40)
@given(
    st.dictionaries(st.sampled_from(["a", "n", "m", "late"]), st.text(max_size=12)),
    st.lists(st.dictionaries(st.sampled_from(["x", "y"]), st.text(max_size=8)), max_size=3),
)
def test_nothing_that_can_be_typed_breaks_it(
    outline: Outline, plain: dict[str, str], entries: list[dict[str, str]]
) -> None:
    found = judged(outline, plain, entries)
    sent = {name for name, value in found.values.items() if isinstance(value, str)}
    assert sent <= found.applies | {"twice", "many", "told"}
