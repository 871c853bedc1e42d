"""Every figure with what it must reach: one table."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import change, ledger_speed, loops, memory, reading, report_by_api, size
from bench.house import House

Measure = Callable[[House, float], dict[str, Any]]


@dataclass(frozen=True)
class Limit:
    """A measured value that must reach ``least`` or stay below ``most``."""

    name: str
    zh: str
    en: str
    least: float | None = None
    most: float | None = None

    def is_met(self, told: dict[str, Any]) -> bool:
        value = float(told[self.name])
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def said(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True)
class Figure:
    """``rounds``: the middle one by the first limit counts. ``by_pgbench``: beside the yardstick that writes."""

    name: str
    zh: str
    en: str
    measure: Measure
    limits: tuple[Limit, ...]
    rounds: int = 1
    needs_million: bool = False
    by_pgbench: bool = False


def cpu(most: float) -> Limit:
    return Limit("cpu_ms", "处理器毫秒", "CPU-ms", most=most)


def p95(most: float) -> Limit:
    return Limit("p95_ms", "p95 毫秒", "p95 ms", most=most)


def figures_of_tables() -> tuple[Figure, ...]:
    """What the summary tables answer, in versions that have them."""
    if importlib.util.find_spec("wangge.insight") is None:
        return ()
    return (
        Figure(
            "categories",
            "在办,按类别",
            "open per category",
            reading.of_categories,
            (cpu(15),),
            needs_million=True,
        ),
    )


FIGURES = (
    Figure(
        "report", "接口上报,32 个连接", "report by API, 32 connections", report_by_api.measure,
        (Limit("ratio", "与 pgbench 之比", "of pgbench", least=0.15), cpu(3)), rounds=3, by_pgbench=True,
    ),
    Figure("change", "办理一步(接口)", "a state change by the API", change.measure, (cpu(8),)),
    Figure(
        "loops", "完整流程,两个进程,空库", "whole loops, two processes, empty", loops.measure,
        (Limit("loops_per_s", "每秒件数", "loops a second", least=25),), by_pgbench=True,
    ),
    Figure(
        "full_loops", "完整流程,库中一百万件", "whole loops with a million cases in", loops.beside_many,
        (Limit("ratio_to_empty", "与空库之比", "of the empty figure", least=0.8),), needs_million=True,
    ),
    Figure(
        "list", "列表:状态、区域、日期,50 行", "list by state, area, date, 50 rows", reading.of_list, (cpu(10), p95(50)),
        needs_million=True,
    ),
    Figure("detail", "案件详情", "one case", reading.of_detail, (cpu(8),), needs_million=True),
    *figures_of_tables(),
    Figure("search", "搜索“路灯”", "text search 路灯", reading.of_search, (p95(150),), needs_million=True),
    Figure(
        "ledger", "核验台账", "verify-ledger", ledger_speed.measure,
        (Limit("per_s", "每秒记录", "entries a second", least=30_000),), needs_million=True,
    ),
    Figure(
        "memory", "一个网页进程,一万次请求后", "one web worker after 10,000 requests", memory.measure,
        (Limit("mb", "MB", "MB", most=200),), needs_million=True,
    ),
    Figure(
        "size", "每件占用", "database a case", size.measure, (Limit("kb_per_case", "kB", "kB", most=12),), needs_million=True
    ),
)  # fmt: skip
