"""liangpai import records: rows of a spreadsheet as submissions, with a report for each that was not simply new."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import orjson
import typer

from server.commands.console import language, say
from server.services.context import Context
from server.services.intake.import_records import RecordsReport, import_records

WORDS = {"created": ("新建", "created"), "duplicate": ("已有", "already there"), "refused": ("拒绝", "refused")}


def run(context: Context, *, project_id: int, file: Path, form_id: str, by: str = "", as_json: bool = False) -> None:
    """Import and print the report; ends with 1 if a row was refused."""
    report = import_records(
        context, project_id=project_id, form_id=form_id, data=file.read_bytes(), filename=file.name, by=by
    )
    if as_json:
        typer.echo(orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(report)
    if report.count("refused"):
        raise typer.Exit(1)


def _print(report: RecordsReport) -> None:
    for row in report.rows:
        if row.outcome == "refused":
            say(f"第{row.number}行 {row.unit}：拒绝，{row.zh}", f"row {row.number} {row.unit}: refused, {row.en}")
    if report.unknown:
        shown = ", ".join(report.unknown[:20]) + (" ..." if len(report.unknown) > 20 else "")
        say(f"检查单里没有这些列，未读取：{shown}", f"The form has no such questions, not read: {shown}")
    english = language() == "en"
    counts = [f"{WORDS[name][english]} {report.count(name)}" for name in ("created", "duplicate", "refused")]
    typer.echo(", ".join(counts))
