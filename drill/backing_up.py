"""A running town backed up and restored beside itself; damaged and foreign files refused; keys under their passphrase."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

from drill import compare
from drill.outcome import Outcome, Tell
from drill.stories import Written, busy
from drill.town import CLONE, PASSPHRASE, Folder, Ground, clear, wait_until

N_FIRST = 40
OTHER_PASSPHRASE = "not the phrase of this drill"


def drill(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome(
        "backup", "运行中备份、在旁恢复、拒绝坏文件", "backup while running, restore beside, refusals"
    )
    file = ground.outer / "town.backup"
    with ground.serving("backup") as (folder, _):
        tell("backing up")
        with busy(folder, ground.port, 11) as (written, _):
            wait_until(lambda: len(written.acts) >= N_FIRST, what="people at work")
            before = len(written.acts)
            told = json.loads(folder.must("backup", file, "--json"))
            during = len(written.acts) - before
            wait_until(lambda: len(written.acts) >= before + during + 5, what="people at work")
        outcome.expect(during > 0, "no verb was acknowledged while the backup ran")
        outcome.problems += compare.compare(folder, written)
        outcome.figures |= {
            "acknowledged_before": before,
            "during": during,
            "after": len(written.acts) - before - during,
        }
        outcome.figures |= {"rows": told["rows"], "files": told["files"], "bytes": told["bytes"]}
        later_heads = compare.heads(folder)
    other = Folder(ground.outer / "restored")
    try:
        tell("refusing")
        refusals(other, file, outcome)
        tell("restoring")
        restored(other, file, written, before, later_heads, outcome)
    finally:
        clear(other)
    return outcome


def restored(
    other: Folder, file: Path, written: Written, before: int, later_heads: dict[str, str], outcome: Outcome
) -> None:
    """Beside the town, from the two files: same rows, files, heads, and a telephone that can be read."""
    other.must("restore", file, "--json")
    manifest = manifest_of(file)
    wait_until(other.is_still, what="the database stops")
    told = look_inside(other)
    differing = {t: (n, told["rows"].get(t)) for t, n in manifest["rows"].items() if told["rows"].get(t) != n}
    outcome.expect(not differing, f"rows differ: {differing}")
    outcome.figures["tables"] = len(manifest["rows"])
    missing = [
        name
        for name, one in manifest["members"].items()
        if name.startswith("files/") and not same(other, name, one)
    ]
    outcome.expect(not missing, f"files differ: {missing[:5]}")
    acknowledged = {act.number for act in written.acts[:before] if act.kind == "report"}
    lost = acknowledged - told["heads"].keys()
    outcome.expect(not lost, f"acknowledged before the backup, not in it: {sorted(lost)[:5]}")
    strange = told["heads"].keys() - later_heads.keys()
    outcome.expect(not strange, f"cases that the town has not: {sorted(strange)[:5]}")
    entries = set(told["entries"])
    outcome.expect(set(told["heads"].values()) <= entries, "a case's head is not in its ledger")
    outcome.figures |= {
        "cases": len(told["heads"]),
        "entries": len(entries),
        "phones_read": len(told["phones"]),
    }
    wrong = [n for n, phone in told["phones"].items() if n in written.phones and written.phones[n] != phone]
    outcome.expect(
        not wrong and bool(told["phones"].keys() & written.phones.keys()), f"telephones differ: {wrong[:5]}"
    )
    outcome.problems += compare.ledger(other)


def look_inside(other: Folder) -> dict[str, dict[str, str]]:
    """Counts, heads and decrypted telephones of a folder that does not serve."""
    done = subprocess.run(
        [sys.executable, "-m", "drill.settle_in", "read_town"], cwd=CLONE, env=other.environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    told: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return told


def same(other: Folder, name: str, member: dict[str, str]) -> bool:
    path = other.root / name
    return path.is_file() and compare.digest_of(path) == member["sha256"]


def manifest_of(file: Path) -> dict[str, dict[str, dict[str, str]]]:
    with tarfile.open(file) as tar:
        stream = tar.extractfile("manifest.json")
        assert stream is not None
        told: dict[str, dict[str, dict[str, str]]] = json.load(stream)
    return told


# --- refusals ----------------------------------------------------------------------------------------------


def refusals(other: Folder, file: Path, outcome: Outcome) -> None:
    """Each file is refused with a sentence before anything is changed."""
    content = file.read_bytes()
    spoilt = {
        "cut off": content[: len(content) * 2 // 3], "a flipped bit": flipped(file, content), "a tar of something else": foreign(),
        "no tar": b"SQLite format 3\0" * 100, "of a later version": later(file),
    }  # fmt: skip
    keys = file.with_name(f"{file.name}.keys")
    n_refused = 0
    for what, bad in spoilt.items():
        given = file.with_name("spoilt.backup")
        given.write_bytes(bad)
        n_refused += refused(other, given, keys, what, PASSPHRASE, outcome)
        given.unlink()
    n_refused += refused(other, file, keys, "a wrong passphrase", OTHER_PASSPHRASE, outcome)
    outcome.figures["refused"] = n_refused
    files = other.root / "files"
    outcome.expect(not files.exists() or not any(files.rglob("*")), "a refused backup left files behind")


def refused(other: Folder, file: Path, keys: Path, what: str, words: str, outcome: Outcome) -> bool:
    done = other.run("restore", file, "--keys", keys, WANGGE_BACKUP_PASSPHRASE=words)
    is_refused = done.returncode == 3 and "Traceback" not in done.stderr
    outcome.expect(is_refused, f"{what}: {done.returncode} {done.stderr[-300:]}")
    return is_refused


def flipped(file: Path, content: bytes) -> bytes:
    with tarfile.open(file) as tar:
        member = tar.getmember("database.dump")
    changed = bytearray(content)
    changed[member.offset_data + member.size // 2] ^= 4
    return bytes(changed)


def foreign() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.add(CLONE / "README.md", "README.md")
    return made.getvalue()


def later(file: Path) -> bytes:
    """The same backup, saying that it knows a migration which this program does not."""
    made = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            content = stream.read()
            if member.name == "manifest.json":
                told = json.loads(content)
                told["migrations"].append("cases.9999_of_next_year")
                content = json.dumps(told).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return made.getvalue()
