"""Which column of a strange table means what. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wangge.kit.errors import Invalid

# our field → names it goes by elsewhere, best first (lower case, without blanks and underscores)
ALIASES: dict[str, tuple[str, ...]] = {
    "number": (
        "messageid", "uniquekey", "servicerequestnum", "srrecordid", "servicerequestid", "工单编号", "工单号", "编号",
        "留言编号", "流水号", "gdbh", "id", "number",
    ),
    "title": ("subject", "title", "标题", "主题", "留言主题", "complainttype", "srtype"),
    "text": ("body", "text", "description", "内容", "留言详情", "问题描述", "诉求内容", "descriptor", "outcome"),
    "at": ("reportedat", "createddate", "createdat", "时间", "留言时间", "上报时间", "受理时间", "date", "time"),
    "user": ("user", "留言用户", "诉求人编号"),
    "name": ("name", "诉求人", "姓名", "联系人"),
    "phone": ("phone", "tel", "电话", "联系电话", "手机"),
    "address": ("address", "incidentaddress", "地址", "地点", "事发地址"),
    "place": ("neighborhood", "city", "street", "街道", "社区"),
    "lon": ("lon", "lng", "longitude", "经度", "x"),
    "lat": ("lat", "latitude", "纬度", "y"),
    "datum": ("datum", "坐标系"),
    "kind": ("kind", "诉求类型", "类型"),
    "channel": ("channel", "来源", "渠道", "methodreceived", "opendatachanneltype"),
    "due": ("due", "duedate", "办理期限"),
}  # fmt: skip
# columns that hold the whole message: where one is, a row without words in it says nothing
MESSAGE_COLUMNS = ("body", "text", "内容", "留言详情", "问题描述", "诉求内容")


def plain(name: str) -> str:
    """A column's name for comparing: lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", name.strip().lstrip("\ufeff").lower())


def matched(header: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, int]:
    """Position of each of our fields in the header; ``given`` (``--map``) goes before the names we know.

    Raises Invalid when a mapped column does not exist, or when number and text cannot be found.
    """
    names = {plain(name): n for n, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for field, column in (given or {}).items():
        if field not in ALIASES:
            known = " ".join(ALIASES)
            raise Invalid(
                "map",
                f"--map 的字段“{field}”不认识。可用:{known}。",
                f"Unknown field “{field}” in --map. Known: {known}.",
            )
        if plain(column) not in names:
            raise Invalid("map", f"文件里没有“{column}”这一列。", f"The file has no column “{column}”.")
        found[field] = names[plain(column)]
    for field, aliases in ALIASES.items():
        if field not in found:
            at = next(
                (names[alias] for alias in aliases if alias in names and names[alias] not in found.values()),
                None,
            )
            if at is not None:
                found[field] = at
    refuse_missing(found, header)
    return found


def refuse_missing(found: Mapping[str, int], header: Sequence[str]) -> None:
    """Without a number an order cannot be known again; without words it says nothing."""
    columns = "、".join(name for name in header if name)[:200]
    if "number" not in found:
        raise Invalid(
            "map", f"找不到编号列。请用 --map number=列名 指定。文件的列:{columns}",
            f"No column with the orders' numbers. Name it: --map number=COLUMN. Columns: {columns}",
        )  # fmt: skip
    if "text" not in found and "title" not in found:
        raise Invalid(
            "map", f"找不到内容列。请用 --map text=列名 指定。文件的列:{columns}",
            f"No column with the words. Name it: --map text=COLUMN. Columns: {columns}",
        )  # fmt: skip
