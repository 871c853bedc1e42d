"""Tables that are sent: no entity is followed, nothing unpacks without end, what is broken is refused in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from wangge.cases.orders.reading import read_content
from wangge.kit.errors import Invalid
from wangge.territory.exchange.reading import read_table

SECRET = "SECRET-OF-THE-SERVER"
SHEET = "xl/worksheets/sheet1.xml"


def table() -> bytes:
    book = Workbook()
    book.active.append(["工单编号", "内容"])
    book.active.append(["1", "路灯坏了"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The table with one part inside changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(table())) as whole,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in whole.namelist():
            content = whole.read(part)
            made.writestr(part, change(content) if part == name else content)
    return out.getvalue()


def with_entity(declared: str) -> Callable[[bytes], bytes]:
    def change(xml: bytes) -> bytes:
        head, _, rest = (
            xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"<?xml version='1.0'", b"", xml)
        )
        return (
            head + b"?><!DOCTYPE a [" + declared.encode() + b"]>" + rest.replace("路灯坏了".encode(), b"&x;")
        )

    return change


READERS = [
    pytest.param(lambda content: read_content(content), id="orders"),
    pytest.param(lambda content: list(read_table(content, "x.xlsx").rows), id="town"),
]


@pytest.mark.parametrize("read", READERS)
def test_entities_of_a_table_are_never_followed(read: Callable[[bytes], Any], tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for declared in (
        f'<!ENTITY x SYSTEM "file://{secret}">',
        f'<!ENTITY % p SYSTEM "file://{secret}"> %p;',
        '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">',
        f'<!ENTITY l0 "ha">{laughs}<!ENTITY x "&l11;">',
    ):
        for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"):
            try:
                told = repr(read(changed(part, with_entity(declared))))
            except Invalid as refused:
                told = refused.zh + refused.en
            assert SECRET not in told
            assert len(told) < 20_000


def saying(n_bytes: int) -> bytes:
    """The table whose list of contents says that the sheet unpacks to ``n_bytes``."""
    whole = bytearray(table())
    entry = whole.rindex(SHEET.encode()) - 46
    assert whole[entry : entry + 4] == b"PK\1\2"
    whole[entry + 24 : entry + 28] = n_bytes.to_bytes(4, "little")
    return bytes(whole)


def of_many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(5_001):
            made.writestr(f"xl/{number}", b"")
    return out.getvalue()


@pytest.mark.parametrize("read", READERS)
def test_a_table_that_unpacks_without_end_is_refused(read: Callable[[bytes], Any]) -> None:
    for bomb in (saying(401 << 20), of_many_parts()):
        with pytest.raises(Invalid) as refused:
            read(bomb)
        assert "展开后过大" in refused.value.zh


@pytest.mark.parametrize("read", READERS)
def test_a_broken_table_is_refused_in_words(read: Callable[[bytes], Any]) -> None:
    whole = table()
    for content in (whole[: len(whole) // 2], b"PK\3\4" + b"\0" * 400, changed(SHEET, lambda xml: xml[:-40])):
        with pytest.raises(Invalid) as refused:
            read(content)
        assert "另存" in refused.value.zh
