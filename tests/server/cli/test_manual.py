"""The manual leaves nothing out."""

from __future__ import annotations

from pathlib import Path

from server.settings import Settings

MANUAL = Path(__file__).parents[3] / "docs" / "settings.md"


def test_every_setting_is_in_the_manual_with_its_default_and_sentence() -> None:
    rows = [line for line in MANUAL.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {row.split("`")[1]: row for row in rows}
    for name, field in Settings.model_fields.items():
        assert name in told, f"docs/settings.md lacks {name}"
        row = told.pop(name)
        assert f"`LIANGPAI_{name.upper()}`" in row
        assert field.description and field.description in row
        shown = f"`{field.default}`" if str(field.default) else "(empty)"
        assert f"| {shown} |" in row
    assert not told, "docs/settings.md tells of settings that do not exist"
