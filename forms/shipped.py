"""The checklists, the catalogue and the rulebook that come with the software."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from forms.catalogue import Catalogue
from forms.catalogue_workbook import read_catalogue, read_rulebook
from forms.problems import FormProblem, has_errors
from forms.rulebook import Rulebook
from forms.workbook import Workbook, read_workbook

NOT_CHECKLISTS: Final = frozenset({"catalogue", "rulebook", "common"})


def shipped_checklists() -> list[str]:
    """The identifiers of the shipped checklists and returns, sorted: ``["f01", "f02", ...]``."""
    names = {entry.name.removesuffix(".xlsx") for entry in _library().iterdir() if entry.name.endswith(".xlsx")}
    return sorted(names - NOT_CHECKLISTS)


def shipped_workbook(form_id: str) -> bytes:
    """The .xlsx bytes of a shipped workbook. Raises FileNotFoundError for any other name."""
    if not form_id.replace("_", "").isalnum():
        raise FileNotFoundError(form_id)
    return _library().joinpath(f"{form_id}.xlsx").read_bytes()


def shipped_catalogue() -> Catalogue:
    """The shipped indicator catalogue. Raises ValueError where the workbook has errors."""
    catalogue, problems = read_catalogue(_read("catalogue"))
    _insist(problems)
    return catalogue


def shipped_rulebook() -> Rulebook:
    """The shipped rulebook. Raises ValueError where the workbook has errors."""
    rulebook, problems = read_rulebook(_read("rulebook"))
    _insist(problems)
    return rulebook


def _read(name: str) -> Workbook:
    workbook, problems = read_workbook(shipped_workbook(name))
    _insist(problems)
    assert workbook is not None
    return workbook


def _insist(problems: list[FormProblem]) -> None:
    if has_errors(problems):
        raise ValueError("; ".join(f"{found.place()}: {found.en}" for found in problems if found.level == "error"))


def _library() -> Traversable:
    return resources.files("forms") / "library"
