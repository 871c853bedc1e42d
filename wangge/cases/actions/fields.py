"""Fields that several verbs share, each said once."""

from __future__ import annotations

from typing import Annotated

from wangge.cases.given import Given
from wangge.kit.words import Text

Reason = Annotated[str, Given("原因", "Reason", "words", max_length=500)]
Words = Annotated[str, Given("说明", "Words", "words", max_length=2000)]
PrivateText = Annotated[str, Given("内容", "Words", "words", max_length=2000, is_private=True)]
UnitCode = Annotated[str, Given("主办单位", "Lead unit", "unit")]
AssistCodes = Annotated[list[str], Given("协办单位", "Assisting units", "units")]
CategoryCode = Annotated[str, Given("类别", "Category", "category")]
Basis = Annotated[str, Given("依据", "Basis", "words", max_length=500)]
PhotosAfter = Annotated[
    list[str], Given("处置后照片", "Photos after", "files", help=Text("最多 9 个", "9 at most"))
]
Files = Annotated[list[str], Given("附件", "Files", "files", help=Text("最多 9 个", "9 at most"))]
IsDrawing = Annotated[bool, Given("示意图(非照片)", "Drawing, not a photo", "yes_no")]

TIERS = (
    ("in_grid", Text("格内办", "In the grid")),
    ("in_group", Text("群内办", "In the group")),
    ("report_up", Text("上报办", "Reported up")),
)
URGENCIES = (
    ("ordinary", Text("一般", "Ordinary")),
    ("urgent", Text("紧急", "Urgent")),
    ("critical", Text("特急", "Critical")),
)
SENSITIVITIES = (
    ("ordinary", Text("普通", "Ordinary")),
    ("internal", Text("内部", "Internal")),
    ("restricted", Text("限定", "Restricted")),
)
KINDS = (
    ("problem", Text("问题", "Problem")),
    ("consultation", Text("咨询", "Consultation")),
    ("suggestion", Text("建议", "Suggestion")),
    ("praise", Text("表扬", "Praise")),
    ("help", Text("求助", "Help")),
    ("complaint", Text("投诉", "Complaint")),
    ("tip_off", Text("举报", "Tip-off")),
)
SERVICE = (
    ("satisfied", Text("满意", "Satisfied")),
    ("fair", Text("基本满意", "Fair")),
    ("dissatisfied", Text("不满意", "Dissatisfied")),
)
RESULT = (
    ("solved", Text("已解决", "Solved")),
    ("partly", Text("部分解决", "Partly solved")),
    ("not_solved", Text("没有解决", "Not solved")),
)
WHY = (
    ("untouched", Text("没有人来处理", "Nobody came")),
    ("incomplete", Text("没有处理完", "Not finished")),
    ("came_back", Text("问题又出现了", "It came back")),
    ("policy", Text("对政策规定不认同", "I disagree with the rule")),
    ("manners", Text("服务态度不好", "Bad manners")),
)
CHECK_KINDS = (
    ("on_site", Text("现场", "On site")),
    ("documents", Text("查阅资料", "Documents")),
    ("telephone", Text("电话", "Telephone")),
)
FINDINGS = (
    ("true", Text("属实", "True")),
    ("untrue", Text("不属实", "Untrue")),
    ("address_unclear", Text("地址不清", "Address unclear")),
    ("gone", Text("问题已自行消失", "Gone by itself")),
)
SEEN = (
    ("restored", Text("已恢复", "Restored")),
    ("not_restored", Text("未恢复", "Not restored")),
    ("cannot_be_seen", Text("现场看不出", "Cannot be seen")),
)
