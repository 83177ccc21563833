"""The picture of a lifecycle table, generated from it as SVG: one card for each state, coloured by whose turn it is.

A card lists the steps that lead on, each with whose step it is (the dot) and where it leads (the chips), then the ways
out, then the steps that keep the state. Steps to the next card are arrows between cards. Where there is room, all
others run on lines at the left, one for each state that they lead to. All measures are whole units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from scorecards.lifecycle.table import SYSTEM, StateSpec, StepSpec, Table

WIDE, NARROW = 720, 360
FONTS: Final = "'Noto Sans SC','PingFang SC','Microsoft YaHei','Source Han Sans SC',system-ui,sans-serif"
INK, QUIET, RULE, PAPER = "#1F2933", "#52606D", "#CBD2D9", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Turn:
    """How the turn of a role looks: light ``fill``, strong ``line``, and its words."""

    fill: str
    line: str
    zh: str
    en: str


TURNS: Final[Mapping[str, Turn]] = {
    "school": Turn("#FCEBD2", "#974D00", "学校", "School"),
    "department": Turn("#D8F0EB", "#0B6E5F", "责任部门", "Department"),
    "inspector": Turn("#E6DFF5", "#5B3EA8", "督学", "Inspector"),
    "office": Turn("#DBE9F8", "#14599C", "督导室", "Office"),
    "leading": Turn("#F8DCE8", "#A01C5B", "领导小组", "Leading group"),
    "administrator": Turn("#E4E7EB", "#3E4C59", "管理员", "Administrator"),
    SYSTEM: Turn("#E4E7EB", "#3E4C59", "系统", "System"),
    "": Turn("#EEF0F2", "#52606D", "终结", "End"),
}
_STAYS: Final = {"zh": "此时还可：", "en": "Meanwhile: "}
_ROOMY: Final = 600  # from this width on lines are drawn
_NOW: Final = {"zh": "现在", "en": "now"}
_LEGEND: Final = {"zh": "轮到谁：", "en": "Whose turn:"}
_COMMA: Final = {"zh": "、", "en": ", "}

# Units of the drawing: margins, sizes of type, heights of lines.
MARGIN, GAP, HEAD, LINE, TRACK, PAD = 10, 24, 30, 20, 11, 8
TITLE, BODY, SMALL = 14, 12, 11


def diagram(table: Table, *, language: str = "zh", current: str = "", width: int = WIDE) -> str:
    """A table as an SVG document. ``language`` is zh or en; ``current`` is a state to mark; ``width`` (in CSS pixels)
    is ``WIDE`` for a desk, ``NARROW`` for a phone. The same arguments give the same text."""
    return _Drawing(table, language, current, width).svg()


@dataclass(frozen=True, slots=True)
class _Way:
    """A step as a card lists it: whose it is, and the other states to which it leads."""

    words: str
    who: str
    targets: tuple[str, ...]
    stays: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something on a line of a card, ``x`` units from its left edge: a dot, words, or the chip of a state."""

    x: int
    kind: str
    words: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class _Card:
    state: StateSpec
    top: int
    height: int
    lines: tuple[tuple[_Piece, ...], ...]
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Bus:
    """A line at the left that leads from several cards to one."""

    target: int
    sources: tuple[int, ...]
    track: int = 0

    def covers(self, tops: Sequence[int]) -> tuple[int, int]:
        places = [tops[place] for place in (self.target, *self.sources)]
        return min(places), max(places)


class _Drawing:
    def __init__(self, table: Table, language: str, current: str, width: int) -> None:
        self.table, self.language, self.current, self.width = table, language, current, width
        self.names = list(table.states)
        self.parts: list[str] = []
        self.legend = self._legend_rows()
        self.buses = self._buses() if width >= _ROOMY else []
        tracks = 1 + max((bus.track for bus in self.buses), default=-1)
        self.left = MARGIN + (TRACK * tracks + 16 if tracks else 0)
        self.cards = self._cards()

    def svg(self) -> str:
        for bus in self.buses:
            self._bus(bus)
        for place, card in enumerate(self.cards):
            self._card(card)
            if place and self._follows(place):
                self._arrow_down(card.top)
        self._legend()
        height = self.cards[-1].top + self.cards[-1].height + MARGIN
        title = self._words(self.table.words.zh, self.table.words.en)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}" '
            f'height="{height}" role="img" aria-label="{_quoted(title)}" font-family="{FONTS}" '
            'style="max-width:100%;height:auto">\n'
        )
        return head + f"<title>{escape(title)}</title>\n" + "\n".join(self.parts) + "\n</svg>\n"

    def _words(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def _ways(self, state: str) -> list[_Way]:
        """The steps of a state: those that go on first, then those that go back, then those that end the matter."""
        here = self.names.index(state)
        found = []
        for step in self.table.steps_from(state):
            targets = step.targets(state)
            others = tuple(target for target in targets if target != state)
            found.append(_Way(self._words(step.words.zh, step.words.en), _who(step), others, state in targets))
        return sorted(
            found,
            key=lambda way: (
                all(self.table.states[name].closing for name in way.targets),
                all(self.names.index(name) < here for name in way.targets),
            ),
        )

    def _follows(self, place: int) -> bool:
        """Does a step lead from the card before to this one?"""
        before, state = self.names[place - 1], self.names[place]
        return any(state in way.targets for way in self._ways(before))

    def _buses(self) -> list[_Bus]:
        """One line for each state that steps reach from elsewhere than the card before, each on a free track."""
        found = []
        for target, name in enumerate(self.names):
            sources = tuple(
                place
                for place, source in enumerate(self.names)
                if place != target - 1 and any(name in way.targets for way in self._ways(source))
            )
            if sources:
                found.append(_Bus(target, sources))
        found.sort(key=lambda bus: bus.covers(range(len(self.names)))[1] - bus.covers(range(len(self.names)))[0])
        ends: list[list[tuple[int, int]]] = []
        placed = []
        for bus in found:
            first, last = bus.covers(range(len(self.names)))
            track = next(
                (n for n, taken in enumerate(ends) if all(last < start or end < first for start, end in taken)),
                len(ends),
            )
            if track == len(ends):
                ends.append([])
            ends[track].append((first, last))
            placed.append(_Bus(bus.target, bus.sources, track))
        return placed

    def _cards(self) -> list[_Card]:
        top, cards = MARGIN + LINE * len(self.legend) + GAP // 2, []
        room = self.width - MARGIN - self.left - PAD
        for name, state in self.table.states.items():
            ways = self._ways(name)
            lines = tuple(line for way in ways if way.targets for line in self._lines(way, room))
            kept = list(dict.fromkeys(way.words for way in ways if way.stays))
            stays = _wrapped(_STAYS[self.language], kept, _COMMA[self.language], room - PAD) if kept else ()
            count = len(lines) + len(stays)
            height = HEAD + (count * LINE + PAD if count else 0)
            cards.append(_Card(state, top, height, lines, tuple(stays)))
            top += height + GAP
        return cards

    def _lines(self, way: _Way, room: int) -> list[tuple[_Piece, ...]]:
        """A way as it flows over one or more lines: dot, words, arrow, chips."""
        turn = TURNS[way.who]
        x = PAD + 12
        line = [_Piece(PAD + 3, "dot", "", turn), _Piece(x, "words", way.words, turn)]
        lines: list[tuple[_Piece, ...]] = []
        x += _units(way.words, BODY) + 6
        for place, name in enumerate(way.targets):
            state = self.table.states[name]
            words = ("" if place else "→ ") + self._words(state.words.zh, state.words.en)
            size = _units(words, SMALL) + 14
            if x + size > room:
                lines.append(tuple(line))
                line, x = [], PAD + 24
            line.append(_Piece(x, "chip", words, _turn(state)))
            x += size + 5
        return [*lines, tuple(line)]

    def _card(self, card: _Card) -> None:
        state, turn = card.state, _turn(card.state)
        x, width, now = self.left, self.width - MARGIN - self.left, card.state.name == self.current
        edge = f'stroke="{INK}" stroke-width="3"' if now else f'stroke="{turn.line}" stroke-width="1"'
        low = card.height - HEAD
        ends = f"v{HEAD - 6}h-{width}" if low else f"v{HEAD - 12}a6 6 0 0 1 -6 6h-{width - 12}a6 6 0 0 1 -6 -6"
        back = HEAD - 6 if low else HEAD - 12
        self.parts.append(
            f'<rect x="{x}" y="{card.top}" width="{width}" height="{card.height}" rx="6" fill="{PAPER}"/>'
            f'<path d="M{x + 6} {card.top}h{width - 12}a6 6 0 0 1 6 6{ends}v-{back}a6 6 0 0 1 6 -6z" '
            f'fill="{turn.fill}"/>'
            f'<rect x="{x}" y="{card.top + 6}" width="4" height="{HEAD - 12}" fill="{turn.line}"/>'
            f'<rect x="{x}" y="{card.top}" width="{width}" height="{card.height}" rx="6" fill="none" {edge}/>'
        )
        name = self._words(state.words.zh, state.words.en) + (f" ◀ {_NOW[self.language]}" if now else "")
        middle = card.top + HEAD // 2 + 5
        self._text(x + PAD + 4, middle, name, TITLE, INK, bold=True)
        who = f"{self._words(turn.zh, turn.en)} · {state.code}"
        if _units(name, TITLE) + _units(who, SMALL) + 4 * PAD > width:
            who = state.code
        self._text(self.width - MARGIN - PAD, middle, who, SMALL, turn.line, anchor="end")
        y = card.top + HEAD + LINE - 4
        for line in card.lines:
            for piece in line:
                self._piece(x, y, piece)
            y += LINE
        for words in card.stays:
            self._text(x + PAD, y, words, SMALL, QUIET)
            y += LINE

    def _piece(self, x: int, y: int, piece: _Piece) -> None:
        if piece.kind == "dot":
            self.parts.append(f'<circle cx="{x + piece.x}" cy="{y - 4}" r="4" fill="{piece.turn.line}"/>')
        elif piece.kind == "words":
            self._text(x + piece.x, y, piece.words, BODY, INK)
        else:
            width = _units(piece.words, SMALL) + 14
            self.parts.append(
                f'<rect x="{x + piece.x}" y="{y - 12}" width="{width}" height="16" rx="8" fill="{piece.turn.fill}"/>'
            )
            self._text(x + piece.x + width // 2, y, piece.words, SMALL, piece.turn.line, anchor="middle")

    def _bus(self, bus: _Bus) -> None:
        """A vertical line with a tap from each card and an arrow into the target."""
        x = self.left - 14 - TRACK * bus.track
        colour = _turn(self.table.states[self.names[bus.target]]).line
        tops = [card.top for card in self.cards]
        into = tops[bus.target] + HEAD // 2 - 5
        taps = [tops[place] + HEAD // 2 + 6 for place in bus.sources]
        first, last = min([into, *taps]), max([into, *taps])
        across = "".join(f"M{self.left} {tap}H{x}" for tap in taps)
        self.parts.append(
            f'<path d="{across}" fill="none" stroke="{RULE}" stroke-width="1"/>'
            f'<path d="M{x} {first}V{last}M{x} {into}H{self.left - 5}" fill="none" stroke="{colour}" '
            f'stroke-width="1.5"/><path d="M{self.left} {into}l-7 -4v8z" fill="{colour}"/>'
        )
        self.parts += [f'<circle cx="{x}" cy="{tap}" r="3" fill="{colour}"/>' for tap in taps]

    def _arrow_down(self, top: int) -> None:
        x = self.left + 40
        self.parts.append(
            f'<path d="M{x} {top - GAP}V{top - 6}" stroke="{QUIET}" stroke-width="2"/>'
            f'<path d="M{x} {top}l-5 -8h10z" fill="{QUIET}"/>'
        )

    def _legend_rows(self) -> list[list[tuple[str, Turn]]]:
        """The turns that occur, in rows that fit the width."""
        used = {state.waits_for if not state.closing else "" for state in self.table.states.values()}
        used |= {_who(step) for step in self.table.steps}
        rows: list[list[tuple[str, Turn]]] = [[]]
        x = MARGIN + _units(_LEGEND[self.language], SMALL) + 6
        for name, turn in TURNS.items():
            if name not in used:
                continue
            words = self._words(turn.zh, turn.en)
            size = _units(words, SMALL) + 32
            if x + size > self.width - MARGIN:
                rows.append([])
                x = MARGIN
            rows[-1].append((words, turn))
            x += size
        return rows

    def _legend(self) -> None:
        y = MARGIN + SMALL
        self._text(MARGIN, y, _LEGEND[self.language], SMALL, QUIET)
        x = MARGIN + _units(_LEGEND[self.language], SMALL) + 6
        for row in self.legend:
            for words, turn in row:
                self.parts.append(
                    f'<rect x="{x}" y="{y - 10}" width="14" height="12" rx="2" fill="{turn.fill}" '
                    f'stroke="{turn.line}"/>'
                )
                self._text(x + 19, y, words, SMALL, INK)
                x += _units(words, SMALL) + 32
            x, y = MARGIN, y + LINE

    def _text(
        self, x: int, y: int, words: str, size: int, colour: str, *, bold: bool = False, anchor: str = ""
    ) -> None:
        style = (' font-weight="700"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{style}>{escape(words)}</text>')


def _turn(state: StateSpec) -> Turn:
    return TURNS["" if state.closing else state.waits_for]


def _who(step: StepSpec) -> str:
    """The role that a step is drawn for: the first that takes it by office, people before the clock."""
    return next(
        role for role in ("school", "department", "inspector", "office", "leading", SYSTEM) if role in step.roles
    )


def _units(words: str, size: int) -> int:
    """About how wide words are: a Chinese character or an arrow takes its size, a Latin letter a little over half."""
    return sum(100 if ord(letter) > 0x2E7F or letter in "→◀" else 56 for letter in words) * size // 100


def _wrapped(start: str, words: Sequence[str], comma: str, room: int) -> list[str]:
    """Words joined by commas on lines that fit."""
    lines, line = [], start
    for place, word in enumerate(words):
        piece = word + (comma if place < len(words) - 1 else "")
        if _units(line + piece, SMALL) > room and line != start:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line]


def _quoted(words: str) -> str:
    return escape(words, {'"': "&quot;"})
