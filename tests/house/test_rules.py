"""House rules that are tests: each names what would rot without it."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import analysis
import forms
import scorecards
import server

ROOMS = {room.__name__: Path(str(room.__file__)).parent for room in (forms, analysis, scorecards, server)}
FILE_LIMIT, FUNCTION_LIMIT = 400, 60


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    """(path within its room, syntax tree, text) of every module of the four rooms."""
    for room, folder in ROOMS.items():
        for path in sorted(folder.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield f"{room}/{path.relative_to(folder).as_posix()}", ast.parse(text), text


MODULES = list(modules())


def test_no_other_distribution_and_no_standard_module_owns_a_rooms_name() -> None:
    owners = importlib.metadata.packages_distributions()
    for room in ROOMS:
        assert room not in sys.stdlib_module_names
        assert set(owners.get(room, ["liangpai"])) == {"liangpai"}, room


def test_only_the_stores_database_module_commits_or_rolls_back() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree, _ in MODULES
        if name not in ("server/store/db.py", "server/commands/bench_floor.py")  # the floor is the bare driver
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]
    assert found == []


def test_table_modules_keep_their_annotations_real() -> None:
    found = [name for name, _, text in MODULES if "table=True" in text and "from __future__ import annotations" in text]
    assert found == []


@pytest.mark.parametrize("name", [name for name, _, _ in MODULES])
def test_no_module_does_two_jobs(name: str) -> None:
    text = next(text for module, _, text in MODULES if module == name)
    if "/migrations/versions/" not in name and "/locale/" not in name:
        assert text.count("\n") <= FILE_LIMIT, name


def test_functions_are_short_enough_to_see() -> None:
    found = [
        f"{name}:{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for name, tree, _ in MODULES
        if "/migrations/versions/" not in name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LIMIT
    ]
    assert found == []


FORBIDDEN_WORDS = ("Relationship(", "import pyplot", "matplotlib.pyplot", "HTTPException(")


def test_no_relationships_no_pyplot_no_bare_http_exceptions() -> None:
    found = [f"{name}: {word}" for name, _, text in MODULES for word in FORBIDDEN_WORDS if word in text]
    assert found == []


def test_only_the_context_asks_the_machine_for_the_time() -> None:
    found = []
    for name, tree, _ in MODULES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                owner = ast.unparse(node.value)
                if owner in ("datetime", "dt.datetime", "datetime.datetime", "date", "dt.date", "datetime.date"):
                    found.append(f"{name}:{node.lineno}")
    assert [place for place in found if not place.startswith("server/services/context.py")] == []


def test_no_float_stands_in_a_verdict() -> None:
    drawing = ("scorecards/charts", "scorecards/canvas", "scorecards/fonts", "scorecards/palette")
    found = [
        f"{name}:{node.lineno}"
        for name, tree, _ in MODULES
        if name.startswith("scorecards/") and not name.startswith(drawing)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "Fraction" not in ast.unparse(node))
    ]
    assert found == []


def test_every_service_that_writes_records_an_event() -> None:
    """A function of server.services with a write session, not underscored, leaves a trace or calls one that does."""
    quiet = {"follow", "record_failure", "sign_in"}
    for name, tree, _ in MODULES:
        if not name.startswith("server/services/"):
            continue
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.name in quiet:
                continue
            writes = any(
                argument.annotation is not None and ast.unparse(argument.annotation) == "WriteSession"
                for argument in (*node.args.args, *node.args.kwonlyargs)
            )
            if writes and {"by", "at"} <= {argument.arg for argument in node.args.kwonlyargs}:
                assert "record(" in ast.unparse(node) or "record" in _called(tree, node), f"{name}:{node.name}"


def _called(tree: ast.Module, function: ast.FunctionDef) -> set[str]:
    """The names called by a function and by the functions of its module that it calls."""
    own = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    seen: set[str] = set()
    waiting = [function]
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in seen:
                seen.add(node.func.id)
                waiting += [own[node.func.id]] if node.func.id in own else []
    return seen
