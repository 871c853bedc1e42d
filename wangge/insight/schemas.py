"""What programs ask and are answered about figures."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from wangge.kit.answers import Said


class OpenIn(BaseModel):
    """Open cases, divided how, where."""

    by: Literal["category", "area", "unit", "state"] = Field(
        default="category", description="按类别、下级区域、主办单位或状态 / divided by"
    )
    area: str = Field(default="", max_length=30, description="区域编码,缺省为您的全部区域 / code of an area")


class PeriodIn(BaseModel):
    """Figures of a period, divided how, where."""

    period: str = Field(
        default="30",
        max_length=30,
        description="today、7、30、2026-11 或 2026-11-01..2026-11-15 / days up to today, a month, or first and last day",
    )
    by: Literal["all", "category", "area", "unit"] = Field(default="all", description="怎样分 / divided by")
    area: str = Field(default="", max_length=30, description="区域编码,缺省为您的全部区域 / code of an area")


class ShareOut(BaseModel):
    """``n`` of ``whole``; no percentage of fewer than five."""

    model_config = ConfigDict(from_attributes=True)
    n: int
    whole: int
    percent: float | None


class OpenRow(BaseModel):
    """Open cases of one category, area, unit or state; ``cases`` is the list behind the number."""

    code: str = Field(description="编码;空为没有 / empty: none yet")
    name: Said
    open: int = Field(description="在办 / open now")
    overdue: int = Field(description="在办超时 / open and overdue")
    cases: str = Field(description="这些案件的列表 / the list of these cases")


class OpenOut(BaseModel):
    """The rows, most first, and their sum."""

    open: int
    overdue: int
    items: list[OpenRow]


class PeriodRow(BaseModel):
    """Counts and indicators of one category, area or unit, or of the whole."""

    code: str
    name: Said
    counts: dict[str, int]
    indicators: dict[str, ShareOut]


class IndicatorOut(BaseModel):
    """An indicator: its name, its formula in words, and the two counts that make it."""

    model_config = ConfigDict(from_attributes=True)
    code: str
    name: Said
    words: Said
    n: str
    whole: str


class PeriodOut(BaseModel):
    """Figures of a period; ``first_on`` and ``last_on`` are both included."""

    first_on: str
    last_on: str
    items: list[PeriodRow]
    indicators: list[IndicatorOut]
