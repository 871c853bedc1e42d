"""``wangge doctor``: is this installation sound? Each finding is one sentence that says what to do."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.db import connection, connections
from django.db.utils import Error as DatabaseError

from wangge.kit.cluster.binaries import OLDEST_MAJOR
from wangge.kit.findings import Finding
from wangge.kit.grants import SCHEMA
from wangge.kit.outages import outage
from wangge.kit.program import FAILED, OK, Program, version
from wangge.kit.upkeep.migrate import OWNER, pending
from wangge.kit.words import Text

GB = 1024**3
LITTLE_BYTES, TOO_LITTLE_BYTES = 5 * GB, GB // 2
SIGNS = {"fine": "✓", "warning": "!", "error": "✗"}
POWERS = """
SELECT (SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
    OR EXISTS (SELECT FROM pg_class WHERE relowner = current_user::regrole)
    OR EXISTS (SELECT FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')
               AND has_table_privilege(oid, 'TRUNCATE'))
"""

Check = Callable[[], Iterable[Finding]]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.pass_obj
def command(program: Program, as_json: bool) -> int:
    """检查安装:数据库、权限、密钥、磁盘、待执行的升级,以及各功能自己的检查。有错误时退出码为 1。

    Check this installation: database, roles, keys, disk, pending upgrades, and what each feature checks itself.
    Exit code 1 when there is an error.
    """
    findings = look(program)
    is_sound = all(finding.level != "error" for finding in findings)
    if as_json:
        rows = [{"level": f.level, "code": f.code, "zh": f.text.zh, "en": f.text.en} for f in findings]
        told = {
            "sound": is_sound,
            "wangge": version(),
            "data_folder": str(program.data_folder),
            "findings": rows,
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"数据目录 · data folder: {program.data_folder}")
        for finding in findings:
            click.echo(f"{SIGNS[finding.level]} {finding.text.zh}\n  {finding.text.en}")
    return OK if is_sound else FAILED


def look(program: Program) -> list[Finding]:
    """All checks, the kit's first; one that breaks is a finding itself and does not hide the rest."""
    ledger = partial(append_only, program.listed("APPEND_ONLY_TABLES"))
    checks: list[Check] = [server, letters, roles, ledger, upgrades, keys, disk]
    checks += program.listed("DOCTOR_CHECKS")
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check())
        except Exception as error:  # a check that breaks must not hide the others
            name = getattr(check, "__name__", "ledger")
            passing = outage(error)
            if passing is not None:
                findings.append(Finding("error", passing.code, Text(passing.zh, passing.en)))
                connections.close_all()
                continue
            reason = " ".join(str(error).split())[:300]
            text = Text(f"检查 {name} 没有完成:{reason}", f"The check {name} did not finish: {reason}")
            findings.append(Finding("error", "check_failed", text))
            connections.close_all()
    return list(dict.fromkeys(findings))


def server() -> Iterable[Finding]:
    told = str(value("SHOW server_version")).split()[0]
    if int(told.split(".")[0]) < OLDEST_MAJOR:
        text = Text(
            "数据库是 PostgreSQL {v},需要 {o} 以上。",
            "The database is PostgreSQL {v}; {o} or later is needed.",
        )
        yield Finding("error", "server_too_old", text.filled(v=told, o=OLDEST_MAJOR))
    else:
        yield Finding(
            "fine", "server", Text(f"数据库 PostgreSQL {told}", f"The database is PostgreSQL {told}")
        )


def letters() -> Iterable[Finding]:
    """Whether the database takes Chinese characters for letters; a cluster made with locale C does not."""
    try:
        is_right = bool(value("SELECT show_trgm('网格') <> '{}'"))
    except DatabaseError:
        text = Text(
            "数据库缺少扩展 pg_trgm。请由数据库管理员执行 CREATE EXTENSION pg_trgm。",
            "The database lacks the extension pg_trgm. Its administrator can CREATE EXTENSION pg_trgm.",
        )
        connections.close_all()
        yield Finding("error", "extension_missing", text)
        return
    if is_right:
        yield Finding(
            "fine", "letters", Text("数据库认得汉字", "The database knows Chinese characters as letters")
        )
        return
    text = Text(
        "数据库的字符分类不认汉字,查找会漏。请用 C.UTF-8 重新建库并恢复备份。",
        "The database does not take Chinese characters for letters, so searches miss. "
        "Make it again with C.UTF-8 and restore a backup.",
    )
    yield Finding("error", "letters_unknown", text)


def roles() -> Iterable[Finding]:
    """Append-only is a matter of privileges: the application must be another role than the owner."""
    app, owner = (str(value("SELECT current_user", alias=alias)) for alias in ("default", OWNER))
    if app == owner:
        text = Text(
            "台账没有保护:应用与数据库所有者是同一角色 {r}。请另设应用角色,用 DATABASE_OWNER_URL 给出所有者。",
            "The ledger is unprotected: the application is the database's owner, {r}. Make a role for the "
            "application and name the owner's address in DATABASE_OWNER_URL.",
        )
        yield Finding("warning", "ledger_unprotected", text.filled(r=app))
    elif value(POWERS, SCHEMA):
        text = Text(
            "应用角色 {r} 权力过大:它是超级用户、拥有表或可以清空表。请收回。",
            "The application's role {r} may do too much: it is a superuser, owns tables or may truncate. Take it away.",
        )
        yield Finding("error", "roles_mixed", text.filled(r=app))
    else:
        text = Text(
            "应用角色 {a} 与所有者 {o} 分开", "The application's role {a} and the owner {o} are apart"
        )
        yield Finding("fine", "roles", text.filled(a=app, o=owner))


def append_only(tables: list[str]) -> Iterable[Finding]:
    """Whether the application really may not change rows of these tables."""
    open_ones = [t for t in tables if value("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", t)]
    if open_ones and value("SELECT current_user") != value("SELECT current_user", alias=OWNER):
        text = Text(
            "应用角色可以改写只增不改的表:{t}。请由所有者执行 REVOKE UPDATE, DELETE, TRUNCATE。",
            "The application's role may change append-only tables: {t}. "
            "The owner can REVOKE UPDATE, DELETE, TRUNCATE.",
        )
        yield Finding("error", "ledger_unprotected", text.filled(t=", ".join(open_ones)))
    elif tables and not open_ones:
        yield Finding("fine", "ledger", Text("台账只增不改", "The ledger can only be added to"))


def upgrades() -> Iterable[Finding]:
    todo = pending()
    if todo:
        text = Text(
            "有 {n} 项升级未执行。请运行 wangge migrate。", "{n} upgrades are pending. Run wangge migrate."
        )
        yield Finding("error", "upgrades_pending", text.filled(n=len(todo)))
    else:
        yield Finding("fine", "upgrades", Text("数据库与程序版本一致", "The database fits this version"))


def keys() -> Iterable[Finding]:
    folder = Path(settings.KEYS_FOLDER)
    paths = [folder, *folder.rglob("*")]
    loose = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        text = Text(
            "别的用户能读密钥:{p}。请 chmod go-rwx。", "Other users can read keys: {p}. Do chmod go-rwx."
        )
        yield Finding("error", "keys_readable", text.filled(p=", ".join(map(str, loose))))
    else:
        text = Text("密钥只有本用户可读", "The keys are readable to this user only")
        yield Finding("fine", "keys", text)


def disk() -> Iterable[Finding]:
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    level = "error" if free < TOO_LITTLE_BYTES else "warning" if free < LITTLE_BYTES else "fine"
    words = f"{free / GB:.1f} GB"
    if level == "fine":
        yield Finding("fine", "disk", Text(f"磁盘剩余 {words}", f"{words} of disk are free"))
        return
    text = Text(f"磁盘只剩 {words},请清理或扩容。", f"Only {words} of disk are free. Make room.")
    yield Finding("error" if level == "error" else "warning", "disk_full", text)


def value(statement: str, *values: str, alias: str = "default") -> Any:
    """The first column of the first row."""
    chosen = connections[alias] if alias != "default" else connection
    with chosen.cursor() as cursor:
        cursor.execute(statement, values or None)
        row = cursor.fetchone()
    return row[0] if row else None
