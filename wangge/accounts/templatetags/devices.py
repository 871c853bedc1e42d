"""``{% load devices %}{{ agent|device }}``: a browser's long name in the words of its owner."""

from __future__ import annotations

from django import template

from wangge.kit.speech import spoken
from wangge.kit.words import Text

register = template.Library()

# the first that stands in the name counts, so the special ones come before those that they imitate
BROWSERS = {
    "MicroMessenger": Text("微信", "WeChat"),
    "DingTalk": Text("钉钉", "DingTalk"),
    "Edg": Text("Edge", "Edge"),
    "QQBrowser": Text("QQ 浏览器", "QQ Browser"),
    "HuaweiBrowser": Text("华为浏览器", "Huawei Browser"),
    "Firefox": Text("Firefox", "Firefox"),
    "Chrome": Text("Chrome", "Chrome"),
    "Safari": Text("Safari", "Safari"),
}
SYSTEMS = {
    "HarmonyOS": Text("鸿蒙手机", "HarmonyOS"),
    "OpenHarmony": Text("鸿蒙手机", "HarmonyOS"),
    "Android": Text("安卓手机", "Android"),
    "iPhone": Text("iPhone", "iPhone"),
    "iPad": Text("iPad", "iPad"),
    "Windows": Text("Windows 电脑", "Windows"),
    "Mac OS": Text("苹果电脑", "Mac"),
    "Linux": Text("Linux 电脑", "Linux"),
}


@register.filter
def device(agent: str) -> str:
    """``微信 · 安卓手机``; what is not known is called so."""
    found = [
        next((text for mark, text in known.items() if mark in agent), None) for known in (BROWSERS, SYSTEMS)
    ]
    named = [spoken(text.zh, text.en) for text in found if text is not None]
    return " · ".join(named) or spoken("其他设备", "another device")
