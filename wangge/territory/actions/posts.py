"""Posts: given, ended, stood in for. A post is never deleted: it says who was responsible when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from wangge.accounts.models import User
from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.kit.events import publish
from wangge.territory.actions.put import BATCH, Put, keep_revisions, only_known
from wangge.territory.changes import changed
from wangge.territory.events import PostEnded
from wangge.territory.models import Area, Post, Unit
from wangge.territory.roles import AREA_ROLES, ROLE_NAMES, UNIT_ROLES, Role

COLUMNS = ("user", "role", "area", "unit", "specialty", "starts_on", "ends_on")


@transaction.atomic
def give_post(
    *,
    user: User,
    role: Role | str,
    starts_on: date,
    by: str,
    at: datetime,
    area: Area | None = None,
    unit: Unit | None = None,
    ends_on: date | None = None,
    specialty: str = "",
) -> Post:
    """Give a person a role over an area or in a unit, from a day to a day (``ends_on`` is the last one).

    Raises Invalid (422) for a role in the wrong place or impossible days, Conflict (409) when the person holds
    this post already in that time.
    """
    post = Post(
        user=user, role=role, area=area, unit=unit, starts_on=starts_on, ends_on=ends_on, specialty=specialty
    )
    check_post(post)
    _refuse_overlap(post)
    return _store(post, "given", by, at)


@transaction.atomic
def stand_in(post: Post, user: User, *, from_on: date, to_on: date, by: str, at: datetime) -> Post:
    """Let somebody stand in for the holder of a post (leave, illness): same role and place, "for" the holder."""
    if user.pk == post.user_id:
        raise Invalid(
            "user",
            "不能由本人顶自己的岗。请选择另一个人。",
            "The holder cannot stand in for himself. Choose another.",
        )
    if post.stands_in_for_id is not None:
        raise Conflict(
            "stands_in_already",
            "这个岗位本身就是顶岗。请对原岗位办理顶岗。",
            "This post is itself a stand-in. Choose the original post.",
        )
    if from_on < post.starts_on or (post.ends_on is not None and to_on > post.ends_on):
        raise Invalid(
            "from_on",
            f"顶岗日期要在原岗位的任期之内({post.starts_on} 起)。",
            f"The days must lie within the post's own ({post.starts_on} – {post.ends_on or 'open'}).",
        )
    double = Post(
        user=user, role=post.role, area=post.area, unit=post.unit, specialty=post.specialty, starts_on=from_on,
        ends_on=to_on, stands_in_for=post,
    )  # fmt: skip
    check_post(double)
    _refuse_overlap(double)
    return _store(double, "stood_in", by, at)


@transaction.atomic
def end_post(post_id: int, *, on: date, by: str, at: datetime) -> Post:
    """End a post; ``on`` is its last day (yesterday ends it at once). Its stand-ins end with it.

    A post that was to begin later than ``on`` never counts: both its days become ``on``.
    """
    changed("posts")
    post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound()
    if post.ends_on is not None and post.ends_on <= on:
        raise Conflict(
            "ended",
            f"这个岗位已于 {post.ends_on} 结束。",
            f"This post already ended on {post.ends_on}.",
            ends_on=post.ends_on.isoformat(),
        )
    doubles = post.stand_ins.filter(Q(ends_on=None) | Q(ends_on__gt=on))
    for each in [post, *doubles]:
        each.starts_on = min(each.starts_on, on)
        each.ends_on = on
        each.save(update_fields=["starts_on", "ends_on"])
        keep_revisions([each], "ended", by=by, at=at)
        publish(PostEnded(each.pk, each.user_id, on.isoformat()))
    return post


@transaction.atomic
def prolong_post(post_id: int, *, to_on: date | None, by: str, at: datetime) -> Post:
    """Let a post last until another day (None: without end); :func:`end_post` makes it shorter."""
    changed("posts")
    post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound()
    post.ends_on = to_on
    check_post(post)
    post.save(update_fields=["ends_on"])
    keep_revisions([post], "prolonged", by=by, at=at)
    return post


@transaction.atomic
def put_posts(rows: Iterable[Mapping[str, Any]], *, by: str, at: datetime) -> Put[Post]:
    """Give many posts at once; a post is the same when user, role, place, specialty and first day are.

    Keys as for :func:`give_post`. For a post that exists only ``ends_on`` changes.
    """
    changed("posts")
    given = [dict(row) for row in rows]
    users = {row["user"].pk for row in given}
    held = {_identity(post): post for post in Post.objects.filter(user_id__in=users, stands_in_for=None)}
    result: Put[Post] = Put()
    for row in given:
        only_known(row, COLUMNS)
        post = Post(**row)
        check_post(post)
        same = held.get(_identity(post))
        if same is None:
            held[_identity(post)] = post
            result.new.append(post)
        elif same.ends_on != post.ends_on:
            same.ends_on = post.ends_on
            result.changed.append(same)
        else:
            result.same.append(same)
    Post.objects.bulk_create(result.new, batch_size=BATCH)
    Post.objects.bulk_update(result.changed, ["ends_on"], batch_size=BATCH)
    keep_revisions(result.new, "given", by=by, at=at)
    keep_revisions(result.changed, "changed", by=by, at=at)
    return result


def check_post(post: Post) -> None:
    """Refuse (422) a post whose role, place or days cannot be."""
    try:
        role = Role(post.role)
    except ValueError as error:
        raise Invalid("role", f"角色“{post.role}”不认识。", f"Unknown role “{post.role}”.") from error
    zh, en = ROLE_NAMES[role]
    if role not in AREA_ROLES | UNIT_ROLES:
        raise Invalid(
            "role", f"“{zh}”不是岗位。请选择工作人员的角色。", f"“{en}” is no post. Choose a staff role."
        )
    in_area = role in AREA_ROLES and post.area_id is not None
    in_unit = role in UNIT_ROLES and post.unit_id is not None
    if not (in_area or in_unit):
        where = ("区域", "an area") if role in AREA_ROLES else ("单位", "a unit")
        raise Invalid(
            "area",
            f"“{zh}”要设在{where[0]}上。请填写{where[0]}。",
            f"“{en}” is held over {where[1]}. Name it.",
        )
    if post.ends_on is not None and post.ends_on < post.starts_on:
        raise Invalid(
            "ends_on", "结束日期早于开始日期。请改正。", "The last day lies before the first. Correct it."
        )
    if (
        post.area is not None
        and post.area.valid_to_on is not None
        and post.area.valid_to_on <= post.starts_on
    ):
        raise Invalid(
            "area",
            f"“{post.area.name_zh}”已失效。请选择现行区域。",
            "This area has ended. Choose one in force.",
        )
    if post.unit is not None and not post.unit.is_active:
        raise Invalid(
            "unit", f"“{post.unit.name_zh}”已停用。请选择在用的单位。", "This unit has ended. Choose another."
        )
    check_holder(post.user)


def check_holder(user: User) -> None:
    """Refuse (422) somebody who may hold no post."""
    if user.admin_role:
        raise Invalid(
            "user",
            f"{user} 是管理员,不能兼任业务岗位。请另选人员。",
            f"{user.username} is an administrator and holds no post. Choose another person.",
        )
    if not user.is_active:
        raise Invalid(
            "user", f"账号“{user}”已停用,不能任岗。", "This account is disabled and can hold no post."
        )


def _refuse_overlap(post: Post) -> None:
    same = Post.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=post.starts_on),
        user=post.user, role=post.role, area=post.area, unit=post.unit, specialty=post.specialty,
    )  # fmt: skip
    if post.ends_on is not None:
        same = same.filter(starts_on__lte=post.ends_on)
    if same.exists():
        raise Conflict(
            "post_twice",
            f"{post.user} 在这段时间里已经有这个岗位。请先结束原来的,或改日期。",
            f"{post.user.username} already holds this post in that time. End it first, or change the days.",
        )


def _store(post: Post, verb: str, by: str, at: datetime) -> Post:
    changed("posts")
    post.save(force_insert=True)
    keep_revisions([post], verb, by=by, at=at)
    return post


def _identity(post: Post) -> tuple[object, ...]:
    return post.user_id, str(post.role), post.area_id, post.unit_id, post.specialty, post.starts_on
