"""``wangge backup FILE``: everything of one installation, also while it runs."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import click
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.program import Program, version
from wangge.kit.upkeep import archive, dump, sealed_keys
from wangge.kit.upkeep.migrate import OWNER


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="覆盖已有的备份文件 · replace an existing backup file")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.pass_obj
def command(program: Program, file: Path, yes: bool, as_json: bool) -> None:
    """备份到 FILE(数据库和文件),密钥另存为 FILE.keys 并用口令加密。运行时也可以备份。

    Write a backup to FILE (database and files); the keys go to FILE.keys, locked with a passphrase
    (WANGGE_BACKUP_PASSPHRASE, else asked for). It may be done while Wangge runs. Keep the two files apart.
    """
    keys_file = file.with_name(f"{file.name}.keys")
    for path in (file, keys_file):
        refuse_existing(path, yes=yes)
    words = sealed_keys.passphrase(is_new=True)
    manifest = write_backup(file)
    sealed_keys.seal(settings.KEYS_FOLDER, keys_file, words)
    tell(file, keys_file, manifest, as_json=as_json)


def refuse_existing(path: Path, *, yes: bool) -> None:
    if path.exists() and not yes:
        raise DomainError(
            409,
            "file_exists",
            f"{path} 已存在。请换一个名字,或用 --yes 覆盖。",
            f"{path} exists. Choose another name, or replace it with --yes.",
        )
    if not os.access(path.absolute().parent, os.W_OK):
        raise DomainError(
            400,
            "folder_not_writable",
            f"不能写入目录 {path.absolute().parent}。",
            f"The folder {path.absolute().parent} cannot be written to.",
        )


def write_backup(file: Path) -> archive.Manifest:
    """The dump beside ``file`` first, then both into one tar."""
    dumped = file.with_name(f".{file.name}.{secrets.token_hex(4)}.dump")
    folder = Path(settings.FILES_FOLDER)
    try:
        with dump.snapshot() as moment, progress() as bar:
            task = bar.add_task("数据库 · database", total=None)
            dump.write_dump(dumped, moment, lambda line: bar.update(task, advance=0))
            files = list(archive.stored_files(folder))
            n_bytes = sum(path.stat().st_size for path in (dumped, *files))
            bar.update(task, description="写入 · writing", total=n_bytes)
            manifest = manifest_of(moment)
            archive.write(file, dumped, files, folder, manifest, lambda n: bar.update(task, advance=n))
    finally:
        dumped.unlink(missing_ok=True)
    return manifest


def manifest_of(moment: dump.Snapshot) -> archive.Manifest:
    applied = MigrationRecorder(connections[OWNER]).applied_migrations()
    return archive.Manifest(
        wangge=version(),
        postgres=moment.postgres,
        made_at=REAL_CLOCK.now().isoformat(),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        rows=moment.rows,
        withheld=moment.withheld,
        extensions=moment.extensions,
        keys_fingerprint=sealed_keys.fingerprint(settings.KEYS_FOLDER),
    )


def progress() -> Progress:
    """A bar with bytes and time left, on the terminal's error output."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def tell(file: Path, keys_file: Path, manifest: archive.Manifest, *, as_json: bool) -> None:
    n_bytes = file.stat().st_size
    if as_json:
        told = {"file": str(file), "keys_file": str(keys_file), "bytes": n_bytes, "rows": manifest.n_rows}
        click.echo(
            json.dumps(told | {"files": manifest.n_files, "tables": len(manifest.rows)}, ensure_ascii=False)
        )
        return
    click.echo(f"已备份 {manifest.n_rows} 行、{manifest.n_files} 个文件,共 {n_bytes:,} 字节:{file}")
    click.echo(f"Backed up {manifest.n_rows} rows and {manifest.n_files} files, {n_bytes:,} bytes: {file}")
    click.echo(f"密钥(请另处保存,口令不可丢失)· keys (keep apart, do not lose the passphrase): {keys_file}")
