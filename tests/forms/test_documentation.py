"""docs/workbook.md tells an author everything: its example publishes, each column and each problem code is there."""

from __future__ import annotations

import re
from pathlib import Path

from forms.check import check
from forms.columns import CHOICE_EXTRAS, SETTINGS_EXTRAS, SURVEY_EXTRAS
from forms.problem_texts import TEXTS

PAGE = (Path(__file__).parents[2] / "docs" / "workbook.md").read_text(encoding="utf-8")


def test_the_example_publishes_as_it_stands() -> None:
    match = re.search(r"<!-- example -->\n```markdown\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    result = check(match[1].encode(), filename="x01.md")
    assert result.problems == []
    assert result.definition is not None and result.definition.form_id == "x01"


def test_every_extra_column_is_explained() -> None:
    for sheet, columns in (("survey", SURVEY_EXTRAS), ("choices", CHOICE_EXTRAS), ("settings", SETTINGS_EXTRAS)):
        for column in columns:
            assert f"| {sheet} | `{column}` |" in PAGE


def test_every_problem_code_is_documented_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+\.\w+)` \| (?:error|warning) \|", PAGE, re.MULTILINE)) == set(TEXTS)


def test_every_problem_code_has_a_dotted_stable_form_and_two_sentences() -> None:
    for code, text in TEXTS.items():
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", code)
        assert text.zh and text.en
