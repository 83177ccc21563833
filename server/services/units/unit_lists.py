"""The lists that a phone carries, of an inspector's own area, as CSV: schools, units, and the findings to re-check."""

from __future__ import annotations

import csv
import io
from typing import Final

from server.security.permissions import reach
from server.security.viewer import Viewer
from server.store.db import ReadSession, WriteSession
from server.store.finding_lists import photos_of, to_recheck
from server.store.findings import Finding
from server.store.units import Unit, units_below, units_with_ids

FINDINGS: Final = "findings.csv"
# File name to the kinds of unit that it lists.
LISTS: Final[dict[str, tuple[str, ...]]] = {
    "schools.csv": ("school",),
    "units.csv": ("city", "district", "town", "school", "department", "group"),
    FINDINGS: ("school",),
}
FINDING_COLUMNS: Final = (
    "name",
    "label",
    "label_en",
    "school",
    "indicator",
    "severity",
    "state",
    "due",
    "fact",
    "route",
    "photo",
)
MOST_PHOTOS: Final = 200
COLUMNS: Final = ("name", "label", "label_en", "kind", "stage", "town", "town_code", "enrolment")


def unit_list(
    session: ReadSession | WriteSession, viewer: Viewer, name: str, *, within: str, photos: bool = True
) -> bytes:
    """One of LISTS below what the viewer may send submissions for, ordered by code: the same units, the same bytes.

    ``name`` is the unit's code and ``label`` its name, as ``select_one_from_file`` expects; ``within`` is the path of
    the project's unit. The findings are the open ones that a re-check may name: the list changes when they do; without
    ``photos`` it names none of ``finding_photos``. Raises KeyError for another file name.
    """
    paths = _paths(viewer, within)
    if name == FINDINGS:
        return _finding_list(session, paths, photos)
    rows = units_below(session, paths, kinds=LISTS[name])
    parents = units_with_ids(session, {row.parent_id for row in rows if row.parent_id})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        parent = parents.get(row.parent_id or 0)
        writer.writerow(_line(row, parent if parent is not None and parent.kind == "town" else None))
    return text.getvalue().encode()


def finding_photos(session: ReadSession | WriteSession, viewer: Viewer, *, within: str) -> dict[str, str]:
    """The photos that the viewer's list of findings names: file name to SHA-256, at most MOST_PHOTOS."""
    return dict(_named(session, [finding for finding, _ in to_recheck(session, _paths(viewer, within))]).values())


def _named(session: ReadSession | WriteSession, findings: list[Finding]) -> dict[str, tuple[str, str]]:
    """The photos of the findings that are due first: a phone loads each of them."""
    return photos_of(session, sorted(findings, key=lambda finding: (finding.due_on, finding.code))[:MOST_PHOTOS])


def _paths(viewer: Viewer, within: str) -> list[str]:
    return sorted({path if path.startswith(within) else within for path in reach(viewer, "submission.send")
                   if path.startswith(within) or within.startswith(path)})  # fmt: skip


def _finding_list(session: ReadSession | WriteSession, paths: list[str], photos: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FINDING_COLUMNS)
    listed = to_recheck(session, paths)
    named = _named(session, [finding for finding, _ in listed]) if photos else {}
    for finding, school in listed:
        level, due = f"S{finding.severity}", finding.due_on.isoformat()
        writer.writerow(
            (
                finding.code,
                f"{level} {one_line(finding.title)}({finding.code})",
                f"{level} {one_line(finding.title_en or finding.title)} ({finding.code})",
                school,
                finding.indicators.split(" ")[0],
                level,
                finding.state,
                due,
                one_line(finding.fact),
                f"R{finding.route}",
                named.get(finding.code, ("", ""))[0],
            )
        )
    return text.getvalue().encode()


def one_line(text: str) -> str:
    """A text as a choice's label shows it: one line, not too long."""
    return " ".join(text.split())[:120]


def _line(unit: Unit, town: Unit | None) -> tuple[str, ...]:
    return (
        unit.code,
        unit.name,
        unit.name_en or unit.name,
        unit.kind,
        unit.stage,
        town.name if town else "",
        town.code if town else "",
        "" if unit.enrolment is None else str(unit.enrolment),
    )
