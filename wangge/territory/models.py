"""Where and who: the area tree, units, posts, buildings."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from wangge.territory.roles import ROLE_NAMES, Role


class AreaLevel(models.TextChoices):
    """How high an area stands in the tree."""

    CITY = "city", "市 City"
    COUNTY = "county", "区县 County"
    STREET = "street", "街道·镇 Street"
    ZONE = "zone", "管区 Zone"
    COMMUNITY = "community", "社区·村 Community"
    GRID = "grid", "网格 Grid"
    MICRO_GRID = "micro_grid", "微网格 Micro-grid"
    SUB_GRID = "sub_grid", "单元格 Sub-grid"
    CELL = "cell", "细胞格 Cell"
    POLICE_GRID = "police_grid", "警格 Police grid"


class AreaKind(models.TextChoices):
    """What kind of grid (or other area) it is; never part of the code."""

    BASE = "base", "基础 Base"
    DEDICATED = "dedicated", "专属 Dedicated"
    FOREST = "forest", "山林 Forest"
    SEA = "sea", "海上 Sea"
    OVERLAY = "overlay", "叠加 Overlay"


class Datum(models.TextChoices):
    WGS84 = "wgs84", "WGS-84"
    GCJ02 = "gcj02", "GCJ-02"
    BD09 = "bd09", "BD-09"
    CGCS2000 = "cgcs2000", "CGCS2000"


class Unit(models.Model):
    """A department, section, office, station or partner that handles cases."""

    code = models.CharField("代码 Code", max_length=40, unique=True)
    kind = models.CharField("类型 Kind", max_length=40)  # a code of catalog/data/unit_kinds.csv
    level = models.CharField("层级 Level", max_length=20, choices=AreaLevel, default=AreaLevel.COUNTY)
    name_zh = models.CharField("名称", max_length=100)
    name_en = models.CharField("Name", max_length=120, blank=True, default="")
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="上级单位 Parent",
    )
    area = models.ForeignKey(
        "Area",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units",
        verbose_name="服务区域 Area served",
    )
    phone = models.CharField("值班电话 Duty phone", max_length=40, blank=True, default="")
    is_partner = models.BooleanField("协作单位 Partner", default=False)
    is_active = models.BooleanField("启用 Active", default=True)

    class Meta:
        verbose_name = "单位 Unit"
        verbose_name_plural = "单位 Units"
        indexes = [models.Index(fields=["kind", "area"], name="unit_kind_area")]

    def __str__(self) -> str:
        return self.name_zh


class Area(models.Model):
    """A node of the tree from city to cell; overlays (police grids) hang beside it.

    ``path`` is the chain of ids from the root, ``/1/7/42/``, so that "inside" is a prefix. Boundaries are WKB
    (EPSG:4326, CGCS2000 taken as WGS-84) with their bounding box in columns. An area is in force from
    ``valid_from_on`` to the day before ``valid_to_on``.
    """

    code = models.CharField("代码 Code", max_length=30)
    level = models.CharField("层级 Level", max_length=20, choices=AreaLevel)
    kind = models.CharField("类型 Kind", max_length=20, choices=AreaKind, default=AreaKind.BASE)
    name_zh = models.CharField("名称", max_length=100)
    name_en = models.CharField("Name", max_length=120, blank=True, default="")
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="上级 Parent",
    )
    path = models.CharField(max_length=300, default="")
    boundary = models.BinaryField(null=True, blank=True)
    min_lon = models.FloatField(null=True, blank=True)
    min_lat = models.FloatField(null=True, blank=True)
    max_lon = models.FloatField(null=True, blank=True)
    max_lat = models.FloatField(null=True, blank=True)
    supervising_unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="dedicated_areas",
        verbose_name="业务主管部门 Supervising department",
    )
    external_codes = models.JSONField("其他编码 Other codes", default=dict, blank=True)
    n_households = models.PositiveIntegerField("户数 Households", null=True, blank=True)
    n_people = models.PositiveIntegerField("人数 People", null=True, blank=True)
    valid_from_on = models.DateField("生效 Valid from", default=date(2000, 1, 1))
    valid_to_on = models.DateField("失效 Valid to", null=True, blank=True)

    class Meta:
        verbose_name = "区域 Area"
        verbose_name_plural = "区域 Areas"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="area_code_in_force", condition=Q(valid_to_on=None)
            ),
            models.CheckConstraint(
                name="area_dates",
                condition=Q(valid_to_on=None) | Q(valid_to_on__gt=models.F("valid_from_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="area_path"),
            models.Index(fields=["parent", "level"], name="area_parent_level"),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to this area itself."""
        return [int(part) for part in self.path.split("/") if part]


class Post(models.Model):
    """A person's place: a role over an area or in a unit, from a day to a day. The post gives the scope."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts", verbose_name="人员 Person"
    )
    role = models.CharField(
        "角色 Role", max_length=30, choices=[(r.value, " ".join(ROLE_NAMES[r])) for r in Role]
    )
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="posts", verbose_name="区域 Area"
    )
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="posts", verbose_name="单位 Unit"
    )
    specialty = models.CharField(
        "专业类别 Category code of a named professional", max_length=20, blank=True, default=""
    )
    starts_on = models.DateField("开始 From")
    ends_on = models.DateField("结束 To (last day)", null=True, blank=True)
    stands_in_for = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stand_ins",
        verbose_name="顶岗 Stands in for",
    )

    class Meta:
        verbose_name = "岗位 Post"
        verbose_name_plural = "岗位 Posts"
        constraints = [
            models.CheckConstraint(
                name="post_has_place", condition=Q(area__isnull=False) | Q(unit__isnull=False)
            ),
            models.CheckConstraint(
                name="post_dates", condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "starts_on"], name="post_user"),
            models.Index(fields=["area", "role"], name="post_area_role"),
            models.Index(fields=["unit", "role"], name="post_unit_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {ROLE_NAMES[Role(self.role)].zh} · {self.area or self.unit}"


class Building(models.Model):
    """A building with its households; until the register exists it carries the counts."""

    code = models.CharField("代码 Code", max_length=40, unique=True)
    name_zh = models.CharField("名称", max_length=100, blank=True, default="")
    address = models.CharField("地址 Address", max_length=200)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="buildings", verbose_name="区域 Area"
    )
    lon = models.FloatField("经度(WGS-84)Longitude")
    lat = models.FloatField("纬度(WGS-84)Latitude")
    outline = models.BinaryField(null=True, blank=True)
    n_households = models.PositiveIntegerField("户数 Households", default=0)
    n_people = models.PositiveIntegerField("人数 People", default=0)

    class Meta:
        verbose_name = "楼栋 Building"
        verbose_name_plural = "楼栋 Buildings"
        indexes = [
            models.Index(fields=["area"], name="building_area"),
            models.Index(fields=["address"], name="building_address"),
        ]

    def __str__(self) -> str:
        return self.address


class AreaForm(models.Model):
    """What an area was before an edit, and from which day to the day before which: the tree as it was.

    Rows are appended by ``actions.update_area``; ``Area`` itself is always the present form.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="forms")
    code = models.CharField(max_length=30)
    level = models.CharField(max_length=20, choices=AreaLevel)
    kind = models.CharField(max_length=20, choices=AreaKind)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=120, default="")
    parent = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    boundary = models.BinaryField(null=True)
    supervising_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField()  # the first day of the next form

    class Meta:
        verbose_name = "区域旧貌 Earlier form of an area"
        verbose_name_plural = "区域旧貌 Earlier forms of areas"
        indexes = [models.Index(fields=["area", "until_on"], name="area_form_until")]

    def __str__(self) -> str:
        return f"{self.name_zh} {self.from_on}–{self.until_on}"


class TerritoryRevision(models.Model):
    """Who changed an area, unit, post or building, when, and what it was afterwards: appended, never changed."""

    kind = models.CharField("对象 Kind", max_length=20)  # area | unit | post | building
    object_id = models.BigIntegerField()
    code = models.CharField("代码 Code", max_length=200, default="")
    verb = models.CharField("操作 Verb", max_length=30)
    content = models.JSONField("内容 Content")
    changed_by = models.CharField("经办人 By", max_length=150)
    changed_at = models.DateTimeField("时间 At")

    class Meta:
        verbose_name = "区域修订 Territory revision"
        verbose_name_plural = "区域修订 Territory revisions"
        indexes = [models.Index(fields=["kind", "object_id"], name="territory_revision_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.verb}"


class ChangeStamp(models.Model):
    """A random word for each thing that processes keep in memory; a new one means: read it again."""

    name = models.CharField(max_length=40, primary_key=True)
    stamp = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
