"""The office's calendar: the announced holidays and make-up days, with a year's own days before them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar
from server.problems import Problem
from server.store import case_rows
from server.store.cases import CalendarDay
from server.store.db import ReadSession, WriteSession
from server.store.events import record

WORKED = {"work", "working", "workday", "1", "true", "yes", "是", "上班", "工作日", "调休上班"}
FREE = {"free", "holiday", "off", "0", "false", "no", "否", "放假", "休息", "节假日"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import of a calendar did."""

    days: int
    years: tuple[int, ...]


def calendar_of(session: ReadSession | WriteSession) -> WorkCalendar:
    """The calendar in force; read once in a session."""
    kept = session.info.get("work_calendar")
    if kept is None:
        found = case_rows.overrides(session)
        kept = session.info["work_calendar"] = WorkCalendar(found) if found else DEFAULT_CALENDAR
    calendar: WorkCalendar = kept
    return calendar


def load(session: WriteSession, data: bytes, *, by: int | None, at: dt.datetime) -> Loaded:
    """Take overrides from a CSV with the columns ``date``, ``day`` (work or free) and, if there is one, ``name``.

    All or nothing. Raises Problem("import.unreadable") naming the row.
    """
    days = [_day(number, row, by, at) for number, row in enumerate(_rows(data), start=2)]
    if not days:
        raise Problem("import.unreadable", detail_zh="表中没有日期。", detail_en="the table holds no day.")
    case_rows.put_calendar_days(session, days)
    session.info.pop("work_calendar", None)
    years = tuple(sorted({day.day.year for day in days}))
    record(session, "calendar.loaded", subject=",".join(map(str, years)), by=by, at=at, days=len(days))
    return Loaded(len(days), years)


def _rows(data: bytes) -> list[dict[str, str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Problem("import.unreadable", detail_zh="不是UTF-8或GB18030文本。", detail_en="no UTF-8 or GB18030 text.")
    try:
        rows = list(csv.DictReader(io.StringIO(text), restval="", strict=True))
    except csv.Error as error:
        raise Problem("import.unreadable", detail_zh=str(error), detail_en=str(error)) from error
    return [{str(name).strip().lower(): (value or "") for name, value in row.items() if name} for row in rows]


def _day(number: int, row: dict[str, str], by: int | None, at: dt.datetime) -> CalendarDay:
    word = row.get("day", "").strip().lower()
    try:
        day = dt.date.fromisoformat(row.get("date", "").strip())
        if word not in WORKED | FREE:
            raise ValueError(word)
    except ValueError:
        raise Problem(
            "import.unreadable",
            detail_zh=f"第{number}行：需要date(如2027-02-08)和day(work或free)。",
            detail_en=f"row {number}: date (such as 2027-02-08) and day (work or free) are needed.",
        ) from None
    return CalendarDay(
        day=day, working=word in WORKED, name=row.get("name", "").strip()[:100], loaded_by=by, loaded_at=at
    )
