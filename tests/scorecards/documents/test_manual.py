"""docs/documents.md names every kind and every tag."""

from __future__ import annotations

import re
from pathlib import Path

from scorecards.documents.kinds import KINDS
from scorecards.documents.model import LINE_TAGS, TAGS

MANUAL = (Path(__file__).parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")


def test_the_manual_names_every_kind_with_its_letter() -> None:
    for kind, spec in KINDS.items():
        assert f"`{kind}`" in MANUAL and spec.zh in MANUAL and re.search(rf"[| ,]{spec.letter}[ ,]", MANUAL), kind


def test_the_manual_names_every_tag_in_both_languages() -> None:
    for english, chinese in (*TAGS.items(), *LINE_TAGS.items()):
        if english != "findings":
            assert f"{chinese} `{english}`" in MANUAL, english
    assert "问题清单 (`findings`)" in MANUAL
