"""The roles of workflow.md: one English word per Chinese word. Pure."""

from __future__ import annotations

from enum import StrEnum

from wangge.kit.words import Text


class Role(StrEnum):
    RESIDENT = "resident"
    GRID_HEAD = "grid_head"
    GRID_WORKER = "grid_worker"
    PART_TIME_WORKER = "part_time_worker"
    GRID_ADVISER = "grid_adviser"
    INFORMATION_OFFICER = "information_officer"
    ASSISTANT = "assistant"
    INSPECTOR = "inspector"
    NAMED_PROFESSIONAL = "named_professional"
    ZONE_MANAGER = "zone_manager"
    COMMUNITY_MANAGER = "community_manager"
    INTAKE_CLERK = "intake_clerk"
    DISPATCHER = "dispatcher"
    SHIFT_LEADER = "shift_leader"
    CHECKER = "checker"
    SUPERVISION_OFFICER = "supervision_officer"
    COUNTY_DISPATCHER = "county_dispatcher"
    DEPARTMENT_HANDLER = "department_handler"
    HEAD_OF_UNIT = "head_of_unit"
    DUTY_OFFICER = "duty_officer"
    PARTNER = "partner"
    SECURITY_HOUSEHOLDER = "security_householder"
    BUILDING_HEAD = "building_head"
    VOLUNTEER = "volunteer"
    POLICE_OFFICER = "police_officer"
    STREET_LEADER = "street_leader"
    COUNTY_LEADER = "county_leader"
    PLATFORM = "platform"  # what Wangge does by itself, by rule


ROLE_NAMES: dict[Role, Text] = {
    Role.RESIDENT: Text("居民", "Resident"),
    Role.GRID_HEAD: Text("网格长", "Grid head"),
    Role.GRID_WORKER: Text("专职网格员", "Grid worker"),
    Role.PART_TIME_WORKER: Text("兼职网格员", "Part-time worker"),
    Role.GRID_ADVISER: Text("网格指导员", "Grid adviser"),
    Role.INFORMATION_OFFICER: Text("信息员", "Information officer"),
    Role.ASSISTANT: Text("协管员", "Assistant"),
    Role.INSPECTOR: Text("监督员", "Inspector"),
    Role.NAMED_PROFESSIONAL: Text("专业网格员", "Named professional"),
    Role.ZONE_MANAGER: Text("管区负责人", "Zone manager"),
    Role.COMMUNITY_MANAGER: Text("社区管理员", "Community manager"),
    Role.INTAKE_CLERK: Text("受理员", "Intake clerk"),
    Role.DISPATCHER: Text("派遣员", "Dispatcher"),
    Role.SHIFT_LEADER: Text("值班长", "Shift leader"),
    Role.CHECKER: Text("核查员", "Checker"),
    Role.SUPERVISION_OFFICER: Text("督办员", "Supervision officer"),
    Role.COUNTY_DISPATCHER: Text("区县调度员", "County dispatcher"),
    Role.DEPARTMENT_HANDLER: Text("部门处置员", "Department handler"),
    Role.HEAD_OF_UNIT: Text("单位负责人", "Head of unit"),
    Role.DUTY_OFFICER: Text("值班员", "Duty officer"),
    Role.PARTNER: Text("协作单位", "Partner"),
    Role.SECURITY_HOUSEHOLDER: Text("治安户长", "Security householder"),
    Role.BUILDING_HEAD: Text("楼栋长", "Building head"),
    Role.VOLUNTEER: Text("志愿者", "Volunteer"),
    Role.POLICE_OFFICER: Text("社区民警", "Police officer"),
    Role.STREET_LEADER: Text("街道负责人", "Street leader"),
    Role.COUNTY_LEADER: Text("区县负责人", "County leader"),
    Role.PLATFORM: Text("平台", "Platform"),
}

# Roles held over an area; the others are held in a unit (named professionals in both).
AREA_ROLES = frozenset(
    {
        Role.GRID_HEAD, Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_ADVISER, Role.INFORMATION_OFFICER,
        Role.ASSISTANT, Role.INSPECTOR, Role.NAMED_PROFESSIONAL, Role.ZONE_MANAGER, Role.COMMUNITY_MANAGER,
        Role.INTAKE_CLERK, Role.DISPATCHER, Role.SHIFT_LEADER, Role.CHECKER, Role.SUPERVISION_OFFICER,
        Role.COUNTY_DISPATCHER, Role.DUTY_OFFICER, Role.SECURITY_HOUSEHOLDER, Role.BUILDING_HEAD, Role.VOLUNTEER,
        Role.POLICE_OFFICER, Role.STREET_LEADER, Role.COUNTY_LEADER,
    }
)  # fmt: skip
UNIT_ROLES = frozenset(
    {Role.DEPARTMENT_HANDLER, Role.HEAD_OF_UNIT, Role.DUTY_OFFICER, Role.PARTNER, Role.NAMED_PROFESSIONAL}
)
