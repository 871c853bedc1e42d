"""Files between their preview and the confirmation: kept a day, seen by the one who sent them."""

from __future__ import annotations

from datetime import datetime, timedelta

from wangge.accounts.models import User
from wangge.catalog.kinds import EXCHANGES
from wangge.catalog.models import ImportFile
from wangge.kit.errors import NotFound
from wangge.territory.exchange.run import Report, bring_in

KEPT = timedelta(days=1)


def keep_file(
    kind: str, name: str, content: bytes, *, user: User, at: datetime, map_content: bytes | None = None
) -> ImportFile:
    """Keep a file that was sent; older ones of anybody go."""
    ImportFile.objects.filter(sent_at__lt=at - KEPT).delete()
    return ImportFile.objects.create(
        kind=kind, name=name[:200], content=content, map_content=map_content, sent_by=user, sent_at=at
    )


def kept_file(kind: str, file_id: int, user: User) -> ImportFile:
    """The file, to the one who sent it; NotFound (404) to anybody else and after it was used."""
    found = ImportFile.objects.filter(pk=file_id, kind=kind, sent_by=user).first()
    if found is None:
        raise NotFound(
            "这个文件已经导入或过期了。请重新上传。",
            "This file was imported already or is too old. Send it again.",
        )
    return found


def try_file(file: ImportFile, *, at: datetime, is_dry_run: bool) -> Report:
    """Import a kept file, or only look what would come of it; a file that came in is dropped."""
    report = bring_in(
        EXCHANGES[file.kind](),
        bytes(file.content),
        file.name,
        by=file.sent_by.get_username(),
        at=at,
        is_dry_run=is_dry_run,
        map_content=bytes(file.map_content) if file.map_content is not None else None,
    )
    if report.is_done:
        file.delete()
    return report
