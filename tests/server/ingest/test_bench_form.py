"""The measured form with lights is what an author would get who adds the columns: fifty answers, fifty meanings."""

from __future__ import annotations

import io

import openpyxl

from forms.check import check
from forms.meaning import Light
from server.commands.bench_ingest import lit_workbook

RATINGS = ("met", "partial", "not_met")


def test_each_rated_question_feeds_an_indicator_and_each_rating_is_a_light() -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheets = {
        "survey": [("type", "name", "label"), ("text", "school_id", "School"), ("date", "visit_date", "Day"),
                   *(("select_one rating", f"q{number}", f"Question {number}") for number in range(5))],
        "choices": [("list_name", "name", "label"), *(("rating", name, name) for name in RATINGS)],
        "settings": [("form_title", "form_id", "version"), ("Form", "school_inspection", "1")],
    }  # fmt: skip
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    checked = check(lit_workbook(out.getvalue(), ["GP-1", "GP-2"]), filename="lit.xlsx", catalogue=None)
    definition = checked.definition
    assert definition is not None, checked.problems
    assert (definition.form_id, definition.unit_item, definition.date_item) == (
        "school_inspection_lit", "school_id", "visit_date",
    )  # fmt: skip
    fed = [item.meanings[0].indicator for item in definition.items if item.meanings]
    assert fed == ["GP-1", "GP-2", "GP-1", "GP-2", "GP-1"]
    assert [choice.light for choice in definition.choices["rating"]] == [Light.GREEN, Light.YELLOW, Light.RED]
