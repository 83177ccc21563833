"""The manual's pictures and lists are those of the tables, whole and readable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.diagram import NARROW, TURNS, WIDE, diagram
from scorecards.lifecycle.manual import PAGE, page, pictures, write
from scorecards.lifecycle.table import Table, Words

DOCS = Path(__file__).parents[3] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
every = pytest.mark.parametrize("table", [rectification.TABLE, measures.TABLE], ids=lambda table: table.name)


@pytest.mark.parametrize("name", sorted(pictures()))
def test_a_picture_drawn_again_is_the_same_to_the_byte(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pictures()[name]


def test_the_page_written_again_is_the_same_to_the_byte(tmp_path: Path) -> None:
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    assert page(text) == text
    (tmp_path / "images").mkdir()
    (tmp_path / PAGE).write_text(text, encoding="utf-8")
    write(tmp_path)
    assert {path.name for path in (tmp_path / "images").iterdir()} == {Path(name).name for name in pictures()}


@every
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_shows_every_state_and_step_and_stays_within_its_frame(
    table: Table, language: str, width: int
) -> None:
    root = ElementTree.fromstring(diagram(table, language=language, width=width))
    height = int(root.attrib["height"])
    texts = list(root.iter(f"{SVG}text"))
    written = " ".join(text.text or "" for text in texts)
    for words in (*(state.words for state in table.states.values()), *(step.words for step in table.steps)):
        assert getattr(words, language) in written
    for text in texts:
        size, x = int(text.attrib["font-size"]), int(text.attrib["x"])
        assert size >= 11
        assert 0 < x < width and 0 < int(text.attrib["y"]) < height
        long = sum(1 if ord(letter) > 0x2E7F or letter in "→◀" else 0.56 for letter in text.text or "") * size
        left = {"end": x - long, "middle": x - long / 2}.get(text.attrib.get("text-anchor", ""), x)
        assert left >= 0 and left + long <= width - 10, text.text


@every
def test_the_state_of_a_matter_is_marked(table: Table) -> None:
    name = next(iter(table.states))
    assert "◀ 现在" in diagram(table, current=name)
    assert "◀ now" in diagram(table, current=name, language="en")
    assert "◀" not in diagram(table)


@pytest.mark.parametrize("name", TURNS)
def test_the_colours_of_a_turn_are_read_by_everybody(name: str) -> None:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    turn = TURNS[name]
    assert (light(turn.fill) + 0.05) / (light(turn.line) + 0.05) >= 4.5


def test_words_of_a_table_never_become_markup() -> None:

    table = rectification.TABLE
    hostile = Words("<script>&\"'", "<b>")
    states = {name: replace(state, words=hostile) for name, state in table.states.items()}
    text = diagram(replace(table, words=hostile, states=states))
    assert "<script" not in text
    assert ElementTree.fromstring(text).attrib["aria-label"] == "<script>&\"'"
