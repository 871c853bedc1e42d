"""The life of a case: one table, and nothing else says it. Pure.

Source: 工作流设计 (workflow.md). Each rule: from which states, to which, by which roles. Whether a role counts is
decided by scope (the post must cover the case); what must be given is the signature of the verb's function in
``cases/actions``; separation of persons and conditions of the matter are checked there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wangge.kit.errors import Conflict, Forbidden
from wangge.kit.words import Text
from wangge.territory.roles import ROLE_NAMES, Role


class State(StrEnum):
    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    DOCKETED = "docketed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SETTLING = "settling"
    HANDLED = "handled"
    CHECKED = "checked"
    PARKED = "parked"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    DECLINED = "declined"
    VOID = "void"
    MERGED = "merged"
    ARCHIVED = "archived"


STATE_NAMES: dict[State, Text] = {
    State.REPORTED: Text("已上报", "Reported"),
    State.VERIFYING: Text("核实中", "Verifying"),
    State.ACCEPTED: Text("已受理", "Accepted"),
    State.DOCKETED: Text("已立案", "Docketed"),
    State.DISPATCHED: Text("已派遣", "Dispatched"),
    State.HANDLING: Text("处置中", "Handling"),
    State.SETTLING: Text("权责协调中", "Settling responsibility"),
    State.HANDLED: Text("已处置", "Handled"),
    State.CHECKED: Text("已核查", "Checked"),
    State.PARKED: Text("挂账", "Parked"),
    State.CLOSED: Text("已结案", "Closed"),
    State.TRANSFERRED: Text("已转出", "Transferred out"),
    State.DECLINED: Text("不予受理", "Declined"),
    State.VOID: Text("作废", "Void"),
    State.MERGED: Text("已并案", "Merged"),
    State.ARCHIVED: Text("已归档", "Archived"),
}

# What the resident reads; {names} are filled in by the portal.
RESIDENT_WORDS: dict[State, Text] = {
    State.REPORTED: Text("已收到,正在登记", "Received, being registered"),
    State.VERIFYING: Text("正在派人了解现场情况", "Someone is being sent to look at the place"),
    State.ACCEPTED: Text("已受理,正在确定负责单位", "Accepted, the responsible unit is being determined"),
    State.DOCKETED: Text(
        "情况已确认,即将转交负责单位", "Confirmed, about to be given to the responsible unit"
    ),
    State.DISPATCHED: Text("已交 {unit} 办理", "Given to {unit}"),
    State.HANDLING: Text("{unit} 正在办理", "{unit} is working on it"),
    State.SETTLING: Text(
        "正在商定负责单位,不影响答复您的时间",
        "The responsible unit is being settled; your answer is not delayed",
    ),
    State.HANDLED: Text("{unit} 已办理,正在核对结果", "{unit} has acted, the result is being checked"),
    State.CHECKED: Text(
        "结果已核对,请您看看问题是否解决",
        "The result was checked; please tell us whether the problem is solved",
    ),
    State.PARKED: Text(
        "目前暂不具备解决条件:{reason}。已列入跟踪,{date} 前再次向您答复",
        "It cannot be solved for now: {reason}. It is tracked; we answer you again by {date}",
    ),
    State.CLOSED: Text(
        "已办结。如问题没有解决,{date} 前可申请重新办理",
        "Closed. If the problem is not solved you may ask to reopen it until {date}",
    ),
    State.TRANSFERRED: Text(
        "此事依法由 {unit} 受理,已于 {date} 转交,联系电话 {tel}",
        "By law {unit} receives this matter; transferred on {date}, telephone {tel}",
    ),
    State.DECLINED: Text(
        "此事不在受理范围:{reason}。您可以 {where}", "Outside what we may accept: {reason}. You can {where}"
    ),
    State.VOID: Text("未予登记:{reason}", "Not registered: {reason}"),
    State.MERGED: Text(
        "已与同类反映合并办理,进展照样通知您",
        "Handled together with the same report of others; you are kept informed",
    ),
    State.ARCHIVED: Text("已归档", "Archived"),
}


class Verb(StrEnum):
    REPORT = "report"
    ANSWER = "answer"
    SPLIT = "split"
    ASK_VERIFICATION = "ask_verification"
    VERIFY = "verify"
    SELF_CLOSE = "self_close"
    ACCEPT = "accept"
    CONTACT = "contact"
    PROPOSE_DECLINE = "propose_decline"
    DECLINE = "decline"
    VOID = "void"
    TRANSFER_OUT = "transfer_out"
    TRIAGE = "triage"
    DOCKET = "docket"
    DISPATCH = "dispatch"
    CLAIM = "claim"
    RECALL = "recall"
    TAKE = "take"
    ASSIGN = "assign"
    ARRIVE = "arrive"
    ASK_HAND_BACK = "ask_hand_back"
    AGREE_HAND_BACK = "agree_hand_back"
    REFUSE_HAND_BACK = "refuse_hand_back"
    AGREE = "agree"
    DESIGNATE = "designate"
    CONSULT = "consult"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ASK_PARK = "ask_park"
    PARK = "park"
    REFUSE_PARK = "refuse_park"
    UNPARK = "unpark"
    REPORT_RESULT = "report_result"
    ASSIST_DONE = "assist_done"
    REPORT_SEEN = "report_seen"
    CHECK_PASSED = "check_passed"
    CHECK_FAILED = "check_failed"
    FOLLOW_UP = "follow_up"
    RATE = "rate"
    CLOSE = "close"
    ASK_EXCEPTION = "ask_exception"
    GRANT_EXCEPTION = "grant_exception"
    REFUSE_EXCEPTION = "refuse_exception"
    WITHDRAW = "withdraw"
    CONTEST = "contest"
    DECIDE_CONTEST = "decide_contest"
    SUPPLEMENT = "supplement"
    URGE = "urge"
    REOPEN = "reopen"
    FOLLOW_PARTS = "follow_parts"
    MERGE = "merge"
    UNMERGE = "unmerge"
    EMERGENCY_START = "emergency_start"
    UNDO = "undo"
    ESCALATE = "escalate"
    INSTRUCT = "instruct"
    NOTE = "note"
    ATTACH = "attach"
    ARCHIVE = "archive"


S = State
R = Role

OPEN = frozenset(
    {S.REPORTED, S.VERIFYING, S.ACCEPTED, S.DOCKETED, S.DISPATCHED, S.HANDLING, S.SETTLING, S.HANDLED, S.CHECKED, S.PARKED}
)  # fmt: skip
ENDED = frozenset({S.CLOSED, S.TRANSFERRED, S.DECLINED, S.VOID, S.MERGED, S.ARCHIVED})
NEW = frozenset({S.REPORTED, S.ACCEPTED})
IN_UNIT = frozenset({S.DISPATCHED, S.HANDLING})

GRID = frozenset({R.GRID_WORKER, R.GRID_HEAD, R.PART_TIME_WORKER})
LOOP = frozenset({R.ZONE_MANAGER, R.COUNTY_DISPATCHER})  # the whole loop inside their area
INTAKE = frozenset({R.INTAKE_CLERK, R.COMMUNITY_MANAGER}) | LOOP
DESK = frozenset({R.DISPATCHER, R.COMMUNITY_MANAGER}) | LOOP
SHIFT = frozenset({R.SHIFT_LEADER, R.COUNTY_DISPATCHER})
UNIT = frozenset({R.DEPARTMENT_HANDLER, R.HEAD_OF_UNIT, R.NAMED_PROFESSIONAL})
HEAD = frozenset({R.HEAD_OF_UNIT})
CHECKERS = frozenset({R.CHECKER, R.INSPECTOR}) | LOOP
LEADERS = frozenset({R.STREET_LEADER, R.COUNTY_LEADER})
CENTRE = frozenset({R.INTAKE_CLERK, R.DISPATCHER, R.SHIFT_LEADER, R.CHECKER}) | LOOP
RESIDENT = frozenset({R.RESIDENT})
PLATFORM = frozenset({R.PLATFORM})
EVERY_STAFF = frozenset(Role) - RESIDENT - PLATFORM


@dataclass(frozen=True)
class Rule:
    """One row of the table. ``to`` empty: the state does not change; several: the action chooses one."""

    verb: Verb
    name: Text
    origin: frozenset[State]
    to: tuple[State, ...]
    roles: frozenset[Role]


def rule(
    verb: Verb,
    zh: str,
    en: str,
    origin: frozenset[State],
    to: tuple[State, ...] | State | None,
    roles: frozenset[Role],
) -> Rule:
    targets = () if to is None else (to,) if isinstance(to, State) else to
    return Rule(verb, Text(zh, en), origin, targets, roles)


def states(*names: State) -> frozenset[State]:
    return frozenset(names)


RULES: dict[Verb, Rule] = {
    row.verb: row
    for row in (
        rule(Verb.REPORT, "上报", "Report", states(), S.REPORTED, frozenset(Role)),
        rule(Verb.ANSWER, "当场答复", "Answer", NEW, (S.CHECKED, S.CLOSED), INTAKE),
        rule(Verb.SPLIT, "拆分", "Split", OPEN - {S.CHECKED, S.PARKED}, None, frozenset({R.INTAKE_CLERK, R.DISPATCHER}) | LOOP),
        rule(Verb.ASK_VERIFICATION, "派人核实", "Ask for verification", NEW, S.VERIFYING, INTAKE),
        rule(Verb.VERIFY, "核实", "Verify", states(S.VERIFYING), (S.REPORTED, S.ACCEPTED), GRID | {R.INSPECTOR, R.POLICE_OFFICER}),
        rule(Verb.SELF_CLOSE, "自办自结", "Close in the grid", NEW, (S.CLOSED, S.CHECKED), GRID),
        rule(Verb.ACCEPT, "受理", "Accept", states(S.REPORTED), S.ACCEPTED, INTAKE),
        rule(Verb.CONTACT, "联系诉求人", "Contact the reporter", OPEN, None, CENTRE | UNIT | {R.COMMUNITY_MANAGER}),
        rule(Verb.PROPOSE_DECLINE, "建议不予受理", "Propose to decline", NEW, None, INTAKE),
        rule(Verb.DECLINE, "不予受理", "Decline", NEW, S.DECLINED, SHIFT),
        rule(Verb.VOID, "作废", "Void", NEW, S.VOID, SHIFT),
        rule(
            Verb.TRANSFER_OUT, "转出", "Transfer out",
            states(S.REPORTED, S.VERIFYING, S.ACCEPTED, S.DOCKETED, S.DISPATCHED, S.HANDLING), S.TRANSFERRED, SHIFT,
        ),
        rule(Verb.TRIAGE, "研判", "Triage", states(S.ACCEPTED), None, INTAKE | {R.DISPATCHER}),
        rule(Verb.DOCKET, "立案", "Docket", states(S.ACCEPTED), S.DOCKETED, INTAKE | SHIFT),
        rule(Verb.DISPATCH, "派遣", "Dispatch", states(S.DOCKETED), S.DISPATCHED, DESK),
        rule(Verb.CLAIM, "认领", "Claim", states(S.DOCKETED), S.HANDLING, UNIT),
        rule(Verb.RECALL, "撤回派单", "Recall", states(S.DISPATCHED), S.DOCKETED, DESK),
        rule(Verb.TAKE, "签收", "Take", states(S.DISPATCHED), S.HANDLING, UNIT),
        rule(Verb.ASSIGN, "交办", "Assign", states(S.HANDLING), None, HEAD),
        rule(Verb.ARRIVE, "到场", "Arrive", states(S.HANDLING), None, UNIT),
        rule(Verb.ASK_HAND_BACK, "申请退单", "Ask to hand back", IN_UNIT, None, HEAD),
        rule(Verb.AGREE_HAND_BACK, "同意退单", "Agree to hand back", IN_UNIT, (S.DOCKETED, S.SETTLING), DESK),
        rule(Verb.REFUSE_HAND_BACK, "不同意退单", "Refuse to hand back", IN_UNIT, None, DESK),
        rule(Verb.AGREE, "商定", "Agree on the unit", states(S.SETTLING), S.DISPATCHED, HEAD),
        rule(
            Verb.DESIGNATE, "指定", "Designate the unit", states(S.SETTLING), S.DISPATCHED,
            frozenset({R.STREET_LEADER, R.COUNTY_DISPATCHER}),
        ),
        rule(Verb.CONSULT, "会商", "Consult", states(S.HANDLING, S.SETTLING, S.PARKED), None, DESK | UNIT),
        rule(Verb.ASK_EXTENSION, "申请延期", "Ask for an extension", states(S.HANDLING), None, UNIT),
        rule(Verb.GRANT_EXTENSION, "同意延期", "Grant the extension", states(S.HANDLING), None, LEADERS | LOOP | {R.SHIFT_LEADER}),
        rule(Verb.REFUSE_EXTENSION, "不同意延期", "Refuse the extension", states(S.HANDLING), None, LEADERS | LOOP | {R.SHIFT_LEADER}),
        rule(Verb.ASK_PARK, "申请挂账", "Ask to park", states(S.HANDLING), None, UNIT),
        rule(Verb.PARK, "同意挂账", "Park", states(S.HANDLING), S.PARKED, LEADERS),
        rule(Verb.REFUSE_PARK, "不同意挂账", "Refuse to park", states(S.HANDLING), None, LEADERS),
        rule(Verb.UNPARK, "恢复办理", "Unpark", states(S.PARKED), S.HANDLING, LEADERS | HEAD | DESK),
        rule(Verb.REPORT_RESULT, "反馈结果", "Report the result", states(S.HANDLING), S.HANDLED, UNIT),
        rule(Verb.ASSIST_DONE, "协办完成", "Assistance done", states(S.DISPATCHED, S.HANDLING), None, UNIT),
        rule(Verb.REPORT_SEEN, "现场所见", "Report what is seen", states(S.HANDLED), None, GRID | {R.INSPECTOR, R.GRID_ADVISER}),
        # closed: the sample drawn of cases closed in the grid
        rule(Verb.CHECK_PASSED, "核查通过", "Check passed", states(S.HANDLED, S.CLOSED), (S.CHECKED, S.CLOSED), CHECKERS),
        rule(Verb.CHECK_FAILED, "核查不通过", "Check failed", states(S.HANDLED, S.CLOSED), (S.HANDLING, S.ACCEPTED), CHECKERS),
        rule(
            Verb.FOLLOW_UP, "回访", "Follow up", states(S.CHECKED), (S.CHECKED, S.HANDLING, S.CLOSED, S.ACCEPTED),
            CENTRE | {R.COMMUNITY_MANAGER},
        ),
        rule(
            Verb.RATE, "评价", "Rate", states(S.CHECKED, S.MERGED),
            (S.CHECKED, S.HANDLING, S.CLOSED, S.MERGED, S.ACCEPTED), RESIDENT,
        ),
        rule(
            Verb.CLOSE, "结案", "Close", states(S.CHECKED), S.CLOSED,
            frozenset({R.COMMUNITY_MANAGER, R.SHIFT_LEADER, R.PLATFORM}) | LOOP,
        ),
        rule(Verb.ASK_EXCEPTION, "申请例外结案", "Ask for an exceptional closing", states(S.CHECKED), None, UNIT),
        rule(Verb.GRANT_EXCEPTION, "批准例外结案", "Grant the exceptional closing", states(S.CHECKED), S.CLOSED, LEADERS),
        rule(Verb.REFUSE_EXCEPTION, "不批准例外结案", "Refuse the exceptional closing", states(S.CHECKED), None, LEADERS),
        rule(Verb.WITHDRAW, "撤回诉求", "Withdraw", OPEN, (S.VOID,), RESIDENT),
        rule(Verb.CONTEST, "提出异议", "Contest", states(S.DECLINED, S.CLOSED), None, RESIDENT),
        rule(
            Verb.DECIDE_CONTEST, "裁定异议", "Decide the contest", states(S.DECLINED, S.CLOSED), (S.ACCEPTED,),
            LEADERS | {R.COUNTY_DISPATCHER},
        ),
        rule(Verb.SUPPLEMENT, "补充", "Supplement", OPEN | {S.MERGED}, None, RESIDENT),
        rule(Verb.URGE, "催办", "Urge", OPEN | {S.MERGED}, None, RESIDENT | {R.SUPERVISION_OFFICER} | DESK | SHIFT),
        rule(Verb.REOPEN, "重办", "Reopen", states(S.CLOSED), (S.HANDLING, S.ACCEPTED), RESIDENT | CENTRE | {R.COMMUNITY_MANAGER}),
        rule(Verb.FOLLOW_PARTS, "随各项办结", "Follow its parts", NEW | {S.VERIFYING}, (S.CHECKED, S.CLOSED), PLATFORM),
        rule(
            Verb.MERGE, "并案", "Merge", OPEN - {S.CHECKED, S.PARKED}, S.MERGED,
            frozenset({R.DISPATCHER, R.INTAKE_CLERK}) | LOOP,
        ),
        rule(
            Verb.UNMERGE, "取消并案", "Unmerge", states(S.MERGED), tuple(sorted(OPEN)),
            frozenset({R.DISPATCHER, R.INTAKE_CLERK, R.PLATFORM}) | LOOP,
        ),
        rule(
            Verb.EMERGENCY_START, "先处后补", "Emergency start", states(S.REPORTED), S.HANDLING,
            frozenset({R.DUTY_OFFICER, R.SHIFT_LEADER}) | LOOP,
        ),
        rule(Verb.UNDO, "撤销", "Undo", frozenset(State) - {S.ARCHIVED}, tuple(State), EVERY_STAFF),
        rule(Verb.ESCALATE, "提级", "Escalate", OPEN - {S.CHECKED}, None, CENTRE | GRID | {R.COMMUNITY_MANAGER, R.SUPERVISION_OFFICER}),
        rule(Verb.INSTRUCT, "批示", "Instruct", OPEN, None, LEADERS),
        rule(Verb.NOTE, "备注", "Note", OPEN | ENDED - {S.ARCHIVED}, None, EVERY_STAFF),
        rule(Verb.ATTACH, "附件", "Attach", OPEN | {S.MERGED}, None, EVERY_STAFF | RESIDENT),
        rule(Verb.ARCHIVE, "归档", "Archive", states(S.CLOSED, S.DECLINED, S.TRANSFERRED), S.ARCHIVED, PLATFORM),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A permitted move: the verb, where from, where it may lead."""

    verb: Verb
    origin: State | None
    to: tuple[State, ...]


def step(state: State | None, verb: Verb, roles: frozenset[Role]) -> Step:
    """The move that ``verb`` makes from ``state`` for somebody who holds ``roles`` over this case.

    Raises Forbidden (403) when no role allows it, Conflict (409) when the state does not; each says why.
    """
    found = RULES[verb]
    if not found.roles & roles:
        zh = "、".join(sorted(ROLE_NAMES[r].zh for r in found.roles))
        en = ", ".join(sorted(ROLE_NAMES[r].en for r in found.roles))
        raise Forbidden(
            f"“{found.name.zh}”须由{zh}办理,您在此案没有这个岗位。",
            f"“{found.name.en}” belongs to: {en}. You hold none of these posts over this case.",
            code="role",
            verb=verb.value,
        )
    if state is not None and state not in found.origin:
        now = STATE_NAMES[state]
        raise Conflict(
            "state",
            f"此案现在是“{now.zh}”,不能“{found.name.zh}”。请刷新后再看。",
            f"The case is now “{now.en}”, so “{found.name.en}” is not possible. Refresh to see what is true.",
            state=state.value,
            verb=verb.value,
        )
    return Step(verb, state, found.to)


def permitted(state: State, roles: frozenset[Role]) -> list[Verb]:
    """Verbs that state and roles allow, in the table's order."""
    return [row.verb for row in RULES.values() if state in row.origin and row.roles & roles]
