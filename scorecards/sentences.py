"""Words for lights and for the reasons of a grey one, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.meaning import Light

LIGHT_WORDS: Final[Mapping[str, Mapping[Light, str]]] = {
    "zh": {
        Light.GREEN: "绿",
        Light.YELLOW: "黄",
        Light.RED: "红",
        Light.GREY: "灰",
        Light.NA: "不适用",
    },
    "en": {
        Light.GREEN: "green",
        Light.YELLOW: "yellow",
        Light.RED: "red",
        Light.GREY: "grey",
        Light.NA: "not applicable",
    },
}

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "no_data": "没有数据",
        "stale": "数据已过有效期",
        "sample": "样本不足",
        "verification": "有线索，正在核查",
        "no_threshold": "目录没有给出绿线",
        "zero_denominator": "分母合计为0",
        "no_previous": "没有上期数据可比",
        "period_open": "周期尚未结束，也未排期",
        "not_applicable": "本单位不适用",
        "not_lit": "只记录，不亮灯",
    },
    "en": {
        "no_data": "no data",
        "stale": "the data are out of date",
        "sample": "the sample is too small",
        "verification": "a lead is under verification",
        "no_threshold": "the catalogue gives no green bound",
        "zero_denominator": "the denominators sum to zero",
        "no_previous": "no earlier period to compare with",
        "period_open": "the period is still running and nothing is scheduled",
        "not_applicable": "not applicable to this unit",
        "not_lit": "recorded only, not lit",
    },
}


def name_of(labels: Mapping[str, str], language: str, fallback: str) -> str:
    """A label in a language, else in any, else the fallback."""
    return labels.get(language) or next(iter(labels.values()), fallback)
