"""A label or hint as harmless HTML: the Markdown that XLSForm knows, and nothing else of what its author typed."""

from __future__ import annotations

import re
from typing import Final

import nh3

# Inline marks, headings, lists and paragraphs; no picture, no style, no class: a page's looks are the page's own.
_TAGS: Final = frozenset(
    {"strong", "em", "a", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "p", "br", "sup", "sub"}
)
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)

_ESCAPED: Final = {"\\\\": "\ue010", "\\*": "\ue011", "\\_": "\ue012", "\\#": "\ue013"}
_UNESCAPED: Final = {"\ue010": "\\", "\ue011": "*", "\ue012": "_", "\ue013": "#"}
_TYPED: Final = re.compile(r"&lt;\s?(span|sup|sub)\b[^/\n]{0,200}?&gt;((?:(?!&lt;/).){1,2000})&lt;/\s?\1\s?&gt;")
_INLINE: Final = (
    (re.compile(r"__(.+?)__"), r"<strong>\1</strong>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(^|\W)_([^\s_][^_\n]*)_(?=\W|$)"), r"\1<em>\2</em>"),
    (re.compile(r"\*([^\s*][^*\n]*)\*"), r"<em>\1</em>"),
)
_LINK: Final = re.compile(r"\[([^\]\n]*)\]\(([^)\s]+)\)")
_ADDRESS: Final = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_HEADING: Final = re.compile(r"^\s*(#{1,6})\s?([^#\n][^\n]*?)#*$")
_BULLET: Final = re.compile(r"^[*+-] +(.*)$")
_NUMBER: Final = re.compile(r"^(\d{1,6})\. +(.*)$")


def clean_label(text: str) -> str:
    """HTML of a label written in XLSForm's Markdown; characters of the private use area pass through as they are.

    >>> clean_label("**Look** <script>alert(1)</script>")
    '<strong>Look</strong> &lt;script&gt;alert(1)&lt;/script&gt;'
    """
    rendered = _blocks(_inline(text))
    return _CLEANER.clean(rendered) if "<" in rendered else rendered


def _inline(text: str) -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    for written, kept in _ESCAPED.items():
        shown = shown.replace(written, kept)
    shown = _TYPED.sub(lambda found: found[2] if found[1] == "span" else f"<{found[1]}>{found[2]}</{found[1]}>", shown)
    links: list[str] = []

    def link(found: re.Match[str]) -> str:
        if not _ADDRESS.match(found[2]):
            return found[1]
        links.append(f'<a href="{_plain(found[2])}">')
        return f"\ue020{len(links) - 1}\ue021{found[1]}</a>"

    shown = _LINK.sub(link, shown)
    for pattern, replacement in _INLINE:
        shown = pattern.sub(replacement, shown)
    shown = re.sub("\ue020(\\d+)\ue021", lambda found: links[int(found[1])], shown)
    return _plain(shown)


def _plain(text: str) -> str:
    for kept, written in _UNESCAPED.items():
        text = text.replace(kept, written)
    return text


def _blocks(text: str) -> str:
    """Lines as headings, lists, paragraphs and line breaks; a single line stays bare."""
    lines = text.split("\n")
    found: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if heading := _HEADING.match(line):
            level = len(heading[1])
            found.append(f"<h{level}>{heading[2].strip()}</h{level}>")
            place += 1
        elif _BULLET.match(line) or (place and _NUMBER.match(line)):  # "1. Is the gate shut?" is no list
            listed, place = _list(lines, place)
            found.append(listed)
        else:
            paragraph, place = _paragraph(lines, place)
            found.append(paragraph)
    return "".join(found) if len(found) > 1 else "".join(found).removeprefix("<p>").removesuffix("</p>")


def _list(lines: list[str], place: int) -> tuple[str, int]:
    numbered = _NUMBER.match(lines[place])
    pattern = _NUMBER if numbered else _BULLET
    start = f' start="{numbered[1]}"' if numbered and numbered[1] != "1" else ""
    items = []
    while place < len(lines) and (found := pattern.match(lines[place])):
        items.append(f"<li>{found[found.re.groups].strip()}</li>")
        place += 1
    tag = "ol" if numbered else "ul"
    return f"<{tag}{start}>{''.join(items)}</{tag}>", place


def _paragraph(lines: list[str], place: int) -> tuple[str, int]:
    taken: list[str] = []
    while place < len(lines) and lines[place].strip() and not (place and taken and _starts_block(lines[place])):
        taken.append(lines[place])
        place += 1
    while place < len(lines) and not lines[place].strip():
        place += 1
    return (f"<p>{'<br>'.join(taken)}</p>" if taken else ""), place


def _starts_block(line: str) -> bool:
    return bool(_HEADING.match(line) or _BULLET.match(line) or _NUMBER.match(line))
