"""The resident's verbs in plain words: the button, the heading, what will happen, what is said when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.workflow import Verb
from wangge.kit.words import Text


@dataclass(frozen=True)
class Deed:
    """How one verb speaks to residents."""

    button: Text
    heading: Text
    means: Text
    send: Text
    done: Text


DEEDS: dict[Verb, Deed] = {
    Verb.RATE: Deed(
        Text("评价结果", "Rate the result"),
        Text("请您评价", "Please rate"),
        Text(
            "只有您说“已解决”,这件事才会办结;没有办好的会退回重办。",
            "It is closed only when you say it is solved; what is not done goes back.",
        ),
        Text("提交评价", "Send"),
        Text("已收到您的评价,谢谢。", "Your rating was received. Thank you."),
    ),
    Verb.SUPPLEMENT: Deed(
        Text("补充情况或照片", "Add words or photos"),
        Text("补充情况", "Add something"),
        Text(
            "补充的内容会转给正在办理的人,不影响答复时间。",
            "It goes to whoever handles the matter; your answer is not delayed.",
        ),
        Text("提交补充", "Send"),
        Text("已补充。", "Added."),
    ),
    Verb.URGE: Deed(
        Text("催办", "Urge"),
        Text("催办这件事", "Urge this matter"),
        Text("每天可以催办一次,会立即提醒办理单位。", "Once a day; whoever handles it is reminded at once."),
        Text("催办", "Urge"),
        Text("已催办,已提醒办理单位。", "Urged; whoever handles it was reminded."),
    ),
    Verb.WITHDRAW: Deed(
        Text("撤回", "Withdraw"),
        Text("撤回这件事", "Withdraw this report"),
        Text(
            "撤回后不再答复您。如果涉及安全隐患,或还有别人反映,我们会继续办理。",
            "After that you are not answered any more. A hazard, or what others have reported too, is still handled.",
        ),
        Text("确认撤回", "Withdraw it"),
        Text("已撤回。", "Withdrawn."),
    ),
    Verb.CONTEST: Deed(
        Text("提出异议", "Contest"),
        Text("提出异议", "Contest this"),
        Text(
            "由上一级在 5 个工作日内复核并答复,每件事可以提出一次。",
            "A level above decides within 5 working days; this can be done once.",
        ),
        Text("提交异议", "Send"),
        Text("已收到您的异议,将由上一级复核。", "Your objection was received; a level above decides."),
    ),
    Verb.REOPEN: Deed(
        Text("没有解决,申请重办", "Not solved: ask to reopen"),
        Text("申请重新办理", "Ask to reopen"),
        Text("提交后马上退回原单位重办,不用重新排队。", "It goes straight back to the unit that had it."),
        Text("申请重办", "Reopen"),
        Text("已重新办理。", "It is being handled again."),
    ),
}
WITH_FILES = frozenset({Verb.SUPPLEMENT})
