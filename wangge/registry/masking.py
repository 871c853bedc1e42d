"""What is shown of a person to those who need not know who it is. Pure.

张* · 138****1234. Source: the way 12345 platforms show callers, and GB/T 35273-2020, 7.2 (de-identified display).
"""

from __future__ import annotations

import re

# the surnames of two characters that are still common
TWO_CHARACTERS = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 "
    "钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕 百里 呼延 东郭 南门 西门 第五 梁丘 左丘".split()
)
ID_NUMBER = re.compile(r"(?<![\dA-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![\dA-Za-z])")
MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?)\d{4}(\d{3,4})(?!\d)")
HIDDEN = "****"


def masked_name(name: str) -> str:
    """张* of 张三丰, 欧阳* of 欧阳修, J* of John Smith; empty stays empty."""
    name = name.strip()
    if not name:
        return ""
    surname = name[:2] if len(name) > 2 and name[:2] in TWO_CHARACTERS else name[:1]
    return f"{surname}*"


def masked_phone(phone: str) -> str:
    """138****1234 of a mobile number; of others the last four (of short ones the last two) digits."""
    digits = phone.strip()
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    if len(digits) >= 7:
        return f"{HIDDEN}{digits[-4:]}"
    return f"{HIDDEN}{digits[-2:]}" if digits else ""


def masked_text(text: str) -> str:
    """The text with telephone and identity numbers hidden; names in running text cannot be told from other words."""
    text = ID_NUMBER.sub(rf"\1{HIDDEN * 2}\2", text)
    text = MOBILE.sub(rf"\1{HIDDEN}\2", text)
    return LANDLINE.sub(rf"\1{HIDDEN}\2", text)
