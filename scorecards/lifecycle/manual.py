"""The manual's part about lifecycles, generated from the tables: pictures and lists of steps.

``python -m scorecards.lifecycle.manual docs`` writes them anew; a test compares what is written with what is generated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.diagram import NARROW, WIDE, diagram
from scorecards.lifecycle.engine import Lifecycle
from scorecards.lifecycle.settings import DEFAULTS
from scorecards.lifecycle.table import Duration, Limit, StepSpec

LIFECYCLES: Final[Mapping[str, Lifecycle]] = {
    "rectification": rectification.LIFECYCLE,
    "measures": measures.LIFECYCLE,
}
PAGE: Final = "lifecycle.md"
_UNITS: Final = {Limit.WORKING_DAYS: "working days", Limit.DAYS: "calendar days", Limit.HOURS: "hours"}


def pictures() -> dict[str, str]:
    """Every picture of the manual by its path below docs."""
    return {
        f"images/lifecycle-{name}-{language}{suffix}.svg": diagram(lifecycle.table, language=language, width=width)
        for name, lifecycle in LIFECYCLES.items()
        for language in ("zh", "en")
        for width, suffix in ((WIDE, ""), (NARROW, "-narrow"))
    }


def page(text: str) -> str:
    """The page with each part between ``<!-- steps: NAME -->`` and ``<!-- end -->`` generated anew."""

    def generated(found: re.Match[str]) -> str:
        lines = "\n".join(_steps(LIFECYCLES[found[1]]))
        return f"<!-- steps: {found[1]} -->\n{lines}\n<!-- end -->"

    return re.sub(r"<!-- steps: (\w+) -->\n.*?<!-- end -->", generated, text, flags=re.DOTALL)


def write(docs: Path) -> None:
    """Write pictures and page into a folder that holds the page."""
    for name, text in pictures().items():
        docs.joinpath(name).write_text(text, encoding="utf-8")
    docs.joinpath(PAGE).write_text(page(docs.joinpath(PAGE).read_text(encoding="utf-8")), encoding="utf-8")


def _steps(lifecycle: Lifecycle) -> Iterator[str]:
    yield "| step | from | to | who | asks for | limits that begin | document | rules | basis |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for step in lifecycle.table.steps:
        cells = (
            f"**{step.words.en}** {step.words.zh} `{step.action}`",
            ", ".join(step.sources),
            " / ".join((step.target or "(stays)", *step.also)),
            ", ".join(sorted(step.roles)),
            _asked(step),
            _limits(step),
            step.document,
            " ".join((lifecycle.guards[name].__doc__ or "").split("\n")[0].strip() for name in step.guards),
            step.basis,
        )
        yield "| " + " | ".join(cells) + " |"


def _asked(step: StepSpec) -> str:
    return ", ".join(field.words.en.lower() + ("" if field.required else " (if any)") for field in step.fields)


def _limits(step: StepSpec) -> str:
    parts = [_limit("turn", step.due), _limit("matter", step.term)]
    return "; ".join(part for part in parts if part)


def _limit(name: str, limits: Mapping[int, Duration]) -> str:
    if not limits:
        return ""
    return f"{name}: " + ", ".join(
        ("" if severity == 0 else f"S{severity} ")
        + f"{DEFAULTS[duration.setting]} {_UNITS[duration.limit]} ({duration.setting})"
        for severity, duration in sorted(limits.items())
    )


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
