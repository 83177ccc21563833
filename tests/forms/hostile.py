"""Run in a process of its own by test_hostile: make one hostile workbook, check it, report time and memory as JSON."""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

from forms.check import check
from forms.problems import FormProblem
from tests.forms.conftest import MAIN, cell, raw_xlsx

HEAD = f"<row r='1'>{cell('A1', 'type')}{cell('B1', 'name')}{cell('C1', 'label')}</row>"
ITEM = f"<row r='2'>{cell('A2', 'text')}{cell('B2', 'q')}{cell('C2', 'Q')}</row>"
NAMES = f"<row r='1'>{cell('A1', 'form_id')}{cell('B1', 'version')}</row>"
SETTINGS = f"{NAMES}<row r='2'>{cell('A2', 'f')}{cell('B2', '1')}</row>"


def form(survey: str | bytes, extra: dict[str, bytes | str] | None = None) -> bytes:
    """A workbook with this survey sheet and good settings."""
    return raw_xlsx({"survey": survey, "settings": SETTINGS}, extra)


def streamed(rows: Iterable[bytes]) -> bytes:
    """A workbook whose survey is too big to hold in memory, written row by row."""
    target = io.BytesIO(raw_xlsx({"settings": SETTINGS, "survey": b""}))
    whole = io.BytesIO()
    with zipfile.ZipFile(target) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet2.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part:
            part.write(f"<worksheet xmlns='{MAIN}'><sheetData>".encode())
            for row in rows:
                part.write(row)
            part.write(b"</sheetData></worksheet>")
    return whole.getvalue()


def empty_rows() -> bytes:
    """1,048,576 rows, all but the first two empty."""
    blank = (b"<row r='%d'/>" % number for number in range(3, 1_048_577))
    return streamed([HEAD.encode(), ITEM.encode(), *blank])


def wide() -> bytes:
    """1,048,576 rows by 1,024 columns, mostly empty: text in the far corner only."""
    corner = f"<row r='1048576'>{cell('AMJ1048576', 'x')}</row>".encode()
    blank = (b"<row r='%d' spans='1:1024'/>" % number for number in range(3, 1_048_576))
    return streamed([HEAD.encode(), ITEM.encode(), *blank, corner])


def styled_cells() -> bytes:
    """Every row of 1,048,576 with styled empty cells: hundreds of megabytes of nothing."""
    rows = (b"<row r='%d'>" % n + b"<c s='1'/>" * 40 + b"</row>" for n in range(3, 1_048_577))
    return streamed(rows)


def styled_within() -> bytes:
    """1,048,576 rows of styled empty cells that stay below the limit of a part."""
    return streamed(b"<row r='%d'><c s='1'/><c s='1'/><c s='1'/><c s='1'/></row>" % n for n in range(3, 1_048_577))


def repeated_text() -> bytes:
    """One text of 32,000 characters shown by 300,000 cells."""
    table = f"<sst xmlns='{MAIN}'><si><t>{'${q} ' * 6_400}</t></si></sst>"
    head = "<row r='1'>" + "".join(cell(f"{letter}1", f"label::{letter}") for letter in "ABCDEFGHIJKLMNO") + "</row>"
    rows = (f"<row r='{n}'>" + "<c t='s'><v>0</v></c>" * 15 + "</row>" for n in range(2, 20_000))
    return form(head + "".join(rows), {"xl/sharedStrings.xml": table})


def zip_bomb() -> bytes:
    """4 GB of spaces declared in one part."""
    return streamed(b" " * 2**20 for _ in range(600))


def lying_zip() -> bytes:
    """A part whose directory entry claims 100 bytes."""
    data = bytearray(form(HEAD + ITEM + "<row/>" * 200_000))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return bytes(data).replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))


def many_entries() -> bytes:
    """20,000 parts."""
    return form(HEAD + ITEM, {f"junk/{number}": "x" for number in range(20_000)})


def shared_strings() -> bytes:
    """A shared string table of 60 MB."""
    table = f"<sst xmlns='{MAIN}'>" + f"<si><t>{'长' * 1000}</t></si>" * 20_000 + "</sst>"
    return form(HEAD + ITEM, {"xl/sharedStrings.xml": table})


def many_strings() -> bytes:
    """A million short shared strings."""
    table = f"<sst xmlns='{MAIN}'>" + "<si><t>a</t></si>" * 1_000_000 + "</sst>"
    return form(HEAD + ITEM, {"xl/sharedStrings.xml": table})


def laughs() -> bytes:
    """Billion laughs in a sheet."""
    entities = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    rows = "<sheetData><row><c><v>&a11;</v></c></row></sheetData>"
    part = f"<!DOCTYPE w [{entities}]><worksheet xmlns='{MAIN}'>{rows}</worksheet>"
    return form(HEAD, {"xl/worksheets/sheet1.xml": part})


def many_rows() -> bytes:
    """100,000 questions."""
    rows = [
        f"<row r='{n}'>{cell(f'A{n}', 'text')}{cell(f'B{n}', f'q{n}')}{cell(f'C{n}', 'Q')}</row>"
        for n in range(2, 100_002)
    ]
    return form(HEAD + "".join(rows))


def long_list() -> bytes:
    """A choice list of 19,000 rows, the most that is read."""
    head = f"<row r='1'>{cell('A1', 'list_name')}{cell('B1', 'name')}{cell('C1', 'label')}</row>"
    rows = [
        f"<row r='{n}'>{cell(f'A{n}', 'l')}{cell(f'B{n}', f'c{n}')}{cell(f'C{n}', 'Q')}</row>" for n in range(2, 19_002)
    ]
    select = f"<row r='2'>{cell('A2', 'select_one l')}{cell('B2', 'q')}{cell('C2', 'Q')}</row>"
    return raw_xlsx({"survey": HEAD + select, "choices": head + "".join(rows), "settings": SETTINGS})


def many_questions() -> bytes:
    """4,900 questions that refer to one another."""
    head = HEAD.replace("</row>", cell("D1", "relevant") + "</row>")
    rows = [
        f"<row r='{n}'>{cell(f'A{n}', 'text')}{cell(f'B{n}', f'q{n}')}{cell(f'C{n}', 'Q')}"
        + (cell(f"D{n}", f"${{q{n - 1}}} != ''") if n > 2 else "")
        + "</row>"
        for n in range(2, 4_902)
    ]
    return form(head + "".join(rows))


def deep_groups() -> bytes:
    """2,000 groups, one in the other."""
    opening = [f"<row>{cell(f'A{n}', 'begin_group')}{cell(f'B{n}', f'g{n}')}</row>" for n in range(2, 2002)]
    closing = [f"<row>{cell(f'A{n}', 'end_group')}</row>" for n in range(2003, 4003)]
    question = f"<row>{cell('A2002', 'text')}{cell('B2002', 'q')}{cell('C2002', 'Q')}</row>"
    return form(HEAD + "".join(opening) + question + "".join(closing))


MAKERS = {
    maker.__name__: maker
    for maker in (
        empty_rows, wide, styled_cells, styled_within, repeated_text, zip_bomb, lying_zip, many_entries,
        shared_strings, many_strings, laughs, many_rows, long_list, many_questions, deep_groups,
    )
}  # fmt: skip


def shown(found: FormProblem) -> list[str]:
    return [found.code, found.sheet, found.zh, found.en, found.level]


def peak_kb() -> int:
    """The most memory that this program has held. What getrusage says begins with what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def main() -> None:
    data = MAKERS[sys.argv[1]]()
    before = peak_kb()
    started = time.process_time()
    problems = check(data, filename="a.xlsx").problems
    seconds = time.process_time() - started
    peak = peak_kb()
    report = {"seconds": seconds, "before_mb": before // 1024, "peak_mb": peak // 1024, "bytes": len(data)}
    sys.stdout.write(json.dumps({**report, "problems": [shown(found) for found in problems]}))


if __name__ == "__main__":
    main()
