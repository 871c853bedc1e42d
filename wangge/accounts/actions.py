"""What administrators do to accounts. Each is one transaction and leaves a line in the account log."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from wangge.accounts.journal import note_down
from wangge.accounts.lockout import unlock as forget_wrong_passwords
from wangge.accounts.models import ADMIN_ROLE_NAMES, AdminRole, SignInKind, User
from wangge.accounts.passwords import one_time_password
from wangge.kit import ratelimit
from wangge.kit.errors import Conflict, Forbidden, NotFound

SECURITY = frozenset({AdminRole.SECURITY})
AT_THE_SERVER = "服务器 server"


def by(actor: User | None) -> str:
    """Where there is no administrator to name, the log says that it was done at the server."""
    return "" if actor else AT_THE_SERVER


def locked(user_id: int) -> User:
    """The user's row, held until the end of the transaction."""
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def only_security(actor: User | None, target: User | None = None) -> None:
    """Accounts are the security administrator's; administrators' own accounts are kept at the server only.

    ``actor`` None is the command line, where whoever is at the server already holds everything.
    """
    if actor is None:
        return
    if not actor.is_active or actor.admin_role not in SECURITY:
        raise Forbidden(
            "账号只能由安全管理员管理。", "Accounts are managed by the security administrator only."
        )
    if target is not None and target.admin_role:
        raise Forbidden(
            "管理员账号只能在服务器上用 wangge createadmin 管理,管理员之间互不能改。",
            "Administrators' accounts are managed at the server with `wangge createadmin` only.",
        )


@transaction.atomic
def create_user(
    *, username: str, display_name: str, actor: User | None, is_machine: bool = False, **fields: object
) -> tuple[User, str]:
    """Make an account; returns it with its one-time password (empty for a machine), which is shown once."""
    only_security(actor)
    name = User.normalize_username(username)
    if User.objects.filter(username=name).exists():
        raise Conflict(
            "username_taken",
            f"用户名 {name} 已有人用,请换一个。",
            f"The user name {name} is taken. Choose another.",
        )
    password = "" if is_machine else one_time_password()
    user = User.objects.create_user(
        name,
        password or None,
        display_name=display_name,
        is_machine=is_machine,
        has_to_change_password=not is_machine,
        **fields,
    )
    note_down(SignInKind.USER_CREATED, user=user, acted_by=actor, note=by(actor))
    return user, password


@transaction.atomic
def reset_password(
    *, user_id: int, actor: User | None, request: HttpRequest | None = None, chosen: str = ""
) -> str:
    """Set a one-time password and return it: shown once, changed at the next sign-in.

    ``chosen`` is a password that the person typed at the server; it need not be changed. The lock, the second
    factor and all sessions of the account go in any case.
    """
    user = locked(user_id)
    only_security(actor, user)
    if user.is_machine:
        raise Conflict(
            "machine", "机器账号没有密码,请签发令牌。", "Machine accounts have no password. Issue a token."
        )
    password = chosen or one_time_password()
    user.set_password(password)
    user.has_to_change_password = not chosen
    user.save()
    Authenticator.objects.filter(user=user).delete()
    forget_wrong_passwords(user.username)
    ratelimit.forget(f"signin:code:{user.pk}")
    end_sessions(user)
    note_down(SignInKind.PASSWORD_RESET, user=user, acted_by=actor, request=request, note=by(actor))
    return password


@transaction.atomic
def unlock(*, user_id: int, actor: User | None, request: HttpRequest | None = None) -> None:
    """Let somebody try again at once who typed a wrong password or code too often."""
    user = locked(user_id)
    if actor is not None:
        only_security(actor)
    forget_wrong_passwords(user.username)
    ratelimit.forget(f"signin:code:{user.pk}")
    note_down(SignInKind.UNLOCKED, user=user, acted_by=actor, request=request)


@transaction.atomic
def clear_second_factor(*, user_id: int, actor: User | None, request: HttpRequest | None = None) -> None:
    """Take away the authenticator and the recovery codes of somebody who lost the phone."""
    user = locked(user_id)
    only_security(actor, user)
    Authenticator.objects.filter(user=user).delete()
    ratelimit.forget(f"signin:code:{user.pk}")
    end_sessions(user)
    note_down(SignInKind.SECOND_FACTOR_REMOVED, user=user, acted_by=actor, request=request)


@transaction.atomic
def set_active(
    *, user_id: int, is_active: bool, actor: User | None, request: HttpRequest | None = None
) -> None:
    """Enable or disable an account; disabling ends its sessions at once and its tokens within ten seconds."""
    user = locked(user_id)
    only_security(actor, user)
    if user.is_active == is_active:
        return
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        end_sessions(user)
    kind = SignInKind.ENABLED if is_active else SignInKind.DISABLED
    note_down(kind, user=user, acted_by=actor, request=request)


@transaction.atomic
def sign_out_everywhere(*, user_id: int, actor: User | None, request: HttpRequest | None = None) -> None:
    """End all sessions of the account; for oneself, or by the security administrator."""
    user = locked(user_id)
    if actor is not None and actor.pk != user.pk:
        only_security(actor, user)
    end_sessions(user)
    other = actor if actor is not None and actor.pk != user.pk else None
    note_down(SignInKind.SIGNED_OUT_EVERYWHERE, user=user, acted_by=other, request=request)


def end_sessions(user: User) -> None:
    """Make every session of the user unfit, wherever it is stored, and drop the list of devices."""
    User.objects.filter(pk=user.pk).update(n_sign_outs=F("n_sign_outs") + 1)
    user.refresh_from_db(fields=["n_sign_outs"])
    UserSession.objects.filter(user=user).delete()


@transaction.atomic
def give_admin_role(
    *, username: str, display_name: str, role: AdminRole, chosen: str = ""
) -> tuple[User, str]:
    """Make one of the three separated administrators (command line only); returns the password.

    One person holds one role: refused for an account, or a person of the same name, that holds another, and for
    whoever holds a post.
    """
    name = User.normalize_username(username)
    user = User.objects.select_for_update().filter(username=name).first()
    if user is not None and user.admin_role == role:
        raise Conflict(
            "exists_already",
            f"{name} 已是{ADMIN_ROLE_NAMES[role].zh}。重设密码请加 --reset。",
            f"{name} is {ADMIN_ROLE_NAMES[role].en} already. To reset the password add --reset.",
        )
    called = display_name or (user.display_name if user else "")
    refuse_second_role(name, called, user)
    if user is None:
        user, _ = create_user(username=name, display_name=display_name, actor=None)
    user.admin_role = role
    user.save(update_fields=["admin_role"])
    note_down(SignInKind.ADMIN_ROLE_GIVEN, user=user, note=f"{ADMIN_ROLE_NAMES[role].zh} · {AT_THE_SERVER}")
    return user, reset_password(user_id=user.pk, actor=None, chosen=chosen)


def refuse_second_role(name: str, called: str, user: User | None) -> None:
    others = User.objects.exclude(admin_role="").filter(is_active=True)
    holder = user if user is not None and user.admin_role else None
    if holder is None and called:
        holder = others.filter(display_name=called).exclude(username=name).first()
    if holder is not None:
        held = ADMIN_ROLE_NAMES[holder.admin_role]
        raise Conflict(
            "holds_another_role",
            f"{holder}({holder.username})已是{held.zh}。三类管理员须由三个人分别担任;"
            "若是同名的另一个人,请在姓名后加注区别。",
            f"{holder} ({holder.username}) is {held.en}. The three roles are held by three people; "
            "if it is somebody else of the same name, add something to the name.",
        )
    if user is not None and (user.is_machine or user.posts.exists()):
        raise Conflict(
            "holds_a_post",
            f"{name} 担任业务岗位或是机器账号,不能兼任管理员。请另建账号。",
            f"{name} holds a post or is a machine and cannot be an administrator. Use another account.",
        )
