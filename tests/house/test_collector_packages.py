"""The collector's npm packages: locked by their bytes, from no address, and each of them used."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "server" / "collector"
pytestmark = pytest.mark.skipif(not (FOLDER / "src").is_dir(), reason="no checkout: a wheel holds no sources")
# Used by what they do, not by an import: types for the checker, the builder and the runner of the unit tests.
TOOLS = {"@types/node", "typescript", "vite", "vitest"}


def test_the_lock_names_no_address() -> None:
    text = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert re.findall(r"\S*://\S*", text) == [], "npm run lock takes them out"
    entries = json.loads(text)["packages"]
    assert all("funding" not in entry and "resolved" not in entry for entry in entries.values())
    assert all("integrity" in entry for name, entry in entries.items() if name)


def test_each_package_is_pinned_and_used() -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    files = [*(FOLDER / "src").rglob("*.ts"), *(FOLDER / "tools").iterdir(), FOLDER / "vite.config.ts"]
    sources = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in wanted if name not in TOOLS and f"'{name}" not in sources] == []
