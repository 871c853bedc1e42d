"""Words that say somebody may be in danger: then the emergency number comes before everything else.

It decides which advice a resident sees first, and that matters of violence, children and self-harm are restricted to
named persons from their first moment, whatever the channel. The report goes on all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wangge.catalog.models import Category, Sensitivity
from wangge.catalog.queries import category_by_code
from wangge.kit.errors import DomainError
from wangge.kit.words import Text


@dataclass(frozen=True)
class Call:
    """A number to call, and whose it is."""

    number: str
    name: Text


POLICE = Call("110", Text("警察", "Police"))
FIRE = Call("119", Text("消防", "Fire"))
AMBULANCE = Call("120", Text("急救", "Ambulance"))
WOMEN = Call("12338", Text("妇女维权公益服务热线", "Women's rights hotline"))
YOUTH = Call("12355", Text("青少年服务台", "Youth hotline"))
MIND = Call("12356", Text("心理援助热线", "Psychological support hotline"))
EMERGENCIES = (POLICE, FIRE, AMBULANCE)


@dataclass(frozen=True)
class Advice:
    """What is said first, and whom to call, the most urgent first.

    ``category``: the shipped category of such matters, restricted to named persons; empty when there is none.
    """

    code: str
    title: Text
    words: Text
    calls: tuple[Call, ...]
    category: str = ""


CHILD = Advice(
    "child",
    Text("涉及未成年人安全,请先拨打 110", "A child may be in danger: call 110 first"),
    Text(
        "任何人发现未成年人受到侵害或面临危险,都可以报警,不需要证据。警察会依法保护孩子和报警人。",
        "Anyone who finds a child harmed or in danger may call the police; no proof is needed. The police protect "
        "the child and the caller.",
    ),
    (POLICE, YOUTH),
    "PS07",
)
VIOLENCE = Advice(
    "violence",
    Text("如果正在发生暴力,请先拨打 110", "If there is violence now: call 110 first"),
    Text(
        "家庭暴力不是家务事。警察会制止暴力,可以出具告诫书,您也可以向法院申请人身安全保护令。",
        "Domestic violence is no private matter. The police stop it and can issue a written warning; a court can "
        "issue a protection order.",
    ),
    (POLICE, WOMEN),
    "PS06",
)
LIFE = Advice(
    "life",
    Text("请先打一个电话,马上有人听您说", "Call first: somebody will listen at once"),
    Text(
        "如果您或身边的人想要伤害自己,请拨打 12356(心理援助)或 120。这里的反映不能马上得到答复。",
        "If you or somebody near you thinks of self-harm, call 12356 (psychological support) or 120. A report here "
        "is not answered at once.",
    ),
    (MIND, AMBULANCE, POLICE),
    "PS15",
)
BURNING = Advice(
    "fire",
    Text("着火、燃气泄漏,请先离开再拨打 119", "Fire or gas: leave first, then call 119"),
    Text(
        "先到安全的地方再打电话。闻到燃气味时不要开关电器,不要在屋内打电话。",
        "Call from a safe place. When you smell gas, touch no switch and do not telephone inside.",
    ),
    (FIRE, AMBULANCE, POLICE),
)
HURT = Advice(
    "hurt",
    Text("有人受伤或突发疾病,请先拨打 120", "Somebody is hurt or ill: call 120 first"),
    Text("请先打急救电话,再在这里反映。", "Call the ambulance first, then report here."),
    (AMBULANCE, POLICE),
)
CRIME = Advice(
    "crime",
    Text("如果犯罪正在发生,请先拨打 110", "If a crime is happening: call 110 first"),
    Text(
        "违法犯罪由公安机关处理。这里的反映不会立即有人到场。",
        "Crimes are for the police. Nobody comes at once because of a report here.",
    ),
    (POLICE,),
)

MINOR = r"(未成年|孩子|小孩|儿童|女童|男童|幼儿|学生|女儿|儿子|少年|少女|婴儿)"
# 打 alone is mostly no blow (打电话, 打工, 打扰 …), 侵犯 mostly of rights
BLOW = r"(?<![拨敲])(毒打|殴打|挨打|打(?=了|伤|骂|孩|他|她|我|得|死|人|学生|儿|女|[,。,.]|$))"
HARM = (
    rf"({BLOW}|殴|虐待|虐童|猥亵|性侵|强奸|侵害(?!.{{0,6}}(权|益))|霸凌|欺凌|拐卖了|拐走|被拐|遗弃|弃婴|锁在|关在|遍体鳞伤|"
    r"身上有伤|伤痕|家暴(?!征))"
)
NEAR = r"[^,。;!?,.;!?\n]{0,8}"
# in this order: who is most helpless first
SIGNS: tuple[tuple[re.Pattern[str], Advice], ...] = (
    (
        re.compile(r"自杀|轻生|不想活|活不下去|跳楼|自残|割腕|suicid|kill (my|him|her)self|self.harm", re.I),
        LIFE,
    ),
    (
        re.compile(rf"{MINOR}{NEAR}{HARM}|{HARM}{NEAR}{MINOR}|虐童|child abuse|abus\w+ .{{0,12}}child", re.I),
        CHILD,
    ),
    (
        re.compile(
            r"家暴(?!征)|家庭暴力|被?(老公|丈夫|老婆|妻子|男友|男朋友|女友|父亲|爸爸|公公|婆婆|前夫)[^,。]{0,6}(打|殴|掐|砍|威胁)"
            r"|domestic violence|(husband|wife|partner|boyfriend)\W+(beat|hit)",
            re.I,
        ),
        VIOLENCE,
    ),
    (
        re.compile(
            r"着火|起火|火灾|失火|冒烟|爆炸|(燃气|煤气|天然气)[^,。]{0,4}(泄漏|泄露|味)|漏气|gas leak|on fire",
            re.I,
        ),
        BURNING,
    ),
    (
        re.compile(
            r"昏迷|晕倒|不省人事|大出血|触电|溺水|落水|中毒|心脏病|没有呼吸|unconscious|drown|bleeding", re.I
        ),
        HURT,
    ),
    (
        re.compile(
            r"持刀|砍人|杀人|绑架|抢劫|强奸|猥亵|枪|斗殴|打群架|murder|kidnap|robbery|rape|knife", re.I
        ),
        CRIME,
    ),
)


def advice_on(words: str) -> Advice | None:
    """The advice that must come first for these words, or None."""
    return next((advice for sign, advice in SIGNS if sign.search(words)), None)


def restricted_category(words: str) -> Category | None:
    """The category of a matter that only named persons may see, so that it is restricted before anybody reads it."""
    advice = advice_on(words)
    if advice is None or not advice.category:
        return None
    try:
        found = category_by_code(advice.category)
    except DomainError:  # this town's dictionary has no such category
        return None
    return found if found.sensitivity == Sensitivity.RESTRICTED else None
