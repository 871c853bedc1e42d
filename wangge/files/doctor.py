"""What ``doctor`` says of uploads: whether they can be written, and whether the newest ones are on the disk."""

from __future__ import annotations

import os

from wangge.files import folder
from wangge.files.models import StoredFile
from wangge.kit.findings import Finding
from wangge.kit.words import Text

N_LOOKED_AT = 200


def findings() -> list[Finding]:
    """One finding: the folder cannot be written, files are missing, or all is well."""
    place = folder.incoming()
    if not os.access(place, os.W_OK):
        text = Text(
            f"不能写入上传目录 {place}。请检查目录权限。",
            f"Uploads cannot be written to {place}. Look at its permissions.",
        )
        return [Finding("error", "files_folder", text)]
    newest = StoredFile.objects.order_by("-id").values_list("sha256", flat=True)[:N_LOOKED_AT]
    n_missing = sum(not folder.path_of(sha256).is_file() for sha256 in newest)
    if n_missing:
        text = Text(
            f"最近 {len(newest)} 个上传文件中有 {n_missing} 个不在 {place.parent}。请从备份恢复该目录。",
            f"Of the newest {len(newest)} uploads {n_missing} are not in {place.parent}. Restore that folder from the backup.",
        )
        return [Finding("error", "files_missing", text)]
    return [Finding("fine", "files", Text("上传目录可用", "Uploads can be stored"))]
