"""The cards of every level in one place: dimension, school, town and group, department, district."""

from __future__ import annotations

from scorecards.department import DepartmentCard, Duty, department_card
from scorecards.dimension import DimensionCard, core_indicators, dimension_card, expected_by, indicators_of
from scorecards.repeats import Measure, PastCard
from scorecards.school import (
    Overdue,
    Relapse,
    SchoolCard,
    SchoolRecord,
    Veto,
    displayed_score,
    school_card,
    veto_stands,
)
from scorecards.town import (
    DistrictOverview,
    TownCard,
    TownRecord,
    distribution,
    district_overview,
    group_card,
    town_card,
)

__all__ = [
    "DepartmentCard",
    "DimensionCard",
    "DistrictOverview",
    "Duty",
    "Measure",
    "Overdue",
    "PastCard",
    "Relapse",
    "SchoolCard",
    "SchoolRecord",
    "TownCard",
    "TownRecord",
    "Veto",
    "core_indicators",
    "department_card",
    "dimension_card",
    "displayed_score",
    "distribution",
    "district_overview",
    "expected_by",
    "group_card",
    "indicators_of",
    "school_card",
    "town_card",
    "veto_stands",
]
