"""Packed files (XLSX is one) are measured before anything is unpacked."""

from __future__ import annotations

import zipfile
from io import BytesIO

from wangge.kit.errors import Invalid

MOST_UNPACKED = 400 << 20  # bytes of all parts together
MOST_PARTS = 5_000


def refuse_bomb(content: bytes) -> None:
    """Raise Invalid (422) for a packed file that unpacks to far more than a table holds; BadZipFile for none at all."""
    with zipfile.ZipFile(BytesIO(content)) as packed:
        parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid(
            "file",
            "文件展开后过大,已停止读取。请分成几个文件。",
            "The file unpacks to far too much. Divide it.",
        )
