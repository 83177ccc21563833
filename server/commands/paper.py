"""liangpai forms paper: a checklist as a paper form, from its workbook alone, without a district."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from forms.outline import read_outline
from forms.shipped import shipped_checklists, shipped_workbook
from scorecards.documents.paper import PaperUnit, render_paper
from server.commands.console import CommandError, say

# A printed form has no day of its own: the same workbook gives the same bytes.
NO_DAY = dt.date(2020, 1, 1)


def paper(workbooks: list[str], output: str, unit: str, name: str, language: str, link: str) -> None:
    """Write each workbook's paper form as PDF: one workbook to the file ``output``, several into that folder."""
    names = shipped_checklists() if workbooks == ["shipped"] else workbooks
    target = Path(output)
    several = len(names) > 1 or target.is_dir()
    for given in names:
        data, filename = _workbook(given)
        try:
            outline = read_outline(data, filename)
        except ValueError:
            raise CommandError(f"{given}不是可用的工作簿。", f"{given} is no workbook that can be read.") from None
        known = PaperUnit(unit, name or unit) if unit else None
        pdf = render_paper(outline, on=NO_DAY, language=language, unit=known, link=link)
        path = target / f"{outline.form_id}.pdf" if several else target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
        say(f"已写入{path}", f"{path} is written")


def _workbook(name: str) -> tuple[bytes, str]:
    if name in shipped_checklists():
        return shipped_workbook(name), f"{name}.xlsx"
    try:
        return Path(name).read_bytes(), Path(name).name
    except OSError as error:
        raise CommandError(f"无法读取{name}:{error.strerror}", f"{name} cannot be read: {error.strerror}") from None
