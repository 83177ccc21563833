"""What a ledger's address says: filters, order, page. Whatever it does not understand it leaves out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from scorecards.lifecycle.measures import KINDS
from scorecards.lifecycle.rectification import TABLE
from server.store.reading.ledgers import ENDED, FINDING_ORDERS, UNCLOSED, FindingFilter, Order
from server.store.reading.measures import MEASURE_ORDERS, MeasureFilter

LEDGERS: Final = ("rectification", "consultations", "measures", "overdue")
TURNS: Final = ("school", "department", "inspector", "office", "leading")
NAMES: Final = (
    "unit",
    "severity",
    "route",
    "state",
    "turn",
    "item",
    "indicator",
    "inspector",
    "level",
    "overdue",
    "found_from",
    "found_to",
    "due_from",
    "due_to",
    "kind",
    "q",
    "sort",
    "dir",
)
# Names that stand behind "more filters" on the page.
FURTHER: Final = ("item", "indicator", "inspector", "found_from", "found_to", "due_from", "due_to")
LONGEST: Final = 80
UNFIT: Final = re.compile(r"[\x00-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A ledger's address, read. ``given`` holds what is kept in links and saved views, by name, without the page."""

    ledger: str
    given: Mapping[str, str]
    findings: FindingFilter
    measures: MeasureFilter
    order: Order
    number: int = 1

    @property
    def query(self) -> str:
        """The filters as the part of an address behind the question mark."""
        return urlencode(dict(self.given))

    @property
    def narrowed(self) -> bool:
        """True where something else than the ledger's own default is asked for."""
        return any(name not in ("sort", "dir") for name in self.given)

    @property
    def further(self) -> bool:
        """True where one of the rarer filters is used."""
        return any(name in self.given for name in FURTHER)


def read(ledger: str, values: Mapping[str, str]) -> Asked:
    """What is asked of a ledger. A value that means nothing counts as none."""
    clean = {name: UNFIT.sub("", values.get(name, "")).strip()[:LONGEST] for name in NAMES}
    given = {name: value for name, value in clean.items() if value and _fits(ledger, name, value)}
    number = values.get("number", "")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    orders = MEASURE_ORDERS if ledger == "measures" else FINDING_ORDERS
    key = given.get("sort") or ("proposed" if ledger == "measures" else "due")
    backwards = given.get("dir") == "desc" or (ledger == "measures" and "sort" not in given)
    order = Order(key if key in orders else next(iter(orders)), backwards)
    return Asked(ledger, given, _findings(ledger, given), _measures(given), order, max(1, page))


def read_query(ledger: str, query: str) -> Asked:
    """As ``read``, from the part of an address behind the question mark."""
    return read(ledger, dict(parse_qsl(query[:2000], max_num_fields=40)))


def _fits(ledger: str, name: str, value: str) -> bool:
    choices: dict[str, tuple[str, ...]] = {
        "severity": ("1", "2", "3", "4"),
        "route": ("1", "2", "3", "4"),
        "level": ("0", "1", "2", "3"),
        "overdue": ("yes",),
        "turn": TURNS,
        "dir": ("asc", "desc"),
        "sort": tuple(MEASURE_ORDERS if ledger == "measures" else FINDING_ORDERS),
        "kind": tuple(KINDS),
    }
    if name in ("found_from", "found_to", "due_from", "due_to"):
        return _day(value) is not None
    if name == "state" and ledger != "measures":
        return value in (UNCLOSED, ENDED, "all", *TABLE.states)
    return value in choices[name] if name in choices else True


def _findings(ledger: str, given: Mapping[str, str]) -> FindingFilter:
    turn = given.get("turn", "")
    states = tuple(name for name, state in TABLE.states.items() if turn and state.waits_for == turn)
    state = given.get("state", UNCLOSED)
    return FindingFilter(
        unit=given.get("unit", ""),
        severity=int(given.get("severity", "0")),
        route=4 if ledger == "consultations" else int(given.get("route", "0")),
        state="" if state == "all" else state,
        states=states,
        item=given.get("item", ""),
        indicator=given.get("indicator", ""),
        inspector=given.get("inspector", ""),
        level=int(given.get("level", "-1")),
        overdue=ledger == "overdue" or given.get("overdue") == "yes",
        found_from=_day(given.get("found_from", "")),
        found_to=_day(given.get("found_to", "")),
        due_from=_day(given.get("due_from", "")),
        due_to=_day(given.get("due_to", "")),
        text=given.get("q", ""),
    )


def _measures(given: Mapping[str, str]) -> MeasureFilter:
    state = given.get("state", "")
    return MeasureFilter(
        unit=given.get("unit", ""),
        kind=given.get("kind", ""),
        state="" if state == "all" else state,
        from_day=_day(given.get("found_from", "")),
        to_day=_day(given.get("found_to", "")),
        text=given.get("q", ""),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
