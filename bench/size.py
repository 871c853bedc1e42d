"""What a case takes on the disk, with its ledger and all indexes, by part."""

from __future__ import annotations

from typing import Any

from bench.house import House

TABLES = """
SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND (relname LIKE 'cases\\_%' OR relname LIKE 'insight\\_%')
ORDER BY pg_total_relation_size(oid) DESC
"""


def measure(million: House, _seconds: float) -> dict[str, Any]:
    """Kilobytes (1,000 bytes) a case, tables and indexes; the empty town's few megabytes are not counted."""
    n_cases = million.number("SELECT count(*) FROM cases_case")
    n_entries = million.number("SELECT count(*) FROM cases_entry")
    sizes = [(str(name), int(str(table)), int(str(indexes))) for name, table, indexes in million.rows(TABLES)]
    parts = {
        name: {"table": kilobytes(table, n_cases), "indexes": kilobytes(indexes, n_cases)}
        for name, table, indexes in sizes
    }
    return {
        "kb_per_case": kilobytes(sum(table + indexes for _, table, indexes in sizes), n_cases), "cases": n_cases,
        "entries_per_case": round(n_entries / n_cases, 2), "kb_by_part": parts,
        "database_gb": round(million.number("SELECT pg_database_size(current_database())") / 1e9, 2),
    }  # fmt: skip


def kilobytes(n_bytes: int, n_cases: int) -> float:
    return round(n_bytes / n_cases / 1000, 3)
