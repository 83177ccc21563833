"""Every word of a page is in the catalogue, in Chinese and English; a template holds keys only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import server.web
from forms.definition import FormDefinition
from server.problems import CATALOGUE
from server.store.people import ROLES
from server.store.submissions import REVIEW_STATES
from server.store.units import UNIT_KINDS
from server.web.locale import TEXTS, has_text, text
from server.web.navigation import ENTRIES

FOLDER = Path(server.web.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMED = re.compile(r"""\bt\(\s*'([^']+)'\s*[,)]""")
PREFIXES = re.compile(r"""\bt\(\s*'([^']+\.)'\s*[+~]""")


def plain(template: str) -> str:
    """What a template says by itself: without tags, expressions, statements and comments."""
    template = re.sub(r"\{% block body_class %\}[a-z-]*", "", template)
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.S)
    return re.sub(r"<[^>]*>", " ", without, flags=re.S)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not CHINESE.search(re.sub(r"\{#.*?#\}", "", source, flags=re.S))
    assert not re.search(r"[A-Za-z]{2,}", plain(source)), plain(source).split()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_is_read_aloud_comes_from_the_catalogue(path: Path) -> None:
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    for attribute in re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', source):
        assert not re.search(r"[A-Za-z]{2,}", attribute)


def test_every_key_that_a_template_names_is_there() -> None:
    for path in TEMPLATES:
        for key in NAMED.findall(path.read_text(encoding="utf-8")):
            assert has_text(key), (path.name, key)
        for prefix in PREFIXES.findall(path.read_text(encoding="utf-8")):
            assert any(key.startswith(prefix) for key in TEXTS), (path.name, prefix)


def test_every_text_is_in_both_languages_with_the_same_blanks() -> None:
    for key, (zh, en) in TEXTS.items():
        assert zh.strip() and en.strip(), key
        assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key
        assert CHINESE.search(zh) or key in LATIN, key
        assert not CHINESE.search(en) or key in {"language.switch"}, key


LATIN = {"language.switch", "joined", "colon", "checklists.xform"}


def test_words_that_are_put_together_are_all_there() -> None:
    every = [
        *(f"unit.kind.{kind}" for kind in UNIT_KINDS),
        *(f"role.{role}" for role in ROLES),
        *(f"review.{state}" for state in REVIEW_STATES),
        *(entry.key for entry in ENTRIES),
        *(f"light.{light}" for light in range(5)),
        *(f"light.unit.{light}" for light in range(1, 5)),
        *(f"{name}.{level}" for name in ("severity", "route") for level in range(1, 5)),
        *(f"form.kind.{kind}" for kind in ("regular", "thematic", "recheck", "school_return", "department_return")),
        f"form.kind.{FormDefinition('', '', {}).kind}",
    ]
    assert [key for key in every if not has_text(key)] == []


def test_chinese_sentences_use_chinese_punctuation() -> None:
    wrong = [key for key, (zh, _) in TEXTS.items() if re.search(r"[\u4e00-\u9fff][,;:?!](?=[\u4e00-\u9fff])", zh)]
    assert wrong == []


def test_a_text_says_what_it_is_given() -> None:
    assert text("zh", "finding.late", days=3) == "逾期3个工作日"
    assert text("en", "finding.late", days=3) == "3 working days overdue"
    with pytest.raises(KeyError):
        text("zh", "no.such.key")


def test_every_problem_has_a_page_in_both_languages() -> None:
    for kind in CATALOGUE.values():
        assert has_text(f"error.{kind.status}") or has_text("error.other")
