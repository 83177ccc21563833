"""The sheet for the wall as a document: what a school has been told to put right, by whom and by when."""

from __future__ import annotations

from typing import Any

import orjson

from scorecards.documents.wall import WallLine, WallSheet
from scorecards.lifecycle.rectification import TABLE
from server.services.work_calendar import calendar_of
from server.store.db import ReadSession
from server.store.reading import cases as reading_cases
from server.store.units import Unit
from server.web.rectification.desk_view import told_rows
from server.web.rectification.limit import told_left
from server.web.render import SignedPage


def sheet(page: SignedPage, session: ReadSession, unit: Unit, link: str) -> WallSheet:
    """The open rectifications of a school today."""
    rows = told_rows(session, unit)
    asked = reading_cases.requirements(session, [row[0].id for row in rows])
    calendar = calendar_of(session)

    def line(finding: Any) -> WallLine:
        running = finding.handed_on is None
        words = TABLE.states[finding.state].words
        return WallLine(
            finding.code,
            page.name(finding.title, finding.title_en),
            finding.severity,
            finding.due_on,
            told_left(page, finding, calendar).order if running else None,
            str(orjson.loads(asked.get(finding.id, "{}")).get("requirement", "")),
            finding.responsible,
            page.name(words.zh, words.en),
        )

    lines = tuple(line(row[0]) for row in rows)
    return WallSheet(page.name(unit.name, unit.name_en), page.context.today(), lines, link=link)
