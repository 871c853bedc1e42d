"""Rows that a county edits: categories, responsibility list, policies, grounds, reasons, knowledge, keywords.

Every row is versioned: an edit raises ``version`` and appends a CatalogRevision. Policies are frozen as a whole:
a PolicyVersion is never changed after it is published, and a case keeps the one it was reported under.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.territory.models import Area, AreaLevel, Unit


class CatalogRow(models.Model):
    """What all rows share: stable code, names, origin, validity, version."""

    code = models.CharField("代码 Code", max_length=40)
    name_zh = models.CharField("名称", max_length=200)
    name_en = models.CharField("Name", max_length=250, blank=True, default="")
    source = models.CharField("来源 Source", max_length=200, blank=True, default="")
    is_active = models.BooleanField("启用 Active", default=True)
    version = models.PositiveIntegerField("版本 Version", default=1, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class Tier(models.TextChoices):
    IN_GRID = "in_grid", "格内事格内办 In the grid"
    IN_GROUP = "in_group", "简单事群内办 In the group"
    REPORT_UP = "report_up", "疑难事上报办 Reported up"


class Urgency(models.TextChoices):
    ORDINARY = "ordinary", "一般 Ordinary"
    URGENT = "urgent", "紧急 Urgent"
    CRITICAL = "critical", "特急 Critical"


class Sensitivity(models.TextChoices):
    ORDINARY = "ordinary", "普通 Ordinary"
    INTERNAL = "internal", "内部 Internal"
    RESTRICTED = "restricted", "限定 Restricted"


class CaseKind(models.TextChoices):
    PROBLEM = "problem", "问题 Problem"
    CONSULTATION = "consultation", "咨询 Consultation"
    SUGGESTION = "suggestion", "建议 Suggestion"
    PRAISE = "praise", "表扬 Praise"
    HELP = "help", "求助 Help"
    COMPLAINT = "complaint", "投诉 Complaint"
    TIP_OFF = "tip_off", "举报 Tip-off"


class Category(CatalogRow):
    """A kind of matter, two levels and more below eight roots, with its defaults."""

    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="上级 Parent",
    )
    default_tier = models.CharField("层级 Tier", max_length=20, choices=Tier, default=Tier.REPORT_UP)
    may_self_close = models.BooleanField("可自办自结 May self-close", default=False)
    needs_photo_after = models.BooleanField("结案需照片 Needs a photo after", default=False)
    closing_standard_zh = models.TextField("结案标准", blank=True, default="")
    closing_standard_en = models.TextField("Closing standard", blank=True, default="")
    urgency = models.CharField("紧急程度 Urgency", max_length=20, choices=Urgency, default=Urgency.ORDINARY)
    sensitivity = models.CharField(
        "敏感程度 Sensitivity", max_length=20, choices=Sensitivity, default=Sensitivity.ORDINARY
    )
    case_kind = models.CharField(
        "案件性质 Kind of case", max_length=20, choices=CaseKind, default=CaseKind.PROBLEM
    )
    is_must_attend = models.BooleanField("必到 Must attend", default=False)
    legal_basis = models.TextField("依据 Basis", blank=True, default="")

    class Meta:
        verbose_name = "案件类别 Category"
        verbose_name_plural = "案件类别 Categories"
        constraints = [models.UniqueConstraint(fields=["code"], name="category_code")]


class Duty(models.TextChoices):
    BASIC = "basic", "基本履职 Basic"
    COOPERATIVE = "cooperative", "配合履职 Cooperative"
    TAKEN_BACK = "taken_back", "上级收回 Taken back"


class ResponsibilityRow(models.Model):
    """One line of the responsibility list: for this category (here), who leads, who assists, by what law.

    The lead is a unit, or a kind of unit resolved to the nearest one up the area tree. Proposed rows
    (from rulings) wait until somebody adopts them.
    """

    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="responsibilities", verbose_name="类别 Category"
    )
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, verbose_name="适用区域 Valid in"
    )
    lead_unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="牵头单位 Lead unit",
    )
    lead_kind = models.CharField("牵头单位类型 Kind of lead unit", max_length=40, blank=True, default="")
    assist_kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    level = models.CharField("层级 Level", max_length=20, choices=AreaLevel, default=AreaLevel.STREET)
    duty = models.CharField("事项类型 Duty", max_length=20, choices=Duty, default=Duty.BASIC)
    legal_basis = models.TextField("依据 Basis", blank=True, default="")
    note = models.TextField("备注 Note", blank=True, default="")
    source = models.CharField("来源 Source", max_length=200, blank=True, default="")
    is_proposed = models.BooleanField("待采纳 Proposed", default=False)
    is_active = models.BooleanField("启用 Active", default=True)
    version = models.PositiveIntegerField("版本 Version", default=1, editable=False)

    class Meta:
        verbose_name = "职责清单 Responsibility row"
        verbose_name_plural = "职责清单 Responsibility list"
        constraints = [
            models.CheckConstraint(
                name="responsibility_has_lead", condition=Q(lead_unit__isnull=False) | ~Q(lead_kind="")
            )
        ]
        indexes = [models.Index(fields=["category"], name="responsibility_category")]

    def __str__(self) -> str:
        return f"{self.category} → {self.lead_unit or self.lead_kind}"


class PolicyVersion(models.Model):
    """A published set of time limits; never changed afterwards."""

    number = models.PositiveIntegerField(unique=True)
    name_zh = models.CharField("名称", max_length=100)
    name_en = models.CharField("Name", max_length=120, blank=True, default="")
    note = models.TextField("备注 Note", blank=True, default="")
    published_at = models.DateTimeField("发布时间 Published", null=True)
    is_current = models.BooleanField("现行 In force", default=False)

    class Meta:
        verbose_name = "时限方案 Policy version"
        verbose_name_plural = "时限方案 Policy versions"
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="policy_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name_zh}"


class PolicyRow(models.Model):
    """Time limits of one category (or channel, or the default) in a version; natural hours for now.

    Stages: accept, first_contact, arrive, handle, check, follow_up, and the unit's own take and handle.
    """

    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="rows", verbose_name="时限方案 Policy version"
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, verbose_name="类别 Category"
    )
    channel = models.CharField("来源渠道 Channel", max_length=40, blank=True, default="")
    accept_hours = models.FloatField("受理(小时)Accept", default=2)
    first_contact_hours = models.FloatField("首次联系(小时)First contact", null=True, blank=True, default=24)
    arrive_hours = models.FloatField("到场(小时)Arrive", null=True, blank=True)
    handle_hours = models.FloatField("办结(小时)Handle", default=72)
    check_hours = models.FloatField("核查(小时)Check", default=24)
    follow_up_hours = models.FloatField("回访(小时)Follow up", default=48)
    unit_take_hours = models.FloatField("单位签收(小时)Unit takes", default=8)
    unit_handle_hours = models.FloatField("单位办理(小时)Unit handles", default=60)
    source = models.CharField("来源 Source", max_length=300, blank=True, default="")
    original_zh = models.CharField("原文", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = "时限 Policy row"
        verbose_name_plural = "时限 Policy rows"
        constraints = [
            models.UniqueConstraint(
                fields=["policy_version", "category", "channel"], name="policy_row_once", nulls_distinct=False
            )
        ]


class GroundClock(models.TextChoices):
    """What the case's clock does while the ground holds."""

    RUNS = "runs", "照常计时 Runs"
    STOPS = "stops", "停止计时 Stops"


class Ground(CatalogRow):
    """A listed ground or reason: why a case is declined, parked, handed back, transferred, voided, extended, excepted."""

    kind = models.CharField("用途 Kind", max_length=20)
    needs = models.CharField("须给 Must be given", max_length=300, blank=True, default="")
    clock = models.CharField("计时 Clock", max_length=10, choices=GroundClock, default=GroundClock.RUNS)
    resident_text_zh = models.TextField("居民看到的话", blank=True, default="")
    resident_text_en = models.TextField("What the resident reads", blank=True, default="")

    class Meta:
        verbose_name = "事由 Ground"
        verbose_name_plural = "事由 Grounds"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="ground_code")]


class CloseType(CatalogRow):
    """How a case ended; ``is_solved`` counts as solved in figures."""

    needs_zh = models.CharField("须给", max_length=300, blank=True, default="")
    needs_en = models.CharField("Must be given", max_length=300, blank=True, default="")
    is_solved = models.BooleanField("算作解决 Counts as solved", default=False)

    class Meta:
        verbose_name = "结案类型 Close type"
        verbose_name_plural = "结案类型 Close types"
        constraints = [models.UniqueConstraint(fields=["code"], name="close_type_code")]


class Reason(CatalogRow):
    """Why a resident is not satisfied with the result, and what follows: rework, consult or a service complaint."""

    leads_to = models.CharField("后续 Leads to", max_length=40)
    note_zh = models.CharField("说明", max_length=300, blank=True, default="")
    note_en = models.CharField("Note", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "不满意原因 Reason"
        verbose_name_plural = "不满意原因 Reasons"
        constraints = [models.UniqueConstraint(fields=["code"], name="reason_code")]


class Channel(CatalogRow):
    """Where reports come from; ``keeps_upstream_number`` for hotlines whose rules bind us."""

    keeps_upstream_number = models.BooleanField("保留原编号 Keeps upstream number", default=False)

    class Meta:
        verbose_name = "来源渠道 Channel"
        verbose_name_plural = "来源渠道 Channels"
        constraints = [models.UniqueConstraint(fields=["code"], name="channel_code")]


class AssetKind(CatalogRow):
    """One of the 78 kinds of city assets (示例字典)."""

    class_zh = models.CharField("大类 Class", max_length=40)
    owner_kind = models.CharField("权属单位类型 Owner", max_length=40, blank=True, default="")
    maintainer_kind = models.CharField("养护单位类型 Maintainer", max_length=40, blank=True, default="")

    class Meta:
        verbose_name = "部件类型 Asset kind"
        verbose_name_plural = "部件类型 Asset kinds"
        constraints = [models.UniqueConstraint(fields=["code"], name="asset_kind_code")]


class UnitKind(CatalogRow):
    """A kind of unit that responsibility rows name."""

    class Meta:
        verbose_name = "单位类型 Unit kind"
        verbose_name_plural = "单位类型 Unit kinds"
        constraints = [models.UniqueConstraint(fields=["code"], name="unit_kind_code")]


class KnowledgeEntry(CatalogRow):
    """An agreed answer with its basis, owner and last day."""

    question_zh = models.TextField("问题")
    answer_zh = models.TextField("答复")
    answer_en = models.TextField("Answer", blank=True, default="")
    basis = models.TextField("依据 Basis", blank=True, default="")
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, verbose_name="类别 Category"
    )
    owner_kind = models.CharField("责任单位类型 Owner", max_length=40, blank=True, default="")
    expires_on = models.DateField("有效至 Expires", null=True, blank=True)

    class Meta:
        verbose_name = "知识条目 Knowledge entry"
        verbose_name_plural = "知识库 Knowledge base"
        constraints = [models.UniqueConstraint(fields=["code"], name="knowledge_code")]


class KeywordRow(models.Model):
    """A word that speaks for a category, with its weight."""

    word = models.CharField("词 Word", max_length=60)
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="keywords", verbose_name="类别 Category"
    )
    weight = models.FloatField("权重 Weight", default=1)
    language = models.CharField("语言 Language", max_length=5, default="zh")
    is_active = models.BooleanField("启用 Active", default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "关键词 Keyword"
        verbose_name_plural = "关键词 Keywords"
        constraints = [models.UniqueConstraint(fields=["word", "category"], name="keyword_once")]

    def __str__(self) -> str:
        return f"{self.word} → {self.category_id}"


class CatalogRevision(models.Model):
    """What a row was after an edit: appended, never changed."""

    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    is_shipped = models.BooleanField(default=False)  # written by the loader of the shipped dictionaries
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = "目录修订 Catalogue revision"
        verbose_name_plural = "目录修订 Catalogue revisions"
        indexes = [models.Index(fields=["kind", "code", "version"], name="revision_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} v{self.version}"


class ImportFile(models.Model):
    """A file that an administrator sent for import, between its preview and the confirmation; kept a day."""

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    map_content = models.BinaryField(null=True)  # GeoJSON with the boundaries, sent beside it
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = "导入文件 Import file"
        verbose_name_plural = "导入文件 Import files"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
