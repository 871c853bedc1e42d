"""The case and everything that hangs on it. Written only by the verbs in ``cases/actions``."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from wangge.cases.workflow import OPEN, STATE_NAMES, State
from wangge.catalog.models import CaseKind, Category, PolicyVersion, Sensitivity, Tier, Urgency
from wangge.files.models import StoredFile
from wangge.territory.models import Area, Datum, Unit

OPEN_STATES = sorted(OPEN)
NOBODY_RECUSED = Q(recused_user_ids=[], recused_unit_ids=[])
# what sealed values are sealed for; see kit/crypto
REPORTER_NAME, REPORTER_PHONE, PRIVATE_WORDS = "reporter.name", "reporter.phone", "words"


class Case(models.Model):
    """事件·事项·诉求·案件: one matter, from report to archive.

    ``path`` is the area path it lies in (see ``Area.path``), ``police_path`` that of the police grid. The case row is
    a cache of its ledger: ``n_entries`` and ``head_hash`` name the newest entry. ``due_at`` is the case's own
    deadline, ``unit_due_at`` the present unit's.
    """

    UNREAD = ("grams",)  # only searching uses them

    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=20, choices=[(s.value, STATE_NAMES[s].zh) for s in State])
    kind = models.CharField(max_length=20, choices=CaseKind, default=CaseKind.PROBLEM)
    channel = models.CharField(max_length=40)
    origin = models.CharField(max_length=120, default="")  # which outside system or file
    origin_number = models.CharField(max_length=80, default="")
    is_upstream_order = models.BooleanField(default=False)

    title = models.CharField(max_length=100)
    text = models.TextField()
    text_salt = models.BinaryField(max_length=16, null=True)
    # pairs of neighbouring characters of title, text and address, for the search; empty: not made yet (search.py)
    grams = ArrayField(models.CharField(max_length=6), default=list)

    category = models.ForeignKey(
        Category, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tier = models.CharField(max_length=20, choices=Tier, default=Tier.REPORT_UP)
    urgency = models.CharField(max_length=20, choices=Urgency, default=Urgency.ORDINARY)
    sensitivity = models.CharField(max_length=20, choices=Sensitivity, default=Sensitivity.ORDINARY)

    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = models.CharField(max_length=300, default="")
    police_path = models.CharField(max_length=300, default="")
    address = models.CharField(max_length=200, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    raw_lon = models.FloatField(null=True)
    raw_lat = models.FloatField(null=True)
    datum = models.CharField(max_length=10, choices=Datum, default="")
    accuracy_m = models.FloatField(null=True)
    position_source = models.CharField(max_length=20, default="")  # see territory.position.SOURCES

    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )  # who typed it in; not the reporter
    has_contact = models.BooleanField(default=False)
    n_reporters = models.PositiveIntegerField(default=1)

    lead_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    assist_unit_ids = ArrayField(models.BigIntegerField(), default=list)
    proposed_unit_ids = ArrayField(
        models.BigIntegerField(), default=list
    )  # by routing; or who must agree in settling
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # who may see a restricted case, and who must not see this one (回避)
    named_user_ids = ArrayField(models.BigIntegerField(), default=list)
    recused_user_ids = ArrayField(models.BigIntegerField(), default=list)
    recused_unit_ids = ArrayField(models.BigIntegerField(), default=list)

    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    link = models.CharField(max_length=20, default="")  # merged | split | followed
    state_before = models.CharField(max_length=20, default="")  # of a merged or parked case
    n_rework = models.PositiveSmallIntegerField(default=0)
    n_hand_back = models.PositiveSmallIntegerField(default=0)
    n_reopen = models.PositiveSmallIntegerField(default=0)
    is_final_dispatch = models.BooleanField(default=False)  # settled: must not be handed back again
    is_escalated = models.BooleanField(default=False)
    is_dissatisfied = models.BooleanField(default=False)  # a reporter says the result is not solved
    must_consult = models.BooleanField(default=False)
    has_hazard = models.BooleanField(default=False)  # goes on without its reporter

    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reported_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    docketed_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    unit_due_at = models.DateTimeField(null=True)
    review_on = models.DateField(null=True)  # parked: when it is looked at again
    close_type = models.CharField(max_length=40, default="")
    ground = models.CharField(max_length=40, default="")  # declined, parked, void: code of the listed ground
    closing_note = models.TextField(default="")  # what the resident is told at the end (reason, where to go)
    outside_unit = models.CharField(max_length=100, default="")  # transferred out: to whom, and its telephone
    outside_phone = models.CharField(max_length=40, default="")

    is_simulated = models.BooleanField(default=False)
    is_erased = models.BooleanField(default=False)  # its reporters' contact and private words; see erasing.py
    n_entries = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="")
    changed_at = models.DateTimeField()
    undo = models.JSONField(null=True)  # how to take back the newest entry; see actions/undo.py

    class Meta:
        verbose_name = "案件 Case"
        verbose_name_plural = "案件 Cases"
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "origin_number"], name="case_origin_once", condition=~Q(origin_number="")
            )
        ]
        indexes = [
            models.Index(
                fields=["path", "due_at"], name="case_open_path", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(
                fields=["state", "due_at"], name="case_open_state", condition=Q(state__in=OPEN_STATES)
            ),
            # with the path, so that a list of one area passes the others without reading their rows
            models.Index(fields=["state", "-reported_at", "path"], name="case_state_reported"),
            models.Index(fields=["lead_unit", "state", "unit_due_at"], name="case_unit"),
            models.Index(fields=["path", "-reported_at"], name="case_path_reported"),
            models.Index(fields=["police_path"], name="case_police", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["category", "-reported_at"], name="case_category"),
            models.Index(fields=["-reported_at", "-id"], name="case_reported"),
            models.Index(fields=["parent"], name="case_parent", condition=Q(parent__isnull=False)),
            models.Index(
                fields=["submitter", "-reported_at"],
                name="case_submitter",
                condition=Q(submitter__isnull=False),
            ),
            models.Index(
                fields=["ended_at"],
                name="case_to_archive",
                condition=Q(state__in=["closed", "declined", "transferred"]),
            ),
            models.Index(
                fields=["ended_at", "id"],
                name="case_to_erase",
                condition=Q(ended_at__isnull=False, is_erased=False),
            ),
            GinIndex(fields=["assist_unit_ids"], name="case_assist"),
            GinIndex(
                fields=["recused_user_ids", "recused_unit_ids"],
                name="case_recused",
                condition=~NOBODY_RECUSED,
            ),
            GinIndex(
                fields=["proposed_unit_ids"],
                name="case_proposed",
                condition=Q(state__in=["docketed", "settling"]),
            ),
            GinIndex(fields=["grams"], name="case_grams", fastupdate=True),
            models.Index(fields=["id"], name="case_unworded", condition=Q(grams=[])),
            models.Index(fields=["origin_number"], name="case_origin_number", condition=~Q(origin_number="")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Reporter(models.Model):
    """诉求人: the person behind a report; name and phone encrypted in this row of their own.

    ``satisfied`` is the present verdict on the result: empty until asked, then solved, partly, not_solved, unreached.
    Erasing sets ``erased_at`` and empties the sealed columns and the salt; the chain stays valid.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reporters")
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_lookup = models.BinaryField(null=True, max_length=32)
    salt = models.BinaryField(null=True, max_length=16)
    code_digest = models.BinaryField(unique=True, max_length=32)
    is_anonymous = models.BooleanField(default=False)
    may_show_to_grid = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="zh-hans")
    verdict = models.CharField(max_length=20, default="")
    service = models.CharField(max_length=20, default="")
    why = models.CharField(max_length=20, default="")
    n_attempts = models.PositiveSmallIntegerField(default=0)
    urged_on = models.DateField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["phone_lookup"], name="reporter_phone", condition=Q(phone_lookup__isnull=False)
            )
        ]


class PrivateWords(models.Model):
    """Words that may name people (a supplement, a contact's summary): encrypted, beside the entry that digests them."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="private_words")
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=30)
    salt = models.BinaryField(null=True, max_length=16)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq", "name"], name="private_words_once")]


class Dispatch(models.Model):
    """派遣: the case given to a lead unit; ends by hand-back, recall or result."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dispatches", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    advice = models.TextField(default="")
    dispatched_at = models.DateTimeField()
    dispatched_by_id = models.BigIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=20, default=""
    )  # handed_back | recalled | handled | transferred | …
    is_final = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-ended_at"], name="dispatch_unit"),
            models.Index(fields=["case"], name="dispatch_case"),
        ]


class Assist(models.Model):
    """An assisting unit of a dispatch: done, or waived with a reason, before the result can be reported."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="assists")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, default="")  # done | waived
    note = models.TextField(default="")
    done_at = models.DateTimeField(null=True)


class Stage(models.TextChoices):
    ACCEPT = "accept", "受理 Accept"
    FIRST_CONTACT = "first_contact", "首次联系 First contact"
    ARRIVE = "arrive", "到场 Arrive"
    HANDLE = "handle", "处置 Handle"
    CHECK = "check", "核查 Check"
    FOLLOW_UP = "follow_up", "回访 Follow-up"
    UNIT_TAKE = "unit_take", "单位签收 Unit takes"
    UNIT_HANDLE = "unit_handle", "单位处置 Unit handles"


class CaseClock(models.Model):
    """A running, paused or stopped deadline. ``due_at`` is a cache of budget, start, pauses and extensions."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    stage = models.CharField(max_length=20, choices=Stage)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    budget = models.FloatField()
    unit_of_time = models.CharField(max_length=10, default="nat_hour")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    is_breached = models.BooleanField(default=False)
    n_extensions = models.PositiveSmallIntegerField(default=0)
    extended = models.FloatField(default=0)
    source = models.CharField(max_length=300, default="")  # the frozen policy row in words

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="clock_case"),
            models.Index(
                fields=["due_at"], name="clock_running", condition=Q(stopped_at=None, paused_at=None)
            ),
        ]


class Ask(models.Model):
    """Something asked that another person must decide: hand-back, extension, parking, exception, decline, contest."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="asks")
    kind = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    rule_by_at = models.DateTimeField(null=True)  # silence after this goes one level up
    given = models.JSONField(default=dict)
    decision = models.CharField(max_length=20, default="")  # granted | refused | lapsed
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], condition=Q(decision=""), name="ask_one_open")
        ]
        indexes = [models.Index(fields=["kind", "rule_by_at"], name="ask_open", condition=Q(decision=""))]


OPEN_SAMPLE = Q(purpose="sample", finding="")  # drawn for a check that nobody has made


class Inspection(models.Model):
    """What somebody saw: a verification before docketing or a check after handling."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="inspections")
    purpose = models.CharField(max_length=20)  # verify | seen | check | sample
    kind = models.CharField(max_length=20, default="on_site")  # on_site | documents | telephone
    finding = models.CharField(max_length=30)
    note = models.TextField(default="")
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case"], name="inspection_open_sample", condition=OPEN_SAMPLE)]


class Rating(models.Model):
    """回访·评价: one answer (or attempt) of a reporter; by the resident's own code or by a call."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="ratings")
    via = models.CharField(max_length=20)  # code | call | visit
    reached = models.BooleanField(default=True)
    service = models.CharField(max_length=20, default="")  # satisfied | fair | dissatisfied
    result = models.CharField(max_length=20, default="")  # solved | partly | not_solved
    why = models.CharField(max_length=20, default="")
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()


class Evidence(models.Model):
    """A stored file that belongs to a case, with what it shows."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()  # of the entry that brought it
    role = models.CharField(max_length=20)  # before | after | seen | document
    is_for_resident = models.BooleanField(default=False)
    is_drawing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "file"], name="evidence_once")]


class RevealRow(models.Model):
    """Who looked at a reporter's name or phone, when and what for; kept, never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reveals")
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="+")
    user_id = models.BigIntegerField()
    purpose = models.CharField(max_length=100)
    at = models.DateTimeField()


class ErasureRow(models.Model):
    """Whose contact was erased because somebody asked for it, who did it and why; kept, never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="erasures")
    user_id = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    n_people = models.PositiveSmallIntegerField()
    n_words = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "清除联系方式记录 Erased contact"
        verbose_name_plural = "清除联系方式记录 Erased contacts"
