"""The indicators, each defined once: its name, its formula in words, and how it comes from the counts. Pure.

Source: the formulas that deployed digital city management systems use. "Should be X" = was due inside the period, or
was done inside it. Not here yet, because they need counts of other rows than cases: on_time_docketing_rate,
accurate_dispatch_rate, on_time_check_rate and the response rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wangge.kit.words import Text

Counts = Mapping[str, int]
LEAST_FOR_SHARE = 5  # of fewer cases no percentage is told


@dataclass(frozen=True)
class Share:
    """``n`` of ``whole``; ``percent`` to one place, None when ``whole`` is too small to tell."""

    n: int
    whole: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.n / self.whole, 1) if self.whole >= LEAST_FOR_SHARE else None


@dataclass(frozen=True)
class Indicator:
    """A share of two counts. ``n`` and ``whole`` name measures, whose cases are the lists behind it."""

    code: str
    name: Text
    words: Text
    n: str
    whole: str

    def of(self, counts: Counts) -> Share:
        return Share(counts[self.n], counts[self.whole])


TO_HANDLE = Text("应处置数(时段内到期,或时段内处置)", "should be handled (due or handled in the period)")
TO_CLOSE = Text("应结案数(时段内到期,或时段内结案)", "should be closed (due or closed in the period)")


def indicator(code: str, zh: str, en: str, words: Text, *, n: str, whole: str) -> Indicator:
    return Indicator(code, Text(zh, en), words, n, whole)


def over(zh: str, en: str, whole: Text) -> Text:
    return Text(f"{zh} ÷ {whole.zh}", f"{en} / {whole.en}")


INDICATORS: dict[str, Indicator] = {
    one.code: one
    for one in (
        indicator("handling_rate", "处置率", "Handled", over("处置数", "handled", TO_HANDLE), n="handled", whole="to_handle"),
        indicator("on_time_rate", "按期处置率", "Handled in time", over("按期处置数", "handled in time", TO_HANDLE),
                  n="handled_in_time", whole="to_handle"),
        indicator("closure_rate", "结案率", "Closed", over("结案数", "closed", TO_CLOSE), n="closed", whole="to_close"),
        indicator("rework_rate", "返工率", "Reworked", over("返工后结案数", "closed after rework", TO_CLOSE),
                  n="reworked", whole="to_close"),
        indicator("extension_rate", "延期率", "Extended", over("其中获准延期的", "of them extended", TO_HANDLE),
                  n="extended", whole="to_handle"),
        indicator("valid_report_rate", "有效上报率", "Valid reports",
                  over("有效上报数(未作废、未不予受理)", "valid (neither void nor declined)", Text("上报数", "reported")),
                  n="valid", whole="reported"),
        indicator("satisfaction_rate", "结果满意率", "Solved, say residents",
                  over("评价“已解决”数", "rated as solved", Text("结案中已评价结果数", "closed and rated")), n="solved", whole="answered"),
        indicator("service_satisfaction_rate", "服务满意率", "Content with the service",
                  over("评价服务“满意”数", "service rated as satisfied", Text("结案中已评价服务数", "closed, service rated")),
                  n="served_well", whole="served"),
    )
}  # fmt: skip

# Plain counts that figures show beside the shares.
COUNTED: dict[str, Text] = {
    "reported": Text("收到", "Received"),
    "valid": Text("有效上报", "Valid reports"),
    "to_handle": Text("应处置", "Should be handled"),
    "handled": Text("已处置", "Handled"),
    "handled_in_time": Text("按期处置", "Handled in time"),
    "extended": Text("获准延期", "Extended"),
    "to_close": Text("应结案", "Should be closed"),
    "closed": Text("办结", "Closed"),
    "closed_in_time": Text("按时办结", "Closed in time"),
    "late": Text("超时办结", "Closed late"),
    "reworked": Text("返工后办结", "Closed after rework"),
    "answered": Text("已评价结果", "Result rated"),
    "solved": Text("评价“已解决”", "Rated as solved"),
    "served": Text("已评价服务", "Service rated"),
    "served_well": Text("评价服务满意", "Content with the service"),
}
NOW: dict[str, Text] = {
    "open": Text("在办", "Open now"),
    "overdue": Text("在办超时", "Open and overdue"),
}
