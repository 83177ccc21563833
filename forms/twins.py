"""Builds each workbook of a folder from its Markdown twin, so that a change can be reviewed as text.

Run ``python -m forms.twins`` after editing ``forms/library/*.md``; a test holds the committed workbooks to it.
"""

from __future__ import annotations

from pathlib import Path

from forms.workbook import read_markdown, write_xlsx


def twin(markdown: str) -> bytes:
    """The .xlsx bytes that belong to a Markdown workbook."""
    return write_xlsx(read_markdown(markdown))


def build(folder: Path) -> list[Path]:
    """Write the .xlsx twin of each .md workbook in a folder where it differs; returns the files written."""
    written = []
    for source in sorted(folder.glob("*.md")):
        target, data = source.with_suffix(".xlsx"), twin(source.read_text(encoding="utf-8"))
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
            written.append(target)
    return written


if __name__ == "__main__":
    build(Path(__file__).parent / "library")
