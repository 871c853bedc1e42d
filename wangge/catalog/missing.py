"""What an installation still lacks before it can carry its first case; shown by ``init`` and in the administration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

from wangge.accounts.models import ADMIN_ROLE_NAMES, User
from wangge.catalog.models import Category, KeywordRow, PolicyVersion, ResponsibilityRow, UnitKind
from wangge.territory.models import Area, AreaLevel, Building, Post, Unit
from wangge.territory.queries import areas_on, vacancies
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.scope import posts_in_force

DESK = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SHIFT_LEADER, Role.CHECKER)
MOST_NAMED = 8
UNUSABLE = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: a stable code, what to do in two languages, whether nothing works without it,
    and which table (``catalog.kinds``) brings it in ("" for none)."""

    code: str
    zh: str
    en: str
    is_blocking: bool
    kind: str = ""


def what_is_missing(at: datetime) -> list[Missing]:
    """Everything that is missing, what blocks first."""
    found = [*_dictionaries(), *_areas(), *_units(), *_staff(at), *_administrators()]
    return sorted(found, key=lambda missing: not missing.is_blocking)


def _dictionaries() -> list[Missing]:
    found = []
    if not Category.objects.filter(is_active=True).exists():
        found.append(
            Missing("categories", "还没有案件类别。请运行 wangge init 装入随附字典,或导入自己的类别。",
                    "No categories. Run `wangge init` to load the shipped ones, or import your own.", True, "categories")
        )  # fmt: skip
    if not PolicyVersion.objects.filter(is_current=True).exists():
        found.append(
            Missing("policy", "还没有发布时限方案。请运行 wangge init,或在“时限方案”中发布一个。",
                    "No policy is published. Run `wangge init`, or publish one under policies.", True)
        )  # fmt: skip
    if not ResponsibilityRow.objects.filter(is_active=True).exists():
        found.append(
            Missing("responsibility", "职责清单是空的,派遣时不会有建议单位。请导入职责清单。",
                    "The responsibility list is empty; no unit will be proposed. Import it.", False, "responsibility")
        )  # fmt: skip
    if not KeywordRow.objects.filter(is_active=True).exists():
        found.append(
            Missing("keywords", "没有关键词,来件不会有类别建议。请运行 wangge init。",
                    "No keywords; no category will be proposed. Run `wangge init`.", False)
        )  # fmt: skip
    return found


def _areas() -> list[Missing]:
    areas = areas_on()
    if not areas.exists():
        return [
            Missing("areas", "还没有区域。请下载“区域”模板,填好区县、街道、社区、网格后导入。",
                    "No areas. Download the template “areas”, fill in county, streets, communities, grids, import it.",
                    True, "areas")
        ]  # fmt: skip
    found = []
    if not areas.filter(level=AreaLevel.GRID).exists():
        found.append(
            Missing("grids", "还没有网格。请在“区域”表中加入网格并导入。",
                    "No grids. Add them to the table of areas and import it.", True, "areas")
        )  # fmt: skip
    n_without = areas.filter(level=AreaLevel.GRID, boundary=None).count()
    if n_without:
        found.append(
            Missing("boundaries", f"{n_without} 个网格没有边界,按位置上报找不到它们。请补上边界。",
                    f"Grids without a boundary: {n_without}; reports by position cannot find them. Add boundaries.",
                    False, "areas")
        )  # fmt: skip
    if not Building.objects.exists():
        found.append(
            Missing("buildings", "还没有楼栋。有了楼栋才能按地址找位置、统计户数。",
                    "No buildings. They give positions to addresses and counts of households.", False, "buildings")
        )  # fmt: skip
    return found


def _units() -> list[Missing]:
    units = Unit.objects.filter(is_active=True)
    if not units.exists():
        return [
            Missing("units", "还没有单位。请下载“单位”模板,填好各部门、中心、站点后导入。",
                    "No units. Download the template “units”, fill in departments, centres, stations, import it.",
                    True, "units")
        ]  # fmt: skip
    kinds = set(units.values_list("kind", flat=True))
    known = dict(UnitKind.objects.filter(is_active=True).values_list("code", "name_zh"))
    found = []
    if strange := sorted(kinds - known.keys()):
        found.append(
            Missing("unit_kinds", f"单位类型不在字典中:{_named(strange)}。请改正,或添加这些类型。",
                    f"Unit kinds that the dictionary does not know: {_named(strange, ', ')}. Correct them, or add the kinds.",
                    False, "units")
        )  # fmt: skip
    led = ResponsibilityRow.objects.filter(is_active=True, is_proposed=False, lead_unit=None)
    leads = set(led.values_list("lead_kind", flat=True).distinct())
    if absent := sorted(leads - kinds):
        names = [known.get(kind, kind) for kind in absent]
        found.append(
            Missing("leads", f"职责清单指到的 {len(absent)} 类单位还没有:{_named(names)}。这些事项派遣时没有建议单位。",
                    f"{len(absent)} kinds of units on the responsibility list do not exist here: {_named(absent, ', ')}. "
                    "No unit will be proposed for their matters.", False, "units")
        )  # fmt: skip
    return found


def _staff(at: datetime) -> list[Missing]:
    posts = Post.objects.filter(posts_in_force(at), user__is_active=True)
    if not posts.exists():
        return [
            Missing("staff", "还没有人员岗位。请下载“人员岗位”模板填好后导入。",
                    "No staff. Download the template “staff”, fill it in, import it.", True, "staff")
        ]  # fmt: skip
    found = []
    held = set(posts.values_list("role", flat=True).distinct())
    absent = [ROLE_NAMES[role] for role in DESK if role.value not in held]
    if absent:
        found.append(
            Missing("desk", f"还没有人担任:{'、'.join(name.zh for name in absent)}。案件到这一步会停下。",
                    f"Nobody is: {', '.join(name.en for name in absent)}. Cases stop there.", True, "staff")
        )  # fmt: skip
    vacant = vacancies(at=at, roles=[Role.GRID_WORKER])
    if vacant:
        found.append(
            Missing("vacancies", f"{len(vacant)} 个网格没有专职网格员:{_named([v.name_zh for v in vacant])}。",
                    f"Grids without a grid worker ({len(vacant)}): {_named([v.code for v in vacant], ', ')}.", False, "staff")
        )  # fmt: skip
    without = User.objects.filter(UNUSABLE, is_active=True, is_machine=False, posts__in=posts)
    n_without = without.distinct().count()
    if n_without:
        found.append(
            Missing("passwords", f"{n_without} 人还没有密码,不能登录。请安全管理员发放一次性密码。",
                    f"People without a password, who cannot sign in: {n_without}. The security administrator gives one.",
                    False)
        )  # fmt: skip
    return found


def _administrators() -> list[Missing]:
    held = set(User.objects.filter(is_active=True).values_list("admin_role", flat=True))
    absent = [name for role, name in ADMIN_ROLE_NAMES.items() if role not in held]
    if not absent:
        return []
    return [
        Missing("administrators", f"还缺:{'、'.join(name.zh for name in absent)}。请用 wangge createadmin 建立。",
                f"Missing: {', '.join(name.en for name in absent)}. Make them with `wangge createadmin`.", False)
    ]  # fmt: skip


def _named(names: Collection[str], between: str = "、") -> str:
    shown = list(names)[:MOST_NAMED]
    return between.join(shown) + (" …" if len(names) > MOST_NAMED else "")


def county_exists() -> bool:
    """Whether the tree has a root already."""
    return Area.objects.filter(valid_to_on=None).exists()
