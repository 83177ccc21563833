"""Words of a unit's page and of the explanation of a light."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "unit.kind.province": ("省", "Province"),
    "unit.kind.city": ("市", "City"),
    "unit.kind.district": ("区县", "District"),
    "unit.kind.town": ("镇街", "Town"),
    "unit.kind.school": ("学校", "School"),
    "unit.kind.department": ("部门", "Department"),
    "unit.kind.group": ("集团学区", "School group"),
    "unit.pupils": ("{count}人", "{count} pupils"),
}
