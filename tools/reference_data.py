"""The pages of docs/reference that come from tables beside the code: settings, and the data dictionary."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from wangge.kit.data_dictionary import CLASSES, RETENTION, Column, Table, retentions, tables

SETTINGS = Path(__file__).resolve().parent.parent / "wangge" / "settings.csv"
BESIDE_THE_DATABASE = """\
| 位置 · place | 内容 · content | 级别 · class | 保存 · kept |
|---|---|---|---|
| `files/` | 上传的文件,按内容哈希存放 · uploads, by the hash of their content | L3 | `stored_file` |
| `keys/` | 加密密钥、数据库密码、会话密钥 · keys of encryption, passwords of the database, secret of sessions | L4 | `lasting` |
| `seals/` | 台账封签,每天一个文件,只有编号、计数和签名 · the ledger's seals, a file a day: numbers, counts, signatures | L2 | `lasting` |
| `imports/` | 办公页面上传、等待确认的导入文件 · files sent to the office for import | L3 | 24 小时 · 24 hours |
| `*.lock` | 正在运行的进程号 · number of the running process | L2 | 进程结束后 · until the process ends |
| `metrics/` | 请求计数,不含地址和个人信息 · counts of requests, no addresses, no personal data | L2 | 进程结束后 · until the process ends |
| `postgres/` | 数据库本身和它的日志 · the database itself and its logs | L4 | `lasting` |
"""


def settings_page(note: str) -> Iterator[str]:
    yield f"# 设置 · Settings\n\n{note}\n"
    yield "每处安装不同的都是环境变量,其余在管理页面里维护。\n"
    yield "Everything that differs between installations comes from environment variables; the rest are rows in the"
    yield "administration.\n"
    yield "| variable | default | 单位 · unit | 含义 · meaning |\n|---|---|---|---|"
    for row in settings():
        yield f"| `{row['name']}` | {row['default']} | {row['unit']} | {row['zh']} · {row['en']} |"
    yield ""


def settings() -> list[dict[str, str]]:
    with SETTINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def data_page(note: str) -> Iterator[str]:
    found = tables()
    own = [table for table in found if table.columns]
    yield f"# 数据字典 · Data dictionary\n\n{note}\n"
    yield from introduction(own)
    yield from classes_and_periods()
    yield "## 表 · Tables\n\n| table | 用途 · what for | 级别 · class | 保存 · kept |\n|---|---|---|---|"
    for table in own:
        linked = f"[`{table.name}`](#{table.name})"
        yield f"| {linked} | {both(table.told)} | {table.privacy} | `{table.retention}` |"
    for table in own:
        yield from chapter(table)
    yield "\n## 程序库的表 · Tables of libraries\n\n| table | 用途 · what for | 级别 · class | 保存 · kept |\n|---|---|---|---|"
    for table in found:
        if not table.columns:
            yield f"| `{table.name}` | {both(table.told)} | {table.privacy} | `{table.retention}` |"
    yield f"\n## 数据库之外 · Beside the database\n\n{BESIDE_THE_DATABASE}"


def introduction(own: list[Table]) -> Iterator[str]:
    n = sum(len(table.columns) for table in own)
    yield f"{len(own)} 张表、{n} 个字段。`wangge export data-dictionary dictionary.xlsx` 导出同样的内容。\n"
    yield f"{len(own)} tables, {n} columns. `wangge export data-dictionary dictionary.xlsx` writes the same as a table."
    yield "Meaning, unit, class and retention stand in `columns.csv` of each feature's folder, beside its models; a column"
    yield "without them fails `make check`.\n"


def classes_and_periods() -> Iterator[str]:
    yield "## 级别 · Privacy classes\n"
    yield "参照《数据安全技术 数据分类分级规则》(GB/T 43697-2024)附录 H 的一般数据四级、《个人信息保护法》第四条和第二十八条、"
    yield "《信息安全技术 个人信息安全规范》(GB/T 35273-2020)。姓名、电话、涉及个人的话加密保存,密码、令牌、查询码只存摘要;"
    yield "查看联系方式须写明用途并留痕。限定案件(restricted)的各字段按高一级对待。县里的数据分类分级目录与此不同的,以县里的为准。\n"
    yield "After the four grades of general data in GB/T 43697-2024 (annex H), the personal information protection law"
    yield "(articles 4 and 28) and GB/T 35273-2020. Names, telephones and private words are encrypted; of passwords, tokens"
    yield "and residents' codes only digests are kept; looking at a contact asks for a purpose and leaves a row. Columns of a"
    yield "restricted case count one class higher. Where the county's own catalogue of data classes differs, the county's"
    yield "holds.\n"
    yield "| class | 含义 · meaning |\n|---|---|"
    for code, told in CLASSES.items():
        yield f"| {code} | {both(told)} |"
    yield "\n## 保存 · Retention\n\n平台现在的做法;“不自动删除”的,由县里按档案和个人信息的规定决定。\n"
    yield "What the platform does now; where nothing is deleted by itself, the county decides by the rules of archives and"
    yield f"personal information. Periods come from the code (`{RETENTION}` of each feature).\n"
    yield "| code | 多久 · how long | 由谁删除 · deleted by |\n|---|---|---|"
    for kept in retentions().values():
        yield f"| `{kept.code}` | {both(kept.told)} | {kept.sweep or '–'} |"
    yield ""


def chapter(table: Table) -> Iterator[str]:
    yield f'\n### <a id="{table.name}"></a>`{table.name}`\n\n{both(table.told)}\n'
    yield "| column | 含义 · meaning | type | null | 单位、取值 · unit, values | class | kept |\n|---|---|---|---|---|---|---|"
    for column in table.columns:
        yield (
            f"| `{column.name}` | {both(column.told)} | {column.kind} | {'yes' if column.is_null else ''} "
            f"| {unit_and_values(column)} | {column.privacy} | `{column.retention}` |"
        )


def unit_and_values(column: Column) -> str:
    values = " ".join(f"`{value}`" for value in column.values)
    return " ".join(part for part in (column.unit, values) if part)


def both(text: tuple[str, str]) -> str:
    return " · ".join(text).replace("|", "\\|")
