"""What is wrong with a workbook, as data: a code, the place, and a sentence in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One problem of a workbook. ``row`` counts from 1 as Excel shows it; ``column`` is the header's name.

    ``row`` 0 and ``column`` "" mean the whole sheet, ``sheet`` "" the whole file.
    """

    code: str
    sheet: str
    row: int
    column: str
    zh: str
    en: str
    level: Level = "error"

    def message(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh

    def place(self) -> str:
        """Where, in a spreadsheet's own terms: ``survey!12 [type]``."""
        where = self.sheet or "-"
        where += f"!{self.row}" if self.row else ""
        return f"{where} [{self.column}]" if self.column else where


def has_errors(problems: list[FormProblem]) -> bool:
    """True if any problem forbids publishing."""
    return any(problem.level == "error" for problem in problems)
