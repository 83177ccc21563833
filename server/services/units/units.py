"""Importing the tree of units: every row is judged first, and nothing is written while one is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from forms.sheets import Row
from server.services.spreadsheet import read_table, unreadable
from server.services.units.unit_rows import Reason, UnitRow, parse_row, reason, translate_headers
from server.store import units
from server.store.db import WriteSession
from server.store.events import record
from server.store.units import Unit, UnitMember

# Below what a unit may hang; "" is the top of the tree.
PARENTS: dict[str, frozenset[str]] = {
    "province": frozenset({""}),
    "city": frozenset({"", "province"}),
    "district": frozenset({"", "province", "city"}),
    "town": frozenset({"city", "district"}),
    "school": frozenset({"province", "city", "district", "town"}),
    "department": frozenset({"province", "city", "district"}),
    "group": frozenset({"city", "district", "town"}),
}


@dataclass(slots=True)
class RowReport:
    """What became of a row: created, changed (and which columns), unchanged, or refused and why."""

    number: int
    code: str
    name: str
    outcome: str
    changed: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """The rows in order. ``written`` is false where a refused row held everything back."""

    rows: list[RowReport] = field(default_factory=list)
    written: bool = False

    def count(self, outcome: str) -> int:
        """How many rows had this outcome."""
        return sum(row.outcome == outcome for row in self.rows)


def import_units(
    session: WriteSession,
    data: bytes | Iterable[Row],
    *,
    filename: str = "",
    partial: bool = False,
    within: Sequence[str] = ("/",),
    by: int | None,
    at: dt.datetime,
) -> ImportReport:
    """Create and change units from a CSV or XLSX file (or rows read already), with a report for each row.

    Columns: code, kind, name, name_en, parent (a code), stage, enrolment, latitude, longitude, active, groups (codes,
    ``;`` between them, ``code:role`` for a role), or their Chinese names. Any order of rows; a column that is absent
    leaves what is known. If a row is refused nothing is written, unless ``partial``. ``within`` are the paths below
    which the caller may write. Raises Problem("import.unreadable") where there is no table to judge.
    """
    headers, rows = read_table(data, filename) if isinstance(data, bytes) else _headers_of(data)
    names, unknown = translate_headers(headers)
    if "code" not in names.values():
        raise unreadable("缺少“代码”列。", "the column code is missing.")
    if unknown:
        raise unreadable(f"不认识的列“{unknown[0]}”。", f"there is no column “{unknown[0]}” here.")
    plan = _Plan(session, within)
    parsed = [parse_row(row, names) for row in rows]
    plan.judge(parsed)
    report = ImportReport([plan.report(row) for row in parsed])
    if report.count("refused") and not partial:
        return report
    plan.write(parsed, at)
    report.written = True
    changed = report.count("created") + report.count("changed")
    if changed:
        outcomes = {name: report.count(name) for name in ("created", "changed", "unchanged", "refused")}
        record(session, "units.imported", subject=filename, by=by, at=at, pending=False, **outcomes)
    return report


def _headers_of(rows: Iterable[Row]) -> tuple[tuple[str, ...], list[Row]]:
    kept = list(rows)
    return tuple(dict.fromkeys(header for row in kept for header in row.cells)), kept


class _Plan:
    """What the tree will be once the accepted rows are in it."""

    def __init__(self, session: WriteSession, within: Sequence[str]) -> None:
        self.session, self.within = session, tuple(within)
        self.units = {unit.code: unit for unit in units.all_units(session)}
        self.codes = {unit.id: unit.code for unit in self.units.values()}
        self.groups = {
            self.codes[unit_id]: {self.codes[group]: role for group, role in held.items()}
            for unit_id, held in units.memberships(session).items()
        }
        self.rows: dict[str, UnitRow] = {}

    def judge(self, rows: list[UnitRow]) -> None:
        """Refuse what cannot be, until a pass refuses nothing more: a refused parent takes its children along."""
        for row in rows:
            if row.code in self.rows:
                row.refuse(reason("code_twice", code=row.code, other=self.rows[row.code].number))
            elif row.code:
                self.rows[row.code] = row
        checks = (self._kind, self._place, self._reach, self._groups)
        again = True
        while again:
            again = False
            for row in rows:
                if row.refused:
                    continue
                for check in checks:
                    if (found := check(row)) is not None:
                        row.refuse(found)
                        again = True
                        break

    def _known(self, code: str) -> UnitRow | Unit | None:
        """The unit as it will be: the accepted row, else the unit in the store."""
        row = self.rows.get(code)
        if row is not None and not row.refused:
            return row
        return self.units.get(code)

    def _kind_of(self, code: str) -> str:
        known = self._known(code)
        stored = self.units.get(code)
        return (known.kind if known else "") or (stored.kind if stored else "")

    def parent_of(self, code: str) -> str:
        """The code of a unit's parent as it will be, "" at the top."""
        row = self.rows.get(code)
        if row is not None and not row.refused and row.parent is not None:
            return row.parent
        stored = self.units.get(code)
        return self.codes[stored.parent_id] if stored and stored.parent_id else ""

    def _kind(self, row: UnitRow) -> Reason | None:
        stored = self.units.get(row.code)
        if stored is None and not row.kind:
            return reason("kind_missing")
        if stored is None and not row.name:
            return reason("name_missing")
        if stored and row.kind and row.kind != stored.kind:
            return reason("kind_changed", old=stored.kind, new=row.kind)
        return None

    def _place(self, row: UnitRow) -> Reason | None:
        kind, parent = self._kind_of(row.code), self.parent_of(row.code)
        if parent and self._known(parent) is None:
            return reason("parent_unknown", parent=parent)
        above, seen = parent, {row.code}
        while above:
            if above in seen:
                return reason("cycle", parent=parent)
            seen.add(above)
            above = self.parent_of(above)
        parent_kind = self._kind_of(parent) if parent else ""
        if parent_kind not in PARENTS[kind]:
            return reason("parent_kind", kind=kind, parent_kind=parent_kind or "—")
        return None

    def _reach(self, row: UnitRow) -> Reason | None:
        """Old and new place must both lie where the caller may write."""
        if "/" in self.within:
            return None
        stored = self.units.get(row.code)
        if stored and not stored.path.startswith(self.within):
            return reason("outside")
        if stored and self.parent_of(row.code) == (self.codes.get(stored.parent_id) or ""):
            return None
        parent = self.parent_of(row.code)
        while parent and parent not in self.units:
            parent = self.parent_of(parent)
        above = self.units.get(parent)
        return None if above and above.path.startswith(self.within) else reason("outside")

    def _group_in_reach(self, code: str) -> bool:
        """True if the group lies, or comes to lie, where the caller may write."""
        stored = self.units.get(code)
        return stored is None or stored.path.startswith(self.within)

    def _groups(self, row: UnitRow) -> Reason | None:
        for code in row.groups or {}:
            if self._known(code) is None or self._kind_of(code) != "group":
                return reason("group_unknown", group=code)
        # Whoever is in a group sees it, so a stranger's group is not joined, left or its roles changed.
        known = self.groups.get(row.code, {})
        wanted = known if row.groups is None else row.groups
        for code in known.keys() | wanted.keys():
            if known.get(code) != wanted.get(code) and not self._group_in_reach(code):
                return reason("outside")
        if row.groups and self._kind_of(row.code) != "school":
            return reason("group_member")
        return None

    def changes(self, row: UnitRow) -> tuple[str, ...]:
        """The columns in which a row differs from its unit in the store."""
        stored = self.units[row.code]
        changed = [name for name, value in row.values().items() if getattr(stored, name) != value]
        if row.parent is not None and row.parent != (self.codes.get(stored.parent_id) or ""):
            changed.append("parent")
        if row.groups is not None and row.groups != self.groups.get(row.code, {}):
            changed.append("groups")
        return tuple(changed)

    def report(self, row: UnitRow) -> RowReport:
        """What becomes of a judged row."""
        stored = self.units.get(row.code)
        name = row.name or (stored.name if stored else "")
        if row.refused:
            return RowReport(row.number, row.code, name, "refused", reasons=tuple(row.reasons))
        if stored is None:
            return RowReport(row.number, row.code, name, "created")
        changed = self.changes(row)
        return RowReport(row.number, row.code, name, "changed" if changed else "unchanged", changed)

    def write(self, rows: list[UnitRow], at: dt.datetime) -> None:
        """Write the accepted rows, parents first."""
        accepted = [row for row in rows if not row.refused]
        for row in sorted(accepted, key=lambda row: self._depth(row.code)):
            self._write_unit(row, at)
        self.session.flush()
        for row in accepted:
            if row.groups is not None and row.groups != self.groups.get(row.code, {}):
                self._write_groups(row.code, row.groups)

    def _depth(self, code: str) -> int:
        depth = 0
        while code := self.parent_of(code):
            depth += 1
        return depth

    def _write_unit(self, row: UnitRow, at: dt.datetime) -> None:
        unit = self.units.get(row.code)
        changed = self.changes(row) if unit else ()
        if unit is not None and not changed:
            return
        if unit is None:
            unit = Unit(code=row.code, kind=row.kind, name=row.name, created_at=at, changed_at=at)
            self.units[row.code] = unit
        for name, value in row.values().items():
            setattr(unit, name, value)
        unit.changed_at = at
        parent = self.units.get(self.parent_of(row.code))
        unit.parent_id = parent.id if parent else None
        self.session.add(unit)
        self.session.flush()
        path = f"{parent.path if parent else '/'}{unit.id}/"
        if not unit.path:
            unit.path = path
        elif unit.path != path:
            self._move(unit, path)
        self.session.flush()

    def _move(self, unit: Unit, path: str) -> None:
        """The unit and everything below it go to their new place, in the store and in what is held here."""
        old = unit.path
        self.session.flush()
        units.move_subtree(self.session, old, path)
        for below in self.units.values():
            if below.path.startswith(old):
                self.session.refresh(below)

    def _write_groups(self, code: str, groups: dict[str, str]) -> None:
        unit_id = self.units[code].id
        assert unit_id is not None
        units.forget_memberships(self.session, unit_id)
        for group, role in groups.items():
            self.session.add(UnitMember(group_id=self.units[group].id, unit_id=unit_id, role=role))
