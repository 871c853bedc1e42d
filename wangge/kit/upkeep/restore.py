"""``wangge restore FILE``: a checked backup takes the place of everything, or nothing changes."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import Error as DatabaseError

from wangge.kit.errors import DomainError
from wangge.kit.program import Program, only_one
from wangge.kit.upkeep import archive, dump, sealed_keys
from wangge.kit.upkeep.backup import progress
from wangge.kit.upkeep.migrate import migrate_if_needed


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="替换现有的数据 · replace the data that are here")
@click.option(
    "--keys", "keys_file", type=click.Path(path_type=Path), help="密钥文件,默认 FILE.keys · key file"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.pass_obj
def command(program: Program, file: Path, yes: bool, keys_file: Path | None, as_json: bool) -> None:
    """恢复 FILE 里的备份。先检查每个字节,再整体替换;有数据时要加 --yes。请先停止网格。

    Bring back the backup in FILE: every byte is checked first, then it takes the place of everything.
    Where there are data, --yes is needed. Stop Wangge before.
    """
    with only_one(program.data_folder, "serve", zh="网格", en="Wangge"):
        refuse_full_target(yes=yes)
        with unpacked(program.data_folder, file) as (folder, manifest):
            refuse_later_version(manifest)
            ring = keys_for(manifest, keys_file or file.with_name(f"{file.name}.keys"))
            dump.replace_database(
                folder / archive.DUMP, extensions=manifest.extensions, withheld=manifest.withheld
            )
            if ring is not None:
                sealed_keys.put_back(settings.KEYS_FOLDER, ring)
            exchange_files(folder / archive.FILES, Path(settings.FILES_FOLDER))
        refuse_difference(manifest)
        connections.close_all()
        n_migrations = migrate_if_needed()
    tell(manifest, n_migrations, as_json=as_json)


def refuse_full_target(*, yes: bool) -> None:
    """An installation with accounts or files is only replaced when that is said."""
    if yes or not (has_accounts() or any(archive.stored_files(Path(settings.FILES_FOLDER)))):
        return
    raise DomainError(
        409,
        "target_not_empty",
        f"数据目录 {settings.DATA_FOLDER} 里已有数据。要用备份替换它们,请加 --yes(建议先 wangge backup)。",
        f"There are data in {settings.DATA_FOLDER}. To replace them, add --yes (best after a wangge backup).",
    )


def has_accounts() -> bool:
    try:
        return bool(get_user_model()._default_manager.exists())
    except DatabaseError:  # no tables yet
        return False


@contextmanager
def unpacked(data_folder: Path, file: Path) -> Iterator[tuple[Path, archive.Manifest]]:
    """The backup unpacked beside the data (the same disk, so that files move in one step) and checked."""
    folder = data_folder / f"restoring-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        with progress() as bar:
            task = bar.add_task("检查备份 · checking", total=file.stat().st_size)
            manifest = archive.extract(file, folder, lambda n: bar.update(task, advance=n))
        yield folder, manifest
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_later_version(manifest: archive.Manifest) -> None:
    """A backup that this program does not understand is refused before anything changes."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest.migrations) - known)
    theirs, ours = (int(v.split(".")[0]) for v in (manifest.postgres, dump.server_version()))
    if not unknown and theirs <= ours:
        return
    raise DomainError(
        409,
        "backup_too_new",
        f"备份出自较新的版本(网格 {manifest.wangge},PostgreSQL {manifest.postgres}),此程序不能读。请先升级。",
        f"This backup was made by a later version (Wangge {manifest.wangge}, PostgreSQL {manifest.postgres}). "
        "Upgrade first.",
    )


def keys_for(manifest: archive.Manifest, keys_file: Path) -> bytes | None:
    """The backup's keys when they are not the ones already here; without them its personal data stay sealed."""
    here = Path(settings.KEYS_FOLDER)
    if (here / sealed_keys.KEYRING).exists() and sealed_keys.fingerprint(here) == manifest.keys_fingerprint:
        return None
    if not keys_file.exists():
        raise DomainError(
            409,
            "keys_missing",
            f"这份备份用的是别的密钥,而 {keys_file} 不存在。请用 --keys 指出它的密钥文件。",
            f"This backup was made with other keys, and {keys_file} does not exist. Name its key file with --keys.",
        )
    return sealed_keys.unseal(keys_file, sealed_keys.passphrase(is_new=False))


def exchange_files(restored: Path, files_folder: Path) -> None:
    """The restored files take the place of those that are here."""
    old = files_folder.with_name(f"before-{secrets.token_hex(4)}-files")
    restored.mkdir(mode=0o700, exist_ok=True)
    if files_folder.exists():
        files_folder.rename(old)
    restored.rename(files_folder)
    shutil.rmtree(old, ignore_errors=True)


def refuse_difference(manifest: archive.Manifest) -> None:
    """Count every table again: what came back is what was saved."""
    now = dump.rows_now()
    different = sorted(table for table, n in manifest.rows.items() if now.get(table) != n)
    if different:
        raise DomainError(
            500,
            "restore_incomplete",
            f"恢复后行数不符:{'、'.join(different)}。请不要使用这个数据目录。",
            f"After restoring, the numbers of rows differ: {', '.join(different)}. Do not use this data folder.",
        )


def tell(manifest: archive.Manifest, n_migrations: int, *, as_json: bool) -> None:
    if as_json:
        told = {"made_at": manifest.made_at, "rows": manifest.n_rows, "files": manifest.n_files}
        click.echo(json.dumps(told | {"migrations": n_migrations, "wangge": manifest.wangge}))
        return
    click.echo(f"已恢复 {manifest.made_at} 的备份:{manifest.n_rows} 行,{manifest.n_files} 个文件")
    click.echo(f"Restored the backup of {manifest.made_at}: {manifest.n_rows} rows, {manifest.n_files} files")
